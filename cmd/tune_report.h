// What a search says at the end: the trials ranked, the best of them in full, and a verdict that counts them.
//
// The figures of a tuned result are in-sample: the same candles chose it. So the verdict deflates the Sharpe
// ratio by the number of trials and says "no edge" unless it survives; it never says more than that a result
// is worth an out-of-sample test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tune_earlier.h"
#include "cmd/tune_holdout.h"
#include "cmd/tune_ledger.h"
#include "core/report/performance.h"
#include "core/report/selection.h"

namespace aitrade::cli {

/// Deflated Sharpe ratio below which the best of many trials is no evidence.
constexpr double deflated_sharpe_min = 0.95;

/// Trials that the probability of overfitting is estimated from: an even choice of them, as it costs
/// 12,870 halves for each.
constexpr std::size_t overfitting_trials_max = 200;

struct TuneVerdict {
  bool has_edge{false};
  std::string text;
  std::vector<std::string> reasons;              // against an edge
  std::size_t ideas{0};                          // effective number of trials, earlier ones included
  std::optional<double> deflated_sharpe;         // probability, of the best
  std::optional<double> expected_best_sharpe;    // per year, of the best among as many worthless trials
  std::optional<Overfitting> overfitting;
};

/// Everything that is printed.
struct TuneResult {
  Study study;
  Objective objective{Objective::sharpe};
  std::uint64_t trades_min{0};
  std::vector<TrialRecord> trials;    // by number
  std::vector<ml::Score> scores;      // of each trial
  std::vector<ml::Score> plateaus;    // of each trial
  std::optional<std::size_t> best;    // index of the highest plateau score
  std::optional<std::size_t> best_single;   // of the highest score
  EarlierTrials earlier;              // of other searches over the same candles
  std::optional<Holdout> holdout;     // kept away from the search
  TuneVerdict verdict;
  RunResult run;                      // the best again, through the whole pipeline
  Metrics metrics;                    // of it
  std::string ledger, command_line;
  std::uint64_t resumed{0};           // trials that were in the ledger
  double elapsed_ms{0};
  double combo_bars_per_second{0};    // trials run now times bars, over the time they took
};

/// Ranks the trials: fills scores, plateaus, best and best_single.
void rank(TuneResult& result);

/// Judges the best of them among all that were tried, earlier searches included; result.best may be absent.
TuneVerdict judge(const TuneResult& result);

/// Takes what the opened holdout showed into the verdict; result.holdout has a result.
void judge_holdout(TuneResult& result);

/// Returns the object "aitrade.tune/1" with a newline at its end.
std::string tune_json(const TuneResult& result);

/// Returns the summary for people.
std::string tune_text(const TuneResult& result);

/// Prints every trial as a row, best first.
void print_trials(const TuneResult& result, Format format, Context& context);

}  // namespace aitrade::cli
