// Orders and fills. What can become of an order says order_states.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/order_states.h"

namespace aitrade {

enum class Side : std::uint8_t { buy, sell };
enum class Direction : std::int8_t { short_ = -1, neutral = 0, long_ = 1 };
enum class OrderType : std::uint8_t { market, limit, stop, stop_limit };
enum class TimeInForce : std::uint8_t { gtc, ioc, fok };

inline Side opposite(Side side) { return side == Side::buy ? Side::sell : Side::buy; }

/// +1 for long, -1 for short, 0 for neutral.
inline int sign(Direction direction) { return static_cast<int>(direction); }

inline Side entry_side(Direction direction) {
  return direction == Direction::long_ ? Side::buy : Side::sell;
}

std::string_view to_string(Side side);
std::string_view to_string(Direction direction);
std::string_view to_string(OrderType type);
std::string_view to_string(TimeInForce tif);
std::string_view to_string(OrderRole role);

struct Order {
  ClientOrderId client_id;
  std::string venue_id;  // empty until the venue names it
  DeskId desk{};
  InstrumentId instrument{};
  Side side{Side::buy};
  OrderType type{OrderType::market};
  TimeInForce tif{TimeInForce::gtc};
  Price limit;             // for limit and stop_limit
  Price trigger;           // for stop and stop_limit
  Quantity quantity;
  Quantity filled;
  bool reduce_only{false};
  bool post_only{false};
  OrderState state{OrderState::journaled};
  Time created_at;         // event time of the decision
  Time good_till;          // what is left then is taken off by the venue; 0 = never

  [[nodiscard]] Quantity leaves() const { return quantity - filled; }
};

struct Fill {
  std::string venue_fill_id;  // counts once, by this id
  ClientOrderId client_id;
  InstrumentId instrument{};
  Side side{Side::buy};
  Price price;
  Quantity quantity;
  Money fee;                  // in quote currency; positive is a cost
  Quantity base_fee;          // what the venue took in the base asset instead
  bool is_maker{false};
  Time venue_time;
  Money cost;                 // as a real venue states it; zero: price times quantity, rounded against us
  std::string words;          // its texts of price, quantity, cost, fee and fee asset, a space between; empty on paper
};

/// Returns what a fill does to the cash of the quote currency: a buy costs price times quantity rounded
/// up plus the fee, a sell brings it rounded down less the fee. The one definition for engine, simulated
/// venue and ledger check, so that they agree to the last unit.
Money cash_effect(Side side, Price price, Quantity quantity, Money fee);

/// The same of a fill: by the cost that its venue states, where it does.
Money cash_effect(const Fill& fill);

/// Returns what a fill does to the holding of the base asset, signed: a fee in the base asset is taken from
/// what a buy brings and goes with what a sell gives.
Quantity holding_effect(Side side, Quantity quantity, Quantity base_fee);

}  // namespace aitrade
