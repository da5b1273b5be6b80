#include "exchanges/loopback/private_session.h"

#include "exchanges/loopback/order_json.h"
#include "exchanges/loopback/websocket_order.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aitrade::loopback {
namespace {

constexpr std::array<std::string_view, 8> trading_methods{
    "add_order",  "amend_order", "edit_order",   "cancel_order",
    "cancel_all", "batch_add",   "batch_cancel", "cancel_all_orders_after"};
constexpr std::size_t snapshot_fills = 50;
constexpr std::size_t batch_max = 15;
constexpr std::size_t cancel_max = 50;

std::string_view permission_of(std::string_view method) {
  if (method.starts_with("cancel") || method == "batch_cancel") return "close-trades";
  return "modify-trades";
}

constexpr std::array<std::string_view, 7> number_fields{
    "order_qty",   "cash_order_qty", "display_qty", "limit_price",
    "trigger_price", "price",        "timeout"};

// The first number of a trading request that was sent as text: the venue takes JSON numbers.
std::string text_number_in(std::string_view text) {
  for (const std::string_view field : number_fields) {
    const std::string name = "\"" + std::string(field) + "\"";
    for (std::size_t at = text.find(name); at != std::string_view::npos;
         at = text.find(name, at + 1)) {
      const std::size_t colon = text.find_first_not_of(" \t\r\n", at + name.size());
      if (colon == std::string_view::npos || text[colon] != ':') continue;
      const std::size_t value = text.find_first_not_of(" \t\r\n", colon + 1);
      if (value != std::string_view::npos && text[value] == '"') return std::string(field);
    }
  }
  return {};
}

// A step between live and over: told only to who wants every status.
bool is_detail(OrderEvent::What what) {
  using What = OrderEvent::What;
  return what == What::pending_new || what == What::amended || what == What::triggered;
}

Error refuse(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

std::string names_of(const std::string& id, const OrderTerms& terms) {
  std::string out;
  if (!id.empty()) out += "\"order_id\":" + json_quoted(id);
  const auto comma = [&] { out += out.empty() ? "" : ","; };
  if (!terms.client_id.empty()) {
    comma();
    out += "\"cl_ord_id\":" + json_quoted(terms.client_id);
  }
  if (terms.user_ref) {
    comma();
    out += "\"order_userref\":" + std::to_string(*terms.user_ref);
  }
  return "{" + out + "}";
}

Result<std::string> add(const Params& params, PrivateVenue& venue, Time now) {
  AITRADE_TRY(const Params order, websocket_order(params, "add_order"));
  AITRADE_TRY(const auto added, venue.add(order, now));
  return names_of(added.id, added.terms);
}

// All orders are of one symbol; the first refusal fails the whole.
Result<std::string> add_batch(const Params& params, PrivateVenue& venue, Time now) {
  const auto orders = params.children("orders");
  if (orders.size() < 2 || orders.size() > batch_max) {
    return refuse("EGeneral:Invalid arguments:orders");
  }
  std::vector<Params> checked;
  for (Params order : orders) {
    for (const char* shared : {"symbol", "deadline", "validate"}) {
      if (const auto value = params.find(shared)) order.set(shared, *value);
    }
    AITRADE_TRY(Params renamed, websocket_order(order, "batch_add"));
    AITRADE_TRY(const OrderTerms terms, read_order(renamed, venue.market(), now));
    AITRADE_TRY_STATUS(venue.matching().check(terms, now));
    checked.push_back(std::move(renamed));
  }
  std::string rows;
  for (const Params& order : checked) {
    const auto added = venue.add(order, now, true);
    rows += rows.empty() ? "" : ",";
    rows += added ? names_of(added->id, added->terms)
                  : "{\"error\":" + json_quoted(added.error().what) + "}";
  }
  return "[" + rows + "]";
}

Result<std::string> amend(const Params& params, PrivateVenue& venue, Time now) {
  AITRADE_TRY(const Params change, websocket_change(params, "amend_order"));
  AITRADE_TRY(const std::string id, venue.amend(change, now));
  std::string out = "{\"amend_id\":" + json_quoted(id);
  for (const char* name : {"order_id", "cl_ord_id"}) {
    if (params.has(name)) out += ",\"" + std::string(name) + "\":" + json_quoted(params.text(name));
  }
  return out + "}";
}

Result<std::string> edit(const Params& params, PrivateVenue& venue, Time now) {
  AITRADE_TRY(const Params change, websocket_change(params, "edit_order"));
  AITRADE_TRY(const auto edited, venue.edit(change, now));
  return "{\"order_id\":" + json_quoted(edited.id) +
         ",\"original_order_id\":" + json_quoted(edited.original) + "}";
}

Result<std::string> cancel_after(const Params& params, PrivateVenue& venue, Time now) {
  const std::string text = params.text("timeout");
  std::int64_t timeout = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), timeout);
  constexpr std::int64_t day = 86'400;
  if (read.ec != std::errc{} || timeout < 0 || timeout > day) {
    return refuse("EGeneral:Invalid arguments:timeout");
  }
  const Time at = venue.set_switch(seconds{timeout}, now);
  return "{\"currentTime\":" + json_quoted(to_string_seconds(now)) + ",\"triggerTime\":" +
         json_quoted(at.ns == 0 ? "0" : to_string_seconds(at)) + "}";
}

