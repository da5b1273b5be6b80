#include "exchanges/kraken/order_reads.h"

#include "exchanges/kraken/json.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr std::size_t query_orders_max = 50;
constexpr std::size_t query_trades_max = 20;

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken: " + std::move(what));
}

/// The venue writes "None", null or nothing for an id that is not set.
std::string id_at(const JsonValue& row, const char* name) {
  const std::string_view text = text_at(row, name);
  return text == "None" ? std::string() : std::string(text);
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(by));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> texts_at(const JsonValue& row, const char* name) {
  std::vector<std::string> texts;
  const JsonValue* list = member(row, name);
  if (list == nullptr || !list->IsArray()) return texts;
  for (const JsonValue& entry : list->GetArray())
    texts.emplace_back(text_of(&entry));
  return texts;
}

std::optional<std::int64_t> signed_at(const JsonValue& row, const char* name) {
  const std::string_view text = text_at(row, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status read_description(const JsonValue& row, OrderInfo& order) {
  const JsonValue* words = member(row, "descr");
  if (words == nullptr || !words->IsObject()) return bad("order without a description");
  order.pair = text_at(*words, "pair");
  const auto side = wire_side(text_at(*words, "type"));
  if (!side) return bad("order without a side");
  order.side = *side;
  order.type_name = text_at(*words, "ordertype");
  order.type = wire_type(order.type_name);
  order.price = text_at(*words, "price");
  order.price2 = text_at(*words, "price2");
  order.description = text_at(*words, "order");
  order.close = text_at(*words, "close");
  return ok();
}

Status read_amounts(const JsonValue& row, OrderInfo& order) {
  AITRADE_TRY(order.quantity, amount_at(row, "vol"));
  AITRADE_TRY(order.executed, amount_at(row, "vol_exec"));
  AITRADE_TRY(order.cost, amount_at(row, "cost"));
  AITRADE_TRY(order.fee, amount_at(row, "fee"));
  AITRADE_TRY(order.average_price, amount_at(row, "price"));
  AITRADE_TRY(order.trigger, maybe_amount_at(row, "stopprice"));
  AITRADE_TRY(order.limit, maybe_amount_at(row, "limitprice"));
  return ok();
}

Result<OrderInfo> read_order(std::string_view id, const JsonValue& row) {
  OrderInfo order;
  order.venue_id = id;
  const auto status = wire_status(text_at(row, "status"));
  if (!status) return bad("order with status \"" + std::string(text_at(row, "status")) + "\"");
  order.status = *status;
  AITRADE_TRY_STATUS(read_description(row, order));
  AITRADE_TRY_STATUS(read_amounts(row, order));
  order.client_id = id_at(row, "cl_ord_id");
  order.userref = signed_at(row, "userref");
  if (order.userref == 0) order.userref.reset();
  order.parent_id = id_at(row, "refid");
  order.link_id = id_at(row, "link_id");
  order.opened = unix_time_at(row, "opentm");
  order.starts = unix_time_at(row, "starttm");
  order.expires = unix_time_at(row, "expiretm");
  order.closed = unix_time_at(row, "closetm");
  order.flags = split(text_at(row, "oflags"), ',');
  order.fee_in_base =
      std::find(order.flags.begin(), order.flags.end(), "fcib") != order.flags.end();
  order.remarks = split(text_at(row, "misc"), ',');
  order.reason = text_at(row, "reason");
  order.trades = texts_at(row, "trades");
  return order;
}

Result<TradeInfo> read_trade(std::string_view id, const JsonValue& row) {
  TradeInfo trade;
  trade.id = id;
  trade.order_id = text_at(row, "ordertxid");
  trade.position_id = id_at(row, "postxid");
  trade.pair = text_at(row, "pair");
  const auto time = unix_time_at(row, "time");
  const auto side = wire_side(text_at(row, "type"));
  if (!time || !side || trade.order_id.empty()) return bad("trade without time, side or order");
  trade.time = *time;
  trade.side = *side;
  trade.type_name = text_at(row, "ordertype");
  AITRADE_TRY(trade.price, amount_at(row, "price"));
  AITRADE_TRY(trade.cost, amount_at(row, "cost"));
  AITRADE_TRY(trade.fee, amount_at(row, "fee"));
  AITRADE_TRY(trade.quantity, amount_at(row, "vol"));
  AITRADE_TRY(const auto margin, maybe_amount_at(row, "margin"));
  trade.margin = margin.value_or(Amount{});
  trade.number = unsigned_of(text_at(row, "trade_id"));
  if (const JsonValue* maker = member(row, "maker"); maker != nullptr && maker->IsBool()) {
    trade.is_maker = maker->GetBool();
  }
  trade.client_id = id_at(row, "cl_ord_id");
  trade.ledgers = texts_at(row, "ledgers");
  return trade;
}

/// Reads a map of rows. One bad row fails all: a partial history is not a history
/// (reliability.md 4.1).
template <class Row, class Read>
Result<std::vector<Row>> read_map(const JsonValue* map, const char* what, Read read) {
  if (map == nullptr || !map->IsObject()) return bad(std::string(what) + " is not a map");
  std::vector<Row> rows;
  rows.reserve(map->MemberCount());
  for (const auto& entry : map->GetObject()) {
    auto row = read(text_of(&entry.name), entry.value);
    if (!row) return std::move(row).error().within(text_of(&entry.name));
    rows.push_back(*std::move(row));
  }
  return rows;
}

template <class Row, class Read>
Result<HistoryPage<Row>> read_page(std::string_view body, const char* name, Read read) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  HistoryPage<Row> page;
  AITRADE_TRY(page.rows, read_map<Row>(member(envelope.result(), name), name, read));
  page.total = unsigned_of(text_at(envelope.result(), "count"));
  return page;
}

Result<std::string> joined(const std::vector<std::string>& ids, std::size_t max) {
  if (ids.empty() || ids.size() > max) {
    return bad("a query names 1 to " + std::to_string(max) + " ids, not " +
               std::to_string(ids.size()));
  }
  std::string text;
  for (const std::string& id : ids)
    text += (text.empty() ? "" : ",") + id;
  return text;
}

void add_filter(FormFields& fields, const OrderFilter& filter) {
  if (filter.with_trades) fields.emplace_back("trades", "true");
  if (!filter.client_id.empty()) fields.emplace_back("cl_ord_id", filter.client_id);
  if (filter.userref) fields.emplace_back("userref", std::to_string(*filter.userref));
}

void add_window(FormFields& fields, const HistoryWindow& window) {
  // Whole seconds, both earlier: an overlap is removed by id; an end in the future would let pages
  // drift.
  if (window.after) fields.emplace_back("start", std::to_string(window.after->seconds_floor()));
  if (window.until) fields.emplace_back("end", std::to_string(window.until->seconds_floor()));
  fields.emplace_back("ofs", std::to_string(window.offset));
}

}  // namespace

