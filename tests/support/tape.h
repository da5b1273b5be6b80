// Candle tapes for tests: made by a seed, written as the CSV that people have.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/domain/candle.h"

namespace aitrade::test {

/// Returns `count` one-minute candles of a market with clustered volatility; tick 0.1 around `price`.
inline std::vector<Candle> made_candles(std::uint64_t seed, int count, double price,
                                        Time start = Time::from_seconds(1'640'995'200)) {
  Random random(seed);
  double volatility = 0.0008;
  const Price tick = Price::parse_or_die(price > 5'000 ? "0.1" : "0.01");
  const auto exact = [&](double x) {
    return round_to_step(*Price::from_double(x, Rounding::half_even), tick, Rounding::half_even);
  };
  std::vector<Candle> candles;
  for (int i = 0; i < count; ++i) {
    volatility = std::clamp(volatility * (1 + 0.05 * random.normal()), 0.0004, 0.003);
    const double open = price;
    price *= 1 + volatility * random.normal();
    Candle c;
    c.open_time = start + minutes{i};
    c.interval = minutes{1};
    c.open = exact(open);
    c.close = exact(price);
    c.high = std::max({exact(std::max(open, price) * (1 + volatility * random.uniform())), c.open, c.close});
    c.low = std::min({exact(std::min(open, price) * (1 - volatility * random.uniform())), c.open, c.close});
    c.volume = std::floor((5 + 20 * random.uniform()) * 1e4) / 1e4;
    candles.push_back(c);
  }
  return candles;
}

/// Returns them as CSV with a header.
inline std::string to_csv(const std::vector<Candle>& candles) {
  std::string text = "time,open,high,low,close,volume\n";
  for (const Candle& c : candles) {
    const auto volume = Quantity::from_double(c.volume, Rounding::half_even);
    text += std::to_string(c.open_time.seconds_floor()) + "," + to_string(c.open) + "," + to_string(c.high) +
            "," + to_string(c.low) + "," + to_string(c.close) + "," + to_string(*volume) + "\n";
  }
  return text;
}

}  // namespace aitrade::test
