#include "core/report/performance.h"

#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace aitrade;
using aitrade::report_test::run_of_days;
using aitrade::report_test::sample_run;
using aitrade::report_test::trade_of;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// Equity that moves by `returns` in turn, each followed by `idle` days without change.
std::vector<double> path(const std::vector<double>& returns, std::size_t moves, std::size_t idle) {
  std::vector<double> equity{1000};
  for (std::size_t i = 0; i < moves; ++i) {
    equity.push_back(equity.back() * (1 + returns[i % returns.size()]));
    for (std::size_t k = 0; k < idle; ++k)
      equity.push_back(equity.back());
  }
  return equity;
}

/// Sharpe of +1 % and -0.5 % in equal number among n days, from sums alone.
double sharpe_by_hand(double moves, double n) {
  const double mean = moves * 0.0025 / n;
  const double squares = moves / 2 * (0.01 * 0.01 + 0.005 * 0.005);
  const double deviation = std::sqrt((squares - n * mean * mean) / (n - 1));
  return mean / deviation * std::sqrt(365.0);
}

RunResult traded(const std::vector<double>& equity) {
  RunResult run = run_of_days(equity);
  run.trades.push_back(trade_of("10"));
  return run;
}

}  // namespace

TEST_CASE("performance: Sharpe of a known daily path (BT2)", "[report][performance]") {
  const Metrics m = compute_metrics(traded(path({0.01, -0.005}, 60, 0)));

  CHECK(m.days == 60);
  CHECK_THAT(*m.sharpe, WithinRel(sharpe_by_hand(60, 60), 1e-9));
}

TEST_CASE("performance: the same trades over ten times the time change Sharpe accordingly (BT2)",
          "[report][performance]") {
  const Metrics dense = compute_metrics(traded(path({0.01, -0.005}, 60, 0)));
  const Metrics sparse = compute_metrics(traded(path({0.01, -0.005}, 60, 9)));

  CHECK(sparse.days == 600);
  CHECK_THAT(*sparse.sharpe, WithinRel(sharpe_by_hand(60, 600), 1e-9));
  CHECK(*sparse.sharpe < *dense.sharpe / 3);  // about 1/sqrt(10)
  CHECK(*sparse.sharpe > *dense.sharpe / 4);
}

TEST_CASE("performance: under thirty days nothing yearly is shown (BT2)", "[report][performance]") {
  const Metrics short_run = compute_metrics(traded(path({0.01, -0.005}, 29, 0)));
  const Metrics enough = compute_metrics(traded(path({0.01, -0.005}, 30, 0)));

  CHECK(short_run.days == 29);
  CHECK_FALSE(short_run.sharpe.has_value());
  CHECK_FALSE(short_run.cagr.has_value());
  CHECK_FALSE(short_run.volatility.has_value());
  CHECK_FALSE(short_run.psr.has_value());
  CHECK_FALSE(short_run.calmar.has_value());
  CHECK(short_run.total_return > 0);
  CHECK(enough.sharpe.has_value());
  CHECK(enough.cagr.has_value());
  CHECK_FALSE(enough.yearly_reliable);
}

TEST_CASE("performance: CAGR of a year is the return, of two years its root",
          "[report][performance]") {
  std::vector<double> year(366, 1000), two_years(731, 1000);
  year.back() = two_years.back() = 1210;

  CHECK_THAT(*compute_metrics(traded(year)).cagr, WithinAbs(0.21, 1e-12));
  CHECK_THAT(*compute_metrics(traded(two_years)).cagr, WithinAbs(0.1, 1e-12));
  CHECK(compute_metrics(traded(year)).yearly_reliable);
}

TEST_CASE("performance: Calmar, ulcer index and UPI from a fall of ten per cent",
          "[report][performance]") {
  // 365 days: up to 1100 on day 1, 990 from day 2 to 364, 1210 on day 365. CAGR 0.21, fall 0.1.
  std::vector<double> equity(366, 990);
  equity[0] = 1000;
  equity[1] = 1100;
  equity[365] = 1210;

  const Metrics m = compute_metrics(traded(equity));

  const double ulcer = std::sqrt(363 * 0.01 / 365);
  CHECK_THAT(m.drawdown.depth, WithinAbs(0.1, 1e-12));
  CHECK_THAT(*m.calmar, WithinAbs(2.1, 1e-9));
  CHECK_THAT(*m.ulcer_index, WithinAbs(ulcer, 1e-9));
  CHECK_THAT(*m.upi, WithinAbs(0.21 / ulcer, 1e-8));
  CHECK_THAT(*m.time_under_water, WithinAbs(363.0 / 365, 1e-12));
  CHECK(m.longest_under_water_days == 363);
  CHECK_FALSE(m.calmar_36m.has_value());
}