Result<std::string> cancel_batch(const Params& params, PrivateVenue& venue, Time now) {
  auto names = params.list("orders");
  for (std::string& name : params.list("cl_ord_id"))
    names.push_back(std::move(name));
  if (names.size() < 2 || names.size() > cancel_max) {
    return refuse("EGeneral:Invalid arguments:orders");
  }
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (const auto ids = venue.cancel(name, now)) count += ids->size();
  }
  return "{\"orders_cancelled\":" + std::to_string(count) + "}";
}

}  // namespace

// The envelope of an answer.
struct PrivateSession::Reply {
  const WsRequest& request;
  Time at;

  [[nodiscard]] std::string text(const Result<std::string>& result) const {
    std::string out = "{\"method\":" + json_quoted(request.method);
    // A request that does not fit the schema is answered without its number.
    const bool is_schema = !result && result.error().code == ErrorCode::invalid;
    if (!request.req_id.empty() && !is_schema) out += ",\"req_id\":" + request.req_id;
    out += result ? ",\"result\":" + *result + ",\"success\":true"
                  : ",\"error\":" + json_quoted(result.error().what) + ",\"success\":false";
    const std::string stamp = stamp_text(at);
    return out + ",\"time_in\":" + stamp + ",\"time_out\":" + stamp + "}";
  }
};

std::optional<WsRequest> WsRequest::read(std::string_view text) {
  const auto whole = Params::read_json(text);
  if (!whole) return std::nullopt;
  WsRequest out;
  out.method = whole->text("method");
  out.req_id = whole->text("req_id");
  if (out.req_id.find_first_not_of("0123456789") != std::string::npos) out.req_id.clear();
  out.params = whole->child("params");
  out.channel = out.params.text("channel");
  const bool is_subscription = out.method == "subscribe" || out.method == "unsubscribe";
  const bool is_trading = std::find(trading_methods.begin(), trading_methods.end(), out.method) !=
                          trading_methods.end();
  if (is_trading) out.text_number = text_number_in(text);
  out.is_private =
      is_trading ||
      (is_subscription && (out.channel == "executions" || out.channel == "balances"));
  return out;
}

