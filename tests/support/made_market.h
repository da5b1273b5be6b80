// Hourly markets that are made up: pure noise, or with an edge for who follows trends.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/random.h"
#include "core/domain/candle.h"

namespace aitrade::test {

constexpr std::size_t hours_of_three_years = 3 * 365 * 24;
constexpr double noise = 0.006;            // of the logarithm of the price, an hour
constexpr double planted_drift = 0.0019;   // an hour: trend earns a Sharpe ratio of about three a year after costs
constexpr double planted_persistence = 120;   // hours

/// Costs as a maker pays them, and nothing that stops a desk for good.
constexpr const char* made_market_rules =
    "exchange.maker_fee = 0.0001\n"
    "exchange.taker_fee = 0.0001\n"
    "risk.risk_of_ruin_threshold = 0\n"
    "monitoring.auto_pause_on_consecutive_losses = false\n"
    "monitoring.auto_pause_on_drawdown = false\n"
    "ai.strategy_guardrails_enabled = false\n";

/// A walk whose drift keeps its sign for `persistence` hours on average; a drift of zero is pure noise.
inline std::vector<Candle> made_market(std::uint64_t seed, double drift, double persistence,
                                       std::size_t hours_count = hours_of_three_years) {
  Random random(seed);
  std::vector<Candle> out;
  double price = 1000;
  double side = 1;
  for (std::size_t i = 0; i < hours_count; ++i) {
    if (random.uniform() < 1 / persistence) side = -side;
    const double open = price;
    double high = open;
    double low = open;
    for (int k = 0; k < 4; ++k) {
      price *= std::exp((side * drift) / 4 + noise / 2 * random.normal());
      high = std::max(high, price);
      low = std::min(low, price);
    }
    const auto exact = [](double value) {
      return *Price::from_double(std::round(value * 100) / 100, Rounding::half_even);
    };
    Candle c;
    c.open_time = Time::from_seconds(1'577'836'800 + 3600 * static_cast<std::int64_t>(i));
    c.interval = hours{1};
    c.open = exact(open);
    c.close = exact(price);
    c.high = std::max({exact(high), c.open, c.close});
    c.low = std::min({exact(low), c.open, c.close});
    c.volume = 50 + 100 * random.uniform();
    c.trades = 100;
    c.closed = true;
    out.push_back(c);
  }
  return out;
}

}  // namespace aitrade::test
