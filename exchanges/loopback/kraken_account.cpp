// Balances, histories and keys: the reading half of the private REST.

#include "exchanges/loopback/kraken_private.h"
#include "exchanges/loopback/order_json.h"

#include <algorithm>
#include <charconv>
#include <functional>

namespace aitrade::loopback {
namespace {

constexpr std::size_t page = 50;
constexpr std::size_t query_orders_max = 50;
constexpr std::size_t query_trades_max = 20;

using Text = Result<std::string>;

Error refuse(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

std::size_t offset_of(const Params& params) {
  const std::string text = params.text("ofs");
  std::size_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

int places_of(const Currency& asset) {
  return asset_id(asset).starts_with('Z') && asset != "ZEC" ? 4 : 10;
}

std::string asset_amount(const Currency& asset, Amount amount) {
  int places = places_of(asset);
  std::string text = money_text(amount, std::min(places, 8));
  if (places == 10) text += "00";
  return text;
}

std::string balances(PrivateVenue& venue, bool extended) {
  std::string out = "{";
  for (const auto& [asset, place] : venue.accounts().places()) {
    if (out.size() > 1) out += ',';
    out += json_quoted(asset_id(asset)) + ":";
    const std::string total = "\"" + asset_amount(asset, place.balance) + "\"";
    out += extended ? "{\"balance\":" + total + ",\"hold_trade\":\"" +
                          asset_amount(asset, place.held) + "\"}"
                    : total;
  }
  return out + "}";
}

// Everything in the asked asset at last prices; assets without a pair to it count nothing.
Text trade_balance(const Params& params, PrivateVenue& venue) {
  const std::string asked = params.text("asset");
  Currency quote;
  for (const ShownPair& pair : venue.market().pairs()) {
    if (asked.empty() ? pair.symbol.quote == "USD"
                      : pair.quote_asset == asked || pair.symbol.quote == asked) {
      quote = pair.symbol.quote;
    }
  }
  if (quote.empty()) {
    if (!asked.empty() && asked != "ZUSD") return refuse("EQuery:Unknown asset");
    quote = "USD";
  }
  Money sum = venue.accounts().at(quote).balance;
  for (std::size_t i = 0; i < venue.market().pairs().size(); ++i) {
    const ShownPair& pair = venue.market().pairs()[i];
    if (pair.symbol.quote != quote) continue;
    const Amount base = venue.accounts().at(pair.symbol.base).balance;
    sum += notional(venue.market().last_price(i), Quantity::from_raw(base.raw()), Rounding::down);
  }
  const std::string total = "\"" + money_text(sum, 4) + "\"";
  return "{\"eb\":" + total + ",\"tb\":" + total +
         ",\"m\":\"0.0000\",\"n\":\"0.0000\",\"c\":\"0.0000\",\"v\":\"0.0000\",\"e\":" + total +
         ",\"mf\":" + total + ",\"mfo\":" + total + ",\"uv\":\"0.0000\"}";
}

Text trade_volume(const Params& params, PrivateVenue& venue, Time now) {
  const Money volume = venue.matching().volume_30d(now);
  const FeeLadder& ladder = venue.market().fees();
  const auto& step = ladder.at(volume);
  const auto* next = ladder.after(volume);
  const auto side = [&](auto rate_of) {
    const auto text = [](Rate rate) { return "\"" + percent_text(rate, 4) + "\""; };
    return "{\"fee\":" + text(rate_of(step)) + ",\"minfee\":" +
           text(rate_of(ladder.steps().back())) + ",\"maxfee\":" +
           text(rate_of(ladder.steps().front())) + ",\"nextfee\":" +
           (next != nullptr ? text(rate_of(*next)) : "null") + ",\"nextvolume\":" +
           (next != nullptr ? "\"" + money_text(next->volume, 4) + "\"" : "null") +
           ",\"tiervolume\":\"" + money_text(step.volume, 4) + "\"}";
  };
  std::string taker, maker;
  for (const std::string& name : params.list("pair")) {
    const auto pair = venue.market().find(name);
    if (!pair) return refuse("EQuery:Unknown asset pair");
    const std::string key = json_quoted(venue.market().pairs()[*pair].canonical) + ":";
    taker += (taker.empty() ? "" : ",") + key + side([](const auto& s) { return s.taker; });
    maker += (maker.empty() ? "" : ",") + key + side([](const auto& s) { return s.maker; });
  }
  std::string out = "{\"currency\":\"ZUSD\",\"volume\":\"" + money_text(volume, 4) + "\"";
  if (!taker.empty()) out += ",\"fees\":{" + taker + "},\"fees_maker\":{" + maker + "}";
  return out + "}";
}

// ---- orders and fills -------------------------------------------------------------------------

struct Names {
  std::string user_ref, client_id;

  explicit Names(const Params& params)
      : user_ref(params.text("userref")), client_id(params.text("cl_ord_id")) {}

  [[nodiscard]] bool match(const VenueOrder& order) const {
    if (!client_id.empty() && order.terms.client_id != client_id) return false;
    return user_ref.empty() || (order.terms.user_ref &&
                                std::to_string(*order.terms.user_ref) == user_ref);
  }
};

std::string open_orders(const Params& params, PrivateVenue& venue, Time now) {
  const Names names(params);
  std::string out;
  for (const VenueOrder& order : venue.matching().orders()) {
    const auto view = view_of(order, venue.matching(), venue.read_time(now), now);
    if (!view || !view->is_live() || !names.match(order)) continue;
    out += (out.empty() ? "" : ",") + json_quoted(order.id) + ":" +
           order_object(*view, venue.market(), params.flag("trades"));
  }
  return "{\"open\":{" + out + "}}";
}

// A bound of a history: a moment, or the row that an id names.
struct Bound {
  Time at;         // whole microseconds, as rows show their times
  std::string id;  // empty: a moment was given
};

// Rows show microseconds, so a client that sends one back means all of that microsecond.
Time shown(Time time) {
  return floor_to(time, std::chrono::microseconds{1});
}

// UNIX seconds with any number of decimals, or the time of the order, fill or ledger line that the
// text names. Nothing when it names nothing.
std::optional<Bound> bound_of(const std::string& text, PrivateVenue& venue) {
  if (text.empty()) return std::nullopt;
  constexpr std::size_t decimals = 6;
  const std::size_t point = text.find('.');
  const auto number =
      Money::parse(point == std::string::npos ? text : text.substr(0, point + 1 + decimals));
  if (number) return Bound{shown(Time{number->raw() * (1'000'000'000 / Money::scale)}), {}};
  const Matching& matching = venue.matching();
  if (const VenueOrder* order = matching.find(text)) return Bound{shown(order->opened), text};
  for (const VenueFill& fill : matching.fills()) {
    if (fill.id == text) return Bound{shown(fill.at), text};
  }
  for (const LedgerEntry& entry : venue.accounts().history()) {
    if (entry.id == text) return Bound{shown(entry.at), text};
  }
  return std::nullopt;
}

struct Range {
  std::optional<Bound> start, end;

  Range(const Params& params, PrivateVenue& venue)
      : start(bound_of(params.text("start"), venue)), end(bound_of(params.text("end"), venue)) {}

  // The start is exclusive, the end inclusive.
  [[nodiscard]] bool holds(Time time) const {
    return (!start || shown(time) > start->at) && (!end || shown(time) <= end->at);
  }

  // Of rows in order of time, keeps those of the range. A bound that is an id cuts at its row: rows
  // of the same moment are told apart.
  template <typename Row, typename IdOf, typename TimeOf>
  void cut(std::vector<Row>& rows, const IdOf& id_of, const TimeOf& time_of) const {
    const auto at = [&](const std::optional<Bound>& bound) {
      return bound && !bound->id.empty()
                 ? std::find_if(rows.begin(), rows.end(),
                                [&](const Row& row) { return id_of(row) == bound->id; })
                 : rows.end();
    };
    const auto last = at(end);
    if (last != rows.end()) rows.erase(std::next(last), rows.end());
    const auto first = at(start);
    const bool by_start = first != rows.end();
    if (by_start) rows.erase(rows.begin(), std::next(first));
    std::erase_if(rows, [&](const Row& row) {
      const Time time = shown(time_of(row));
      return (!by_start && start && time <= start->at) || (end && time > end->at);
    });
  }
};

std::string closed_orders(const Params& params, PrivateVenue& venue, Time now) {
  const Names names(params);
  const Range range(params, venue);
  const std::string which = params.text("closetime");
  std::vector<OrderView> views;
  for (const VenueOrder& order : venue.matching().orders()) {
    const auto view = view_of(order, venue.matching(), venue.read_time(now), now);
    if (!view || view->is_live() || !names.match(order)) continue;
    const bool by_open = which == "open" && range.holds(order.opened);
    const bool by_close = which == "close" && range.holds(order.closed);
    const bool by_both = which != "open" && which != "close" &&
                         (range.holds(order.opened) || range.holds(order.closed));
    if (by_open || by_close || by_both) views.push_back(*view);
  }
  std::stable_sort(views.begin(), views.end(), [](const OrderView& a, const OrderView& b) {
    return a.order->closed > b.order->closed;
  });
  std::string out;
  const std::size_t from = offset_of(params);
  for (std::size_t i = from; i < views.size() && i < from + page; ++i) {
    out += (out.empty() ? "" : ",") + json_quoted(views[i].order->id) + ":" +
           order_object(views[i], venue.market(), params.flag("trades"));
  }
  std::string result = "{\"closed\":{" + out + "}";
  if (!params.flag("without_count")) result += ",\"count\":" + std::to_string(views.size());
  return result + "}";
}

Text query_orders(const Params& params, PrivateVenue& venue, Time now) {
  const auto ids = params.list("txid");
  const Names names(params);
  if (ids.empty() && names.client_id.empty() && names.user_ref.empty()) {
    return refuse("EGeneral:Invalid arguments");
  }
  if (ids.size() > query_orders_max) return refuse("EGeneral:Invalid arguments:txid");
  std::string out;
  for (const VenueOrder& order : venue.matching().orders()) {
    const bool is_asked = ids.empty() || std::find(ids.begin(), ids.end(), order.id) != ids.end();
    if (!is_asked || !names.match(order)) continue;
    const auto view = view_of(order, venue.matching(), venue.read_time(now), now);
    if (!view) continue;
    out += (out.empty() ? "" : ",") + json_quoted(order.id) + ":" +
           order_object(*view, venue.market(), params.flag("trades"));
  }
  if (out.empty() && !ids.empty()) return refuse("EOrder:Unknown order");
  return "{" + out + "}";
}

std::vector<const VenueFill*> known_fills(PrivateVenue& venue, Time now) {
  std::vector<const VenueFill*> out;
  for (const VenueFill& fill : venue.matching().fills()) {
    const VenueOrder* order = venue.matching().find(fill.order_id);
    if (fill.at <= venue.read_time(now) && order->hidden_until <= now && !fill.is_busted) {
      out.push_back(&fill);
    }
  }
  return out;
}

std::string trades_history(const Params& params, PrivateVenue& venue, Time now) {
  const Range range(params, venue);
  std::vector<const VenueFill*> known = known_fills(venue, now);
  std::vector<VenueFill> rows;
  const auto joins = params.find("consolidate_taker");
  if (!joins || params.flag("consolidate_taker")) {
    rows = consolidated(known);
  } else {
    for (const VenueFill* fill : known)
      rows.push_back(*fill);
  }
  range.cut(rows, [](const VenueFill& fill) -> const std::string& { return fill.id; },
            [](const VenueFill& fill) { return fill.at; });
  std::reverse(rows.begin(), rows.end());
  std::string out;
  const std::size_t from = offset_of(params);
  for (std::size_t i = from; i < rows.size() && i < from + page; ++i) {
    out += (out.empty() ? "" : ",") + json_quoted(rows[i].id) + ":" +
           trade_object(rows[i], venue.market(), params.flag("ledgers"));
  }
  std::string result = "{\"trades\":{" + out + "}";
  if (!params.flag("without_count")) result += ",\"count\":" + std::to_string(rows.size());
  return result + "}";
}

Text query_trades(const Params& params, PrivateVenue& venue, Time now) {
  const auto ids = params.list("txid");
  if (ids.empty() || ids.size() > query_trades_max) {
    return refuse("EGeneral:Invalid arguments:txid");
  }
  std::string out;
  for (const VenueFill* fill : known_fills(venue, now)) {
    if (std::find(ids.begin(), ids.end(), fill->id) == ids.end()) continue;
    out += (out.empty() ? "" : ",") + json_quoted(fill->id) + ":" +
           trade_object(*fill, venue.market());
  }
  if (out.empty()) return refuse("EQuery:Unknown trade");
  return "{" + out + "}";
}

std::string ledgers(const Params& params, PrivateVenue& venue, Time now, bool by_id) {
  const Range range(params, venue);
  const auto ids = params.list("id");
  const auto assets = params.list("asset");
  const std::string type = params.text("type");
  std::vector<const LedgerEntry*> rows;
  for (const LedgerEntry& entry : venue.accounts().history()) {
    const bool asset_fits =
        assets.empty() || assets.front() == "all" ||
        std::any_of(assets.begin(), assets.end(), [&](const std::string& asset) {
          return asset == entry.asset || asset == asset_id(entry.asset);
        });
    const bool type_fits = type.empty() || type == "all" || type == entry.type;
    const bool id_fits = !by_id || std::find(ids.begin(), ids.end(), entry.id) != ids.end();
    if (asset_fits && type_fits && id_fits && entry.at <= venue.read_time(now)) {
      rows.push_back(&entry);
    }
  }
  range.cut(rows, [](const LedgerEntry* entry) -> const std::string& { return entry->id; },
            [](const LedgerEntry* entry) { return entry->at; });
  std::reverse(rows.begin(), rows.end());
  std::string out;
  const std::size_t from = offset_of(params);
  for (std::size_t i = from; i < rows.size() && i < from + page; ++i) {
    const LedgerEntry& entry = *rows[i];
    out += (out.empty() ? "" : ",") + json_quoted(entry.id) +
           ":{\"refid\":" + json_quoted(entry.ref) + ",\"time\":" + unix_text(entry.at) +
           ",\"type\":" + json_quoted(entry.type) +
           ",\"subtype\":\"\",\"aclass\":\"currency\",\"asset\":" +
           json_quoted(asset_id(entry.asset)) + ",\"amount\":\"" +
           asset_amount(entry.asset, entry.amount) + "\",\"fee\":\"" +
           asset_amount(entry.asset, entry.fee) + "\",\"balance\":\"" +
           asset_amount(entry.asset, entry.balance) + "\"}";
  }
  if (by_id) return "{" + out + "}";
  return "{\"ledger\":{" + out + "},\"count\":" + std::to_string(rows.size()) + "}";
}

std::string key_info(const ApiKey& key) {
  std::string permissions;
  for (const std::string& name : key.permissions)
    permissions += (permissions.empty() ? "" : ",") + json_quoted(name);
  const auto seconds_text = [](Time time) {
    return "\"" + std::to_string(time.seconds_floor()) + "\"";
  };
  return "{\"api_key_name\":\"loopback\",\"api_key\":" + json_quoted(key.id) + ",\"nonce\":\"" +
         std::to_string(key.nonce) + "\",\"nonce_window\":\"0\",\"permissions\":[" + permissions +
         "],\"iban\":\"\",\"valid_until\":\"0\",\"query_from\":\"0\",\"query_to\":\"0\"," +
         "\"created_time\":" + seconds_text(key.created) +
         ",\"modified_time\":" + seconds_text(key.created) +
         ",\"ip_allowlist\":[\"\"],\"last_used\":" + seconds_text(key.used) + "}";
}

}  // namespace

std::optional<Result<std::string>> read_account(std::string_view method, const Params& params,
                                                PrivateVenue& venue, const ApiKey& key, Time now) {
  if (method == "Balance") return Text(balances(venue, false));
  if (method == "BalanceEx") return Text(balances(venue, true));
  if (method == "TradeBalance") return trade_balance(params, venue);
  if (method == "TradeVolume") return trade_volume(params, venue, now);
  if (method == "OpenOrders") return Text(open_orders(params, venue, now));
  if (method == "ClosedOrders") return Text(closed_orders(params, venue, now));
  if (method == "QueryOrders") return query_orders(params, venue, now);
  if (method == "TradesHistory") return Text(trades_history(params, venue, now));
  if (method == "QueryTrades") return query_trades(params, venue, now);
  if (method == "OpenPositions") return Text(std::string("{}"));
  if (method == "Ledgers") return Text(ledgers(params, venue, now, false));
  if (method == "QueryLedgers") return Text(ledgers(params, venue, now, true));
  if (method == "DepositStatus" || method == "WithdrawStatus") return Text(std::string("[]"));
  if (method == "GetApiKeyInfo") return Text(key_info(key));
  if (method == "GetWebSocketsToken") {
    std::string token = venue.matching().make_id('W') + venue.matching().make_id('S');
    std::erase(token, '-');
    venue.keys().make_token(key, token, now);
    return Text("{\"token\":" + json_quoted(token) + ",\"expires\":900}");
  }
  return std::nullopt;
}

}  // namespace aitrade::loopback