Frames PrivateSession::on_request(const WsRequest& request, PrivateVenue& venue, Time now) {
  Frames out;
  const Reply reply{request, now};
  const std::string token = request.params.text("token");
  const ApiKey* key = venue.keys().use_token(token, now, tokens_.contains(token));
  if (key == nullptr) {
    out.push_back(reply.text(refuse("ESession:Invalid session")));
    return out;
  }
  tokens_.insert(token);
  if (request.method == "subscribe" || request.method == "unsubscribe") {
    subscribe(request, venue, now, out);
    return out;
  }
  const std::string_view need = permission_of(request.method);
  if (!key->permissions.contains(need) &&
      !(need == "close-trades" && key->permissions.contains("modify-trades"))) {
    out.push_back(reply.text(refuse("EGeneral:Permission denied")));
    return out;
  }
  if (!request.text_number.empty()) {
    out.push_back(reply.text(fail(ErrorCode::invalid, "Invalid type of field: '" +
                                                          request.text_number +
                                                          "', a number is expected")));
    return out;
  }
  if (venue.market().system() == "maintenance") {
    out.push_back(reply.text(refuse("EService:Unavailable")));
    return out;
  }
  if (request.method == "cancel_order") {
    cancel(request, venue, now, out);
  } else {
    trade(request, venue, now, out);
  }
  return out;
}

void PrivateSession::subscribe(const WsRequest& request, PrivateVenue& venue, Time now,
                               Frames& out) {
  const bool is_executions = request.channel == "executions";
  bool& has = is_executions ? has_executions_ : has_balances_;
  const Reply reply{request, now};
  const bool wants = request.method == "subscribe";
  if (has == wants) {
    out.push_back(reply.text(refuse(wants ? "Already subscribed" : "Subscription Not Found")));
    return;
  }
  has = wants;
  const auto on_unless = [&](const char* name, bool other) {
    return request.params.has(name) ? request.params.flag(name) : other;
  };
  const auto word = [](bool value) { return value ? "true" : "false"; };
  std::string result = "{\"channel\":" + json_quoted(request.channel);
  const bool snap_orders = on_unless("snap_orders", true);
  const bool snap_trades = on_unless("snap_trades", false);
  const bool snapshot = on_unless("snapshot", true);
  if (is_executions) {
    wants_status_ = on_unless("order_status", true);
    wants_count_ = on_unless("ratecounter", false);
    result += ",\"maxratecount\":" + std::to_string(venue.counters().trading_max()) +
              ",\"snap_orders\":" + word(snap_orders) + ",\"snap_trades\":" + word(snap_trades);
  } else {
    result += ",\"snapshot\":" + std::string(word(snapshot));
  }
  out.push_back(reply.text(result + "}"));
  if (!wants) return;
  (is_executions ? executions_sequence_ : balances_sequence_) = 0;
  if (is_executions) {
    if (snap_orders || snap_trades) executions_snapshot(request, venue, now, out);
  } else if (snapshot) {
    balances_snapshot(venue, out);
  }
}

void PrivateSession::executions_snapshot(const WsRequest& request, PrivateVenue& venue, Time now,
                                         Frames& out) {
  std::string rows;
  const auto add_row = [&](const std::string& row) { rows += (rows.empty() ? "" : ",") + row; };
  const Matching& matching = venue.matching();
  if (!request.params.has("snap_orders") || request.params.flag("snap_orders")) {
    for (const VenueOrder& order : matching.orders()) {
      if (order.is_live() && order.hidden_until <= now) {
        add_row(snapshot_row(order, venue.market()));
      }
    }
  }
  if (request.params.flag("snap_trades")) {
    const auto& fills = matching.fills();
    for (std::size_t i = fills.size() - std::min(fills.size(), snapshot_fills); i < fills.size();
         ++i) {
      const VenueOrder* order = matching.find(fills[i].order_id);
      if (!fills[i].is_busted && order->hidden_until <= now) {
        add_row(fill_row(*order, fills[i], venue.market()));
      }
    }
  }
  out.push_back(frame(false, true, rows));
}

void PrivateSession::balances_snapshot(PrivateVenue& venue, Frames& out) {
  std::string rows;
  for (const auto& [asset, place] : venue.accounts().places()) {
    const std::string total = to_string(place.balance);
    rows += (rows.empty() ? "" : ",");
    rows += "{\"asset\":" + json_quoted(asset) + ",\"asset_class\":\"currency\",\"balance\":" +
            total + ",\"wallets\":[{\"type\":\"spot\",\"id\":\"main\",\"balance\":" + total + "}]}";
  }
  out.push_back(frame(true, true, rows));
}

