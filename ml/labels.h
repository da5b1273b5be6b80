// What became of a candidate, whether or not it was traded: the triple barrier, after costs.
//
// A candidate is entered at the open of the next bar, as the desk's market order would be, and ends at its stop,
// its target or its time limit, whichever comes first. One class serves the labels of training and the shadow
// ledger of a running gate, so both mean the same by "it worked".
//
// Invariants:
//   1. A bar that touches both levels counts as stopped; an open beyond the stop is the fill.
//   2. What happens before the entry bar opens, or after the end, changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/domain/candle.h"
#include "core/domain/signal.h"

namespace aitrade::ml {

/// What a candidate would do.
struct Candidate {
  Time decided;              // close of the bar it was decided on
  Direction direction{Direction::long_};
  double entry{0};           // planned; stop and target move with the fill
  double stop{0}, target{0};
  Duration limit{};          // at most so long; 0: no limit
  double cost{0};            // round trip, fraction of price
};

enum class Barrier : std::uint8_t { stop, target, time };

struct Outcome {
  Time ended;                // close of the bar that ended it
  Barrier barrier{Barrier::time};
  double r{0};               // net result over planned risk: after costs, in R
  [[nodiscard]] bool is_win() const { return r > 0; }
};

/// Follows one candidate bar by bar.
class BarrierWalk {
 public:
  explicit BarrierWalk(const Candidate& candidate) : candidate_(candidate) {}

  /// Takes the next bar that opens at or after the decision, and returns the outcome when this bar ends it.
  ///
  /// Formula: r = (side * (exit - fill) / fill - cost) / (|entry - stop| / entry)
  /// Source:  Lopez de Prado (2018), Advances in Financial Machine Learning, 3.4; barriers are the candidate's own
  ///          levels instead of multiples of volatility, and costs are taken off
  std::optional<Outcome> on_bar(const Candle& bar);

  [[nodiscard]] const Candidate& candidate() const { return candidate_; }

  /// The open it was entered at; nothing before that.
  [[nodiscard]] std::optional<double> fill() const { return is_in_ ? std::optional(fill_) : std::nullopt; }

  /// One that was entered already.
  BarrierWalk(const Candidate& candidate, double fill) : candidate_(candidate), fill_(fill), is_in_(true) {}

 private:
  [[nodiscard]] Outcome end(double exit, Barrier barrier, Time at) const;

  Candidate candidate_;
  double fill_{0};
  bool is_in_{false};
};

/// Returns the outcome of each candidate over `bars` (ascending), nothing for one that has not ended by their end.
/// Cost: bars from the decision to the end of each candidate
std::vector<std::optional<Outcome>> label(std::span<const Candidate> candidates, std::span<const Candle> bars);

/// A label's life: from the decision to the end.
struct Span {
  Time from, to;
};

/// Returns the average uniqueness of each label, (0, 1]: the mean over its life of 1 / (labels alive).
///
/// Source: Lopez de Prado (2018), 4.3 and 4.4, snippets 4.1 and 4.2, in continuous time
/// Cost:   n log n
std::vector<double> uniqueness(std::span<const Span> spans);

}  // namespace aitrade::ml
