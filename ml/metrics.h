// How good probabilities are, and whether they are better than knowing nothing.
//
// Weighted, as overlapping labels say the same thing several times. Undefined values are nothing, not zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/base/random.h"

namespace aitrade::ml {

/// Forecasts with what came of them; all of one length.
struct Forecasts {
  std::vector<double> p;         // probability of a win, [0, 1]
  std::vector<double> wins;      // 0 or 1
  std::vector<double> weights;   // > 0
  std::vector<double> r;         // net result in R

  [[nodiscard]] std::size_t size() const { return p.size(); }
};

/// Returns the probability that a win ranks above a loss, ties half; nothing when one of them is missing.
/// Source: Hanley and McNeil (1982), The meaning and use of the area under a ROC curve; weighted
std::optional<double> auc(const Forecasts& f);

/// Returns the standard error of an area from so many wins and losses.
/// Source: Hanley and McNeil (1982), formula for exponential distributions
double auc_error(double area, double wins, double losses);

/// Returns the loss of one forecast in nats, p kept 1e-9 from its ends.
double log_loss(double p, double win);

/// Returns the weighted mean.
double mean_log_loss(const Forecasts& f);
double brier(const Forecasts& f);

struct ReliabilityBin {
  double p{0}, win_rate{0}, mean_r{0};   // weighted means
  double weight{0};
  std::size_t count{0};
};

/// Returns bins of about equal count by ascending probability; equal forecasts are never torn apart.
std::vector<ReliabilityBin> reliability(const Forecasts& f, std::size_t bins);

/// Brier = reliability - resolution + uncertainty + what varies within the bins.
/// Source: Murphy (1973), A new vector partition of the probability score; within: Stephenson et al. (2008), Two
///         extra components in the Brier score decomposition
struct BrierParts {
  double reliability{0}, resolution{0}, uncertainty{0}, within{0};
};

BrierParts brier_parts(const Forecasts& f, std::size_t bins);

/// Slope and intercept of wins on logit(p): 1 and 0 for probabilities that can be believed.
/// Source: Cox (1958), Two further applications of a model for binary regression
struct CalibrationLine {
  double slope{0}, intercept{0};
};

std::optional<CalibrationLine> calibration_line(const Forecasts& f);

/// What a paired bootstrap says of a difference of means.
struct Difference {
  double mean{0};        // weighted
  double low{0}, high{0};   // 90 % of the resamples lie between
  double p{1};           // share of resamples in which it is not above zero
};

/// Bootstraps the weighted mean of `gains` (how much better one is than the other, row by row) in blocks of
/// neighbouring rows, because outcomes of one time go together.
///
/// Source: Kuensch (1989), moving blocks; block length n^(1/3) rounded up
/// Cost:   rounds * n
Difference paired_bootstrap(std::span<const double> gains, std::span<const double> weights, std::size_t rounds,
                            Random& random);

/// Returns how much `loss_of` grows when a column is shuffled, by column; `loss_of` is asked for the loss with the
/// values of `column` taken from the rows of the permutation.
///
/// Source: Breiman (2001), Random forests, section 10; Fisher, Rudin, Dominici (2019)
std::vector<double> permutation_importance(
    std::size_t columns, std::size_t rows, double loss,
    const std::function<double(std::size_t column, std::span<const std::size_t> permutation)>& loss_of,
    Random& random);

/// Shuffles in place (Fisher and Yates).
void shuffle(std::span<std::size_t> items, Random& random);

}  // namespace aitrade::ml
