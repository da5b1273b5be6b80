// May this desk take new risk now, and if not, for what one reason?
//
// Called once per opinion by Desk, after Confluence and before sizing. Holds limits, not positions:
// what it judges is passed in.
//
// Invariants:
//   1. The first failing check names the reason.
//   2. Equal inputs give equal verdicts; there is no hidden counter.
#pragma once

#include <optional>

#include "core/domain/signal.h"
#include "core/trading/rules.h"

namespace aitrade {

/// What a verdict depends on.
struct RiskInputs {
  Money equity, day_start_equity;
  int positions{0};            // open and pending
  int positions_in_group{0};   // of the instrument's correlation group, open and pending
  bool has_book{false};
  double spread{0};            // of mid
};

class Risk {
 public:
  explicit Risk(const RiskRules& rules) : rules_(rules) {}

  /// Goes by these from here on.
  void set_rules(const RiskRules& rules) { rules_ = rules; }

  /// Returns the first reason against a new position, or Reason::none.
  [[nodiscard]] Reason judge(const RiskInputs& inputs) const;

  /// Returns the expected value of the bracket in units of its risk, after costs:
  /// EV_R = p * RR - (1 - p) - cost / stop distance (trading-core.md 3.8).
  [[nodiscard]] double expected_r(const Bracket& bracket, double probability) const;

  /// Returns how good an entry is against others of its instant: EV_R * min(1, depth / (3 * size)) *
  /// freshness (trading-core.md 3.8).
  ///
  /// `depth` of the side it takes and `size` in quote currency, depth nothing when no book is known (then it
  /// does not count); `freshness` is the share of the signal's life that is left, [0, 1].
  [[nodiscard]] static double opportunity(double expected_r, std::optional<double> depth, double size,
                                          double freshness);

 private:
  RiskRules rules_;
};

}  // namespace aitrade
