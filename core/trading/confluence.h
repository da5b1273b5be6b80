// How much do these signals, taken together, say?
//
// Called by Desk for each closed candle of a timeframe, after the strategies and before the gate. Votes
// are combined in log-odds, logit(p) = sum of w_i * logit(c_i), where w_i is the strategy's weight over
// the mean weight, times its regime factor, times a discount for every further vote of one family
// (1, 0.5, 0.25): three mediocre signals do not add up to certainty (trading-core.md 3.5). Each term is
// kept in the opinion.
//
// Invariants:
//   1. Equal weighted sides are no trade; the winner must outweigh the loser by `dominance`.
//   2. Levels always come from the winning side.
//   3. Equal inputs give equal opinions; nothing is remembered.
#pragma once

#include <span>
#include <vector>

#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/signal.h"
#include "core/trading/rules.h"

namespace aitrade {

class Confluence {
 public:
  Confluence(const ConfluenceRules& rules, const std::vector<StrategyChoice>& strategies,
             bool single_strategy);

  /// Goes by these from here on.
  void set_rules(const ConfluenceRules& rules) { rules_ = rules; }

  /// The weights of the strategies have changed; one of zero is not asked any more.
  void set_weights();

  /// Combines the signals of one timeframe into `opinion` (overwritten). `signals[i]` is of
  /// `strategies[i]`; `adx` decides the regime gating and may be NaN.
  void combine(std::span<const Signal> signals, Regime regime, double adx, Time now,
               Opinion& opinion) const;

  /// Adds what is no vote: the order book and a choppy market (trading-core.md 3.4, 3.5).
  ///
  /// The book confirms: w * logit(min(0.4 + 0.6 |score|, 1)) for its side, from book_score_min on. It says
  /// nothing without an analysis, and nothing when a strategy voted that reads the book itself. It is never
  /// a family. A choppiness index above choppiness_max takes confidence and asks for one family more; NaN
  /// says nothing.
  void weigh(Opinion& opinion, const BookAnalysis* book, double choppiness) const;

  /// Applies the other timeframes to the primary's opinion: an opposing actionable higher one vetoes,
  /// agreeing ones confirm, neutral ones say nothing (trading-core.md 3.6).
  struct OtherTimeframe {
    const Opinion* opinion;
    bool is_higher;
  };
  void confirm(Opinion& primary, std::span<const OtherTimeframe> others) const;

  /// Multiplies a strategy's weight from here on: what its closed trades say of it (TrackRecord::skill).
  void set_skill(StrategyId strategy, double factor);

  /// Leaves a strategy out until `until`: its results were bad (guardrail).
  void rest(StrategyId strategy, Time until);

  /// Decides whether the opinion is strong enough to trade: sets its reason, none when it is. One that has
  /// enough families and confidence and the book on its side is a sure fire and gains of both.
  void qualify(Opinion& opinion) const;

  /// Families that must agree: more in high volatility, one more where the market is choppy.
  [[nodiscard]] int families_needed(const Opinion& opinion) const;

 private:
  [[nodiscard]] bool is_gated(std::size_t index, Regime regime, double adx) const;
  void count_votes(Opinion& opinion, Direction side) const;
  [[nodiscard]] const StrategyInfo* info_of(StrategyId strategy) const;

  ConfluenceRules rules_;
  const std::vector<StrategyChoice>& strategies_;
  struct Standing {
    double skill{1};
    double weight{1};    // over the mean, times skill
    Time rests_until;
  };
  std::vector<Standing> standing_;   // by strategy
  double mean_weight_{1};
  bool single_strategy_;
  std::size_t keltner_{strategies_max};   // index of the strategy that may trade alone, if enabled
};

}  // namespace aitrade