OrderState OrderInfo::state() const {
  switch (status) {
    case WireStatus::pending:
      return OrderState::acked;
    case WireStatus::open:
      return executed.value.is_positive() ? OrderState::partial : OrderState::open;
    case WireStatus::closed:
      return OrderState::filled;
    case WireStatus::canceled:
      return OrderState::canceled;
    case WireStatus::expired:
      return OrderState::expired;
  }
  return OrderState::unknown;
}

PrivateCall open_orders_call(const OrderFilter& filter) {
  PrivateCall call{"OpenOrders", {}, {}};
  add_filter(call.fields, filter);
  return call;
}

PrivateCall closed_orders_call(const OrderFilter& filter, const HistoryWindow& window) {
  PrivateCall call{"ClosedOrders", {}, {}};
  add_filter(call.fields, filter);
  add_window(call.fields, window);
  call.fields.emplace_back("closetime", "both");
  call.fields.emplace_back("consolidate_taker", "false");
  return call;
}

Result<PrivateCall> query_orders_call(const std::vector<std::string>& venue_ids) {
  AITRADE_TRY(std::string ids, joined(venue_ids, query_orders_max));
  return PrivateCall{"QueryOrders",
                     {{"trades", "true"}, {"txid", std::move(ids)}, {"consolidate_taker", "false"}},
                     {}};
}

PrivateCall trades_history_call(const HistoryWindow& window) {
  PrivateCall call{"TradesHistory", {{"type", "all"}}, {}};
  add_window(call.fields, window);
  call.fields.emplace_back("consolidate_taker", "false");
  return call;
}

Result<PrivateCall> query_trades_call(const std::vector<std::string>& ids) {
  AITRADE_TRY(std::string text, joined(ids, query_trades_max));
  return PrivateCall{"QueryTrades", {{"txid", std::move(text)}}, {}};
}

Result<std::vector<OrderInfo>> parse_open_orders(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  return read_map<OrderInfo>(member(envelope.result(), "open"), "open", read_order);
}

Result<HistoryPage<OrderInfo>> parse_closed_orders(std::string_view body) {
  return read_page<OrderInfo>(body, "closed", read_order);
}

Result<std::vector<OrderInfo>> parse_query_orders(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  return read_map<OrderInfo>(&envelope.result(), "QueryOrders", read_order);
}

Result<HistoryPage<TradeInfo>> parse_trades_history(std::string_view body) {
  return read_page<TradeInfo>(body, "trades", read_trade);
}

Result<std::vector<TradeInfo>> parse_query_trades(std::string_view body) {
  AITRADE_TRY(const Envelope envelope, open_envelope(body));
  return read_map<TradeInfo>(&envelope.result(), "QueryTrades", read_trade);
}

}  // namespace aitrade::kraken
