// What a report costs: the tracker on every bar, the metrics and the hash once a run.
#include "core/report/performance.h"
#include "core/report/report_json.h"
#include "core/report/result_hash.h"
#include "tests/bench/bench.h"

#include <memory>

namespace aitrade::bench {

namespace {

/// A year of daily equity and one trade for every thousand bars.
std::shared_ptr<const RunResult> make_run(const BenchInput& input) {
  auto run = std::make_shared<RunResult>();
  const auto& bars = input.bars;
  EquityTracker tracker(bars.front().open_time, bars.front().close);
  for (const Bar& bar : bars) {
    tracker.mark(bar.open_time + minutes(1), bar.close, bar.low, true, bar.close / 2);
  }
  run->equity = tracker.finish();
  run->initial_equity = *Money::from_double(bars.front().close, Rounding::half_even);
  run->final_equity = *Money::from_double(bars.back().close, Rounding::half_even);
  for (std::size_t i = 1000; i < bars.size(); i += 1000) {
    TradeRecord record{"BTC/USD", "keltner", {}};
    record.trade.pnl =
        *Money::from_double(bars[i].close - bars[i - 1000].close, Rounding::half_even);
    record.trade.opened_at = bars[i - 1000].open_time;
    record.trade.closed_at = bars[i].open_time;
    record.trade.entry = input.candles[i - 1000].close;
    record.trade.r_multiple = to_double(record.trade.pnl) / 50;
    run->trades.push_back(record);
  }
  return run;
}

}  // namespace

void add_report_rows(const BenchInput& input, std::vector<BenchRow>& rows) {
  rows.push_back({"equity tracker, every bar", "bars", input.bars.size(), [&input] {
                    const auto& bars = input.bars;
                    EquityTracker tracker(bars.front().open_time, bars.front().close);
                    for (const Bar& bar : bars) {
                      tracker.mark(bar.open_time + minutes(1), bar.close, bar.low, bar.volume > 10,
                                   bar.close / 2);
                    }
                    return tracker.finish().drawdown.depth;
                  }});
  const auto run = make_run(input);
  rows.push_back({"metrics of a run", "trades", run->trades.size(),
                  [run] { return compute_metrics(*run).total_return; }});
  rows.push_back({"result hash", "trades", run->trades.size(),
                  [run] { return static_cast<double>(result_hash(*run)[0]); }});
  rows.push_back({"JSON with every trade", "trades", run->trades.size(), [run] {
                    ReportOptions options;
                    options.trades = true;
                    const std::string text = backtest_json(*run, compute_metrics(*run), options);
                    return static_cast<double>(text.size());
                  }});
}

}  // namespace aitrade::bench