TEST_CASE("performance: the three-year Calmar looks at the last three years only",
          "[report][performance]") {
  // a fall of half long ago, then 1,095 days with one fall of 20 % that ends at 1.331 times the
  // start
  std::vector<double> equity{1000, 500};
  equity.insert(equity.end(), 200, 1000);
  equity.insert(equity.end(), 500, 800);
  equity.insert(equity.end(), 595, 1331);
  const Metrics m = compute_metrics(traded(equity));

  CHECK_THAT(m.drawdown.depth, WithinAbs(0.5, 1e-12));
  CHECK_THAT(*m.calmar_36m, WithinAbs(0.1 / 0.2, 1e-9));
}

TEST_CASE("performance: a run without trades gives nulls, not zeros", "[report][performance]") {
  RunResult run;
  EquityTracker tracker(report_test::new_year, 1000);
  for (int day = 1; day <= 90; ++day) {
    tracker.mark(report_test::new_year + day_span * day, 1000, 1000, false, 0);
  }
  run.equity = tracker.finish();
  run.initial_equity = run.final_equity = Money::parse_or_die("1000");

  const Metrics m = compute_metrics(run);

  CHECK(m.days == 90);
  CHECK(m.total_return == 0);
  CHECK_FALSE(m.cagr.has_value());
  CHECK_FALSE(m.sharpe.has_value());
  CHECK_FALSE(m.volatility.has_value());
  CHECK_FALSE(m.sortino.has_value());
  CHECK_FALSE(m.calmar.has_value());
  CHECK_FALSE(m.upi.has_value());
  CHECK_FALSE(m.psr.has_value());
  CHECK_FALSE(m.var_95.has_value());
  CHECK_FALSE(m.omega.has_value());
  CHECK_FALSE(m.trades.win_rate.has_value());
  CHECK_FALSE(m.fees_share.has_value());
  CHECK(m.exposure == 0.0);
}

TEST_CASE("performance: an empty run is survived", "[report][performance]") {
  const Metrics m = compute_metrics(RunResult{});

  CHECK(m.days == 0);
  CHECK(m.total_return == 0);
  CHECK_FALSE(m.exposure.has_value());
  CHECK_FALSE(m.ulcer_index.has_value());
}

TEST_CASE("performance: losing everything leaves CAGR undefined", "[report][performance]") {
  std::vector<double> equity(61, 0);
  equity[0] = 1000;

  const Metrics m = compute_metrics(traded(equity));

  CHECK_THAT(m.total_return, WithinAbs(-1, 1e-15));
  CHECK_THAT(m.drawdown.depth, WithinAbs(1, 1e-15));
  CHECK_FALSE(m.cagr.has_value());
}

TEST_CASE("performance: activity of the sample run worked by hand", "[report][performance]") {
  const Metrics m = compute_metrics(sample_run());

  // 20 trades, +20 and -10 in turn: net 100 on 1000; before fees 10 * 20.5 = 205 is ahead
  CHECK_THAT(m.total_return, WithinAbs(0.1, 1e-12));
  CHECK(m.trades.gross_profit == Money::parse_or_die("205"));
  CHECK_THAT(*m.fees_share, WithinAbs(10.0 / 205, 1e-12));
  CHECK_THAT(*m.slippage_share, WithinAbs(2.0 / 205, 1e-12));
  CHECK_THAT(*m.exposure, WithinAbs(10.0 / 48, 1e-12));
  const double mean_equity = sample_run().equity.mean_equity;
  CHECK_THAT(*m.turnover, WithinAbs(4000 / mean_equity / (40.0 / 365), 1e-9));
}

TEST_CASE("performance: the risk-free rate lowers Sharpe", "[report][performance]") {
  RunResult run = traded(path({0.01, -0.005}, 60, 0));
  const double plain = *compute_metrics(run).sharpe;
  run.risk_free_yearly = 0.05;
  const Metrics m = compute_metrics(run);

  const double daily = std::pow(1.05, 1 / 365.0) - 1;
  CHECK_THAT(
      *m.sharpe,
      WithinRel(plain - daily / (*m.volatility / std::sqrt(365.0)) * std::sqrt(365.0), 1e-9));
}

TEST_CASE("performance: results too good to be true are named", "[report][performance]") {
  const Metrics good = compute_metrics(traded(path({0.02, 0.01}, 60, 0)));
  const Metrics plain = compute_metrics(sample_run());

  REQUIRE(good.suspicions.size() == 2);
  CHECK(good.suspicions[0] == "Sharpe above 5");
  CHECK(good.suspicions[1] == "CAGR above 1000 %");
  CHECK(plain.suspicions.empty());
}
