// Logistic regression with a ridge: the baseline that a larger model has to beat.
#pragma once

#include <span>
#include <vector>

#include "ml/dataset.h"

namespace aitrade::ml {

/// Returns 1 / (1 + exp(-z)).
double sigmoid(double z);

/// Returns ln(p / (1 - p)), p kept 1e-9 from its ends.
double logit(double p);

/// Returns the coefficients, the intercept last, that minimise weighted log-loss + ridge / 2 * sum of their squares,
/// the intercept excepted.
///
/// Formula: iteratively reweighted least squares, halving a step that does not improve
/// Shape:   x row-major, rows of `columns`; y in [0, 1]; weights > 0
/// Source:  Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., 4.4.1 and 4.4.4
/// Errors:  none; a ridge of zero needs columns that are not collinear
std::vector<double> fit_logistic(std::span<const double> x, std::size_t columns, std::span<const double> y,
                                 std::span<const double> weights, double ridge);

struct LogisticModel {
  Scaler scaler;
  std::vector<double> coefficients;   // of scaled columns, the intercept last

  /// Fits the rows that train; the scaler sees no others.
  static LogisticModel fit(const Dataset& data, std::span<const std::size_t> rows, double ridge);

  /// Returns the probability of a win, not calibrated.
  [[nodiscard]] double probability(const FeatureVector& x) const;
};

}  // namespace aitrade::ml
