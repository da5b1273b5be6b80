// How much of the best of many trials is the picking.
//
// Functions for whoever tried more than one thing: the deflated Sharpe ratio (Bailey and Lopez de
// Prado 2014), the probability of backtest overfitting by combinatorially symmetric cross-validation
// (Bailey, Borwein, Lopez de Prado and Zhu 2017), and what walk-forward folds kept of their promise.
// Sharpe ratios here are per day, not annualised.
#pragma once

#include "core/report/returns.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aitrade {

/// Returns the Sharpe ratio that the best of `trials` worthless trials is expected to show:
/// sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = 0.5772. `variance` is that of the
/// trials' daily Sharpe ratios. 0 for a single trial; nothing for none or a negative variance.
std::optional<double> expected_best_sharpe(double variance, double trials);

/// PSR against what luck alone would have shown among so many trials; nothing without spread.
std::optional<double> deflated_sharpe(const Moments& excess, double variance, double trials);

/// Returns the daily Sharpe ratio of each trial; trials without spread are left out.
std::vector<double> sharpes_of(std::span<const std::vector<double>> trials);

/// How many different ideas a set of trials holds: trials whose returns correlate by at least
/// `threshold` with the leader of a cluster join it, the others lead new ones. In the order given;
/// trials without spread do not count. All of one length.
std::size_t effective_trials(std::span<const std::vector<double>> trials, double threshold = 0.5);

constexpr std::size_t pbo_blocks = 16;

/// Outcome of the combinatorially symmetric cross-validation.
struct Overfitting {
  std::size_t combinations{0};  // C(16, 8) = 12,870
  double probability{0};        // share of halves whose winner ranks in the lower half elsewhere
  double loss_probability{0};   // share whose winner loses elsewhere
  std::optional<double> slope;  // of the winner's Sharpe elsewhere on its Sharpe where it won
};

/// Cuts the rows into 16 equal blocks (the oldest rows that do not fit are dropped), lets each half
/// choose its best trial by Sharpe and looks at its rank in the other half.
///
/// Input:  one list of daily returns for each trial, all of one length
/// Returns nothing for fewer than two trials, fewer than 32 days, or different lengths.
std::optional<Overfitting> overfitting(std::span<const std::vector<double>> trials);

/// One fold of a walk-forward test: yearly return where it was chosen and where it was then run.
struct Fold {
  double in_sample{0}, out_of_sample{0};
};

struct WalkForward {
  std::optional<double> efficiency;  // mean out of sample / mean in sample; needs a mean above 0
  double profitable_share{0};        // of folds, out of sample
};

/// Returns nothing for no folds.
std::optional<WalkForward> walk_forward(std::span<const Fold> folds);

}  // namespace aitrade
