// What a model outside of this program says: go long, go short, be flat, and how large.
//
// A run on foreign signals has the same desk, orders, venue and accounting as any other; only the opinion,
// its size and its levels come from a table. Strategies are not asked, and the desk adds nothing of its own:
// no limit of [risk], no breaker, no trailing. A pause, a missing permission to go short, the rules of the
// instrument and the cash there is hold as ever.
#pragma once

#include <utility>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/order.h"
#include "core/trading/rules.h"

namespace aitrade {

/// One row of the table. It is known at `at`, the close of a bar, and acted on from the next open.
struct ForeignSignal {
  Time at;
  Direction direction{Direction::neutral};       // neutral: be flat
  Rate size{Rate::from_raw(Rate::scale)};        // share of equity, (0, 1]
  Quantity quantity;                             // base units instead of a share; 0 = by size
  Price stop, target;                            // 0 = none
};

class ForeignSignals {
 public:
  /// `by_instrument[id]` rises strictly in time.
  explicit ForeignSignals(std::vector<std::vector<ForeignSignal>> by_instrument)
      : by_instrument_(std::move(by_instrument)) {}

  /// Returns the signal known at `close`, or nothing. Cost: O(log n).
  [[nodiscard]] const ForeignSignal* at(InstrumentId instrument, Time close) const;

  [[nodiscard]] const std::vector<ForeignSignal>& of(InstrumentId instrument) const {
    return by_instrument_[number(instrument)];
  }

 private:
  std::vector<std::vector<ForeignSignal>> by_instrument_;
};

/// Makes the rules those of a run on foreign signals, which are borrowed and must outlive the engine.
/// What remains of `rules.risk` is `cost` and `gap`: a purchase leaves room for half the round trip and for
/// a gap to the next open, so that one of the whole equity is not refused for lack of cash.
void follow_signals(TradingRules& rules, const ForeignSignals& signals);

}  // namespace aitrade
