// The difference between a run and its backtest adds up, cause by cause.
#include "core/report/parity.h"

#include <catch2/catch.hpp>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

TradeClosed trade(std::int64_t opened, const char* pnl, const char* fees = "1", const char* slippage = "0") {
  TradeClosed t;
  t.opened_at = minute(opened) + milliseconds{150};
  t.closed_at = minute(opened + 30);
  t.quantity = qty("1");
  t.exit = px("100");
  t.pnl = usd(pnl);
  t.fees = usd(fees);
  t.slippage = usd(slippage);
  t.reason = ExitReason::stop;
  return t;
}

Money of(const ParityReport& report, ParityCause cause) {
  return report.by_cause[static_cast<std::size_t>(cause)];
}

void check_sum(const ParityReport& report) {
  Money sum;
  for (const Money part : report.by_cause) sum += part;
  CHECK(sum == report.run - report.backtest);
}

}  // namespace

TEST_CASE("parity: equal runs are identical and explained", "[report][parity]") {
  ParitySide run;
  run.trades = {trade(10, "5"), trade(60, "-2")};
  const ParityReport report = compare_runs(run, run, minutes{1});
  CHECK(report.identical == 2);
  CHECK(report.lines.empty());
  CHECK(report.is_explained());
}

TEST_CASE("parity: fees, slippage and another moment are told apart", "[report][parity]") {
  ParitySide run;
  ParitySide backtest;
  run.trades = {trade(10, "4.2", "1.5", "0.3")};
  backtest.trades = {trade(10, "5")};
  ParityReport report = compare_runs(run, backtest, minutes{1});
  CHECK(of(report, ParityCause::fees) == usd("-0.5"));
  CHECK(of(report, ParityCause::slippage) == usd("-0.3"));
  CHECK(report.is_explained());
  check_sum(report);

  run.trades[0].opened_at = run.trades[0].opened_at + seconds{2};
  run.trades[0].pnl = usd("4");
  report = compare_runs(run, backtest, minutes{1});
  CHECK(of(report, ParityCause::latency) == usd("-0.2"));
  check_sum(report);
}

TEST_CASE("parity: a difference without a cause stays unexplained", "[report][parity]") {
  ParitySide run;
  ParitySide backtest;
  run.trades = {trade(10, "4")};
  backtest.trades = {trade(10, "5")};
  const ParityReport report = compare_runs(run, backtest, minutes{1});
  CHECK_FALSE(report.is_explained());
  CHECK(of(report, ParityCause::unexplained) == usd("-1"));
}

TEST_CASE("parity: a trade of one side has the reason of the other", "[report][parity]") {
  struct Case {
    Reason reason;
    ParityCause cause;
  };
  for (const Case c : {Case{Reason::paused, ParityCause::operator_}, Case{Reason::stale_feed, ParityCause::missed_data},
                       Case{Reason::backfill, ParityCause::missed_data}, Case{Reason::has_position, ParityCause::consequence},
                       Case{Reason::no_votes, ParityCause::unexplained}}) {
    ParitySide run;
    ParitySide backtest;
    backtest.trades = {trade(10, "5")};
    run.decisions[{0, minute(10).ns}] = c.reason;
    const ParityReport report = compare_runs(run, backtest, minutes{1});
    CHECK(of(report, c.cause) == usd("-5"));
    CHECK(report.only_backtest == 1);
    check_sum(report);
  }
  ParitySide run;
  run.started = minute(100);
  run.trades = {trade(10, "5")};
  CHECK(of(compare_runs(run, {}, minutes{1}), ParityCause::carried_in) == usd("5"));
}
