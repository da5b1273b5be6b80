#include "core/report/benchmark.h"

#include "core/base/random.h"
#include "core/report/performance.h"
#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace aitrade;
using aitrade::report_test::new_year;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

PairPrices pair_of(const std::vector<double>& opens, std::string symbol = "BTC/USD") {
  PairPrices pair;
  pair.symbol = std::move(symbol);
  pair.opens = opens;
  pair.bars = opens.size();
  return pair;
}

/// A trade of one unit at these prices, free of costs unless told.
TradeRecord trade(const char* entry, const char* exit, std::uint32_t bars, int hour,
                  const char* fees = "0") {
  TradeRecord record{"BTC/USD", "keltner", {}};
  TradeClosed& t = record.trade;
  t.direction = Direction::long_;
  t.quantity = Quantity::parse_or_die("1");
  t.entry = Price::parse_or_die(entry);
  t.exit = Price::parse_or_die(exit);
  t.fees = Money::parse_or_die(fees);
  t.pnl = *Money::from_double(to_double(t.exit) - to_double(t.entry) - to_double(t.fees),
                              Rounding::half_even);
  t.bars = bars;
  t.opened_at = new_year + hours(hour);
  t.closed_at = new_year + hours(hour + 1);
  return record;
}

std::vector<DailyPoint> days(std::size_t count) {
  std::vector<DailyPoint> points;
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back({new_year + day_span * static_cast<std::int64_t>(i), 1000, 0});
  }
  return points;
}

}  // namespace

TEST_CASE("benchmark: buy and hold pays the same costs, worked by hand", "[report][benchmark]") {
  // 1,000 at a first open of 100: with 1 % slippage and 2 % fee a unit costs 101 * 1.02 = 103.02, so
  // 9.706853 units; sold at 120 a unit brings 120 * 0.99 * 0.98 = 116.424.
  PairPrices pair;
  pair.symbol = "BTC/USD";
  pair.daily = {{new_year, 100}, {new_year + day_span, 90}, {new_year + day_span * 2, 120}};

  const auto hold = buy_and_hold(std::vector{pair}, days(3), 1000, {.fee = 0.02, .slippage = 0.01});

  REQUIRE(hold);
  const double units = 1000 / 103.02;
  CHECK_THAT(hold->final_equity, WithinRel(units * 116.424, 1e-12));
  CHECK_THAT(hold->total_return, WithinRel(units * 116.424 / 1000 - 1, 1e-12));
  CHECK_THAT(hold->returns[0], WithinRel(units * 90 * 0.9702 / 1000 - 1, 1e-12));
  CHECK_THAT(hold->returns[1], WithinRel(120.0 / 90 - 1, 1e-12));
  CHECK_THAT(hold->max_drawdown, WithinRel(1 - units * 90 * 0.9702 / 1000, 1e-12));
  CHECK(hold->equity.size() == 3);
}

TEST_CASE("benchmark: several pairs are held in equal parts", "[report][benchmark]") {
  // Half doubles, half halves: 500 * 2 + 500 / 2 = 1,250.
  PairPrices up, down;
  up.daily = {{new_year, 1}, {new_year + day_span, 2}};
  down.daily = {{new_year, 10}, {new_year + day_span, 5}};

  const auto hold = buy_and_hold(std::vector{up, down}, days(2), 1000, {});

  CHECK_THAT(hold->final_equity, WithinRel(1250, 1e-12));
  CHECK_FALSE(buy_and_hold({}, days(2), 1000, {}));
}

TEST_CASE("benchmark: where every moment is alike, random entries earn the same less costs",
          "[report][benchmark]") {
  // Each open is 1 % above the one before, so three bars always earn 1.01^3 - 1. The trade puts 100
  // of 1,000 in and pays 2 on 100 + 103.0301.
  std::vector<double> opens{100};
  for (int i = 1; i < 200; ++i) opens.push_back(opens.back() * 1.01);
  const std::vector<TradeRecord> trades{trade("100", "103.0301", 3, 1, "2")};

  const auto random = random_entry(trades, std::vector{pair_of(opens)}, 1000, 100, 7);

  REQUIRE(random);
  const double expected = 0.1 * 0.030301 - 0.002;
  CHECK_THAT(random->run_return, WithinAbs(expected, 1e-9));
  CHECK_THAT(random->low, WithinAbs(expected, 1e-9));
  CHECK_THAT(random->high, WithinAbs(expected, 1e-9));
}

