#include "cmd/backtest_set.h"

namespace aitrade::cli {
namespace {

constexpr std::size_t batch = 4096;  // candles between two looks at the clock

SensitivityLine line_of(const std::string& name, const RunResult& result) {
  const Metrics metrics = compute_metrics(result);
  SensitivityLine line;
  line.name = name;
  line.final_equity = result.final_equity;
  line.total_return = metrics.total_return;
  line.max_drawdown = metrics.drawdown.depth;
  line.sharpe = metrics.sharpe;
  line.trades = metrics.trades.count;
  return line;
}

}  // namespace

BacktestSet::BacktestSet(const Config& config, const BacktestPlan& plan, std::uint64_t bars_max)
    : journal_(std::make_unique<SilentJournal>()), bars_max_(bars_max) {
  run_ = std::make_unique<BacktestRun>(config, plan, *journal_, false);
  if (bars_max_ == 0) return;
  const auto add = [&](std::string name, Stress stress) {
    BacktestPlan worse = plan;
    worse.stress = stress;
    worse.keep_prices = worse.keep_opens = worse.keep_charts = false;
    worse_.push_back(
        {std::move(name), std::make_unique<BacktestRun>(config, std::move(worse), *journal_, false)});
  };
  add("fees x2", Stress{.fee_factor = 2, .slippage_factor = 1, .delay = {}});
  add("1 bar delay", Stress{.fee_factor = 1, .slippage_factor = 1, .delay = plan.pairs.front().interval});
  add("slippage x3", Stress{.fee_factor = 1, .slippage_factor = 3, .delay = {}});
  waiting_.reserve(batch);
}

Status BacktestSet::begin(const std::vector<Candle>& first) {
  AITRADE_TRY_STATUS(run_->begin(first));
  for (Worse& worse : worse_) AITRADE_TRY_STATUS(worse.run->begin(first));
  return ok();
}

Status BacktestSet::candle(std::size_t index, const Candle& candle) {
  AITRADE_TRY_STATUS(run_->candle(index, candle));
  if (worse_.empty()) return ok();
  waiting_.emplace_back(index, candle);
  return waiting_.size() == batch ? catch_up() : ok();
}

Status BacktestSet::catch_up() {
  if (run_->bars() > bars_max_) worse_.clear();
  const auto started = std::chrono::steady_clock::now();
  for (Worse& worse : worse_) {
    for (const auto& [index, candle] : waiting_) AITRADE_TRY_STATUS(worse.run->candle(index, candle));
  }
  waiting_.clear();
  beside_ += std::chrono::steady_clock::now() - started;
  return ok();
}

Result<RunResult> BacktestSet::finish() {
  AITRADE_TRY_STATUS(catch_up());
  AITRADE_TRY(RunResult result, run_->finish());
  const auto started = std::chrono::steady_clock::now();
  for (Worse& worse : worse_) {
    AITRADE_TRY(const RunResult other, worse.run->finish());
    result.sensitivity.push_back(line_of(worse.name, other));
  }
  beside_ += std::chrono::steady_clock::now() - started;
  return result;
}

}  // namespace aitrade::cli
