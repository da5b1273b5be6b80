// What the results of strategies say about their weights: in small steps, and only where it is not luck.
//
// Pure: records in, verdicts out. As many questions are asked as there are strategies, so each answer has to be so
// much surer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace aitrade::ml {

/// A strategy with the trades it led, in R: real ones while it is enabled, virtual ones since it was disabled.
struct StrategyRecord {
  std::string name;
  bool is_enabled{true};
  double weight{0};        // share of the enabled ones; of a disabled one: unused
  std::vector<double> r;
};

struct TunerRules {
  double alpha{0.05};           // chance that any change of a run is luck
  std::size_t trades_min{15};   // to change a weight
  std::size_t switch_min{30};   // to switch off or on
  double step{1.0 / 21};        // one up and all others down is a tenth of a share, and no more
  double weight_min{0.05}, weight_max{0.50};   // shares
};

enum class TunerStep { keep, raise, lower, disable, enable };

std::string_view to_string(TunerStep step);

struct TunerVerdict {
  std::string name;
  TunerStep step{TunerStep::keep};
  double factor{1};        // of the weight
  std::size_t trades{0};
  double mean_r{0}, others_r{0};
  double p{1};             // of the step, or of the nearest one that was not taken
  double needed{0};        // p below which a step is taken: alpha over all that was asked
};

/// Judges all at once, in the order given.
///
/// Rule:   lower or raise against the mean of the others (Welch); disable what loses and enable what earns against
///         zero; the last enabled one stays
/// Source: trading-core.md 9.7, rewrite; Dunn (1961), Multiple comparisons among means; Welch (1947)
std::vector<TunerVerdict> judge_strategies(std::span<const StrategyRecord> records, const TunerRules& rules);

/// Returns the probability that Student's t with `freedom` degrees exceeds t.
/// Source: Abramowitz and Stegun (1964), 26.7.1; the continued fraction as in Numerical Recipes (1992), 6.4
double student_tail(double t, double freedom);

}  // namespace aitrade::ml
