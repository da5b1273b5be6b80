// A learner that goes on where training ended: one outcome after another, and no word in anything until it has shown
// that it knows more than the base rate.
//
// It is told of a candidate only when that has ended, and what it said of it when it was decided is what it is judged
// by: tested first, then taught. Its part in the gate's probability is the skill that has been measured, less the luck
// that could be in it.
//
// Invariants:
//   1. Equal candidates and outcomes in equal order give equal answers, to the bit.
//   2. The weight is 0 while the gain over the base rate could be luck, and never above weight_max.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/domain/gate_state.h"
#include "ml/dataset.h"

namespace aitrade::ml {

struct OnlineRules {
  double rate{0.05};            // alpha of FTRL
  double smoothing{1};          // beta of FTRL
  double ridge{5e-4};           // trading-core.md 9.6
  double far{4};                // deviations beyond which a column counts as so far
  double base_weight{50};       // outcomes that the base rate of training counts as
  std::uint32_t outcomes_min{50};
  double memory{1000};          // outcomes after which one counts for 1/e in the skill
  double doubt{3};              // standard errors taken off the gain
  double weight_max{0.3};       // trading-core.md 9.6
};

class OnlineLearner {
 public:
  /// Columns are scaled as training scaled them; it begins by saying the base rate of everything.
  OnlineLearner(Scaler scaler, double base_rate, OnlineRules rules = {});

  /// Returns its probability of a win.
  [[nodiscard]] double probability(std::span<const double> features) const;

  /// Takes what became of a candidate of which it said `told` when it was decided.
  ///
  /// Formula: FTRL-proximal without L1: w = -z / ((beta + sqrt n) / alpha + ridge), g = (p - y) x,
  ///          z += g - (sqrt(n + g^2) - sqrt n) / alpha * w, n += g^2
  /// Source:  McMahan et al. (2013), Ad click prediction: a view from the trenches; Dawid (1984), Statistical theory:
  ///          the prequential approach, for the test before the lesson
  void learn(std::span<const double> features, double told, bool won);

  /// Returns its part in a blend: (mean gain in Brier score - doubt * standard error) / base Brier, within [0, weight_max].
  [[nodiscard]] double weight() const;

  [[nodiscard]] std::uint32_t outcomes() const { return state_.outcomes; }

  /// What the next start has to know.
  [[nodiscard]] const GateLearner& state() const { return state_; }

  /// Goes on where state() was taken; ignores one of other columns.
  void restore(const GateLearner& state);

 private:
  using Columns = std::array<double, features_count + 1>;   // the intercept last

  [[nodiscard]] Columns scaled(std::span<const double> features) const;
  [[nodiscard]] double coefficient(std::size_t i) const;
  [[nodiscard]] double answer(const Columns& x) const;

  Scaler scaler_;
  double start_;         // log-odds of the base rate
  OnlineRules rules_;
  GateLearner state_;
};

}  // namespace aitrade::ml
