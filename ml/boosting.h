// Growing boosted trees with XGBoost (libxgboost), behind its C interface.
//
// Rows go to the library in batches and are binned as they arrive: no second copy of the matrix is ever made. With
// histograms on one thread the same rows give the same bytes, on any number of cores. Rounds end early when the
// validation part stops getting better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/base/result.h"

namespace aitrade::ml {

struct BoostRules {
  int rounds_max{400};
  int patience{30};              // rounds without a better validation loss
  int depth{3};
  double rate{0.05};
  double child_weight_min{10};   // sum of hessians in a leaf: some forty unique labels
  double ridge{5};
  int bins{64};
  std::uint64_t seed{0};         // no randomness is used; kept with the model all the same
};

/// What a row is worth: 1 for a win, 0 for a loss, and its weight, above 0.
struct BoostTarget {
  float win{0}, weight{1};
};

/// Rows wherever they are; NaN is a missing value.
struct BoostRows {
  std::size_t rows{0}, columns{0};
  std::function<BoostTarget(std::size_t row, std::span<float> x)> read;   // fills x, of `columns`
};

/// Trains on `train`, keeps the rounds that are best on `validation` (no rows: all rounds), and returns the model as
/// the library stores it (UBJSON).
///
/// Memory: one byte a value of `train` (two from 256 bins on), eight a value of `validation`
/// Errors: unsupported, with what the library says
Result<std::string> grow_trees(const BoostRows& train, const BoostRows& validation, const BoostRules& rules);

}  // namespace aitrade::ml
