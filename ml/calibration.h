// From a score that ranks to a probability that can be believed.
//
// Fitted on rows that the model was not trained on, or it would certify the model's own optimism.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace aitrade::ml {

/// A monotone map from score to probability.
struct Calibration {
  enum class Method : std::uint8_t { none, platt, isotonic } method{Method::none};
  double slope{1}, intercept{0};         // platt: sigmoid(slope * logit(score) + intercept)
  std::vector<double> scores, values;    // isotonic: corners, both ascending; straight between them

  [[nodiscard]] double operator()(double score) const;
};

/// Fits sigmoid(a * logit(score) + b) with targets (n+ + 1) / (n+ + 2) and 1 / (n- + 2) instead of 1 and 0, so that
/// a part that happens to be separable gives no certainty.
///
/// Source: Platt (1999), Probabilistic outputs for support vector machines; Lin, Lin, Weng (2007) for the targets
Calibration fit_platt(std::span<const double> scores, std::span<const double> wins,
                      std::span<const double> weights);

/// Fits a non-decreasing step function by pooling adjacent violators, read as straight lines between the middles of
/// its steps.
///
/// Source: Ayer et al. (1955); Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass
///         probability estimates; lines between the middles are ours, the source has steps
/// Cost:   n log n
///
/// With a `prior` each step counts as if so many rows more, of the base rate, had been seen in it: a handful of losers
/// at an end is then no certainty. 0 is as the source has it.
Calibration fit_isotonic(std::span<const double> scores, std::span<const double> wins,
                         std::span<const double> weights, double prior = 0);

/// Below so many rows the two parameters of Platt hold better than free steps (Niculescu-Mizil and Caruana 2005,
/// Predicting good probabilities with supervised learning).
constexpr std::size_t isotonic_rows_min = 1000;

/// Rows of the base rate that a step of the isotonic fit is mixed with: as many as the targets of Platt are.
constexpr double isotonic_prior = 2;

/// Chooses between the two by the number of rows.
Calibration fit_calibration(std::span<const double> scores, std::span<const double> wins,
                            std::span<const double> weights);

}  // namespace aitrade::ml
