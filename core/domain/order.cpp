#include "core/domain/order.h"

#include <array>

namespace aitrade {
namespace {

struct Transition {
  OrderState from;
  OrderTrigger trigger;
  OrderState to;
};

using S = OrderState;
using T = OrderTrigger;

// Fills are accepted in every state that may still have exposure: a venue can report the fill before
// its own acknowledgement, and a cancel can cross a fill.
constexpr std::array transitions{
    Transition{S::journaled, T::accept, S::open},
    Transition{S::journaled, T::reject, S::rejected},
    Transition{S::journaled, T::fill_part, S::partial},
    Transition{S::journaled, T::fill_last, S::filled},
    Transition{S::journaled, T::cancel, S::canceled},
    Transition{S::journaled, T::expire, S::expired},
    Transition{S::journaled, T::lose, S::unknown},
    Transition{S::journaled, T::find_absent, S::not_placed},
    Transition{S::acked, T::accept, S::open},
    Transition{S::acked, T::reject, S::rejected},
    Transition{S::acked, T::fill_part, S::partial},
    Transition{S::acked, T::fill_last, S::filled},
    Transition{S::acked, T::cancel, S::canceled},
    Transition{S::acked, T::expire, S::expired},
    Transition{S::open, T::accept, S::open},
    Transition{S::open, T::fill_part, S::partial},
    Transition{S::open, T::fill_last, S::filled},
    Transition{S::open, T::cancel, S::canceled},
    Transition{S::open, T::expire, S::expired},
    Transition{S::open, T::reject, S::rejected},
    Transition{S::partial, T::accept, S::partial},
    Transition{S::partial, T::fill_part, S::partial},
    Transition{S::partial, T::fill_last, S::filled},
    Transition{S::partial, T::cancel, S::canceled},
    Transition{S::partial, T::expire, S::expired},
    Transition{S::unknown, T::accept, S::open},
    Transition{S::unknown, T::reject, S::rejected},
    Transition{S::unknown, T::fill_part, S::partial},
    Transition{S::unknown, T::fill_last, S::filled},
    Transition{S::unknown, T::cancel, S::canceled},
    Transition{S::unknown, T::expire, S::expired},
    Transition{S::unknown, T::lose, S::quarantined},
    Transition{S::unknown, T::find_absent, S::not_placed},
};

}  // namespace

std::string_view to_string(Side side) { return side == Side::buy ? "buy" : "sell"; }

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::short_:
      return "short";
    case Direction::neutral:
      return "neutral";
    case Direction::long_:
      return "long";
  }
  return "neutral";
}

std::string_view to_string(OrderType type) {
  switch (type) {
    case OrderType::market:
      return "market";
    case OrderType::limit:
      return "limit";
    case OrderType::stop:
      return "stop";
    case OrderType::stop_limit:
      return "stop_limit";
  }
  return "market";
}

std::string_view to_string(TimeInForce tif) {
  switch (tif) {
    case TimeInForce::gtc:
      return "gtc";
    case TimeInForce::ioc:
      return "ioc";
    case TimeInForce::fok:
      return "fok";
  }
  return "gtc";
}

std::string_view to_string(OrderState state) {
  switch (state) {
    case OrderState::journaled:
      return "journaled";
    case OrderState::acked:
      return "acked";
    case OrderState::open:
      return "open";
    case OrderState::partial:
      return "partial";
    case OrderState::filled:
      return "filled";
    case OrderState::canceled:
      return "canceled";
    case OrderState::expired:
      return "expired";
    case OrderState::rejected:
      return "rejected";
    case OrderState::not_placed:
      return "not_placed";
    case OrderState::unknown:
      return "unknown";
    case OrderState::quarantined:
      return "quarantined";
  }
  return "unknown";
}

std::string_view to_string(OrderRole role) {
  switch (role) {
    case OrderRole::entry:
      return "entry";
    case OrderRole::exit:
      return "exit";
    case OrderRole::protect:
      return "protect";
    case OrderRole::take_profit:
      return "take_profit";
    case OrderRole::close_all:
      return "close_all";
  }
  return "entry";
}

bool is_terminal(OrderState state) {
  switch (state) {
    case OrderState::filled:
    case OrderState::canceled:
    case OrderState::expired:
    case OrderState::rejected:
    case OrderState::not_placed:
      return true;
    case OrderState::journaled:
    case OrderState::acked:
    case OrderState::open:
    case OrderState::partial:
    case OrderState::unknown:
    case OrderState::quarantined:
      return false;
  }
  return false;
}

Money cash_effect(Side side, Price price, Quantity quantity, Money fee) {
  if (side == Side::buy) return -(notional(price, quantity, Rounding::up) + fee);
  return notional(price, quantity, Rounding::down) - fee;
}

std::optional<OrderState> next_state(OrderState state, OrderTrigger trigger) {
  for (const Transition& t : transitions) {
    if (t.from == state && t.trigger == trigger) return t.to;
  }
  return std::nullopt;
}

}  // namespace aitrade
