// One trial of a search: what is kept of it, what it scores, and how it is run.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/compose.h"
#include "cmd/tune_keys.h"
#include "core/report/benchmark.h"
#include "core/runtime/history.h"
#include "core/runtime/sim_runner.h"
#include "core/runtime/tape_library.h"
#include "ml/search.h"

namespace aitrade::cli {

/// What a trial is judged by; more is better. All are metrics of the report, net is its net profit.
enum class Objective : std::uint8_t { sharpe, sortino, calmar, net, expectancy_r, profit_factor };

constexpr std::array<std::string_view, 6> objective_names{"sharpe", "sortino",      "calmar",
                                                          "net",    "expectancy_r", "profit_factor"};

/// A finished trial as the ledger keeps it: enough to rank it, and the daily returns for the statistics that
/// judge a choice among many (deflated Sharpe ratio, probability of overfitting).
struct TrialRecord {
  std::uint64_t number{0};   // from 0, in the order of the search
  ml::Point point;
  std::uint64_t trades{0}, pauses{0};   // pauses of entries by breakers
  Money net_profit, final_equity, fees;
  double total_return{0}, max_drawdown{0};
  std::optional<double> sharpe, sortino, calmar, profit_factor, expectancy_r, win_rate;
  std::vector<double> daily;   // returns, one a day

  friend bool operator==(const TrialRecord&, const TrialRecord&) = default;
};

/// Returns the score; nothing below `trades_min` trades, or where the metric is undefined.
ml::Score score_of(const TrialRecord& trial, Objective objective, std::uint64_t trades_min);

/// A trial cut at a moment: what chose it, and what came after.
struct LaterPart {
  std::vector<double> before, daily;   // returns, one a day, up to the moment and after it
  std::uint64_t trades{0};             // that were opened after it
  std::optional<std::vector<TradeShape>> shapes;   // of those; nothing where one was of no worth
};

/// What all trials of a search have in common.
struct SweepPlan {
  Symbol symbol;
  std::string strategy;         // "": all that are enabled, together
  std::vector<ml::Axis> axes;   // parameters of the strategy, keys of the configuration
  bool allow_shorts{false};
  int costs_percent{100};       // what the venue takes, of what is configured; the desk believes the latter
};

/// Runs trials over one history. Several threads may call run() at once; they share candles and columns.
class Sweep {
 public:
  /// `config` and `history` are borrowed; the history is not empty, and finished before the first run().
  ///
  /// Errors: those of compose_engine
  static Result<std::unique_ptr<Sweep>> make(const Config& config, const History& history, SweepPlan plan);

  /// Whether the strategy and the rules between keys accept the combination.
  [[nodiscard]] bool is_allowed(const ml::Point& point) const;

  /// Runs one trial of an allowed point. Errors: those of compose_engine.
  Result<TrialRecord> run(std::uint64_t number, const ml::Point& point);

  /// Runs an allowed point over the whole history, and tells its days from `from` on apart. A position that is open
  /// at that moment goes on, as it would have. `gate` is borrowed and may be absent. Errors: those of compose_engine.
  Result<LaterPart> run_later(const ml::Point& point, Time from, EntryGate* gate = nullptr);

  /// Returns the rules that an allowed point is run with. Errors: those of compose_engine.
  [[nodiscard]] Result<TradingRules> rules_at(const ml::Point& point) const;

  /// What the history's regimes are worked out with, before the first trial.
  [[nodiscard]] const RegimeRules& regime_rules() const { return setup_.engine.rules.regime; }

  [[nodiscard]] const TapeLibrary& tapes() const { return tapes_; }

 private:
  Sweep(const Config& config, const History& history, SweepPlan plan);

  [[nodiscard]] Result<SimSetup> setup_of(const Config& config) const;
  [[nodiscard]] Result<SimSetup> setup_at(const ml::Point& point) const;
  [[nodiscard]] std::optional<Parameters> parameters_of(const ml::Point& point) const;

  const Config& config_;
  const History& history_;
  SweepPlan plan_;
  RuleKeys keys_;
  bool has_keys_{false};   // an axis is a key: every trial has its own setup
  SimSetup setup_;
  TapeLibrary tapes_;
};

/// Returns the bounds of a strategy's parameters and their configured values.
std::vector<ml::ParameterBounds> bounds_of(const Config& config, const StrategyInfo& info);

}  // namespace aitrade::cli
