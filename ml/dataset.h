// Decisions and what became of them, as a matrix.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/features.h"
#include "ml/labels.h"

namespace aitrade::ml {

/// One decided candidate with its outcome.
struct Sample {
  Span life;                  // decision to end of its label
  FeatureVector features{};
  double weight{1};           // uniqueness, (0, 1]
  double r{0};                // net result in R
  double break_even{0};       // probability at which it would earn nothing, [0, 1]
  std::uint64_t stratum{0};   // what may be compared with what: the instrument

  [[nodiscard]] bool is_win() const { return r > 0; }
};

/// Samples in order of their decision.
using Dataset = std::vector<Sample>;

/// Sorts by decision, then instrument, and weighs by uniqueness: rows may come in any order (X25).
void prepare(Dataset& samples);

/// Returns when the last outcome was known; a moment before all others without samples.
Time seen_by(const Dataset& samples);

/// Returns the probability of the target at which a bracket earns nothing: (1 + cost / stop) / (1 + RR), with cost
/// and stop as fractions of price. Above 1 when the target does not pay the costs.
/// Source: trading-core.md 5.2, rewrite
double break_even(double reward_to_risk, double stop_fraction, double cost_fraction);

/// Mean, deviation and bounds of each column over the rows that train, known values only; weighted by uniqueness.
struct Scaler {
  std::vector<double> mean, deviation;   // deviation 1 where a column does not vary or was never known
  std::vector<bool> always_known;        // no missing value in training

  static Scaler fit(const Dataset& data, std::span<const std::size_t> rows);

  /// Returns (x - mean) / deviation; 0, the mean, for a missing value.
  [[nodiscard]] double scaled(std::size_t column, double x) const;
};

}  // namespace aitrade::ml
