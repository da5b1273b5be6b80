// One backtest from candles to a RunResult: the glue between the runner and the report.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/backtest_detail.h"
#include "cmd/compose.h"
#include "cmd/model_choice.h"
#include "cmd/signals_input.h"
#include "cmd/why_not.h"
#include "core/data/candle_fingerprint.h"
#include "core/market/gap_policy.h"
#include "core/report/chart_track.h"
#include "core/report/equity.h"
#include "core/report/performance.h"
#include "core/runtime/sim_runner.h"

namespace aitrade::cli {

/// A pair to be traded.
struct PairInput {
  Symbol symbol;
  Duration interval{};
};

/// Assumptions made worse for a sensitivity run. What the engine believes of its costs stays as
/// configured: the question is what the same decisions cost in a worse world.
struct Stress {
  std::int64_t fee_factor{1};       // of fees and of interest on shorts
  std::int64_t slippage_factor{1};  // of half spread, slippage and impact
  Duration delay{};                 // added to the latency
};

struct BacktestPlan {
  std::vector<PairInput> pairs;     // ids follow this order; one interval for all
  std::string strategy;             // one alone; empty: as configured
  std::vector<Duration> timeframes;
  bool allow_shorts{false};
  std::uint64_t seed{0};
  Stress stress;
  std::vector<DetailInput> details;              // by pair; may be shorter
  std::shared_ptr<const SignalTable> signals;    // in place of strategies; nullptr: none
  ModelChoice model{};              // that gates; none: the rules alone
  bool records_candidates{false};   // keep every decision with its features, with the gate open
  std::function<void(const Decision&)> on_decision{};   // told of each that is kept
  bool why_not{false};              // count what refused what
  bool keep_prices{true};           // daily ones, for buy and hold
  bool keep_opens{true};            // for random entries
  bool keep_charts{true};           // prices and equity in buckets
};

/// Collects what the report needs while a SimRunner goes over the candles.
class BacktestRun final : public StepObserver, public MarkObserver {
 public:
  /// `config` is borrowed. `journal` is borrowed and may be a SilentJournal; `keep_decisions` is for a
  /// journal that wants them.
  BacktestRun(const Config& config, BacktestPlan plan, Journal& journal, bool keep_decisions);

  /// Begins: `first` holds the first candle of each pair. Errors: those of compose_engine, the journal's.
  Status begin(const std::vector<Candle>& first);

  /// Feeds the next candle of pair `index`; pairs of one moment in the order of their index.
  Status candle(std::size_t index, const Candle& candle);

  /// Ends the run and returns what came out.
  Result<RunResult> finish();

  /// Remarks for the user, such as timeframes that were left out.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  [[nodiscard]] std::uint64_t bars() const { return bars_; }

  /// What refused what; nullptr unless the plan asked for it.
  [[nodiscard]] const WhyNot* why_not() const { return why_not_ ? &*why_not_ : nullptr; }

  [[nodiscard]] const Engine& engine() const { return runner_->engine(); }

  void on_step(const Event& event, const ActionList& actions) override;
  void on_mark(const Mark& mark) override;

 private:
  void sample(std::size_t index, const Candle& candle);
  [[nodiscard]] double impact_of_all(double k) const;
  void describe(RunResult& result);
  [[nodiscard]] std::string strategy_names() const;

  const Config& config_;
  BacktestPlan plan_;
  Journal& journal_;
  bool keep_decisions_;
  std::vector<std::string> notes_;
  DetailWalk detail_;
  std::optional<SignalCheck> signal_check_;
  std::unique_ptr<ml::ModelGate> gate_;   // the runner borrows it
  std::unique_ptr<SimRunner> runner_;
  std::unique_ptr<EquityTracker> equity_;
  std::vector<CandleFingerprint> fingerprints_;
  std::vector<GapCounter> gaps_;
  std::vector<PriceTrack> prices_;
  CurveTrack curve_;
  std::vector<Regime> regimes_;   // by pair, of the newest decision that entered
  TakingCosts taking_;
  double impact_{0};              // k of the law
  struct Sample {
    double variance{0}, turnover{0}, count{0};   // sums over every so many bars
  };
  std::vector<Sample> samples_;   // by pair: what the whole equity at once would move
  std::vector<TradeRecord> trades_;
  std::optional<WhyNot> why_not_;
  Money slippage_;
  std::uint64_t bars_{0};
};

}  // namespace aitrade::cli