TEST_CASE("benchmark: the p-value is the chance of being that lucky", "[report][benchmark]") {
  // The price doubles once in 99 steps. A trade of one bar that caught it is matched by one random
  // entry in 99: 0.0101, with a deviation of 0.0007 over 20,000 runs.
  std::vector<double> opens(50, 100.0);
  opens.insert(opens.end(), 50, 200.0);
  const std::vector<TradeRecord> trades{trade("100", "200", 1, 1)};

  const auto random = random_entry(trades, std::vector{pair_of(opens)}, 1000, 20'000, 7);

  REQUIRE(random);
  CHECK_THAT(random->p_value, WithinAbs(1.0 / 99, 0.0029));
  CHECK_THAT(random->run_return, WithinRel(0.1, 1e-9));
  CHECK_THAT(random->median, WithinAbs(0, 1e-12));
}

TEST_CASE("benchmark: random trades of a pair never overlap", "[report][benchmark]") {
  // Five opens have room for exactly two trades of two bars: 100 -> 110 and 110 -> 121 both earn a
  // tenth in every run; an overlap would earn something else.
  const std::vector<double> opens{100, 105, 110, 120, 121};
  const std::vector<TradeRecord> trades{trade("100", "110", 2, 1), trade("100", "110", 2, 3)};

  const auto random = random_entry(trades, std::vector{pair_of(opens)}, 1000, 200, 7);

  REQUIRE(random);
  // Shares: 100 of 1,000, then 100 of 1,010.
  const double expected = (1 + 0.1 * 0.1) * (1 + 100.0 / 1010 * 0.1) - 1;
  CHECK_THAT(random->low, WithinRel(expected, 1e-9));
  CHECK_THAT(random->high, WithinRel(expected, 1e-9));
}

TEST_CASE("benchmark: trades of several runs are placed together, each with the equity of its own run",
          "[report][benchmark]") {
  // The first run had made 1,000 of 1,000 when its second trade put 100 in: a twentieth.
  const std::vector<TradeRecord> first{trade("100", "1100", 1, 0), trade("100", "110", 2, 10)};
  const std::vector<TradeRecord> second{trade("100", "110", 2, 20)};
  auto shapes = trade_shapes(first, 1000, first[1].trade.opened_at);
  REQUIRE(shapes);
  REQUIRE(shapes->size() == 1);
  CHECK_THAT(shapes->front().share, WithinRel(0.05, 1e-12));
  CHECK_THAT(shapes->front().growth, WithinRel(1.005, 1e-12));
  const auto more = trade_shapes(second, 1000);
  shapes->insert(shapes->end(), more->begin(), more->end());
  const std::vector<double> opens{100, 105, 110, 120, 121};   // room for exactly two of two bars

  const auto random = random_entry(*shapes, std::vector{pair_of(opens)}, 200, 7);

  REQUIRE(random);
  CHECK(random->trades == 2);
  CHECK_THAT(random->run_return, WithinRel(1.005 * 1.01 - 1, 1e-9));
  CHECK_THAT(random->low, WithinRel(1.005 * 1.01 - 1, 1e-9));
  CHECK_FALSE(random_entry(std::vector<TradeShape>{}, std::vector{pair_of(opens)}, 200, 7));
}

TEST_CASE("benchmark: on a driftless walk random entries lose their costs and nothing else",
          "[report][benchmark]") {
  std::vector<TradeRecord> trades;
  for (int i = 0; i < 50; ++i) trades.push_back(trade("100", "100", 20, 2 * i, "0.4"));
  double mean = 0;
  constexpr int walks = 40;
  for (std::uint64_t walk = 0; walk < walks; ++walk) {
    Random random(walk + 1);
    std::vector<double> opens{100};
    for (int i = 1; i < 5000; ++i) {
      opens.push_back(opens.back() * std::exp(0.001 * random.normal() - 0.0000005));
    }
    mean += random_entry(trades, std::vector{pair_of(opens)}, 1000, 100, walk)->mean_return / walks;
  }
  // Each trade costs 0.4 of 1,000 and does not compound by much: 50 * 0.0004 = 2 %. A trade of a
  // tenth of equity over 20 steps has a deviation of 0.00045, 50 of them 0.0032, over 40 walks 0.0005.
  CHECK_THAT(mean, WithinAbs(-0.02, 0.0015));
}

TEST_CASE("benchmark: random entry is undefined without trades, prices or room",
          "[report][benchmark]") {
  const std::vector<TradeRecord> one{trade("100", "110", 9, 1)};
  const std::vector<double> ten(10, 100.0), nine(9, 100.0);

  CHECK(random_entry(one, std::vector{pair_of(ten)}, 1000, 10, 1));
  CHECK_FALSE(random_entry(one, std::vector{pair_of(nine)}, 1000, 10, 1));
  CHECK_FALSE(random_entry(one, std::vector{pair_of(ten, "ETH/USD")}, 1000, 10, 1));
  CHECK_FALSE(random_entry({}, std::vector{pair_of(ten)}, 1000, 10, 1));
  CHECK_FALSE(random_entry(one, std::vector{pair_of(ten)}, 1000, 0, 1));
}

TEST_CASE("benchmark: the metrics of a run carry alpha and beta against holding",
          "[report][benchmark]") {
  // The run holds half as much as buy and hold and earns 0.0002 a day besides: beta 1/2, alpha 7.3 %.
  std::vector<double> equity{1000};
  PairPrices pair;
  pair.symbol = "BTC/USD";
  pair.daily = {{new_year, 100}};
  Random random(4);
  for (int i = 1; i <= 200; ++i) {
    const double market = 0.02 * random.normal();
    pair.daily.push_back({new_year + day_span * i, pair.daily.back().price * (1 + market)});
    equity.push_back(equity.back() * (1 + market / 2 + 0.0002));
  }
  RunResult run = report_test::run_of_days(equity);
  run.prices = {pair};

  const Metrics m = compute_metrics(run, {.monte_carlo_runs = 100, .random_entry_runs = 10});

  REQUIRE(m.beta);
  CHECK_THAT(*m.beta, WithinRel(0.5, 1e-6));
  CHECK_THAT(*m.alpha, WithinRel(0.0002 * 365, 1e-4));
  CHECK(m.monte_carlo);
  CHECK_FALSE(m.random_entry);  // no trades
}
