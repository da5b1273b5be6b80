// The indicators once more, written as plain batch loops straight from the definitions.
//
// Slow on purpose: each value is computed from its window or from the whole past, so that an
// agreement with the incremental code means something. Index t of a result belongs to bar t.
#pragma once

#include "core/domain/candle.h"
#include "core/indicators/line.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aitrade::test::naive {

using Values = std::vector<double>;
using Bars = std::vector<Bar>;

inline Values of(const Bars& bars, double Bar::*field) {
  Values out;
  for (const Bar& bar : bars)
    out.push_back(bar.*field);
  return out;
}

/// Applies `f(first, last)` to each window of n values that are all finite.
template <class F>
Values windows(const Values& x, int n, F f) {
  Values out(x.size(), nan_value);
  for (std::size_t t = static_cast<std::size_t>(n - 1); t < x.size(); ++t) {
    const auto* end = x.data() + t + 1;
    if (std::all_of(end - n, end, [](double v) { return std::isfinite(v); }))
      out[t] = f(end - n, end);
  }
  return out;
}

inline double mean(const double* a, const double* b) {
  long double sum = 0;
  for (const double* p = a; p != b; ++p)
    sum += static_cast<long double>(*p);
  return static_cast<double>(sum / static_cast<long double>(b - a));
}

/// Two-pass sum of squared distances from the mean.
inline double squares(const double* a, const double* b) {
  const double m = mean(a, b);
  double sum = 0;
  for (const double* p = a; p != b; ++p)
    sum += (*p - m) * (*p - m);
  return sum;
}

inline Values sma(const Values& x, int n) {
  return windows(x, n, mean);
}

inline Values highest(const Values& x, int n) {
  return windows(x, n, [](const double* a, const double* b) { return *std::max_element(a, b); });
}

inline Values lowest(const Values& x, int n) {
  return windows(x, n, [](const double* a, const double* b) { return *std::min_element(a, b); });
}

/// Seeded with the mean of the first n finite values from `from` on, then y = (1-alpha) y + alpha
/// x.
inline Values smoothed(const Values& x, int n, double alpha, std::size_t skip = 0) {
  Values out(x.size(), nan_value);
  std::size_t first = 0;
  while (first < x.size() && !std::isfinite(x[first]))
    ++first;
  first += skip;
  const std::size_t seed = first + static_cast<std::size_t>(n) - 1;
  if (seed >= x.size()) return out;
  out[seed] = mean(x.data() + first, x.data() + seed + 1);
  for (std::size_t t = seed + 1; t < x.size(); ++t)
    out[t] = (1 - alpha) * out[t - 1] + alpha * x[t];
  return out;
}

inline Values ema(const Values& x, int n, std::size_t skip = 0) {
  return smoothed(x, n, 2.0 / (n + 1), skip);
}

inline Values rma(const Values& x, int n) {
  return smoothed(x, n, 1.0 / n);
}

inline Values rsi(const Values& close, int n) {
  Values up(close.size(), nan_value), down(close.size(), nan_value);
  for (std::size_t t = 1; t < close.size(); ++t) {
    up[t] = std::max(0.0, close[t] - close[t - 1]);
    down[t] = std::max(0.0, close[t - 1] - close[t]);
  }
  const Values u = rma(up, n), d = rma(down, n);
  Values out(close.size(), nan_value);
  for (std::size_t t = 0; t < out.size(); ++t) {
    if (std::isnan(u[t])) continue;
    out[t] = d[t] == 0 ? (u[t] == 0 ? 50.0 : 100.0) : 100.0 - 100.0 / (1.0 + u[t] / d[t]);
  }
  return out;
}

inline Values true_range(const Bars& b) {
  Values out(b.size(), nan_value);
  for (std::size_t t = 1; t < b.size(); ++t) {
    const double c = b[t - 1].close;
    out[t] = std::max({b[t].high - b[t].low, std::fabs(b[t].high - c), std::fabs(b[t].low - c)});
  }
  return out;
}

inline Values atr(const Bars& b, int n) {
  return rma(true_range(b), n);
}

struct Adx {
  Values adx, plus, minus;
};

inline Adx adx(const Bars& b, int n) {
  const std::size_t size = b.size(), p = static_cast<std::size_t>(n);
  const Values range = true_range(b);
  Values dx(size, nan_value), plus(size, nan_value), minus(size, nan_value);
  double s_range = 0, s_plus = 0, s_minus = 0;
  for (std::size_t t = 1; t < size; ++t) {
    const double up = b[t].high - b[t - 1].high, down = b[t - 1].low - b[t].low;
    const double p_dm = up > down && up > 0 ? up : 0, m_dm = down > up && down > 0 ? down : 0;
    if (t >= p) {
      s_range -= s_range / n;
      s_plus -= s_plus / n;
      s_minus -= s_minus / n;
    }
    s_range += range[t];
    s_plus += p_dm;
    s_minus += m_dm;
    if (t < p) continue;
    plus[t] = s_range == 0 ? 0 : 100 * s_plus / s_range;
    minus[t] = s_range == 0 ? 0 : 100 * s_minus / s_range;
    const double sum = plus[t] + minus[t];
    dx[t] = sum == 0 ? 0 : 100 * std::fabs(plus[t] - minus[t]) / sum;
  }
  return {rma(dx, n), plus, minus};
}

