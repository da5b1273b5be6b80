#include "exchanges/loopback/order_json.h"

#include "exchanges/loopback/order_form.h"

#include <algorithm>

namespace aitrade::loopback {
namespace {

constexpr int cost_places = 5;
constexpr std::int64_t second = 1'000'000'000;

std::string offset_price(const Offset& offset, int places) {
  return (offset.amount.is_negative() ? "" : "+") +
         price_text(offset.amount, offset.is_percent ? 4 : places) +
         (offset.is_percent ? "%" : "");
}

std::string description(const VenueOrder& order, const ShownPair& pair) {
  const OrderTerms& terms = order.terms;
  const int places = pair.price_decimals;
  std::string price = "0";
  std::string price2 = "0";
  if (is_trailing(terms.kind)) {
    price = offset_price(terms.trail, places);
    if (terms.kind == Kind::trailing_stop_limit) price2 = offset_price(terms.limit_trail, places);
  } else if (is_triggered_kind(terms.kind)) {
    price = price_text(order.trigger, places);
    if (has_limit(terms.kind)) price2 = price_text(order.limit, places);
  } else if (has_limit(terms.kind)) {
    price = price_text(order.limit, places);
  }
  OrderTerms shown = terms;
  shown.limit = order.limit;
  shown.trigger = order.trigger;
  return "{\"pair\":" + json_quoted(pair.altname) + ",\"aclass\":\"forex\",\"type\":\"" +
         std::string(to_string(terms.side)) + "\",\"ordertype\":\"" +
         std::string(to_string(terms.kind)) + "\",\"price\":\"" + price + "\",\"price2\":\"" +
         price2 + "\",\"leverage\":\"none\",\"order\":" + json_quoted(describe(shown, pair)) +
         ",\"close\":" + json_quoted(describe_close(terms, pair)) + "}";
}

std::string flags_of(const OrderTerms& terms) {
  std::string out = terms.post_only ? "post," : "";
  out += terms.fee_in_base ? "fcib" : "fciq";
  if (terms.cash.is_positive()) out += ",viqc";
  if (terms.no_protection) out += ",nompp";
  return out;
}

std::string_view status_word(const VenueOrder& order) {
  switch (order.phase) {
    case Phase::pending:
      return "pending_new";
    case Phase::closed:
      return "filled";
    case Phase::canceled:
      return "canceled";
    case Phase::expired:
      return "expired";
    case Phase::open:
      break;
  }
  if (order.filled.is_positive()) {
    const bool whole = order.terms.quantity.is_positive() && !order.leaves().is_positive();
    return whole ? "filled" : "partially_filled";
  }
  return order.is_triggered ? "triggered" : "new";
}

std::string_view exec_word(OrderEvent::What what) {
  using What = OrderEvent::What;
  switch (what) {
    case What::pending_new:
      return "pending_new";
    case What::opened:
      return "new";
    case What::trade:
      return "trade";
    case What::filled:
      return "filled";
    case What::canceled:
      return "canceled";
    case What::expired:
      return "expired";
    case What::amended:
      return "amended";
    case What::triggered:
    case What::ledger:
      break;
  }
  return "status";
}

std::string names_of(const VenueOrder& order) {
  std::string out = "\"order_id\":" + json_quoted(order.id) +
                    ",\"order_userref\":" + std::to_string(order.terms.user_ref.value_or(0));
  if (!order.terms.client_id.empty()) {
    out += ",\"cl_ord_id\":" + json_quoted(order.terms.client_id);
  }
  return out;
}

std::string totals_of(const VenueOrder& order) {
  return ",\"cum_qty\":" + to_string(order.filled) + ",\"cum_cost\":" + to_string(order.cost) +
         ",\"avg_price\":" + to_string(order.mean()) + ",\"fee_usd_equiv\":" +
         to_string(order.terms.fee_in_base && order.filled.is_positive()
                       ? notional(order.mean(), Quantity::from_raw(order.fee.raw()),
                                  Rounding::half_even)
                       : order.fee);
}

std::string triggers_of(const VenueOrder& order, const Market& market) {
  if (!is_triggered_kind(order.terms.kind)) return {};
  std::string out = ",\"triggers\":{\"reference\":";
  out += order.terms.index_trigger ? "\"index\"" : "\"last\"";
  out += ",\"price\":" + to_string(order.trigger) + ",\"price_type\":\"static\"" +
         ",\"actual_price\":" + to_string(order.trigger);
  if (is_trailing(order.terms.kind)) out += ",\"peak_price\":" + to_string(order.peak);
  return out + ",\"last_price\":" + to_string(market.last_price(order.terms.pair)) +
         ",\"status\":" + (order.is_triggered ? "\"triggered\"" : "\"untriggered\"") +
         ",\"timestamp\":" + stamp_text(order.changed) + "}";
}

std::string terms_of(const VenueOrder& order, const Market& market) {
  const OrderTerms& terms = order.terms;
  const ShownPair& pair = market.pairs()[terms.pair];
  std::string out = ",\"symbol\":" + json_quoted(to_string(pair.symbol)) + ",\"side\":\"" +
                    std::string(to_string(terms.side)) + "\",\"order_type\":\"" +
                    std::string(to_string(terms.kind)) + "\"";
  out += terms.cash.is_positive() ? ",\"cash_order_qty\":" + to_string(terms.cash)
                                  : ",\"order_qty\":" + to_string(terms.quantity);
  if (has_limit(terms.kind)) {
    out += ",\"limit_price_type\":\"static\",\"limit_price\":" + to_string(order.limit);
  }
  out += ",\"stop_price\":" + to_string(order.trigger) + triggers_of(order, market) +
         ",\"time_in_force\":\"" + std::string(to_string(terms.lasting)) + "\",\"fee_ccy_pref\":" +
         (terms.fee_in_base ? "\"fcib\"" : "\"fciq\"");
  if (terms.post_only) out += ",\"post_only\":true";
  if (terms.display.is_positive()) out += ",\"display_qty\":" + to_string(terms.display);
  if (terms.starts.ns != 0) out += ",\"effective_time\":" + stamp_text(terms.starts);
  if (terms.expires.ns != 0) out += ",\"expire_time\":" + stamp_text(terms.expires);
  if (!order.parent.empty()) out += ",\"order_ref_id\":" + json_quoted(order.parent);
  if (terms.close) {
    const bool waits = is_triggered_kind(terms.close->kind);
    out += ",\"contingent\":{\"order_type\":\"" + std::string(to_string(terms.close->kind)) + "\"";
    if (waits) out += ",\"trigger_price\":" + to_string(terms.close->price);
    const Price limit = waits ? terms.close->price2 : terms.close->price;
    if (limit.is_positive()) out += ",\"limit_price\":" + to_string(limit);
    out += "}";
  }
  return out;
}

std::string fill_fields(const VenueFill& fill, const Market& market) {
  const Symbol& symbol = market.pairs()[fill.pair].symbol;
  return ",\"exec_id\":" + json_quoted(fill.id) +
         ",\"trade_id\":" + std::to_string(fill.trade_id) +
         ",\"symbol\":" + json_quoted(to_string(symbol)) + ",\"side\":\"" +
         std::string(to_string(fill.side)) + "\",\"order_type\":\"" +
         std::string(to_string(fill.kind)) + "\",\"last_qty\":" + to_string(fill.quantity) +
         ",\"last_price\":" + to_string(fill.price) + ",\"liquidity_ind\":" +
         (fill.is_maker ? "\"m\"" : "\"t\"") + ",\"cost\":" + to_string(fill.cost) +
         ",\"fees\":[{\"asset\":" + json_quoted(fill.fee_in_base ? symbol.base : symbol.quote) +
         ",\"qty\":" + to_string(fill.fee) + "}]";
}

}  // namespace

std::string unix_text(Time time) {
  if (time.ns == 0) return "0";
  return std::to_string(time.seconds_floor()) + "." +
         std::to_string(second + time.ns % second).substr(1, 6);
}

std::string stamp_text(Time time) {
  const std::string whole = to_string_seconds(time);
  const std::string fraction =
      std::to_string(second + ((time.ns % second) + second) % second).substr(1, 6);
  return "\"" + whole.substr(0, whole.size() - 1) + "." + fraction + "Z\"";
}

std::string money_text(Money money, int places) {
  int needed = Money::decimals;
  for (std::int64_t rest = money.raw(); needed > 0 && rest % 10 == 0; rest /= 10)
    --needed;
  return fixed_detail::print_places(money.raw(), Money::decimals, std::max(places, needed));
}

std::optional<OrderView> view_of(const VenueOrder& order, const Matching& matching, Time as_of,
                                 Time now) {
  if (order.opened > as_of || order.hidden_until > now) return std::nullopt;
  OrderView view;
  view.order = &order;
  const bool is_over = !order.is_live() && order.closed <= as_of;
  view.phase = is_over                                               ? order.phase
               : order.is_live()                                     ? order.phase
                                                                     : Phase::open;
  for (const std::size_t i : order.fills) {
    const VenueFill& fill = matching.fills()[i];
    if (fill.at > as_of || fill.is_busted) continue;
    view.filled += fill.quantity;
    view.cost += fill.cost;
    view.fee += fill.fee;
    view.fills.push_back(&fill);
  }
  return view;
}

std::string order_object(const OrderView& view, const Market& market, bool with_trades) {
  const VenueOrder& order = *view.order;
  const ShownPair& pair = market.pairs()[order.terms.pair];
  const int places = std::max(pair.price_decimals, cost_places);
  const Price mean = view.filled.is_positive()
                         ? price_for(view.cost, view.filled, Rounding::half_even)
                         : Price{};
  const bool is_over = !view.is_live();
  std::string out = "{\"refid\":" + (order.parent.empty() ? "null" : json_quoted(order.parent)) +
                    ",\"userref\":" + std::to_string(order.terms.user_ref.value_or(0));
  if (!order.terms.client_id.empty()) {
    out += ",\"cl_ord_id\":" + json_quoted(order.terms.client_id);
  }
  out += ",\"status\":\"" + std::string(to_string(view.phase)) +
         "\",\"opentm\":" + unix_text(order.opened) + ",\"starttm\":" +
         unix_text(order.terms.starts) + ",\"expiretm\":" + unix_text(order.terms.expires) +
         ",\"descr\":" + description(order, pair) + ",\"vol\":\"" +
         (order.terms.cash.is_positive() && !is_over
              ? money_text(order.terms.cash, 8)
              : quantity_text(order.terms.quantity, Market::decimals_of_quantity)) +
         "\",\"vol_exec\":\"" + quantity_text(view.filled, Market::decimals_of_quantity) +
         "\",\"cost\":\"" + money_text(view.cost, cost_places) + "\",\"fee\":\"" +
         money_text(view.fee, cost_places) + "\",\"price\":\"" + price_text(mean, places) +
         "\",\"stopprice\":\"" + price_text(order.trigger, places) + "\",\"limitprice\":\"" +
         price_text(is_triggered_kind(order.terms.kind) ? order.limit : Price{}, places) +
         "\",\"misc\":\"" + (order.is_triggered ? "stopped" : order.is_amended ? "amended" : "") +
         "\",\"oflags\":\"" + flags_of(order.terms) + "\",\"timeinforce\":\"" +
         std::string(to_string(order.terms.lasting)) + "\",\"reason\":" +
         (is_over && !order.reason.empty() ? json_quoted(order.reason) : "null");
  if (is_triggered_kind(order.terms.kind)) {
    out += order.terms.index_trigger ? ",\"trigger\":\"index\"" : ",\"trigger\":\"last\"";
  }
  if (is_over) out += ",\"closetm\":" + unix_text(order.closed);
  if (with_trades && !view.fills.empty()) {
    out += ",\"trades\":[";
    for (std::size_t i = 0; i < view.fills.size(); ++i)
      out += (i > 0 ? "," : "") + json_quoted(view.fills[i]->id);
    out += "]";
  }
  return out + "}";
}

std::string trade_object(const VenueFill& fill, const Market& market, bool with_ledgers) {
  const ShownPair& pair = market.pairs()[fill.pair];
  std::string ledgers;
  for (const std::string& id : fill.ledger_ids)
    ledgers += (ledgers.empty() ? "" : ",") + json_quoted(id);
  std::string out =
      "{\"ordertxid\":" + json_quoted(fill.order_id) +
      ",\"postxid\":" + json_quoted(fill.position_id) +
      ",\"pair\":" + json_quoted(pair.canonical) + ",\"time\":" + unix_text(fill.at) +
      ",\"type\":\"" + std::string(to_string(fill.side)) + "\",\"ordertype\":\"" +
      std::string(to_string(fill.kind)) + "\",\"price\":\"" +
      price_text(fill.price, std::max(pair.price_decimals, cost_places)) + "\",\"cost\":\"" +
      money_text(fill.cost, cost_places) + "\",\"fee\":\"" + money_text(fill.fee, cost_places) +
      "\",\"vol\":\"" + quantity_text(fill.quantity, Market::decimals_of_quantity) +
      "\",\"margin\":\"0.00000\",\"leverage\":\"0\",\"misc\":\"\",\"trade_id\":" +
      std::to_string(fill.trade_id) + ",\"maker\":" + (fill.is_maker ? "true" : "false");
  if (with_ledgers) out += ",\"ledgers\":[" + ledgers + "]";
  if (!fill.client_id.empty()) out += ",\"cl_ord_id\":" + json_quoted(fill.client_id);
  return out + "}";
}

std::vector<VenueFill> consolidated(const std::vector<const VenueFill*>& fills) {
  std::vector<VenueFill> out;
  for (const VenueFill* fill : fills) {
    const bool joins = !out.empty() && !fill->is_maker && !out.back().is_maker &&
                       out.back().order_id == fill->order_id && out.back().at == fill->at;
    if (!joins) {
      out.push_back(*fill);
      continue;
    }
    VenueFill& whole = out.back();
    whole.price = mean_price(whole.price, whole.quantity, fill->price, fill->quantity);
    whole.quantity += fill->quantity;
    whole.cost += fill->cost;
    whole.fee += fill->fee;
    whole.ledger_ids.insert(whole.ledger_ids.end(), fill->ledger_ids.begin(),
                            fill->ledger_ids.end());
  }
  return out;
}

std::string execution_row(const OrderEvent& event, const Market& market,
                          std::optional<std::int64_t> count) {
  using What = OrderEvent::What;
  const VenueOrder& order = event.order;
  std::string out = "{" + names_of(order) + ",\"exec_type\":\"" +
                    std::string(exec_word(event.what)) + "\",\"order_status\":\"" +
                    std::string(event.what == What::triggered ? "triggered" : status_word(order)) +
                    "\"";
  if (event.what == What::pending_new) out += terms_of(order, market) + totals_of(order);
  if (event.what == What::trade) {
    out += fill_fields(event.fill, market) + totals_of(order);
    if (order.terms.quantity.is_positive()) out += ",\"order_qty\":" + to_string(order.terms.quantity);
  }
  if (event.what == What::filled || event.what == What::canceled || event.what == What::expired) {
    out += totals_of(order);
  }
  if (event.what == What::amended) {
    out += ",\"amended\":true,\"order_qty\":" + to_string(order.terms.quantity);
    if (has_limit(order.terms.kind)) out += ",\"limit_price\":" + to_string(order.limit);
    out += triggers_of(order, market) + totals_of(order);
  }
  if (event.what == What::triggered) out += triggers_of(order, market) + totals_of(order);
  if (!order.reason.empty()) {
    if (event.what == What::canceled) out += ",\"cancel_reason\":" + json_quoted(order.reason);
    out += ",\"reason\":" + json_quoted(order.reason);
  }
  if (count) out += ",\"ratecount\":" + std::to_string(*count);
  return out + ",\"timestamp\":" + stamp_text(event.at) + "}";
}

std::string snapshot_row(const VenueOrder& order, const Market& market) {
  return "{" + names_of(order) + ",\"exec_type\":\"" +
         (order.phase == Phase::pending ? "pending_new" : "new") + "\",\"order_status\":\"" +
         std::string(status_word(order)) + "\"" + terms_of(order, market) + totals_of(order) +
         ",\"timestamp\":" + stamp_text(order.opened) + "}";
}

std::string fill_row(const VenueOrder& order, const VenueFill& fill, const Market& market) {
  return "{" + names_of(order) + ",\"exec_type\":\"trade\",\"order_status\":\"" +
         std::string(status_word(order)) + "\"" + fill_fields(fill, market) +
         ",\"fee_usd_equiv\":" +
         to_string(fill.fee_in_base ? notional(fill.price, Quantity::from_raw(fill.fee.raw()),
                                               Rounding::half_even)
                                    : fill.fee) +
         ",\"timestamp\":" + stamp_text(fill.at) + "}";
}

std::string ledger_row(const LedgerEntry& entry) {
  return "{\"ledger_id\":" + json_quoted(entry.id) + ",\"ref_id\":" + json_quoted(entry.ref) +
         ",\"timestamp\":" + stamp_text(entry.at) + ",\"type\":" + json_quoted(entry.type) +
         ",\"asset\":" + json_quoted(entry.asset) +
         ",\"asset_class\":\"currency\",\"category\":" + json_quoted(entry.type) +
         ",\"wallet_type\":\"spot\",\"wallet_id\":\"main\",\"amount\":" + to_string(entry.amount) +
         ",\"fee\":" + to_string(entry.fee) + ",\"balance\":" + to_string(entry.balance) + "}";
}

}  // namespace aitrade::loopback
