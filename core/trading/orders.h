// The desk's orders: identity, state, and what each was for.
//
// Creates orders with client ids that are never reused and applies what venues report through the table
// of core/domain/order.h. An answer that fits no transition is kept as an Incident; a fill counts once,
// by its venue fill id.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/signal.h"
#include "core/domain/trade_result.h"

namespace aitrade {

/// An order with the plan behind it.
struct TrackedOrder {
  Order order;
  Bracket bracket;                 // of an entry
  StrategyId lead{};
  double confidence{0};
  double atr{0};                   // at the decision
  Regime regime;                   // likewise
  Voters voters;
  Price reference;                 // price asked for, to measure slippage against
  ExitReason exit_reason{ExitReason::none};
  Quantity wanted;                 // by the intent, over all its orders
  Quantity done_before;            // by the orders of the intent before this one
  int step{0};                     // which order of the intent this is
  bool is_given_up{false};         // nothing follows when it ends
  Quantity at_venue;               // size that the venue was asked for first, or has confirmed since
  Quantity freed;                  // of a stop: what it leaves uncovered, so that a part can be sold
  std::vector<std::string> fill_ids;
};

class Orders {
 public:
  explicit Orders(DeskId desk) : desk_(desk) {}

  /// Ids continue after these; called before the first create() of a run.
  void restore(std::uint16_t epoch, std::uint32_t next_sequence) {
    epoch_ = epoch;
    next_sequence_ = next_sequence;
  }

  /// Takes over an order of the run before; `mark` is what a market order is reckoned at.
  void adopt(const Order& order, Price mark);

  [[nodiscard]] std::uint32_t next_sequence() const { return next_sequence_; }

  /// Makes an order in state journaled; the caller adds the SubmitOrder action.
  TrackedOrder& create(InstrumentId instrument, OrderRole role, Side side, OrderType type,
                       Quantity quantity, Time now);

  /// Makes the next order of the intent of `ended`, for what is left of it; the plan is that of the intent.
  TrackedOrder& create_next(const TrackedOrder& ended, Quantity quantity, Time now);

  /// Returns a live order, or nothing.
  TrackedOrder* find(const ClientOrderId& id);
  [[nodiscard]] const TrackedOrder* find(InstrumentId instrument, OrderRole role) const;
  TrackedOrder* find(InstrumentId instrument, OrderRole role);

  /// Applies a trigger; records an Incident and returns false when the order does not know it.
  bool apply(TrackedOrder& order, OrderTrigger trigger, std::string_view why, ActionList& out);

  /// Returns false when this fill was already counted.
  static bool count_fill(TrackedOrder& order, const Fill& fill);

  /// Returns an order that ended lately, or nothing: a venue may tell of a fill after the end.
  TrackedOrder* find_ended(const ClientOrderId& id);

  /// Puts orders that ended aside. References from create() and find() end here.
  void sweep();

  /// Notional of entries that may still fill, at their reference price.
  [[nodiscard]] Money pending_exposure() const;

  [[nodiscard]] int pending_entries() const;

  /// Of the pending entries those that nothing was filled of.
  [[nodiscard]] int unfilled_entries() const;

  [[nodiscard]] const std::vector<TrackedOrder>& live() const { return live_; }

  /// For marking orders in place; adds and removes nothing.
  std::vector<TrackedOrder>& live() { return live_; }

 private:
  DeskId desk_;
  std::uint16_t epoch_{1};
  std::uint32_t next_sequence_{1};
  std::vector<TrackedOrder> live_;
  std::deque<TrackedOrder> ended_, refused_;   // newest last, bounded
};

}  // namespace aitrade
