// The life of an order as tables: states, what can happen to it, and the cancel or amend on its way.
//
// Source: reliability.md 3.2 to 3.4. The order manager and every venue adapter run from these tables; a test
// enumerates them. A pair that is not listed is an incident: the state stays, the event is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aitrade {

enum class OrderState : std::uint8_t {
  journaled,    // on disk; may or may not have been sent
  acked,        // the venue took it, not yet live
  open,         // resting, or a stop that waits for its trigger
  partial,      // working, partly filled
  filled,       // complete
  canceled,     // gone, possibly with fills
  expired,      // gone by its own time in force
  rejected,     // refused on the venue's definitive list
  not_placed,   // proved never to have been accepted
  unknown,      // ambiguous; counts as exposure
  quarantined,  // the evidence contradicts itself; an operator must look
  in_flight,    // journaled and handed to the transport; never on disk
  triggered,    // a stop that fired, working
  settling,     // over at the venue, but fills we were not told yet are missing
  denied,       // refused by ourselves before the journal
};

inline constexpr OrderState order_state_last = OrderState::denied;

/// Something that happened to an order, or was found out about it.
enum class OrderTrigger : std::uint8_t {
  send,             // handed to the transport
  not_sent,         // the transport proves that no byte left
  restart,          // the process that may have sent it is gone
  withdraw,         // no longer wanted, and never written by this process
  acknowledge,      // the venue names it
  accept,           // live at the venue
  reject,           // definitive refusal
  fire,             // its stop was triggered
  fill_part,        // something is left
  fill_last,        // nothing is left
  fill_over,        // more than was ordered
  cancel,           // over by cancel, all fills known
  expire,           // over by time, all fills known
  end_short,        // over, fills missing
  lose,             // the outcome is ambiguous
  find_absent,      // fence passed and two complete reads without it
  give_up,          // not decided for too long
  resolve,          // an operator looked: it is over
};

inline constexpr OrderTrigger order_trigger_last = OrderTrigger::resolve;

std::string_view to_string(OrderState state);
std::string_view to_string(OrderTrigger trigger);

/// No more commands for an order in this state. Facts may still come: a late fill is booked.
bool is_terminal(OrderState state);

/// Whether an order in this state may still change what is held: limits count what it has left.
bool counts_as_exposure(OrderState state);

/// Returns the state after `trigger`, or nothing when the venue's answer fits no transition.
std::optional<OrderState> next_state(OrderState state, OrderTrigger trigger);

/// A cancel or amend on its way, beside the state of its order: a fill meanwhile needs no states of its own.
enum class PendingState : std::uint8_t {
  none,
  cancel_journaled,
  cancel_sent,
  cancel_unknown,   // idempotent: asked again
  amend_journaled,
  amend_sent,
  amend_unknown,    // no second amend until the order shows old or new terms
};

enum class PendingTrigger : std::uint8_t {
  ask_cancel,   // journaled
  ask_amend,
  send,
  done,         // the venue did it, or showed the new terms
  refuse,       // it said no, or showed the old terms
  order_ended,
  lose,
};

std::string_view to_string(PendingState state);

/// Returns the state after `trigger`, or nothing when it does not fit. A cancel overrides an amend.
std::optional<PendingState> next_state(PendingState state, PendingTrigger trigger);

}  // namespace aitrade
