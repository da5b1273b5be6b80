// What the core wants from a place that executes orders.
//
// Nothing here throws or blocks; outcomes come home as events.
#pragma once

#include <vector>

#include "core/base/latency.h"
#include "core/base/result.h"
#include "core/domain/action.h"
#include "core/domain/event.h"

namespace aitrade {

class ExecutionVenue {
 public:
  virtual ~ExecutionVenue() = default;

  /// `now` of the three: a simulated venue gets the time that the event which caused the order says of itself, a real
  /// one its receipt (Event::at), from which the latency of an order counts.
  virtual void submit(const Order& order, Time now) = 0;
  virtual void cancel(const CancelOrder& cancel, Time now) = 0;
  virtual void replace(const ReplaceOrder& replace, Time now) = 0;

  /// Says when the journal was last waited for; orders that come next waited behind it. For figures only.
  virtual void note_flush(const FlushSpan& /*span*/) {}

  /// Whether this venue lives inside the turn: it answers through next_outcome(), and after a crash it is
  /// rebuilt from the ledger. Only such a venue may be told of an order before the commit.
  [[nodiscard]] virtual bool answers_in_turn() const = 0;

  /// Lets a simulated venue see a market event before the engine does; returns whether next_outcome() may
  /// have something to say. Real venues ignore it.
  virtual bool observe(const Event& event) = 0;

  /// Takes the next outcome that happened up to now, oldest first; false when there is none. Simulated
  /// venues answer here, within the turn; real ones push to the mailbox and return false.
  virtual bool next_outcome(Event& outcome) = 0;

  /// Whether entries may leave: false once they are stopped and nobody was told so yet. Simulated venues execute
  /// within the turn and have nothing to hold back.
  virtual void permit_entries(bool /*is_permitted*/) {}
};

}  // namespace aitrade
