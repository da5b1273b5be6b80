#include "core/report/trade_stats.h"

#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace aitrade;
using aitrade::report_test::new_year;
using aitrade::report_test::trade_of;
using Catch::Matchers::WithinAbs;

namespace {

const Money thousand = Money::parse_or_die("1000");
const Money cent = Money::parse_or_die("0.01");

Money money(std::string_view text) {
  return Money::parse_or_die(text);
}

std::vector<TradeRecord> trades_of(const std::vector<std::string_view>& profits) {
  std::vector<TradeRecord> trades;
  for (const auto pnl : profits) {
    trades.push_back(trade_of(pnl, new_year + hours(2) * static_cast<std::int64_t>(trades.size())));
  }
  return trades;
}

}  // namespace

TEST_CASE("trade stats: wins, losses and ratios worked by hand", "[report][trades]") {
  // wins 30 + 10 = 40, losses -10 - 10 = -20, one of 0.005 is even; net 20.005
  const auto trades = trades_of({"30", "-10", "10", "-10", "0.005"});

  const TradeStats s = trade_stats(trades, thousand, cent);

  CHECK(s.count == 5);
  CHECK(s.wins == 2);
  CHECK(s.losses == 2);
  CHECK(s.breakevens == 1);
  CHECK(s.net_profit == money("20.005"));
  CHECK(s.net_wins == money("40"));
  CHECK(s.net_losses == money("-20"));
  CHECK(s.gross_profit == money("41.505"));  // 30.5 + 10.5 + 0.505
  CHECK(s.fees == money("2.5"));
  CHECK(s.slippage == money("0.5"));
  CHECK_THAT(*s.win_rate, WithinAbs(0.5, 1e-15));
  CHECK_THAT(*s.profit_factor, WithinAbs(2, 1e-15));
  CHECK_FALSE(s.profit_factor_infinite);
  CHECK(*s.average_win == money("20"));
  CHECK(*s.average_loss == money("-10"));
  CHECK_THAT(*s.payoff, WithinAbs(2, 1e-15));
  CHECK(*s.expectancy == money("4.001"));
  CHECK_THAT(*s.expectancy_r, WithinAbs(0.4001, 1e-12));
  CHECK_THAT(*s.kelly, WithinAbs(0.5 - 0.5 / 2, 1e-15));
  CHECK_FALSE(s.kelly_reliable);
  CHECK(*s.best == money("30"));
  CHECK(*s.worst == money("-10"));
}

TEST_CASE("trade stats: SQN is sqrt(n) times mean over deviation of R", "[report][trades]") {
  // R 3 -1 1 -1: mean 0.5, squares 6.25 2.25 0.25 2.25 = 11, sd = sqrt(11/3), sqrt(4) = 2
  const TradeStats s = trade_stats(trades_of({"30", "-10", "10", "-10"}), thousand, cent);

  CHECK_THAT(*s.sqn, WithinAbs(2 * 0.5 / std::sqrt(11.0 / 3), 1e-12));
}

TEST_CASE("trade stats: SQN counts at most a hundred trades", "[report][trades]") {
  std::vector<std::string_view> profits;
  for (int i = 0; i < 200; ++i)
    profits.push_back(i % 2 == 0 ? "30" : "-10");
  // R 3 and -1 in turn: mean 1, each 2 away: sd = sqrt(4 * 200 / 199)
  const TradeStats s = trade_stats(trades_of(profits), thousand, cent);

  CHECK_THAT(*s.sqn, WithinAbs(10 / std::sqrt(800.0 / 199), 1e-12));
  CHECK(s.kelly_reliable);
}

TEST_CASE("trade stats: expectancy of equity takes the equity at opening", "[report][trades]") {
  // 100 of 1000, then 110 of 1100, while a third opened before the second closed: 55 of 1100
  auto trades = trades_of({"100", "110", "55"});
  trades[2].trade.opened_at = trades[1].trade.opened_at + minutes(30);
  trades[2].trade.closed_at = trades[1].trade.closed_at + minutes(30);

  const TradeStats s = trade_stats(trades, thousand, cent);

  CHECK_THAT(*s.expectancy_equity, WithinAbs((0.1 + 0.1 + 0.05) / 3, 1e-15));
}

TEST_CASE("trade stats: no loss makes the profit factor infinite, flagged", "[report][trades]") {
  const TradeStats s = trade_stats(trades_of({"10", "20"}), thousand, cent);

  CHECK_FALSE(s.profit_factor.has_value());
  CHECK(s.profit_factor_infinite);
  CHECK_FALSE(s.payoff.has_value());
  CHECK_FALSE(s.kelly.has_value());
}

TEST_CASE("trade stats: only losses give a profit factor of zero", "[report][trades]") {
  const TradeStats s = trade_stats(trades_of({"-10", "-20"}), thousand, cent);

  CHECK_THAT(*s.profit_factor, WithinAbs(0, 1e-15));
  CHECK_FALSE(s.profit_factor_infinite);
  CHECK_THAT(*s.win_rate, WithinAbs(0, 1e-15));
  CHECK(s.loss_run == 2);
}

