#include "core/domain/order_states.h"

#include <array>

namespace aitrade {
namespace {

using S = OrderState;
using T = OrderTrigger;
using P = PendingState;
using Q = PendingTrigger;

struct Transition {
  S from;
  T trigger;
  S to;
};

// Facts are accepted in every state that may still have exposure: a venue can report the fill before its own
// acknowledgement, and a cancel can cross a fill.
constexpr std::array transitions{
    Transition{S::journaled, T::send, S::in_flight},
    Transition{S::journaled, T::restart, S::unknown},
    Transition{S::journaled, T::withdraw, S::not_placed},
    Transition{S::journaled, T::acknowledge, S::acked},
    Transition{S::journaled, T::accept, S::open},
    Transition{S::journaled, T::reject, S::rejected},
    Transition{S::journaled, T::fill_part, S::partial},
    Transition{S::journaled, T::fill_last, S::filled},
    Transition{S::journaled, T::fill_over, S::quarantined},
    Transition{S::journaled, T::cancel, S::canceled},
    Transition{S::journaled, T::expire, S::expired},
    Transition{S::journaled, T::end_short, S::settling},
    Transition{S::journaled, T::lose, S::unknown},

    Transition{S::in_flight, T::not_sent, S::journaled},
    Transition{S::in_flight, T::restart, S::unknown},
    Transition{S::in_flight, T::acknowledge, S::acked},
    Transition{S::in_flight, T::accept, S::open},
    Transition{S::in_flight, T::reject, S::rejected},
    Transition{S::in_flight, T::fire, S::triggered},
    Transition{S::in_flight, T::fill_part, S::partial},
    Transition{S::in_flight, T::fill_last, S::filled},
    Transition{S::in_flight, T::fill_over, S::quarantined},
    Transition{S::in_flight, T::cancel, S::canceled},
    Transition{S::in_flight, T::expire, S::expired},
    Transition{S::in_flight, T::end_short, S::settling},
    Transition{S::in_flight, T::lose, S::unknown},

    Transition{S::unknown, T::acknowledge, S::acked},
    Transition{S::unknown, T::accept, S::open},
    Transition{S::unknown, T::reject, S::rejected},
    Transition{S::unknown, T::fire, S::triggered},
    Transition{S::unknown, T::fill_part, S::partial},
    Transition{S::unknown, T::fill_last, S::filled},
    Transition{S::unknown, T::fill_over, S::quarantined},
    Transition{S::unknown, T::cancel, S::canceled},
    Transition{S::unknown, T::expire, S::expired},
    Transition{S::unknown, T::end_short, S::settling},
    Transition{S::unknown, T::find_absent, S::not_placed},
    Transition{S::unknown, T::give_up, S::quarantined},

    Transition{S::acked, T::acknowledge, S::acked},
    Transition{S::acked, T::accept, S::open},
    Transition{S::acked, T::reject, S::rejected},
    Transition{S::acked, T::fire, S::triggered},
    Transition{S::acked, T::fill_part, S::partial},
    Transition{S::acked, T::fill_last, S::filled},
    Transition{S::acked, T::fill_over, S::quarantined},
    Transition{S::acked, T::cancel, S::canceled},
    Transition{S::acked, T::expire, S::expired},
    Transition{S::acked, T::end_short, S::settling},

    // `acknowledge` after the stream showed more: the reply came later and only adds ids.
    Transition{S::open, T::acknowledge, S::open},
    Transition{S::open, T::accept, S::open},
    Transition{S::open, T::fire, S::triggered},
    Transition{S::open, T::fill_part, S::partial},
    Transition{S::open, T::fill_last, S::filled},
    Transition{S::open, T::fill_over, S::quarantined},
    Transition{S::open, T::cancel, S::canceled},
    Transition{S::open, T::expire, S::expired},
    Transition{S::open, T::end_short, S::settling},

    Transition{S::triggered, T::acknowledge, S::triggered},
    Transition{S::triggered, T::accept, S::triggered},
    Transition{S::triggered, T::fill_part, S::partial},
    Transition{S::triggered, T::fill_last, S::filled},
    Transition{S::triggered, T::fill_over, S::quarantined},
    Transition{S::triggered, T::cancel, S::canceled},
    Transition{S::triggered, T::expire, S::expired},
    Transition{S::triggered, T::end_short, S::settling},

    Transition{S::partial, T::acknowledge, S::partial},
    Transition{S::partial, T::accept, S::partial},
    Transition{S::partial, T::fire, S::partial},
    Transition{S::partial, T::reject, S::canceled},   // refused after the ack, with a part done
    Transition{S::partial, T::fill_part, S::partial},
    Transition{S::partial, T::fill_last, S::filled},
    Transition{S::partial, T::fill_over, S::quarantined},
    Transition{S::partial, T::cancel, S::canceled},
    Transition{S::partial, T::expire, S::expired},
    Transition{S::partial, T::end_short, S::settling},

    Transition{S::settling, T::fill_part, S::settling},
    Transition{S::settling, T::fill_last, S::filled},
    Transition{S::settling, T::fill_over, S::quarantined},
    Transition{S::settling, T::cancel, S::canceled},
    Transition{S::settling, T::expire, S::expired},
    Transition{S::settling, T::end_short, S::settling},
    Transition{S::settling, T::give_up, S::quarantined},

    // Late facts: the end of an order is the end of commands, not of fills.
    Transition{S::filled, T::fill_over, S::quarantined},
    Transition{S::filled, T::acknowledge, S::filled},
    Transition{S::canceled, T::fill_part, S::canceled},
    Transition{S::canceled, T::fill_last, S::filled},
    Transition{S::canceled, T::fill_over, S::quarantined},
    Transition{S::expired, T::fill_part, S::expired},
    Transition{S::expired, T::fill_last, S::filled},
    Transition{S::expired, T::fill_over, S::quarantined},
    Transition{S::rejected, T::fill_part, S::rejected},
    Transition{S::rejected, T::fill_last, S::filled},
    Transition{S::rejected, T::fill_over, S::quarantined},
    // Found after all: the venue broke the fence.
    Transition{S::not_placed, T::acknowledge, S::acked},
    Transition{S::not_placed, T::accept, S::open},
    Transition{S::not_placed, T::fill_part, S::partial},
    Transition{S::not_placed, T::fill_last, S::filled},
    Transition{S::not_placed, T::fill_over, S::quarantined},

    Transition{S::quarantined, T::fill_part, S::quarantined},
    Transition{S::quarantined, T::fill_last, S::quarantined},
    Transition{S::quarantined, T::fill_over, S::quarantined},
    Transition{S::quarantined, T::resolve, S::canceled},
};

struct PendingTransition {
  P from;
  Q trigger;
  P to;
};

constexpr std::array pending_transitions{
    PendingTransition{P::none, Q::ask_cancel, P::cancel_journaled},
    PendingTransition{P::none, Q::ask_amend, P::amend_journaled},
    PendingTransition{P::none, Q::order_ended, P::none},

    PendingTransition{P::cancel_journaled, Q::send, P::cancel_sent},
    PendingTransition{P::cancel_journaled, Q::lose, P::cancel_unknown},
    PendingTransition{P::cancel_journaled, Q::order_ended, P::none},
    // "Done" and "unknown order" are words, not proof: only the order's own end closes a cancel.
    PendingTransition{P::cancel_sent, Q::done, P::cancel_sent},
    PendingTransition{P::cancel_sent, Q::refuse, P::none},
    PendingTransition{P::cancel_sent, Q::lose, P::cancel_unknown},
    PendingTransition{P::cancel_sent, Q::order_ended, P::none},
    PendingTransition{P::cancel_unknown, Q::send, P::cancel_sent},
    PendingTransition{P::cancel_unknown, Q::order_ended, P::none},

    PendingTransition{P::amend_journaled, Q::send, P::amend_sent},
    PendingTransition{P::amend_journaled, Q::lose, P::amend_unknown},
    PendingTransition{P::amend_journaled, Q::order_ended, P::none},
    PendingTransition{P::amend_journaled, Q::ask_cancel, P::cancel_journaled},
    PendingTransition{P::amend_sent, Q::done, P::none},
    PendingTransition{P::amend_sent, Q::refuse, P::none},
    PendingTransition{P::amend_sent, Q::lose, P::amend_unknown},
    PendingTransition{P::amend_sent, Q::order_ended, P::none},
    PendingTransition{P::amend_sent, Q::ask_cancel, P::cancel_journaled},
    PendingTransition{P::amend_unknown, Q::done, P::none},
    PendingTransition{P::amend_unknown, Q::refuse, P::none},
    PendingTransition{P::amend_unknown, Q::order_ended, P::none},
    PendingTransition{P::amend_unknown, Q::ask_cancel, P::cancel_journaled},
};

constexpr std::array<std::string_view, static_cast<std::size_t>(order_state_last) + 1> state_names{
    "journaled",  "acked",   "open",        "partial",   "filled",    "canceled", "expired", "rejected",
    "not_placed", "unknown", "quarantined", "in_flight", "triggered", "settling", "denied"};

constexpr std::array<std::string_view, static_cast<std::size_t>(order_trigger_last) + 1> trigger_names{
    "send",      "not_sent",  "restart",   "withdraw", "acknowledge", "accept",    "reject", "fire",        "fill_part",
    "fill_last", "fill_over", "cancel",    "expire",   "end_short",   "lose",      "find_absent", "give_up", "resolve"};

constexpr std::array<std::string_view, 7> pending_names{"none",        "cancel_journaled", "cancel_sent",  "cancel_unknown",
                                                        "amend_journaled", "amend_sent",   "amend_unknown"};

}  // namespace

std::string_view to_string(OrderState state) { return state_names[static_cast<std::size_t>(state)]; }

std::string_view to_string(OrderTrigger trigger) { return trigger_names[static_cast<std::size_t>(trigger)]; }

std::string_view to_string(PendingState state) { return pending_names[static_cast<std::size_t>(state)]; }

bool is_terminal(OrderState state) {
  switch (state) {
    case S::filled:
    case S::canceled:
    case S::expired:
    case S::rejected:
    case S::not_placed:
    case S::denied:
      return true;
    case S::journaled:
    case S::in_flight:
    case S::acked:
    case S::open:
    case S::triggered:
    case S::partial:
    case S::settling:
    case S::unknown:
    case S::quarantined:
      return false;
  }
  return false;
}

bool counts_as_exposure(OrderState state) { return !is_terminal(state); }

std::optional<OrderState> next_state(OrderState state, OrderTrigger trigger) {
  for (const Transition& t : transitions) {
    if (t.from == state && t.trigger == trigger) return t.to;
  }
  return std::nullopt;
}

std::optional<PendingState> next_state(PendingState state, PendingTrigger trigger) {
  for (const PendingTransition& t : pending_transitions) {
    if (t.from == state && t.trigger == trigger) return t.to;
  }
  return std::nullopt;
}

}  // namespace aitrade
