// Reading orders and trades of the account over REST (kraken.md 5.2).
//
// Pure. Amounts keep the venue's text beside their exact value. Two traps of the wire are solved
// here: an order's `price` is its average fill price, never its limit, and a trade is named by the
// key of its row, which is also exec_id of the executions stream.
#pragma once

#include "core/base/decimal.h"
#include "core/domain/order.h"
#include "exchanges/kraken/private_call.h"
#include "exchanges/kraken/wire.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::kraken {

/// One order as the venue keeps it.
struct OrderInfo {
  std::string venue_id;
  std::string client_id;                // empty when it has none
  std::optional<std::int64_t> userref;  // nothing when unset or zero
  std::string parent_id;                // refid: the order that caused this one
  std::string link_id;
  WireStatus status{WireStatus::pending};
  std::string pair;  // altname
  Side side{Side::buy};
  std::string type_name;  // as written; `type` is empty for one we do not know
  std::optional<WireType> type;
  std::string price, price2;  // as asked: limit or trigger, and the limit behind it ("+1.0000%")
  std::string description, close;  // in the venue's words
  Amount quantity, executed;       // base
  Amount cost, fee;                // quote, unless fee_in_base
  bool fee_in_base{false};
  Amount average_price;                  // zero before any fill
  std::optional<Amount> trigger, limit;  // live: they move with a trailing stop
  std::optional<Time> opened, starts, expires, closed;
  std::vector<std::string> flags;    // oflags
  std::vector<std::string> remarks;  // misc: stopped, touched, liquidated, partial, amended
  std::string reason;                // of canceled and expired orders
  std::vector<std::string> trades;   // when asked for

  /// Returns the state it has in our terms; a closed order is filled, an open one with fills is
  /// partial.
  [[nodiscard]] OrderState state() const;
};

/// One fill.
struct TradeInfo {
  std::string id;  // unique for ever
  std::string order_id;
  std::string position_id;
  std::string pair;  // canonical
  Time time;
  Side side{Side::buy};
  std::string type_name;
  Amount price, cost, fee, quantity, margin;
  std::optional<std::uint64_t> number;  // per pair
  std::optional<bool> is_maker;
  std::string client_id;
  std::vector<std::string> ledgers;
};

template <class Row>
struct HistoryPage {
  std::vector<Row> rows;               // in the order sent
  std::optional<std::uint64_t> total;  // over all pages, when the venue says it
};

// ---- calls
// ----------------------------------------------------------------------------------------

struct OrderFilter {
  bool with_trades{true};
  std::string client_id;  // empty: all
  std::optional<std::int32_t> userref;
};

PrivateCall open_orders_call(const OrderFilter& filter);

/// A window of history. `after` is exclusive, `until` inclusive; `offset` counts rows, 50 make a
/// page.
struct HistoryWindow {
  std::optional<Time> after, until;
  std::uint64_t offset{0};
};

PrivateCall closed_orders_call(const OrderFilter& filter, const HistoryWindow& window);

/// By the venue's ids; errors: invalid for none or more than 50.
Result<PrivateCall> query_orders_call(const std::vector<std::string>& venue_ids);

/// Fills one by one: the venue merges taker fills unless told not to, and merged ids and quantities
/// differ from the stream (reliability.md 3.4).
PrivateCall trades_history_call(const HistoryWindow& window);

/// By trade id; errors: invalid for none or more than 20.
Result<PrivateCall> query_trades_call(const std::vector<std::string>& ids);

// ---- answers
// --------------------------------------------------------------------------------------

Result<std::vector<OrderInfo>> parse_open_orders(std::string_view body);
Result<HistoryPage<OrderInfo>> parse_closed_orders(std::string_view body);
Result<std::vector<OrderInfo>> parse_query_orders(std::string_view body);
Result<HistoryPage<TradeInfo>> parse_trades_history(std::string_view body);
Result<std::vector<TradeInfo>> parse_query_trades(std::string_view body);

}  // namespace aitrade::kraken