TEST_CASE("trade stats: no trades leaves everything undefined", "[report][trades]") {
  const TradeStats s = trade_stats({}, thousand, cent);

  CHECK(s.count == 0);
  CHECK_FALSE(s.win_rate.has_value());
  CHECK_FALSE(s.profit_factor.has_value());
  CHECK_FALSE(s.profit_factor_infinite);
  CHECK_FALSE(s.expectancy.has_value());
  CHECK_FALSE(s.sqn.has_value());
  CHECK_FALSE(s.hold_mean.has_value());
  CHECK_FALSE(s.loss_run_expected.has_value());
}

TEST_CASE("trade stats: a trade without initial risk is left out of R", "[report][trades]") {
  auto trades = trades_of({"30", "-10"});
  trades[1].trade.r_multiple = std::numeric_limits<double>::quiet_NaN();
  trades[1].trade.initial_stop = Price{};

  const TradeStats s = trade_stats(trades, thousand, cent);

  CHECK_THAT(*s.expectancy_r, WithinAbs(3, 1e-15));
  CHECK_THAT(*s.mae, WithinAbs(-0.02, 1e-15));
  CHECK_THAT(*s.mae_r, WithinAbs(-0.2, 1e-12));  // 2 % of an entry whose stop was 10 % away
  CHECK_THAT(*s.mfe_r, WithinAbs(0.3, 1e-12));
}

TEST_CASE("trade stats: holding times by outcome", "[report][trades]") {
  std::vector<TradeRecord> trades{
      trade_of("10", new_year, hours(1)), trade_of("10", new_year, hours(2)),
      trade_of("-10", new_year, hours(6)), trade_of("0", new_year, hours(3))};

  const TradeStats s = trade_stats(trades, thousand, cent);

  CHECK(*s.hold_mean == hours(3));
  CHECK(*s.hold_median == minutes(150));
  CHECK(*s.hold_winners == minutes(90));
  CHECK(*s.hold_losers == hours(6));
}

TEST_CASE("trade stats: runs are broken by the other side and by break-evens", "[report][trades]") {
  const TradeStats s =
      trade_stats(trades_of({"-1", "-1", "0", "-1", "-1", "-1", "5", "5", "-1"}), thousand, cent);

  CHECK(s.loss_run == 3);
  CHECK(s.win_run == 2);
}

TEST_CASE("trade stats: the longest run expected by chance", "[report][trades]") {
  // two fair tosses: LL 2, LW 1, WL 1, WW 0: mean 1. Three: LLL 3, LLW WLL 2, LWL LWW WLW WWL 1,
  // WWW 0: 11/8
  CHECK_THAT(expected_longest_run(2, 0.5), WithinAbs(1, 1e-12));
  CHECK_THAT(expected_longest_run(3, 0.5), WithinAbs(11.0 / 8, 1e-12));
  CHECK_THAT(expected_longest_run(7, 1), WithinAbs(7, 1e-12));
  CHECK_THAT(expected_longest_run(7, 0), WithinAbs(0, 1e-12));
  // Schilling's formula takes over above 5,000 trades: there is no visible step
  CHECK_THAT(expected_longest_run(5001, 0.6), WithinAbs(expected_longest_run(5000, 0.6), 0.02));
}

TEST_CASE("trade stats: Wilson interval of a published example", "[report][trades]") {
  // 8 of 10: (0.4902, 0.9433), as in standard tables
  const auto interval = wilson_interval(8, 10);

  REQUIRE(interval.has_value());
  CHECK_THAT(interval->low, WithinAbs(0.4902, 5e-5));
  CHECK_THAT(interval->high, WithinAbs(0.9433, 5e-5));
  CHECK(wilson_interval(0, 5)->low == 0);
  CHECK_FALSE(wilson_interval(0, 0).has_value());
}

TEST_CASE("trade stats: sums beyond the range of Money do not stop the program",
          "[report][trades]") {
  const auto s =
      trade_stats(trades_of({"90000000000", "90000000000", "-90000000000"}), thousand, cent);

  CHECK_THAT(*s.profit_factor, WithinAbs(2, 1e-12));
  CHECK(s.net_profit == money("90000000000"));
}

TEST_CASE("trade stats: profit is attributed to pair, strategy, exit and hour",
          "[report][trades]") {
  auto trades = trades_of({"10", "-10", "20"});
  trades[2].symbol = "ETH/USD";
  trades[2].strategy = "trend";

  const Attribution parts = attribute(trades, cent);

  CHECK(parts.by_pair.at("BTC/USD").net_profit == money("0"));
  CHECK(parts.by_pair.at("ETH/USD").net_profit == money("20"));
  CHECK(parts.by_strategy.at("keltner").trades == 2);
  CHECK(parts.by_exit.at("target").wins == 2);
  CHECK(parts.by_exit.at("stop").losses == 1);
  CHECK(parts.by_hour.at(0).trades == 1);
  CHECK(parts.by_hour.at(4).net_profit == money("20"));
}