inline Values minus(const Values& a, const Values& b) {
  Values out;
  for (std::size_t t = 0; t < a.size(); ++t)
    out.push_back(a[t] - b[t]);
  return out;
}

inline Values volume_ratio(const Values& v, int n) {
  const Values usual = sma(v, n);
  Values out(v.size(), nan_value);
  for (std::size_t t = 1; t < v.size(); ++t) {
    if (usual[t - 1] > 0) out[t] = v[t] / usual[t - 1];
  }
  return out;
}

inline Values supertrend(const Bars& b, int n, double k) {
  const Values range = atr(b, n);
  Values out(b.size(), nan_value);
  double upper = 0, lower = 0;
  bool up = false;
  for (std::size_t t = static_cast<std::size_t>(n); t < b.size(); ++t) {
    const double middle = (b[t].high + b[t].low) / 2;
    const double u = middle + k * range[t], l = middle - k * range[t];
    if (t == static_cast<std::size_t>(n)) {
      upper = u;
      lower = l;
      up = b[t].close > middle;
    } else {
      upper = b[t - 1].close <= upper ? std::min(u, upper) : u;
      lower = b[t - 1].close >= lower ? std::max(l, lower) : l;
      if (up && b[t].close < lower) {
        up = false;
      } else if (!up && b[t].close > upper) {
        up = true;
      }
    }
    out[t] = up ? lower : upper;
  }
  return out;
}

inline Values midpoint(const Bars& b, int n) {
  Values high = highest(of(b, &Bar::high), n);
  const Values low = lowest(of(b, &Bar::low), n);
  for (std::size_t t = 0; t < high.size(); ++t)
    high[t] = (high[t] + low[t]) / 2;
  return high;
}

inline Values delayed(const Values& x, std::size_t n) {
  Values out(x.size(), nan_value);
  for (std::size_t t = n; t < x.size(); ++t)
    out[t] = x[t - n];
  return out;
}

struct Vwap {
  Values vwap, deviation;
};

inline Vwap vwap(const Bars& b, int n) {
  Vwap out{Values(b.size(), nan_value), Values(b.size(), nan_value)};
  const std::size_t p = static_cast<std::size_t>(n);
  for (std::size_t t = p - 1; t < b.size(); ++t) {
    double volume = 0, weighted = 0, spread = 0;
    const auto price = [&](std::size_t i) { return (b[i].high + b[i].low + b[i].close) / 3; };
    for (std::size_t i = t + 1 - p; i <= t; ++i) {
      volume += b[i].volume;
      weighted += b[i].volume * price(i);
    }
    if (!(volume > 0)) continue;
    const double m = weighted / volume;
    for (std::size_t i = t + 1 - p; i <= t; ++i) {
      spread += b[i].volume * (price(i) - m) * (price(i) - m);
    }
    out.vwap[t] = m;
    out.deviation[t] = std::sqrt(spread / volume);
  }
  return out;
}

/// Bars in a row with the Bollinger bands (n, k) inside the Keltner channel.
inline Values squeeze(const Bars& b, int n, double k, int average, int range, double channel_k) {
  const Values close = of(b, &Bar::close);
  const Values mid = sma(close, n), sums = windows(close, n, squares);
  const Values center = ema(close, average), width = atr(b, range);
  Values out(b.size(), nan_value);
  double run = 0;
  for (std::size_t t = 0; t < b.size(); ++t) {
    const double half = k * std::sqrt(sums[t] / n), outer = channel_k * width[t];
    if (std::isnan(half + outer + center[t])) continue;
    const bool is_inside = mid[t] - half > center[t] - outer && mid[t] + half < center[t] + outer;
    run = is_inside ? run + 1 : 0;
    out[t] = run;
  }
  return out;
}

/// End of the least squares line over n distances from the mean of midrange and average.
inline Values squeeze_momentum(const Bars& b, int n) {
  const Values close = of(b, &Bar::close), average = sma(close, n);
  const Values high = highest(of(b, &Bar::high), n), low = lowest(of(b, &Bar::low), n);
  Values distance(b.size());
  for (std::size_t t = 0; t < b.size(); ++t)
    distance[t] = close[t] - ((high[t] + low[t]) / 2 + average[t]) / 2;
  return windows(distance, n, [n](const double* first, const double* last) {
    const double x_mean = (n - 1) / 2.0, y_mean = mean(first, last);
    double product = 0, square = 0;
    for (int i = 0; i < n; ++i) {
      product += (i - x_mean) * (first[i] - y_mean);
      square += (i - x_mean) * (i - x_mean);
    }
    return y_mean + product / square * (n - 1 - x_mean);
  });
}

/// Price of the newest swing low known at each bar; `lows` false: of the newest swing high.
inline Values last_swing(const Bars& b, std::size_t arm, bool lows) {
  Values out(b.size(), nan_value);
  const auto x = [&](std::size_t i) { return lows ? b[i].low : -b[i].high; };
  for (std::size_t t = 2 * arm; t < b.size(); ++t) {
    const std::size_t i = t - arm;
    bool is_swing = true;
    for (std::size_t k = 1; k <= arm; ++k) {
      is_swing = is_swing && x(i) < x(i - k) && x(i) <= x(i + k);
    }
    out[t] = is_swing ? (lows ? b[i].low : b[i].high) : out[t - 1];
  }
  return out;
}

}  // namespace aitrade::test::naive
