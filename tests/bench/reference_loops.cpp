#include "core/base/random.h"
#include "tests/bench/bench.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aitrade::bench {

namespace {

constexpr std::size_t window = 20;

/// Mean and deviation of the last 20 closes by running sums; highest high and lowest low by
/// monotone queues of indices, so that each bar costs a constant amount.
struct Window {
  std::array<double, window> closes{}, volumes{};
  double sum{0}, squares{0}, volume{0};
  std::size_t at{0};

  void push(const Bar& bar) {
    sum += bar.close - closes[at];
    squares += bar.close * bar.close - closes[at] * closes[at];
    volume += bar.volume - volumes[at];
    closes[at] = bar.close;
    volumes[at] = bar.volume;
    at = at + 1 == window ? 0 : at + 1;
  }
};

/// Extreme of the last 20 values; `Better(a, b)` says that a replaces b.
template <class Better>
struct Extreme {
  struct Item {
    double value;
    std::size_t at;
  };

  std::array<Item, 32> items{};  // a power of two above the window
  std::size_t head{0}, tail{0};

  double push(double value, std::size_t i) {
    while (tail > head && !Better{}(items[(tail - 1) & 31].value, value))
      --tail;
    items[tail++ & 31] = {value, i};
    while (items[head & 31].at + window <= i)
      ++head;
    return items[head & 31].value;
  }
};

struct Indicators {
  double ema_fast{0}, ema_slow{0}, ema_12{0}, ema_26{0}, macd_signal{0};
  double gain{0}, loss{0}, atr{0}, last{0};
  double upper{0}, lower{0}, rsi{0}, highest{0}, lowest{0}, volume_mean{0};
  Window recent;
  Extreme<std::greater<>> high;
  Extreme<std::less<>> low;

  void push(const Bar& bar, std::size_t i) {
    if (i == 0) ema_fast = ema_slow = ema_12 = ema_26 = last = bar.close;
    const double change = bar.close - last;
    const double range =
        std::max({bar.high - bar.low, std::abs(bar.high - last), std::abs(bar.low - last)});
    ema_fast += (bar.close - ema_fast) * (2.0 / 21);
    ema_slow += (bar.close - ema_slow) * (2.0 / 51);
    ema_12 += (bar.close - ema_12) * (2.0 / 13);
    ema_26 += (bar.close - ema_26) * (2.0 / 27);
    macd_signal += (ema_12 - ema_26 - macd_signal) * (2.0 / 10);
    gain += (std::max(change, 0.0) - gain) / 14;
    loss += (std::max(-change, 0.0) - loss) / 14;
    atr += (range - atr) / 14;
    recent.push(bar);
    const double mean = recent.sum / window;
    const double deviation = std::sqrt(std::max(0.0, recent.squares / window - mean * mean));
    upper = mean + 2 * deviation;
    lower = mean - 2 * deviation;
    rsi = gain + loss > 0 ? 100 * gain / (gain + loss) : 50;
    highest = high.push(bar.high, i);
    lowest = low.push(bar.low, i);
    volume_mean = recent.volume / window;
    last = bar.close;
  }
};

}  // namespace

double bare_loop(const std::vector<Bar>& bars) {
  double sum = 0;
  for (const Bar& bar : bars)
    sum += bar.close;
  return sum;
}

double bare_indicators(const std::vector<Bar>& bars) {
  constexpr double fee = 0.0002, warm = 60;
  Indicators now;
  double cash = 10000, quantity = 0, stop = 0, target = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    if (quantity > 0 && bar.low <= stop) {
      cash += quantity * std::min(bar.open, stop) * (1 - fee);
      quantity = 0;
    } else if (quantity > 0 && bar.high > target) {
      cash += quantity * target * (1 - fee);
      quantity = 0;
    }
    now.push(bar, i);
    const bool enters = now.ema_fast > now.ema_slow && now.rsi > 55 && bar.close > now.upper &&
                        bar.close >= now.highest - now.atr && bar.close > now.lowest &&
                        now.ema_12 - now.ema_26 > now.macd_signal && bar.volume > now.volume_mean &&
                        bar.close > now.lower;
    if (quantity > 0 || !enters || static_cast<double>(i) < warm) continue;
    quantity = cash * 0.1 / bar.close;
    cash -= quantity * bar.close * (1 + fee);
    stop = bar.close - 2 * now.atr;
    target = bar.close + 3 * now.atr;
  }
  return cash + quantity * (bars.empty() ? 0 : bars.back().close);
}

BenchInput BenchInput::first(std::size_t count) const {
  const auto n = static_cast<std::ptrdiff_t>(std::min(count, bars.size()));
  return BenchInput{{candles.begin(), candles.begin() + n}, {bars.begin(), bars.begin() + n}};
}

BenchInput make_input(std::size_t count, std::uint64_t seed) {
  BenchInput input;
  input.candles.reserve(count);
  input.bars.reserve(count);
  Random random(seed);
  const Time start = Time::from_seconds(1'514'764'800);  // 2018-01-01
  constexpr double tick = 100;                           // per unit of price: cents
  double price = 10000, volatility = 0.0008;
  const auto to_price = [](double value) {
    const double cents = std::max(1.0, std::floor(value * tick));
    return Price::from_raw(static_cast<std::int64_t>(cents) *
                           (Price::scale / static_cast<std::int64_t>(tick)));
  };
  for (std::size_t i = 0; i < count; ++i) {
    volatility += (0.0008 - volatility) * 0.001 + 0.00002 * (random.uniform() - 0.5);
    volatility = std::clamp(volatility, 0.0002, 0.004);
    const double open = price;
    // Pulled back toward 10,000 so that five million bars stay in the range of real prices.
    price *= 1 + volatility * random.normal() + 1e-5 * (10000 / price - 1);
    const double reach = volatility * open;
    Candle candle;
    candle.open_time = start + minutes(static_cast<std::int64_t>(i));
    candle.interval = minutes(1);
    candle.open = to_price(open);
    candle.close = to_price(price);
    candle.high = to_price(std::max(open, price) + reach * random.uniform());
    candle.low = to_price(std::min(open, price) - reach * random.uniform());
    candle.volume = 1 + 20 * random.uniform();
    input.bars.push_back(to_bar(candle));
    input.candles.push_back(candle);
  }
  return input;
}

}  // namespace aitrade::bench
