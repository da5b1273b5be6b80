#include "core/report/returns.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace aitrade {

namespace {

constexpr double confidence = 0.95;

double as_double(std::size_t n) {
  return static_cast<double>(n);
}

/// 1 - g3 S + (g4 - 1)/4 S^2: how much skew and fat tails widen the error of a Sharpe ratio.
double shape_factor(const Moments& m, double s) {
  return 1 - m.skew * s + (m.kurtosis - 1) / 4 * s * s;
}

}  // namespace

double daily_rate(double yearly) {
  return std::pow(1 + yearly, 1 / days_per_year) - 1;
}

std::vector<double> excess_over(std::span<const double> returns, double rate) {
  std::vector<double> excess(returns.begin(), returns.end());
  for (double& value : excess)
    value -= rate;
  return excess;
}

bool Moments::has_spread() const {
  return count >= 2 && deviation > 1e-14 && deviation > 1e-12 * std::abs(mean);
}

Moments moments_of(std::span<const double> values) {
  Moments m;
  m.count = values.size();
  if (values.empty()) return m;
  const double n = as_double(values.size());
  double sum = 0;
  for (const double v : values)
    sum += v;
  m.mean = sum / n;
  double second = 0, third = 0, fourth = 0;
  for (const double v : values) {
    const double d = v - m.mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  if (values.size() >= 2) m.deviation = std::sqrt(second / (n - 1));
  if (!m.has_spread()) return m;
  const double variance = second / n;
  m.skew = third / n / std::pow(variance, 1.5);
  m.kurtosis = fourth / n / (variance * variance);
  return m;
}

std::optional<double> volatility(const Moments& returns) {
  if (returns.count < 2) return std::nullopt;
  return returns.deviation * std::sqrt(days_per_year);
}

std::optional<double> daily_sharpe(const Moments& excess) {
  if (!excess.has_spread()) return std::nullopt;
  return excess.mean / excess.deviation;
}

std::optional<double> sharpe(const Moments& excess) {
  const auto s = daily_sharpe(excess);
  if (!s) return std::nullopt;
  return *s * std::sqrt(days_per_year);
}

std::optional<double> sharpe_standard_error(const Moments& excess) {
  const auto s = daily_sharpe(excess);
  if (!s) return std::nullopt;
  const double shape = shape_factor(excess, *s);
  if (!(shape > 0)) return std::nullopt;
  return std::sqrt(shape / (as_double(excess.count) - 1)) * std::sqrt(days_per_year);
}

std::optional<double> t_statistic(const Moments& excess) {
  const auto s = daily_sharpe(excess);
  if (!s) return std::nullopt;
  return *s * std::sqrt(as_double(excess.count));
}

std::optional<double> sharpe_adjusted(std::span<const double> excess) {
  const Moments m = moments_of(excess);
  const auto plain = sharpe(m);
  if (!plain) return std::nullopt;
  const std::size_t n = excess.size();
  const auto lags =
      static_cast<std::size_t>(std::floor(4 * std::pow(as_double(n) / 100, 2.0 / 9.0)));
  double variance = 0;
  for (const double v : excess)
    variance += (v - m.mean) * (v - m.mean);
  double inflation = 1;
  for (std::size_t k = 1; k <= lags && k < n; ++k) {
    double covariance = 0;
    for (std::size_t i = k; i < n; ++i) {
      covariance += (excess[i] - m.mean) * (excess[i - k] - m.mean);
    }
    inflation += 2 * (1 - as_double(k) / as_double(lags + 1)) * covariance / variance;
  }
  if (!(inflation > 1e-12)) return std::nullopt;
  return *plain / std::sqrt(inflation);
}

std::optional<double> sortino(std::span<const double> excess) {
  if (excess.empty()) return std::nullopt;
  double sum = 0, squares = 0;
  for (const double v : excess) {
    sum += v;
    if (v < 0) squares += v * v;
  }
  if (!(squares > 0)) return std::nullopt;
  const double n = as_double(excess.size());
  return sum / n / std::sqrt(squares / n) * std::sqrt(days_per_year);
}

std::optional<double> quantile(std::span<const double> ascending, double p) {
  if (ascending.empty()) return std::nullopt;
  const double place = p * as_double(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= ascending.size()) return ascending.back();
  const double part = place - as_double(below);
  return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

Tails tails_of(std::span<const double> returns) {
  Tails tails;
  std::vector<double> ascending(returns.begin(), returns.end());
  std::sort(ascending.begin(), ascending.end());
  tails.value_at_risk = quantile(ascending, 0.05);
  if (!tails.value_at_risk) return tails;
  double sum = 0;
  std::size_t count = 0;
  for (; count < ascending.size() && ascending[count] <= *tails.value_at_risk; ++count) {
    sum += ascending[count];
  }
  if (count > 0) tails.conditional_value_at_risk = sum / as_double(count);
  if (std::abs(*tails.value_at_risk) > 0) {
    tails.ratio = std::abs(*quantile(ascending, 0.95) / *tails.value_at_risk);
  }
  return tails;
}

std::optional<double> omega(std::span<const double> returns) {
  double gains = 0, losses = 0;
  for (const double r : returns) {
    if (r > 0) gains += r;
    if (r < 0) losses -= r;
  }
  if (!(losses > 0)) return std::nullopt;
  return gains / losses;
}

std::optional<double> probabilistic_sharpe(const Moments& excess, double benchmark) {
  const auto s = daily_sharpe(excess);
  if (!s) return std::nullopt;
  const double shape = shape_factor(excess, *s);
  if (!(shape > 0)) return std::nullopt;
  return normal_cdf((*s - benchmark) * std::sqrt(as_double(excess.count) - 1) / std::sqrt(shape));
}

std::optional<double> minimum_track_record(const Moments& excess, double benchmark) {
  const auto s = daily_sharpe(excess);
  if (!s || !(*s > benchmark)) return std::nullopt;
  const double shape = shape_factor(excess, *s);
  if (!(shape > 0)) return std::nullopt;
  const double z = normal_quantile(confidence) / (*s - benchmark);
  return 1 + shape * z * z;
}

double normal_cdf(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

double normal_quantile(double p) {
  if (p < 0.5) return -normal_quantile(1 - p);
  // Right of zero the distribution function is concave, so Newton's method from zero climbs to the
  // root and never jumps past it. Far tails need a few dozen steps.
  double x = 0;
  constexpr int steps_max = 200;
  for (int i = 0; i < steps_max; ++i) {
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    const double step = (p - normal_cdf(x)) / density;
    if (!(step > 1e-15)) break;
    x += step;
  }
  return x;
}

}  // namespace aitrade
