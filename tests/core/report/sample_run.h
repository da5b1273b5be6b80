// Small runs for the report tests, with numbers that can be checked by hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/report/performance.h"

#include <string_view>

namespace aitrade::report_test {

inline const Time new_year = Time::from_seconds(1'704'067'200);  // 2024-01-01T00:00:00Z

/// A long trade of 1 BTC: enters at 100 with the stop at 90, so a net loss of 10 is one R.
inline TradeRecord trade_of(std::string_view pnl, Time opened_at = new_year,
                            Duration held = hours(1)) {
  TradeRecord record{"BTC/USD", "keltner", {}};
  TradeClosed& t = record.trade;
  t.direction = Direction::long_;
  t.quantity = Quantity::parse_or_die("1");
  t.entry = Price::parse_or_die("100");
  t.initial_stop = Price::parse_or_die("90");
  t.target = Price::parse_or_die("120");
  t.pnl = Money::parse_or_die(pnl);
  // Profits at the edge of the type have no exit price of their own.
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 200;
  t.exit = Price::from_raw(t.entry.raw() + std::clamp(t.pnl.raw(), -most, most) * 100);
  t.fees = Money::parse_or_die("0.5");
  t.slippage = Money::parse_or_die("0.1");
  t.opened_at = opened_at;
  t.closed_at = opened_at + held;
  t.r_multiple = to_double(t.pnl) / 10;
  t.mae = -0.02;
  t.mfe = 0.03;
  t.bars = 60;
  t.reason = t.pnl.is_positive() ? ExitReason::target : ExitReason::stop;
  return record;
}

/// A run whose equity at the end of day i is `equity[i]`, beginning with equity[0] on new year.
template <class List>
RunResult run_of_days(const List& equity) {
  RunResult run;
  EquityTracker tracker(new_year, equity[0]);
  for (std::size_t i = 1; i < equity.size(); ++i) {
    tracker.mark(new_year + day_span * static_cast<std::int64_t>(i), equity[i], equity[i], true,
                 equity[i] / 2);
  }
  run.equity = tracker.finish();
  run.bars = run.equity.bars;
  run.initial_equity = *Money::from_double(equity[0], Rounding::half_even);
  run.final_equity = *Money::from_double(equity[equity.size() - 1], Rounding::half_even);
  return run;
}

/// Forty days of hourly bars with one trade every second day: +20 and -10 in turn, 1,000 at the
/// start.
inline RunResult sample_run() {
  RunResult run;
  run.identity.version = "0.1.0";
  run.identity.command_line = "aitrade backtest sample.csv";
  run.identity.strategies = "keltner";
  run.identity.config_hash = std::string(64, 'c');
  run.identity.data_fingerprint = std::string(64, 'd');
  run.identity.seed = 42;
  run.initial_equity = Money::parse_or_die("1000");
  double equity = 1000;
  EquityTracker tracker(new_year, equity);
  for (int hour = 1; hour <= 40 * 24; ++hour) {
    const Time close = new_year + hours(hour);
    const bool holds = hour % 48 >= 10 && hour % 48 < 20;
    if (hour % 48 == 20) {
      const bool wins = (hour / 48) % 2 == 0;
      TradeRecord record = trade_of(wins ? "20" : "-10", close - hours(10), hours(10));
      record.trade.trade_number = static_cast<std::uint32_t>(run.trades.size() + 1);
      run.fees += record.trade.fees;
      run.slippage += record.trade.slippage;
      equity += to_double(record.trade.pnl);
      run.trades.push_back(record);
    }
    tracker.mark(close, equity, holds ? equity - 5 : equity, holds, holds ? 100 : 0);
  }
  run.equity = tracker.finish();
  run.final_equity = *Money::from_double(equity, Rounding::half_even);
  run.turnover = 4000;
  run.bars = 958;
  run.ambiguous_bars = 3;
  run.too_small = 1;
  run.decisions = 960;
  run.entries = 20;
  run.refused = {{Reason::no_votes, 900}, {Reason::tie, 39}, {Reason::below_minimum, 1}};
  run.coverage = {{"BTC/USD", hours(1), new_year, new_year + hours(960), 958, 1, 2, 2}};
  return run;
}

}  // namespace aitrade::report_test
