// The synthetic market: the same seed is the same market, and it looks like one.
#include "core/sim/price_process.h"

#include <catch2/catch.hpp>

#include <cmath>

namespace aitrade {
namespace {

std::vector<std::vector<SyntheticInterval>> market(std::uint64_t seed, int steps) {
  PriceProcess process(seed, {synthetic_pair({"BTC", "USD"}), synthetic_pair({"ETH", "USD"})},
                       minutes{1}, Time::from_seconds(1'700'000'000));
  std::vector<std::vector<SyntheticInterval>> out;
  for (int i = 0; i < steps; ++i) {
    out.emplace_back();
    process.step(out.back());
  }
  return out;
}

}  // namespace

TEST_CASE("price process: one seed is one market", "[sim][price_process]") {
  const auto a = market(7, 500);
  const auto b = market(7, 500);
  const auto c = market(8, 500);
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i][0].candle == b[i][0].candle);
    REQUIRE(a[i][1].candle == b[i][1].candle);
  }
  CHECK_FALSE(a[499][0].candle == c[499][0].candle);
}

TEST_CASE("price process: candles are sound and their points lead to them",
          "[sim][price_process]") {
  for (const auto& step : market(3, 2000)) {
    for (const SyntheticInterval& interval : step) {
      REQUIRE(fault_of(interval.candle) == nullptr);
      REQUIRE(interval.points.size() == PriceProcess::points_per_interval);
      Candle last = interval.points.back().so_far;
      last.closed = true;
      REQUIRE(last == interval.candle);
      REQUIRE(interval.spread > 0);
    }
  }
}

TEST_CASE("price process: moves cluster, are fat-tailed and shared between pairs",
          "[sim][price_process]") {
  constexpr int steps = 10'000;
  std::vector<double> btc, eth;
  double before_btc = 0;
  double before_eth = 0;
  for (const auto& step : market(11, steps)) {
    const double b = std::log(to_double(step[0].candle.close));
    const double e = std::log(to_double(step[1].candle.close));
    if (before_btc > 0) {
      btc.push_back(b - before_btc);
      eth.push_back(e - before_eth);
    }
    before_btc = b;
    before_eth = e;
  }
  double square = 0, fourth = 0, together = 0, square_eth = 0, cluster = 0, absolute = 0;
  for (std::size_t i = 0; i < btc.size(); ++i) {
    square += btc[i] * btc[i];
    fourth += std::pow(btc[i], 4);
    square_eth += eth[i] * eth[i];
    together += btc[i] * eth[i];
    absolute += std::abs(btc[i]);
  }
  const auto n = static_cast<double>(btc.size());
  absolute /= n;
  double spread = 0;
  for (std::size_t i = 1; i < btc.size(); ++i) {
    cluster += (std::abs(btc[i]) - absolute) * (std::abs(btc[i - 1]) - absolute);
    spread += std::pow(std::abs(btc[i]) - absolute, 2);
  }
  const double daily = std::sqrt(square / n * 1440);
  CHECK(daily > 0.015);                             // a quiet coin moves more than that
  CHECK(daily < 0.10);                              // and a wild one less
  CHECK(fourth / n / std::pow(square / n, 2) > 4);  // the normal law has 3
  CHECK(cluster / spread > 0.05);                   // a large move follows a large move
  CHECK(together / std::sqrt(square * square_eth) > 0.4);
}

}  // namespace aitrade
