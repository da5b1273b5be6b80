// Orders, fills and what happens to them, as the loopback exchange keeps them.
//
// The venue's own vocabulary (kraken.md 5), apart from the one of the core: the exchange is the
// judge of our adapter and shares no type with it but exact decimals.
#pragma once

#include "core/base/time.h"
#include "core/domain/order.h"
#include "exchanges/loopback/accounts.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::loopback {

enum class Kind : std::uint8_t {
  market,
  limit,
  iceberg,
  stop_loss,
  take_profit,
  stop_loss_limit,
  take_profit_limit,
  trailing_stop,
  trailing_stop_limit,
};

enum class Lasting : std::uint8_t { gtc, ioc, fok, gtd };
enum class SelfTrade : std::uint8_t { cancel_newest, cancel_oldest, cancel_both };
enum class Phase : std::uint8_t { pending, open, closed, canceled, expired };

/// REST spelling, e.g. "stop-loss-limit"; WebSocket spells the same.
std::string_view to_string(Kind kind);
std::optional<Kind> kind_of(std::string_view text);
std::string_view to_string(Lasting lasting);  // "GTC"
std::string_view to_string(Phase phase);      // "open"

/// Waits for a trigger price before it acts.
constexpr bool is_triggered_kind(Kind kind) {
  return kind >= Kind::stop_loss;
}

constexpr bool is_trailing(Kind kind) {
  return kind == Kind::trailing_stop || kind == Kind::trailing_stop_limit;
}

/// Rests on the book at a limit, at once or once triggered.
constexpr bool has_limit(Kind kind) {
  return kind == Kind::limit || kind == Kind::iceberg || kind == Kind::stop_loss_limit ||
         kind == Kind::take_profit_limit || kind == Kind::trailing_stop_limit;
}

/// An amount of price, or a percentage of it.
struct Offset {
  Price amount;  // of price, or per cent
  bool is_percent{false};
};

/// The order that each fill places on the other side.
struct CloseTerms {
  Kind kind{Kind::limit};
  Price price;   // limit, or trigger
  Price price2;  // limit of the triggered kinds
};

/// What the client asked for, with prices resolved and checked.
struct OrderTerms {
  std::size_t pair{0};
  Side side{Side::buy};
  Kind kind{Kind::limit};
  Quantity quantity;
  Money cash;        // of a market buy by cost; the quantity is then zero
  Quantity display;  // of an iceberg
  Price limit;
  Price trigger;
  Offset trail, limit_trail;  // of trailing kinds
  bool index_trigger{false};
  bool post_only{false};
  bool fee_in_base{false};
  bool no_protection{false};  // oflags nompp; shown, nothing else
  bool reduce_only{false};
  Lasting lasting{Lasting::gtc};
  Time starts, expires;  // zero: none
  SelfTrade self_trade{SelfTrade::cancel_newest};
  std::optional<CloseTerms> close;
  std::string client_id;
  std::optional<std::int64_t> user_ref;
  std::optional<Time> deadline;
  bool validate_only{false};
};

struct VenueFill {
  std::string id, order_id, position_id;
  std::size_t pair{0};
  Side side{Side::buy};
  Kind kind{Kind::limit};
  Price price;
  Quantity quantity;
  Money cost;
  Amount fee;  // of the quote, or of the base
  bool fee_in_base{false};
  bool is_maker{false};
  std::uint64_t trade_id{0};  // counts per pair
  std::string client_id;
  std::vector<std::string> ledger_ids;
  bool is_busted{false};  // undone by the venue
  Time at;
};

struct VenueOrder {
  std::string id;
  OrderTerms terms;
  Phase phase{Phase::pending};
  bool is_triggered{false};
  Quantity filled;
  Money cost;
  Amount fee;
  Price trigger;           // in force; moves for trailing kinds
  Price limit;             // in force once triggered
  Price peak;              // best price since placing, of trailing kinds
  std::string reason;      // why it ended, or was changed
  std::string parent;      // of a conditional close: the order that placed it
  bool is_amended{false};
  std::vector<std::size_t> fills;  // positions in the list of all fills
  Time opened, closed, changed;    // changed: last add or amend, for the rate counter
  Time hidden_until;               // queries do not know it before: read lag
  Quantity queue_ahead;            // of the market's, at its price, when it came to rest
  Amount held;
  std::uint64_t priority{0};  // price-time: lower first

  [[nodiscard]] Quantity leaves() const { return terms.quantity - filled; }

  [[nodiscard]] bool is_live() const { return phase == Phase::pending || phase == Phase::open; }

  /// It waits for its trigger.
  [[nodiscard]] bool is_waiting() const {
    return is_triggered_kind(terms.kind) && !is_triggered;
  }

  /// Average price of what was filled; zero before.
  [[nodiscard]] Price mean() const {
    return filled.is_positive() ? price_for(cost, filled, Rounding::half_even) : Price{};
  }
};

/// Something the private streams tell; carries copies, so that it is the truth of its moment.
struct OrderEvent {
  enum class What : std::uint8_t {
    pending_new,
    opened,
    trade,
    filled,
    canceled,
    expired,
    amended,
    triggered,
    ledger,
  };
  What what{What::opened};
  VenueOrder order;
  VenueFill fill;      // of trade
  LedgerEntry ledger;  // of ledger
  Time at;
};

}  // namespace aitrade::loopback
