// What became of a candidate, whether or not it was traded: the triple barrier, after costs.
//
// A candidate is entered at the open of the next bar, as the desk's market order would be, and ends where the desk
// would have ended it: at its stop, which trails and moves to breakeven, at its target or in parts on the way, when it
// stagnates, at its time limit or when an opinion turns against it. The desk's own functions say so
// (core/trading/exits.h). One class serves the labels of training and the shadow ledger of a running gate, so both mean
// the same by "it worked".
//
// Invariants:
//   1. A bar that touches stop and target counts as stopped; an open beyond the stop is the fill.
//   2. What happens before the entry bar opens, or after the end, changes nothing.
//   3. A stop that a bar moved works from the next bar on; what leaves at the market leaves at the close.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/domain/candle.h"
#include "core/domain/gate_state.h"
#include "core/domain/signal.h"
#include "core/trading/exits.h"

namespace aitrade::ml {

/// What a candidate would do.
struct Candidate {
  Time decided;              // close of the bar it was decided on
  Direction direction{Direction::long_};
  double entry{0};           // planned; stop and target move with the fill
  double stop{0}, target{0};
  Duration limit{};          // at most so long, unless its stop secures its costs; 0: no limit
  double cost{0};            // round trip, fraction of price
  double atr{0};             // at the decision; 0: not known
};

/// What the desk does to a position on its way.
struct ExitPlan {
  ExitRules rules;
  Rate cost;                     // round trip, that a stop at breakeven secures
  Duration timeframe{minutes{1}};   // of decisions
  /// Stop and target stay where they are: the plain barriers.
  static ExitPlan plain();
};

/// An opinion that qualified: whoever holds the other side then leaves.
struct Turn {
  Time at;
  Direction direction{Direction::neutral};
  double price{0};
};

enum class Barrier : std::uint8_t { stop, target, time, stagnation, turn };

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

  /// One that was entered already and goes on from there; nothing of a walk: with the levels of its entry.
  BarrierWalk(const Candidate& candidate, double fill, const std::optional<GateWalk>& walk);

  /// Takes the next bar that opens at or after the decision, and returns the outcome when this bar ends it. A bar that
  /// it has seen changes nothing.
  ///
  /// Formula: r = (sum of share * side * (exit - fill) / fill - cost) / (|entry - stop| / entry)
  /// Source:  Lopez de Prado (2018), Advances in Financial Machine Learning, 3.4; barriers are the desk's own levels
  ///          instead of multiples of volatility, and costs are taken off
  std::optional<Outcome> on_bar(const Candle& bar, const ExitPlan& plan);

  /// An opinion qualified after the newest bar: the desk leaves what is held against it.
  std::optional<Outcome> on_turn(const Turn& turn);

  [[nodiscard]] const Candidate& candidate() const { return candidate_; }

  /// The open it was entered at; nothing before that.
  [[nodiscard]] std::optional<double> fill() const { return is_in_ ? std::optional(fill_) : std::nullopt; }

  /// Where it stands, once it was entered.
  [[nodiscard]] GateWalk walk() const;

  /// What changes seldom: entered, parts closed, stages, breakeven and trailing latched.
  [[nodiscard]] unsigned phase() const;

 private:
  void enter(double fill);
  void close_part(Price price, Quantity quantity);
  std::optional<Outcome> take_targets(const Candle& bar, const ExitPlan& plan);
  [[nodiscard]] Outcome end(Price exit, Barrier barrier, Time at);

  Candidate candidate_;
  double fill_{0};
  bool is_in_{false};
  Position position_;        // of one unit, on an instrument without ticks
  double result_{0};         // of closed parts, fraction of price
  Time seen_;
};

/// Returns the outcome of each candidate over `bars` (ascending), nothing for one that has not ended by their end.
/// `turns` are ascending. Cost: bars from the decision to the end of each candidate
std::vector<std::optional<Outcome>> label(std::span<const Candidate> candidates, std::span<const Candle> bars,
                                          const ExitPlan& plan = ExitPlan::plain(), std::span<const Turn> turns = {});

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