std::string PrivateSession::frame(bool balances, bool is_snapshot, const std::string& rows) {
  std::uint64_t& sequence = balances ? balances_sequence_ : executions_sequence_;
  return std::string("{\"channel\":") + (balances ? "\"balances\"" : "\"executions\"") +
         ",\"type\":" + (is_snapshot ? "\"snapshot\"" : "\"update\"") + ",\"data\":[" + rows +
         "],\"sequence\":" + std::to_string(++sequence) + "}";
}

void PrivateSession::trade(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out) {
  const Reply reply{request, now};
  const auto answer = [&]() -> Result<std::string> {
    if (request.method == "add_order") return add(request.params, venue, now);
    if (request.method == "batch_add") return add_batch(request.params, venue, now);
    if (request.method == "amend_order") return amend(request.params, venue, now);
    if (request.method == "edit_order") return edit(request.params, venue, now);
    if (request.method == "batch_cancel") return cancel_batch(request.params, venue, now);
    if (request.method == "cancel_all") {
      return "{\"count\":" + std::to_string(venue.cancel_all(now)) + "}";
    }
    return cancel_after(request.params, venue, now);
  }();
  std::string text = reply.text(answer);
  if (answer && request.method == "batch_cancel") {
    // The count stands beside the result.
    const std::size_t at = text.find("\"result\":{\"orders_cancelled\"");
    const std::size_t end = text.find('}', at);
    text = text.substr(0, at) + text.substr(at + 10, end - at - 10) + text.substr(end + 1);
  }
  out.push_back(std::move(text));
}

// One answer for each order.
void PrivateSession::cancel(const WsRequest& request, PrivateVenue& venue, Time now, Frames& out) {
  const Reply reply{request, now};
  bool is_any = false;
  using By = PrivateVenue::NamedBy;
  constexpr std::array<std::pair<const char*, By>, 3> fields{{{"order_id", By::order_id},
                                                              {"cl_ord_id", By::client_id},
                                                              {"order_userref", By::user_ref}}};
  for (const auto& [field, by] : fields) {
    for (const std::string& name : request.params.list(field)) {
      is_any = true;
      const auto ids = venue.cancel(name, now, by);
      if (!ids) {
        out.push_back(reply.text(refuse(ids.error().what)));
        continue;
      }
      for (const std::string& id : *ids) {
        std::string result = "{\"order_id\":" + json_quoted(id);
        if (std::string_view(field) == "cl_ord_id") result += ",\"cl_ord_id\":" + json_quoted(name);
        out.push_back(reply.text(result + "}"));
      }
    }
  }
  if (!is_any) out.push_back(reply.text(refuse("EGeneral:Invalid arguments:order_id")));
}

void PrivateSession::on_events(const std::vector<OrderEvent>& events, PrivateVenue& venue,
                               Time now, Frames& out) {
  std::string legs;  // of one trade: both in one frame
  for (std::size_t i = 0; i < events.size(); ++i) {
    const OrderEvent& event = events[i];
    if (event.what == OrderEvent::What::ledger) {
      if (!has_balances_) continue;
      legs += (legs.empty() ? "" : ",") + ledger_row(event.ledger);
      const bool more = i + 1 < events.size() &&
                        events[i + 1].what == OrderEvent::What::ledger &&
                        events[i + 1].ledger.ref == event.ledger.ref;
      if (!more) out.push_back(frame(true, false, std::exchange(legs, {})));
      continue;
    }
    if (!has_executions_) continue;
    if (!wants_status_ && is_detail(event.what)) continue;
    const auto count = wants_count_ ? std::optional<std::int64_t>(venue.counters().trading(
                                          event.order.terms.pair, now))
                                    : std::nullopt;
    out.push_back(frame(false, false, execution_row(event, venue.market(), count)));
  }
}

}  // namespace aitrade::loopback
