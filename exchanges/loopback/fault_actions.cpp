#include "exchanges/loopback/fault_actions.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace aitrade::loopback {
namespace {

Error bad(std::string_view what) {
  return fail(ErrorCode::invalid, std::string(what));
}

std::int64_t number(const Params& params, std::string_view name, std::int64_t other) {
  const std::string text = params.text(name);
  std::int64_t value = other;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The order that "id" names (an id or a client id), or the newest live one.
const VenueOrder* order_of(const Params& params, const Matching& matching, bool live_only) {
  const std::string id = params.text("id");
  const auto& orders = matching.orders();
  for (auto it = orders.rbegin(); it != orders.rend(); ++it) {
    const bool is_named = id.empty() || it->id == id || it->terms.client_id == id;
    if (is_named && (!live_only || it->is_live())) return &*it;
  }
  return nullptr;
}

Status on_order(std::string_view action, const Params& arguments, PrivateVenue& venue, Time now) {
  Matching& matching = venue.matching();
  const VenueOrder* order = order_of(arguments, matching, action != "late_fill");
  if (order == nullptr) return bad("no such order");
  const std::string id = order->id;
  if (action == "vanish") return matching.vanish(id, now);
  if (action == "venue_cancel" || action == "cancel") {
    std::string reason = arguments.text("reason");
    if (reason.empty()) reason = action == "cancel" ? "User requested" : "Canceled by the venue";
    return matching.cancel(id, reason, now);
  }
  Quantity quantity = order->leaves();
  if (arguments.has("quantity")) {
    AITRADE_TRY(quantity, Quantity::parse(arguments.text("quantity")));
  }
  return matching.force_fill(id, quantity, now);
}

Status on_keys(std::string_view action, const Params& arguments, PrivateVenue& venue) {
  const std::string id = arguments.text("key");
  bool is_any = false;
  for (const auto& [name, known] : venue.keys().keys()) {
    if (!id.empty() && id != name) continue;
    ApiKey* key = venue.keys().find(name);
    is_any = true;
    if (action == "revoke_key") key->is_revoked = !arguments.flag("undo");
    if (action == "nonce") {
      constexpr std::int64_t far = 1'000'000'000'000'000;
      key->nonce = known.nonce + static_cast<std::uint64_t>(number(arguments, "by", far));
    }
    if (action == "permissions") {
      key->permissions.clear();
      for (const std::string& one : arguments.list("list"))
        key->permissions.insert(one);
    }
  }
  return is_any ? ok() : Status(bad("no such key"));
}

// The named pair, or the first.
std::optional<std::size_t> pair_of(const Params& arguments, const Market& market) {
  const std::string name = arguments.text("pair");
  if (name.empty()) return market.pairs().empty() ? std::nullopt : std::optional<std::size_t>(0);
  return market.find(name);
}

constexpr std::int64_t whole = 1000;  // per mille

Price moved(Price price, std::int64_t per_mille, Price tick) {
  const Price out = apply(Rate::from_raw(Rate::scale / whole * (whole + per_mille)), price,
                          Rounding::half_even);
  return std::max(round_to_step(out, tick, Rounding::half_even), tick);
}

// "price", or the last one moved by "per_mille".
Result<Price> price_of(const Params& arguments, const Market& market, std::size_t pair) {
  if (arguments.has("price")) return Price::parse(arguments.text("price"));
  return moved(market.last_price(pair), number(arguments, "per_mille", 0),
               market.pairs()[pair].rules.tick);
}

Status on_prices(std::string_view action, const Params& arguments, Market& market, Time now) {
  const auto pair = pair_of(arguments, market);
  if (!pair || !market.last_price(*pair).is_positive()) return bad("no such pair, or no price yet");
  const std::int64_t per_mille = number(arguments, "per_mille", 0);
  if (per_mille <= -whole) return bad("a price cannot fall by all of it");
  if (action == "crash") {
    const Duration span = milliseconds{number(arguments, "ms", 90'000)};
    market.set_crash(*pair, {now, span, -per_mille * 1000});
    return ok();
  }
  Quantity quantity = market.pairs()[*pair].rules.minimum;
  if (arguments.has("quantity")) {
    AITRADE_TRY(quantity, Quantity::parse(arguments.text("quantity")));
  }
  AITRADE_TRY(const Price price, price_of(arguments, market, *pair));
  if (!price.is_positive() || !quantity.is_positive()) return bad("a trade without a price or size");
  if (action == "gap") {
    market.set_level(*pair,
                     market.pairs()[*pair].level_ppm * (whole + per_mille) / whole);
  }
  market.print(*pair, price, quantity, arguments.text("side") == "buy", now);
  return ok();
}

Status change_rules(const Params& arguments, Market& market, std::size_t pair) {
  const Instrument& rules = market.pairs()[pair].rules;
  Price tick = Price::from_raw(rules.tick.raw() * number(arguments, "tick_times", 1));
  Quantity minimum = Quantity::from_raw(rules.minimum.raw() * number(arguments, "minimum_times", 1));
  Money cost = rules.minimum_notional;
  if (arguments.has("tick")) {
    AITRADE_TRY(tick, Price::parse(arguments.text("tick")));
  }
  if (arguments.has("minimum")) {
    AITRADE_TRY(minimum, Quantity::parse(arguments.text("minimum")));
  }
  if (arguments.has("minimum_cost")) {
    AITRADE_TRY(cost, Money::parse(arguments.text("minimum_cost")));
  }
  if (!tick.is_positive() || !minimum.is_positive()) return bad("rules must be positive");
  market.set_rules(pair, tick, minimum, cost);
  return ok();
}

Status on_market(std::string_view action, const Params& arguments, Market& market, Time now) {
  const std::string state = arguments.text("state");
  if (action == "system") {
    market.set_system(state.empty() ? "online" : state);
    return ok();
  }
  if (action == "gap" || action == "crash" || action == "print") {
    return on_prices(action, arguments, market, now);
  }
  const auto pair = pair_of(arguments, market);
  if (!pair) return bad("no such pair");
  if (action == "rules") return change_rules(arguments, market, *pair);
  market.set_pair_status(*pair, state.empty() ? "online" : state);
  return ok();
}

Status on_fill(std::string_view action, const Params& arguments, PrivateVenue& venue, Time now) {
  Matching& matching = venue.matching();
  const std::string id = arguments.text("id");
  if (action == "bust") return matching.bust(id, now);
  std::optional<Price> price;
  std::optional<Amount> fee;
  if (arguments.has("price")) {
    AITRADE_TRY(price, Price::parse(arguments.text("price")));
  }
  if (arguments.has("fee")) {
    AITRADE_TRY(fee, Amount::parse(arguments.text("fee")));
  }
  if (arguments.has("per_mille") && !matching.fills().empty()) {
    const VenueFill& newest = matching.fills().back();
    price = moved(newest.price, number(arguments, "per_mille", 0),
                  venue.market().pairs()[newest.pair].rules.tick);
  }
  return matching.correct(id, price, fee, now);
}

// What the owner does with the account by other means.
Status by_hand(std::string_view action, const Params& arguments, PrivateVenue& venue, Time now) {
  const Market& market = venue.market();
  if (market.pairs().empty()) return bad("no such pair");
  if (action == "deposit") {
    AITRADE_TRY(const Amount amount, Amount::parse(arguments.text("amount")));
    const std::string asset = arguments.text("asset");
    return venue.transfer(asset.empty() ? market.pairs().front().symbol.quote : asset, amount,
                          amount.is_negative() ? "withdrawal" : "deposit", now);
  }
  Params order = arguments;
  if (!order.has("pair")) order.set("pair", market.pairs().front().altname);
  const auto added = venue.add(order, now);
  return added ? ok() : Status(Error(added.error()));
}

bool is_one_of(std::string_view action, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), action) != list.end();
}

}  // namespace

Status do_venue_action(std::string_view action, const Params& arguments, PrivateVenue& venue,
                       Market& market, Time now) {
  const Duration span = milliseconds{number(arguments, "ms", 0)};
  if (is_one_of(action, {"system", "pair_status", "rules", "gap", "crash", "print"})) {
    return on_market(action, arguments, market, now);
  }
  if (is_one_of(action, {"venue_cancel", "cancel", "vanish", "fill", "late_fill"})) {
    return on_order(action, arguments, venue, now);
  }
  if (is_one_of(action, {"bust", "correct"})) return on_fill(action, arguments, venue, now);
  if (is_one_of(action, {"revoke_key", "permissions", "nonce"})) {
    return on_keys(action, arguments, venue);
  }
  if (is_one_of(action, {"deposit", "order"})) return by_hand(action, arguments, venue, now);
  if (action == "pieces") {
    venue.matching().set_pieces(number(arguments, "count", 1));
  } else if (action == "hide_next") {
    venue.matching().hide_next(span);
  } else if (action == "lose_child") {
    venue.matching().lose_next_child();
  } else if (action == "late_child") {
    venue.matching().delay_next_child(span);
  } else if (action == "rate_limit") {
    venue.counters().exhaust(now + span);
  } else if (action == "read_lag") {
    venue.set_read_lag(span);
  } else if (action == "cancel_delay") {
    venue.set_cancel_delay(span);
  } else if (action == "expire_tokens") {
    venue.keys().expire_tokens();
  } else if (action == "skew") {
    market.set_skew(span);
  } else if (action == "switch") {
    venue.set_switch(std::max<Duration>(span, Duration{1}), now);
  } else if (action != "disconnect") {
    return bad("unknown action");
  }
  return ok();
}

}  // namespace aitrade::loopback
