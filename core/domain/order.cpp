#include "core/domain/order.h"

namespace aitrade {

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

Money cash_effect(Side side, Price price, Quantity quantity, Money fee) {
  if (side == Side::buy) return -(notional(price, quantity, Rounding::up) + fee);
  return notional(price, quantity, Rounding::down) - fee;
}

Money cash_effect(const Fill& fill) {
  if (!fill.cost.is_positive()) return cash_effect(fill.side, fill.price, fill.quantity, fill.fee);
  return fill.side == Side::buy ? -(fill.cost + fill.fee) : fill.cost - fill.fee;
}

Quantity holding_effect(Side side, Quantity quantity, Quantity base_fee) {
  return side == Side::buy ? quantity - base_fee : -(quantity + base_fee);
}

}  // namespace aitrade
