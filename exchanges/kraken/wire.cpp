#include "exchanges/kraken/wire.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aitrade::kraken {
namespace {

constexpr std::array<std::pair<WireType, std::string_view>, 10> type_names{{
    {WireType::market, "market"},
    {WireType::limit, "limit"},
    {WireType::iceberg, "iceberg"},
    {WireType::stop_loss, "stop-loss"},
    {WireType::take_profit, "take-profit"},
    {WireType::stop_loss_limit, "stop-loss-limit"},
    {WireType::take_profit_limit, "take-profit-limit"},
    {WireType::trailing_stop, "trailing-stop"},
    {WireType::trailing_stop_limit, "trailing-stop-limit"},
    {WireType::settle_position, "settle-position"},
}};

constexpr std::array<std::pair<WireStatus, std::string_view>, 5> status_names{{
    {WireStatus::pending, "pending"},
    {WireStatus::open, "open"},
    {WireStatus::closed, "closed"},
    {WireStatus::canceled, "canceled"},
    {WireStatus::expired, "expired"},
}};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return {};
}

template <class Value, std::size_t N>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, N>& names,
                              std::string_view text) {
  for (const auto& [known, name] : names) {
    if (name == text) return known;
  }
  return std::nullopt;
}

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "kraken order: " + std::move(what));
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// A UUID of 36 characters or 32 digits, or free text the venue takes.
bool is_client_id(std::string_view text) {
  constexpr std::size_t free_text_max = 18;
  if (text.size() <= free_text_max) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
  }
  if (text.size() != 32 && text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    if (is_dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

Status check_deadline(const std::optional<Time>& deadline, Road road, Time now) {
  const Duration least = road == Road::rest ? Duration{seconds{2}} : Duration{milliseconds{500}};
  if (!deadline) return bad("no deadline: without one an unanswered order stays undecided");
  if (*deadline - now < least || *deadline - now > Duration{seconds{60}}) {
    return bad("the deadline " + to_string(*deadline) + " is out of bounds at " + to_string(now));
  }
  return ok();
}

Status check_price(const std::optional<WirePrice>& price, const char* name) {
  if (!price) return bad(std::string("no ") + name);
  if (!price->value.is_positive()) return bad(std::string(name) + " is not above zero");
  if (price->is_percent && price->is_absolute())
    return bad(std::string(name) + " in percent without a sign");
  return ok();
}

Status check_prices(WireType type, const std::optional<WirePrice>& price,
                    const std::optional<WirePrice>& limit) {
  const bool wants_price = type != WireType::market && type != WireType::settle_position;
  if (wants_price) {
    AITRADE_TRY_STATUS(check_price(price, has_trigger(type) ? "trigger" : "limit price"));
  } else if (price) {
    return bad("a price beside " + std::string(to_string(type)));
  }
  if (is_trailing(type) && price->kind != WirePrice::Kind::plus) {
    return bad("a trailing order needs a positive offset");
  }
  if (!has_limit_behind_trigger(type)) return limit ? bad("a limit behind no trigger") : ok();
  AITRADE_TRY_STATUS(check_price(limit, "limit price"));
  if (is_trailing(type) && limit->is_absolute())
    return bad("the limit of a trailing order is an offset");
  return ok();
}

Status check_quantity(const OrderRequest& r) {
  constexpr std::int64_t fraction_max = 15;
  if (r.cost) {
    if (r.type != WireType::market || r.side != Side::buy) return bad("a cost is for a market buy");
    if (!r.cost->is_positive()) return bad("the cost is not above zero");
    return ok();
  }
  if (!r.quantity.is_positive()) return bad("the quantity is not above zero");
  if (r.displayed.has_value() != (r.type == WireType::iceberg)) {
    return bad("a displayed quantity and an iceberg go together");
  }
  if (r.displayed && (*r.displayed * fraction_max < r.quantity || *r.displayed > r.quantity)) {
    return bad("displayed quantity is less than a fifteenth, or more than all");
  }
  return ok();
}

Status check_time_in_force(const OrderRequest& r, Road road) {
  const bool has_end = r.expires || r.expires_in;
  if (has_end != (r.tif == WireTif::gtd)) return bad("an expiry and good-till-date go together");
  if (r.expires && r.expires_in) return bad("two expiries");
  if (r.expires_in && road == Road::websocket) return bad("a WebSocket order expires at a time");
  if (r.tif == WireTif::fok && road == Road::websocket) return bad("fill-or-kill is for REST");
  return ok();
}

}  // namespace

std::string_view to_string(WireType type) {
  return name_of(type_names, type);
}

std::string_view to_string(WireStatus status) {
  return name_of(status_names, status);
}

std::string_view to_string(WireTif tif) {
  switch (tif) {
    case WireTif::gtc:
      return "GTC";
    case WireTif::ioc:
      return "IOC";
    case WireTif::gtd:
      return "GTD";
    case WireTif::fok:
      return "FOK";
  }
  return {};
}

std::string_view to_string(SelfTrade mode) {
  switch (mode) {
    case SelfTrade::cancel_newest:
      return "cancel-newest";
    case SelfTrade::cancel_oldest:
      return "cancel-oldest";
    case SelfTrade::cancel_both:
      return "cancel-both";
  }
  return {};
}

std::string_view to_string(TriggerReference reference) {
  return reference == TriggerReference::last ? "last" : "index";
}

std::optional<WireType> wire_type(std::string_view text) {
  return value_of(type_names, text);
}

std::optional<WireStatus> wire_status(std::string_view text) {
  return value_of(status_names, text);
}

std::optional<Side> wire_side(std::string_view text) {
  if (text == "buy") return Side::buy;
  if (text == "sell") return Side::sell;
  return std::nullopt;
}

bool has_trigger(WireType type) {
  return type != WireType::market && type != WireType::limit && type != WireType::iceberg &&
         type != WireType::settle_position;
}

bool has_limit_behind_trigger(WireType type) {
  return type == WireType::stop_loss_limit || type == WireType::take_profit_limit ||
         type == WireType::trailing_stop_limit;
}

bool is_trailing(WireType type) {
  return type == WireType::trailing_stop || type == WireType::trailing_stop_limit;
}

Result<WirePrice> WirePrice::parse(std::string_view text) {
  WirePrice price;
  if (text.starts_with('+') || text.starts_with('-')) {
    price.kind = text.front() == '+' ? Kind::plus : Kind::minus;
    text.remove_prefix(1);
  }
  if (text.ends_with('%')) {
    price.is_percent = true;
    text.remove_suffix(1);
  }
  if (text.starts_with('+') || text.starts_with('-')) return bad("a price with two signs");
  AITRADE_TRY(price.value, Price::parse(text));
  return price;
}

std::string to_string(const WirePrice& price) {
  std::string text;
  if (price.kind != WirePrice::Kind::absolute)
    text += price.kind == WirePrice::Kind::plus ? '+' : '-';
  text += to_string(price.value);
  if (price.is_percent) text += '%';
  return text;
}

Status check(const OrderRequest& r, Road road, Time now) {
  if (road == Road::rest ? r.pair.empty() : r.symbol.empty()) return bad("no pair");
  AITRADE_TRY_STATUS(check_quantity(r));
  AITRADE_TRY_STATUS(check_prices(r.type, r.price, r.limit));
  AITRADE_TRY_STATUS(check_time_in_force(r, road));
  if (r.post_only && r.type != WireType::limit) return bad("post-only is for limit orders");
  if (r.client_id.empty()) return bad("no client id: an unanswered order could not be looked up");
  if (!is_client_id(r.client_id)) return bad("the client id has a form the venue does not take");
  if (r.userref) return bad("userref beside a client id");
  if (r.reduce_only && !r.leverage) return bad("reduce-only is for margin orders");
  if (r.close) {
    AITRADE_TRY_STATUS(check_prices(r.close->type, r.close->price, r.close->limit));
  }
  return check_deadline(r.deadline, road, now);
}

Status check(const AmendRequest& r, Road road, Time now) {
  if (r.venue_id.empty() == r.client_id.empty()) return bad("an amend names one order by one id");
  if (!r.quantity && !r.displayed && !r.limit && !r.trigger && !r.post_only) {
    return bad("an amend that changes nothing");
  }
  if (r.quantity && !r.quantity->is_positive()) return bad("the quantity is not above zero");
  if (r.limit) AITRADE_TRY_STATUS(check_price(r.limit, "limit price"));
  if (r.trigger) AITRADE_TRY_STATUS(check_price(r.trigger, "trigger"));
  return check_deadline(r.deadline, road, now);
}

OrderRequest spot_request(const Order& order, std::string pair, std::string symbol,
                          std::string client_id, Time deadline) {
  OrderRequest r;
  r.pair = std::move(pair);
  r.symbol = std::move(symbol);
  r.side = order.side;
  r.quantity = order.quantity;
  r.post_only = order.post_only;
  r.client_id = std::move(client_id);
  r.deadline = deadline;
  switch (order.type) {
    case OrderType::market:
      r.type = WireType::market;
      break;
    case OrderType::limit:
      r.type = WireType::limit;
      r.price = WirePrice::at(order.limit);
      break;
    case OrderType::stop:
      r.type = WireType::stop_loss;
      r.price = WirePrice::at(order.trigger);
      break;
    case OrderType::stop_limit:
      r.type = WireType::stop_loss_limit;
      r.price = WirePrice::at(order.trigger);
      r.limit = WirePrice::at(order.limit);
      break;
  }
  switch (order.tif) {
    case TimeInForce::gtc:
      break;
    case TimeInForce::ioc:
      r.tif = WireTif::ioc;
      break;
    case TimeInForce::fok:
      r.tif = WireTif::fok;
      break;
  }
  if (order.tif == TimeInForce::gtc && order.good_till > Time{}) {
    r.tif = WireTif::gtd;
    // The venue counts whole seconds by REST: the order ends no later than it should.
    r.expires = Time::from_seconds(order.good_till.seconds_floor());
  }
  return r;
}

}  // namespace aitrade::kraken
