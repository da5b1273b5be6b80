#include "exchanges/loopback/private_venue.h"

#include <algorithm>

namespace aitrade::loopback {
namespace {

constexpr std::int64_t point = 100;  // of the rate counters, in hundredths

Error refuse(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

}  // namespace

PrivateVenue::PrivateVenue(const AccountOptions& options, Market& market, Time now)
    : market_(market),
      accounts_(options.seed),
      matching_(market, accounts_, options.seed + 1),
      counters_(options.tier) {
  for (const ApiKey& key : options.keys) {
    keys_.add(key);
    keys_.find(key.id)->created = now;
  }
  for (const auto& [asset, amount] : options.deposits)
    (void)accounts_.transfer(asset, amount, "deposit", now);
}

Result<PrivateVenue::Added> PrivateVenue::add(const Params& params, Time now, bool batch) {
  const std::string client_id = params.text("cl_ord_id");
  if (!client_id.empty() && !params.flag("validate")) ++copies_[client_id];
  AITRADE_TRY(const OrderTerms terms, read_order(params, market_, now));
  if (terms.validate_only) {
    AITRADE_TRY_STATUS(matching_.check(terms, now));
    return Added{"", terms};
  }
  AITRADE_TRY_STATUS(matching_.check(terms, now));
  if (!counters_.trade(terms.pair, batch ? point / 2 : point, now)) {
    return refuse("EOrder:Rate limit exceeded");
  }
  AITRADE_TRY(const std::string id, matching_.place(terms, now));
  return Added{id, terms};
}

Result<const VenueOrder*> PrivateVenue::named(const Params& params) const {
  const std::string id = params.text("txid");
  const std::string client_id = params.text("cl_ord_id");
  if (id.empty() == client_id.empty()) return refuse("EGeneral:Invalid arguments");
  const VenueOrder* order = id.empty() ? matching_.find_client_id(client_id) : matching_.find(id);
  if (order == nullptr || !order->is_live()) return refuse("EOrder:Unknown order");
  return order;
}

Result<std::string> PrivateVenue::amend(const Params& params, Time now) {
  AITRADE_TRY(const VenueOrder* order, named(params));
  const ShownPair& pair = market_.pairs()[order->terms.pair];
  const Price last = market_.last_price(order->terms.pair);
  const Side side = order->terms.side;
  Amendment change;
  if (const auto text = params.find("deadline")) {
    const auto deadline = parse_time(*text);
    if (!deadline) return refuse("EGeneral:Invalid arguments:deadline");
    if (*deadline < now + market_.skew()) return refuse("EService:Deadline elapsed");
  }
  if (const auto text = params.find("order_qty")) {
    AITRADE_TRY(change.quantity, read_quantity(*text, "order_qty"));
  }
  if (const auto text = params.find("display_qty")) {
    AITRADE_TRY(change.display, read_quantity(*text, "display_qty"));
  }
  if (const auto text = params.find("limit_price")) {
    AITRADE_TRY(change.limit, read_price(*text, last, pair.rules.tick, side, side == Side::sell,
                                         "limit_price"));
  }
  if (const auto text = params.find("trigger_price")) {
    AITRADE_TRY(change.trigger, read_price(*text, last, pair.rules.tick, side, side == Side::buy,
                                           "trigger_price"));
  }
  change.post_only = params.flag("post_only");
  if (!counters_.trade(order->terms.pair, amend_cost(now - order->opened) * point, now)) {
    return refuse("EOrder:Rate limit exceeded");
  }
  AITRADE_TRY_STATUS(matching_.amend(order->id, change, now));
  return matching_.make_id('T');
}

Result<PrivateVenue::Edited> PrivateVenue::edit(const Params& params, Time now) {
  AITRADE_TRY(const VenueOrder* order, named(params));
  if (order->terms.close || order->filled.is_positive()) return refuse("EOrder:Invalid order");
  Edited out;
  out.original = order->id;
  out.old_ref = order->terms.user_ref;
  // The order as it stands, with what the request names.
  const OrderTerms& terms = order->terms;
  const bool waits = is_triggered_kind(terms.kind);
  Params fresh;
  fresh.set("ordertype", std::string(to_string(terms.kind)));
  fresh.set("type", std::string(to_string(terms.side)));
  fresh.set("pair", market_.pairs()[terms.pair].altname);
  const auto over = [&](const char* name, const std::string& before) {
    const std::string text = params.find(name).value_or(before);
    if (!text.empty()) fresh.set(name, text);
  };
  over("volume", to_string(terms.quantity));
  over("price", to_string(waits ? terms.trigger : terms.limit));
  over("price2", waits && has_limit(terms.kind) ? to_string(terms.limit) : "");
  over("oflags", terms.post_only ? "post" : "");
  over("userref", terms.user_ref ? std::to_string(*terms.user_ref) : "");
  over("deadline", "");
  over("validate", "");
  AITRADE_TRY(out.terms, read_order(fresh, market_, now));
  if (!counters_.trade(terms.pair, edit_cost(now - order->opened) * point, now)) {
    return refuse("EOrder:Rate limit exceeded");
  }
  if (out.terms.validate_only) return out;
  AITRADE_TRY_STATUS(matching_.cancel(out.original, "User requested", now));
  AITRADE_TRY(out.id, matching_.place(out.terms, now));
  return out;
}

Result<std::vector<std::string>> PrivateVenue::cancel(std::string_view name, Time now,
                                                      NamedBy by) {
  const auto may_be = [&](NamedBy kind) { return by == NamedBy::any || by == kind; };
  std::vector<std::string> ids;
  for (const VenueOrder& order : matching_.orders()) {
    if (!order.is_live()) continue;
    const OrderTerms& terms = order.terms;
    const bool is_named =
        (may_be(NamedBy::order_id) && order.id == name) ||
        (may_be(NamedBy::client_id) && !name.empty() && terms.client_id == name) ||
        (may_be(NamedBy::user_ref) && terms.user_ref && std::to_string(*terms.user_ref) == name);
    if (is_named) ids.push_back(order.id);
  }
  if (ids.empty()) return refuse("EOrder:Unknown order");
  for (const std::string& id : ids) {
    const VenueOrder* order = matching_.find(id);
    counters_.cancel(order->terms.pair, cancel_cost(now - order->opened), now);
    if (cancel_delay_ > Duration{0}) {
      cancels_.emplace(id, now + cancel_delay_);
    } else {
      (void)matching_.cancel(id, "User requested", now);
    }
  }
  return ids;
}

std::size_t PrivateVenue::cancel_all(Time now) {
  return matching_.cancel_all("User requested", now);
}

Time PrivateVenue::set_switch(Duration timeout, Time now) {
  switch_at_ = timeout > Duration{0} ? now + timeout : Time{};
  return switch_at_;
}

Status PrivateVenue::transfer(const Currency& asset, Amount amount, std::string_view type,
                              Time now) {
  AITRADE_TRY(const LedgerEntry entry, accounts_.transfer(asset, amount, type, now));
  matching_.note(entry);
  return ok();
}

void PrivateVenue::on_time(Time now) {
  for (auto it = cancels_.begin(); it != cancels_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    (void)matching_.cancel(it->first, "User requested", now);
    it = cancels_.erase(it);
  }
  matching_.on_time(now);
  // One that runs out during maintenance fires when the engine is back.
  if (switch_at_.ns != 0 && switch_at_ <= now && market_.system() != "maintenance") {
    switch_at_ = {};
    matching_.cancel_all("Cancel all orders after timeout", now);
  }
}

std::optional<Time> PrivateVenue::next_timer() const {
  std::optional<Time> next = matching_.next_timer();
  const auto consider = [&](Time time) {
    if (!next || time < *next) next = time;
  };
  if (switch_at_.ns != 0 && market_.system() != "maintenance") consider(switch_at_);
  for (const auto& [id, time] : cancels_)
    consider(time);
  return next;
}

}  // namespace aitrade::loopback
