// The venue's own words for orders, and an order as we ask for one (kraken.md 5.3, 8.6).
//
// One OrderRequest serves both roads: order_entry.h writes it as a REST body, ws_trading.h as a
// frame. Types stay close to core/domain/order.h; what the venue knows beyond it is here too, so
// that what it reports can be named.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/order.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

enum class WireType : std::uint8_t {
  market,
  limit,
  iceberg,
  stop_loss,
  take_profit,
  stop_loss_limit,
  take_profit_limit,
  trailing_stop,
  trailing_stop_limit,
  settle_position,
};

enum class WireTif : std::uint8_t { gtc, ioc, gtd, fok };

/// State of an order as the venue reports it by REST.
enum class WireStatus : std::uint8_t { pending, open, closed, canceled, expired };

enum class SelfTrade : std::uint8_t { cancel_newest, cancel_oldest, cancel_both };

enum class TriggerReference : std::uint8_t { last, index };

enum class FeeAsset : std::uint8_t { base, quote };

std::string_view to_string(WireType type);  // "stop-loss-limit"
std::string_view to_string(WireTif tif);    // "GTC"
std::string_view to_string(WireStatus status);
std::string_view to_string(SelfTrade mode);  // "cancel-newest"
std::string_view to_string(TriggerReference reference);

/// Reads the venue's word for an order type; nothing for one we do not know.
std::optional<WireType> wire_type(std::string_view text);
std::optional<WireStatus> wire_status(std::string_view text);
std::optional<Side> wire_side(std::string_view text);

/// The type carries a trigger: its first price is one.
bool has_trigger(WireType type);

/// The type has a limit behind its trigger.
bool has_limit_behind_trigger(WireType type);

bool is_trailing(WireType type);

/// A price, or an offset to the reference price: "37500", "+100", "-2%".
struct WirePrice {
  enum class Kind : std::uint8_t { absolute, plus, minus };

  Price value;
  Kind kind{Kind::absolute};
  bool is_percent{false};  // offsets only

  [[nodiscard]] bool is_absolute() const { return kind == Kind::absolute; }

  static WirePrice at(Price price) { return {price, Kind::absolute, false}; }

  /// Reads the venue's text; errors: invalid.
  static Result<WirePrice> parse(std::string_view text);

  friend bool operator==(const WirePrice&, const WirePrice&) = default;
};

/// Returns the text of REST: "37500", "+1.5%".
std::string to_string(const WirePrice& price);

/// The order that the venue places by itself for each fill of this one.
struct ConditionalClose {
  WireType type{WireType::stop_loss};
  std::optional<WirePrice> price;  // trigger, or limit of a plain limit order
  std::optional<WirePrice> limit;  // behind the trigger
};

struct OrderRequest {
  std::string pair;    // altname (or canonical id) for REST
  std::string symbol;  // BTC/USD, for WebSocket
  Side side{Side::buy};
  WireType type{WireType::market};
  Quantity quantity;                  // base units
  std::optional<Money> cost;          // instead of quantity: spend so much quote (market buy only)
  std::optional<Quantity> displayed;  // iceberg: at least a fifteenth of the quantity
  std::optional<WirePrice> price;     // limit; the trigger of types that have one
  std::optional<WirePrice> limit;     // behind the trigger
  std::optional<TriggerReference> reference;
  std::optional<WireTif> tif;          // the venue's default is gtc
  std::optional<Time> expires;         // with gtd
  std::optional<Duration> expires_in;  // the same from the venue's now; whole seconds, REST only
  bool post_only{false};
  std::optional<FeeAsset> fee_asset;
  bool no_price_protection{false};
  std::optional<int> leverage;          // margin; spot orders leave it out
  bool reduce_only{false};              // margin only: the venue refuses it on spot
  std::optional<SelfTrade> self_trade;  // the venue's default is cancel_newest
  std::optional<ConditionalClose> close;
  std::string client_id;                // cl_ord_id: UUID, or free text of at most 18 characters
  std::optional<std::int32_t> userref;  // not together with client_id
  std::optional<Time> deadline;         // the engine refuses the order when it would match later
  bool validate_only{false};
};

/// How an order travels; the least time to its deadline differs (kraken.md 5.3,
/// reliability.md 2.4).
enum class Road : std::uint8_t { rest, websocket };

/// Refuses what the venue would refuse, or what would leave an order without a fence: no deadline,
/// or one outside now + 2 s (WebSocket: 500 ms) .. now + 60 s. `now` is the venue's time as we
/// estimate it. Errors: invalid, naming the field.
Status check(const OrderRequest& request, Road road, Time now);

/// Returns the request for an order of the engine on spot; `client_id` is its rendered id. A stop
/// of ours is the venue's stop-loss. `reduce_only` does not travel: on spot the venue knows no
/// positions.
OrderRequest spot_request(const Order& order, std::string pair, std::string symbol,
                          std::string client_id, Time deadline);

/// A change of a resting order that keeps its id, fills and, if only quantity falls, its place.
struct AmendRequest {
  std::string venue_id;  // or client_id, not both
  std::string client_id;
  std::optional<Quantity> quantity;  // the new total, executed part included
  std::optional<Quantity> displayed;
  std::optional<WirePrice> limit, trigger;
  std::optional<bool> post_only;
  std::optional<Time> deadline;
};

/// Refuses an amend that names no order, names two, changes nothing, or has no deadline in bounds.
/// Errors: invalid.
Status check(const AmendRequest& request, Road road, Time now);

}  // namespace aitrade::kraken
