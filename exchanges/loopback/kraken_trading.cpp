// The half of the private REST that changes orders.

#include "exchanges/loopback/kraken_private.h"
#include "exchanges/loopback/order_json.h"

#include <charconv>

namespace aitrade::loopback {
namespace {

constexpr std::size_t batch_min = 2;
constexpr std::size_t batch_max = 15;
constexpr std::size_t cancel_max = 50;
constexpr std::int64_t switch_max = 86'400;  // seconds

using Text = Result<std::string>;

Error refuse(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

std::string order_words(const OrderTerms& terms, const Market& market, bool with_close) {
  const ShownPair& pair = market.pairs()[terms.pair];
  std::string out = "{\"order\":" + json_quoted(describe(terms, pair));
  const std::string close = describe_close(terms, pair);
  if (with_close && !close.empty()) out += ",\"close\":" + json_quoted(close);
  return out + "}";
}

Text add_order(const Params& params, PrivateVenue& venue, Time now) {
  AITRADE_TRY(const auto added, venue.add(params, now));
  std::string out = "{";
  if (!added.id.empty()) out += "\"txid\":[" + json_quoted(added.id) + "],";
  return out + "\"descr\":" + order_words(added.terms, venue.market(), true) + "}";
}

// The top of the answer is a success although legs may have failed.
Text add_batch(const Params& params, PrivateVenue& venue, Time now) {
  const auto orders = params.children("orders");
  if (orders.size() < batch_min || orders.size() > batch_max) {
    return refuse("EGeneral:Invalid arguments:orders");
  }
  std::string out;
  for (Params order : orders) {
    for (const char* shared : {"pair", "deadline", "validate"}) {
      if (const auto value = params.find(shared)) {
        order.remove(shared);
        order.set(shared, *value);
      }
    }
    if (!out.empty()) out += ',';
    const auto added = venue.add(order, now, true);
    if (!added) {
      out += "{\"error\":" + json_quoted(added.error().what) + "}";
      continue;
    }
    out += "{";
    if (!added->id.empty()) out += "\"txid\":" + json_quoted(added->id) + ",";
    out += "\"descr\":" + order_words(added->terms, venue.market(), false);
    const std::string close =
        describe_close(added->terms, venue.market().pairs()[added->terms.pair]);
    if (!close.empty()) out += ",\"close\":" + json_quoted(close);
    out += "}";
  }
  return "{\"orders\":[" + out + "]}";
}

Text edit_order(const Params& params, PrivateVenue& venue, Time now) {
  AITRADE_TRY(const auto edited, venue.edit(params, now));
  const OrderTerms& terms = edited.terms;
  const int places = venue.market().pairs()[terms.pair].price_decimals;
  const bool waits = is_triggered_kind(terms.kind);
  std::string out = "{\"status\":\"ok\"";
  if (!edited.id.empty()) out += ",\"txid\":" + json_quoted(edited.id);
  out += ",\"originaltxid\":" + json_quoted(edited.original) + ",\"volume\":\"" +
         quantity_text(terms.quantity, Market::decimals_of_quantity) + "\",\"price\":\"" +
         price_text(waits ? terms.trigger : terms.limit, places) + "\",\"price2\":\"" +
         price_text(waits ? terms.limit : Price{}, places) +
         "\",\"orders_cancelled\":" + (edited.id.empty() ? "0" : "1");
  if (terms.user_ref) out += ",\"newuserref\":\"" + std::to_string(*terms.user_ref) + "\"";
  if (edited.old_ref) out += ",\"olduserref\":\"" + std::to_string(*edited.old_ref) + "\"";
  return out + ",\"descr\":" + order_words(terms, venue.market(), false) + "}";
}

Text cancel_order(const Params& params, PrivateVenue& venue, Time now) {
  const std::string id = params.text("txid");
  const std::string client_id = params.text("cl_ord_id");
  if (id.empty() == client_id.empty()) return refuse("EGeneral:Invalid arguments");
  const auto by = PrivateVenue::NamedBy::client_id;
  AITRADE_TRY(const auto ids,
              id.empty() ? venue.cancel(client_id, now, by) : venue.cancel(id, now));
  return "{\"count\":" + std::to_string(ids.size()) +
         (venue.cancel_delay() > Duration{0} ? ",\"pending\":true}" : "}");
}

Text cancel_batch(const Params& params, PrivateVenue& venue, Time now) {
  auto names = params.list("orders");
  for (std::string& name : params.list("cl_ord_ids"))
    names.push_back(std::move(name));
  for (const Params& one : params.children("cl_ord_ids"))
    names.push_back(one.text("cl_ord_id"));
  if (names.empty() || names.size() > cancel_max) {
    return refuse("EGeneral:Invalid arguments:orders");
  }
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (const auto ids = venue.cancel(name, now)) count += ids->size();
  }
  return "{\"count\":" + std::to_string(count) + "}";
}

Text cancel_after(const Params& params, PrivateVenue& venue, Time now) {
  const std::string text = params.text("timeout");
  std::int64_t timeout = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), timeout);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || timeout < 0 ||
      timeout > switch_max) {
    return refuse("EGeneral:Invalid arguments:timeout");
  }
  const Time at = venue.set_switch(seconds{timeout}, now);
  return "{\"currentTime\":" + json_quoted(to_string_seconds(now)) + ",\"triggerTime\":" +
         json_quoted(at.ns == 0 ? "0" : to_string_seconds(at)) + "}";
}

}  // namespace

std::optional<Result<std::string>> change_orders(std::string_view method, const Params& params,
                                                 PrivateVenue& venue, Time now) {
  if (method == "AddOrder") return add_order(params, venue, now);
  if (method == "AddOrderBatch") return add_batch(params, venue, now);
  if (method == "AmendOrder") {
    auto id = venue.amend(params, now);
    if (!id) return Text(std::move(id).error());
    return Text("{\"amend_id\":" + json_quoted(*id) + "}");
  }
  if (method == "EditOrder") return edit_order(params, venue, now);
  if (method == "CancelOrder") return cancel_order(params, venue, now);
  if (method == "CancelOrderBatch") return cancel_batch(params, venue, now);
  if (method == "CancelAll") {
    return Text("{\"count\":" + std::to_string(venue.cancel_all(now)) + "}");
  }
  if (method == "CancelAllOrdersAfter") return cancel_after(params, venue, now);
  return std::nullopt;
}

}  // namespace aitrade::loopback
