#include "exchanges/loopback/matching.h"

#include <algorithm>
#include <array>

namespace aitrade::loopback {
namespace {

constexpr std::size_t open_orders_max = 225;  // per pair
constexpr std::uint64_t first_trade_id = 40'000'000;

Error refuse(std::string_view text) {
  return fail(ErrorCode::rejected, std::string(text));
}

Amount as_amount(Quantity quantity) {
  return Amount::from_raw(quantity.raw());
}

Quantity as_quantity(Amount amount) {
  return Quantity::from_raw(amount.raw());
}

bool crosses(Side side, Price limit, Price other) {
  return side == Side::buy ? other <= limit : other >= limit;
}

bool is_on_grid(Price price, Price tick) {
  return price.raw() % tick.raw() == 0;
}

}  // namespace

// ---- checks
// ------------------------------------------------------------------------------------------

Status Matching::check_mode(const OrderTerms& terms) const {
  const std::string& system = market_.system();
  const std::string& pair = market_.pairs()[terms.pair].status;
  for (const std::string* state : {&system, &pair}) {
    if (*state == "maintenance") return refuse("EService:Unavailable");
    if (*state == "cancel_only" || *state == "reduce_only") {
      return refuse("EService:Market in " + *state + " mode");
    }
    if (*state == "post_only" && !terms.post_only) {
      return refuse("EService:Market in post_only mode");
    }
    if (*state == "limit_only" && !(terms.kind == Kind::limit)) {
      return refuse("EService:Market in limit_only mode");
    }
  }
  return ok();
}

Status Matching::check_size(const OrderTerms& terms) const {
  const ShownPair& pair = market_.pairs()[terms.pair];
  const bool is_relative = is_trailing(terms.kind);
  if (has_limit(terms.kind) && !is_relative && !terms.limit.is_positive()) {
    return refuse(terms.kind == Kind::limit ? "EGeneral:Invalid arguments:price"
                                            : "EGeneral:Invalid arguments:price2");
  }
  if (is_triggered_kind(terms.kind) && !is_relative && !terms.trigger.is_positive()) {
    return refuse("EGeneral:Invalid arguments:price");
  }
  if (!is_on_grid(terms.limit, pair.rules.tick) || !is_on_grid(terms.trigger, pair.rules.tick)) {
    return refuse("EOrder:Tick size check failed");
  }
  if (terms.cash.is_positive()) {
    return terms.cash < pair.rules.minimum_notional ? Status(refuse("EOrder:Cost minimum not met"))
                                                    : ok();
  }
  if (!terms.quantity.is_positive()) return refuse("EGeneral:Invalid arguments:volume");
  if (terms.quantity < pair.rules.minimum) return refuse("EOrder:Order minimum not met");
  Price price = terms.limit.is_positive() ? terms.limit : terms.trigger;
  if (!price.is_positive()) price = market_.last_price(terms.pair);
  if (notional(price, terms.quantity, Rounding::up) < pair.rules.minimum_notional) {
    return refuse("EOrder:Cost minimum not met");
  }
  if (terms.kind == Kind::iceberg &&
      (terms.display * 15 < terms.quantity || terms.display > terms.quantity)) {
    return refuse("EGeneral:Invalid arguments:displayvol");
  }
  return ok();
}

Status Matching::check_funds(const OrderTerms& terms, Time now) {
  VenueOrder order;
  order.terms = terms;
  order.trigger = terms.trigger;
  order.limit = terms.limit;
  const ShownPair& pair = market_.pairs()[terms.pair];
  Amount need = needed(order);
  if (terms.kind == Kind::market && terms.side == Side::buy) {
    // No hold can name its price: what the book asks, level by level.
    Money cost = terms.cash;
    Quantity left = terms.quantity;
    for (const Level& level : pair.book.asks) {
      if (!left.is_positive()) break;
      const Quantity part = std::min(left, level.quantity);
      cost += notional(level.price, part, Rounding::up);
      left -= part;
    }
    need = cost + (terms.fee_in_base ? Money{} : apply(rate(false, now), cost, Rounding::up));
  }
  if (need > accounts_.available(paid_in(terms))) return refuse("EOrder:Insufficient funds");
  return ok();
}

Status Matching::check(const OrderTerms& terms, Time now) {
  if (terms.deadline && *terms.deadline < now + market_.skew()) {
    return refuse("EService:Deadline elapsed");
  }
  AITRADE_TRY_STATUS(check_mode(terms));
  if (terms.reduce_only) return refuse("EOrder:Reduce only:No position exists");
  if (!market_.last_price(terms.pair).is_positive()) return refuse("EService:Unavailable");
  if (!terms.client_id.empty() && find_client_id(terms.client_id) != nullptr) {
    return refuse("EOrder:Duplicate cl_ord_id");
  }
  AITRADE_TRY_STATUS(check_size(terms));
  if (live(terms.pair).size() >= open_orders_max) return refuse("EOrder:Orders limit exceeded");
  ensure_book(terms.pair, now, false);
  return check_funds(terms, now);
}

// ---- placing
// -----------------------------------------------------------------------------------------

Result<std::string> Matching::place(const OrderTerms& terms, Time now, std::string_view parent) {
  if (parent.empty()) AITRADE_TRY_STATUS(check(terms, now));
  VenueOrder& order = orders_.emplace_back();
  order.id = ids_.next('O');
  order.terms = terms;
  order.parent = std::string(parent);
  order.trigger = terms.trigger;
  order.limit = terms.limit;
  order.opened = order.changed = now;
  order.priority = next_priority_++;
  if (hide_next_ > Duration{0}) order.hidden_until = now + std::exchange(hide_next_, Duration{0});
  by_id_[order.id] = orders_.size() - 1;
  live_.push_back(orders_.size() - 1);
  if (is_trailing(terms.kind)) {
    order.peak = market_.last_price(terms.pair);
    trail(order, order.peak);
  }
  const std::string id = order.id;
  tell(OrderEvent::What::pending_new, order, now);
  if (!rehold(order)) {
    finish(order, Phase::canceled, "Insufficient funds", now);
    return id;
  }
  if (terms.starts <= now) activate(order, now);
  return id;
}

void Matching::activate(VenueOrder& order, Time now) {
  ensure_book(order.terms.pair, now, false);
  if (order.terms.post_only && would_take(order.terms, order.limit)) {
    return finish(order, Phase::canceled, "Post only order", now);
  }
  order.phase = Phase::open;
  tell(OrderEvent::What::opened, order, now);
  if (order.is_waiting()) return trigger_if_met(order, market_.last_price(order.terms.pair), now);
  execute(order, now);
}

// Takes what it may, and rests or ends with the remainder.
void Matching::execute(VenueOrder& order, Time now) {
  const bool is_bounded = has_limit(order.terms.kind);
  if (order.terms.lasting == Lasting::fok && !can_fill_whole(order)) {
    return finish(order, Phase::canceled, "Order could not be filled completely", now);
  }
  take(order, is_bounded ? std::optional<Price>(order.limit) : std::nullopt, now);
  if (!order.is_live()) return;
  if (!is_bounded) {
    return finish(order, order.filled.is_positive() ? Phase::canceled : Phase::expired,
                  "Out of liquidity", now);
  }
  if (order.terms.lasting == Lasting::ioc) {
    return finish(order, Phase::expired, "Order expired", now);
  }
  rest(order);
}

void Matching::rest(VenueOrder& order) {
  const BookLevels& book = market_.pairs()[order.terms.pair].book;
  const auto& side = order.terms.side == Side::buy ? book.bids : book.asks;
  order.queue_ahead = {};
  for (const Level& level : side) {
    if (level.price == order.limit) order.queue_ahead = level.quantity;
  }
}

bool Matching::would_take(const OrderTerms& terms, Price limit) const {
  const BookLevels& book = market_.pairs()[terms.pair].book;
  const auto& other = terms.side == Side::buy ? book.asks : book.bids;
  if (!other.empty() && crosses(terms.side, limit, other.front().price)) return true;
  return std::any_of(live_.begin(), live_.end(), [&](std::size_t i) {
    const VenueOrder& own = orders_[i];
    return own.terms.pair == terms.pair && own.terms.side != terms.side &&
           own.phase == Phase::open && !own.is_waiting() && has_limit(own.terms.kind) &&
           crosses(terms.side, limit, own.limit);
  });
}

bool Matching::can_fill_whole(const VenueOrder& order) const {
  const BookLevels& book = market_.pairs()[order.terms.pair].book;
  Quantity found;
  for (const Level& level : order.terms.side == Side::buy ? book.asks : book.bids) {
    if (has_limit(order.terms.kind) && !crosses(order.terms.side, order.limit, level.price)) break;
    found += level.quantity;
  }
  return found >= order.leaves();
}

// ---- filling
// -----------------------------------------------------------------------------------------

void Matching::take(VenueOrder& order, std::optional<Price> bound, Time now) {
  const std::size_t pair = order.terms.pair;
  const Side book_side = opposite(order.terms.side);
  while (order.is_live()) {
    if (meets_own(order, bound, now)) continue;
    if (!order.is_live()) return;
    const BookLevels& book = market_.pairs()[pair].book;
    const auto& levels = book_side == Side::buy ? book.bids : book.asks;
    if (levels.empty()) return;
    const Level best = levels.front();
    if (bound && !crosses(order.terms.side, *bound, best.price)) return;
    Quantity wanted = order.leaves();
    if (order.terms.cash.is_positive()) {
      wanted = quantity_for(order.terms.cash - order.cost, best.price, Rounding::down);
      if (!wanted.is_positive()) return complete(order, now);
    }
    const Quantity part = affordable(order, best.price,
                                     piece_of(order, std::min(wanted, best.quantity)), false, now);
    if (!part.is_positive()) {
      return finish(order, Phase::canceled, "Insufficient funds", now);
    }
    market_.take_best(pair, book_side, part);
    changed_books_.push_back(pair);
    fill(order, best.price, part, false, now);
  }
}

// Self-trade prevention: the client's own order stands at or before the market's best. Returns
// whether one was removed and the search goes on.
bool Matching::meets_own(VenueOrder& order, std::optional<Price> bound, Time now) {
  const Side side = order.terms.side;
  const BookLevels& book = market_.pairs()[order.terms.pair].book;
  const auto& levels = side == Side::buy ? book.asks : book.bids;
  VenueOrder* met = nullptr;
  for (VenueOrder* own : live(order.terms.pair)) {
    if (own == &order || own->terms.side == side || own->phase != Phase::open ||
        own->is_waiting() || !has_limit(own->terms.kind)) {
      continue;
    }
    if (bound && !crosses(side, *bound, own->limit)) continue;
    if (!levels.empty() && !crosses(side, levels.front().price, own->limit)) continue;
    if (met == nullptr || (side == Side::buy ? own->limit < met->limit : own->limit > met->limit)) {
      met = own;
    }
  }
  if (met == nullptr) return false;
  constexpr std::string_view reason = "Self trade prevention";
  const SelfTrade rule = order.terms.self_trade;
  if (rule != SelfTrade::cancel_newest) finish(*met, Phase::canceled, reason, now);
  if (rule != SelfTrade::cancel_oldest) finish(order, Phase::canceled, reason, now);
  return rule == SelfTrade::cancel_oldest;
}

// Returns false when nothing could be paid.
bool Matching::fill(VenueOrder& order, Price price, Quantity quantity, bool is_maker, Time now) {
  const ShownPair& pair = market_.pairs()[order.terms.pair];
  const bool is_buy = order.terms.side == Side::buy;
  VenueFill made;
  made.id = ids_.next('T');
  made.order_id = order.id;
  made.position_id = ids_.next('T');
  made.pair = order.terms.pair;
  made.side = order.terms.side;
  made.kind = order.terms.kind;
  made.price = price;
  made.quantity = quantity;
  made.is_maker = is_maker;
  made.client_id = order.terms.client_id;
  made.trade_id = first_trade_id + ++trade_ids_[made.pair];
  made.at = now;
  // The cost is what the client's cash changes by, so that it needs no second rounding.
  made.cost = notional(price, quantity, is_buy ? Rounding::up : Rounding::down);
  made.fee_in_base = order.terms.fee_in_base;
  made.fee = apply(rate(is_maker, now), made.fee_in_base ? as_amount(quantity) : made.cost,
                   Rounding::up);

  accounts_.release(paid_in(order.terms), order.held);
  order.held = {};
  const Amount quote_fee = made.fee_in_base ? Amount{} : made.fee;
  const Amount base_fee = made.fee_in_base ? made.fee : Amount{};
  const std::array<LedgerEntry, 2> lines{
      accounts_.trade(pair.symbol.quote, is_buy ? -made.cost : made.cost, quote_fee, made.id, now),
      accounts_.trade(pair.symbol.base, is_buy ? as_amount(quantity) : -as_amount(quantity),
                      base_fee, made.id, now)};
  order.filled += quantity;
  order.cost += made.cost;
  order.fee += made.fee;
  order.fills.push_back(fills_.size());
  for (const LedgerEntry& line : lines)
    made.ledger_ids.push_back(line.id);
  fills_.push_back(made);
  if (order.is_live()) rehold(order);

  OrderEvent event{OrderEvent::What::trade, order, made, {}, now};
  events_.push_back(event);
  for (const LedgerEntry& line : lines) {
    events_.push_back({OrderEvent::What::ledger, order, {}, line, now});
  }
  if (order.terms.quantity.is_positive() && order.is_live() && !order.leaves().is_positive()) {
    complete(order, now);
  }
  if (order.terms.close) place_close(order, made, now);
  return true;
}

void Matching::place_close(VenueOrder& order, const VenueFill& made, Time now) {
  if (std::exchange(lose_child_, false)) return;
  OrderTerms child;
  child.pair = order.terms.pair;
  child.side = opposite(order.terms.side);
  child.kind = order.terms.close->kind;
  child.quantity = made.quantity;
  if (made.fee_in_base && made.side == Side::buy) child.quantity -= as_quantity(made.fee);
  const bool waits = is_triggered_kind(child.kind);
  child.trigger = waits ? order.terms.close->price : Price{};
  child.limit = waits ? order.terms.close->price2 : order.terms.close->price;
  child.user_ref = order.terms.user_ref;
  const std::string parent = order.id;
  if (const Duration late = std::exchange(delay_child_, Duration{0}); late > Duration{0}) {
    late_children_.push_back({now + late, child, parent});
    return;
  }
  (void)place(child, now, parent);
}

void Matching::complete(VenueOrder& order, Time now) {
  if (order.terms.cash.is_positive()) order.terms.quantity = order.filled;
  finish(order, Phase::closed, "", now);
}

void Matching::finish(VenueOrder& order, Phase phase, std::string_view reason, Time now,
                      bool quiet) {
  if (!order.is_live()) return;
  accounts_.release(paid_in(order.terms), order.held);
  order.held = {};
  order.phase = phase;
  order.reason = std::string(reason);
  order.closed = now;
  std::erase_if(live_, [&](std::size_t i) { return &orders_[i] == &order; });
  if (quiet) return;
  tell(phase == Phase::closed     ? OrderEvent::What::filled
       : phase == Phase::canceled ? OrderEvent::What::canceled
                                  : OrderEvent::What::expired,
       order, now);
}

// ---- money
// -------------------------------------------------------------------------------------------

const Currency& Matching::paid_in(const OrderTerms& terms) const {
  const Symbol& symbol = market_.pairs()[terms.pair].symbol;
  return terms.side == Side::buy ? symbol.quote : symbol.base;
}

// What an order reserves for its remainder; a market buy reserves nothing: it is over at once.
Amount Matching::needed(const VenueOrder& order) const {
  const Rate taker = market_.fees().at(Money{}).taker;
  if (order.terms.side == Side::sell) {
    const Amount base = as_amount(order.leaves());
    return order.terms.fee_in_base ? base + apply(taker, base, Rounding::up) : base;
  }
  const Price price = order.limit.is_positive() ? order.limit : order.trigger;
  if (!price.is_positive()) return {};
  const Money cost = notional(price, order.leaves(), Rounding::up);
  return order.terms.fee_in_base ? cost : cost + apply(taker, cost, Rounding::up);
}

bool Matching::rehold(VenueOrder& order) {
  const Currency& asset = paid_in(order.terms);
  accounts_.release(asset, order.held);
  order.held = {};
  Amount need = needed(order);
  // Roundings of many fills may leave a unit less than the sum of their roundings.
  const bool had_fills = order.filled.is_positive();
  if (had_fills) need = std::min(need, accounts_.available(asset));
  if (need.is_negative() || !accounts_.hold(asset, need)) return false;
  order.held = need;
  return true;
}

Quantity Matching::affordable(const VenueOrder& order, Price price, Quantity quantity,
                              bool is_maker, Time now) const {
  const Rate fee = rate(is_maker, now);
  const Amount funds = accounts_.available(paid_in(order.terms)) + order.held;
  const auto need = [&](Quantity q) {
    if (order.terms.side == Side::sell) {
      const Amount base = as_amount(q);
      return order.terms.fee_in_base ? base + apply(fee, base, Rounding::up) : base;
    }
    const Money cost = notional(price, q, Rounding::up);
    return order.terms.fee_in_base ? cost : cost + apply(fee, cost, Rounding::up);
  };
  if (need(quantity) <= funds) return quantity;
  const Amount usable = funds - apply(fee, funds, Rounding::up);
  if (!usable.is_positive()) return {};
  const Quantity less = order.terms.side == Side::sell
                            ? as_quantity(usable)
                            : quantity_for(usable, price, Rounding::down);
  return need(less) <= funds ? less : Quantity{};
}

Quantity Matching::piece_of(const VenueOrder& order, Quantity quantity) const {
  if (pieces_ <= 1 || !order.terms.quantity.is_positive()) return quantity;
  const std::int64_t piece = std::max<std::int64_t>(order.terms.quantity.raw() / pieces_, 1);
  return std::min(quantity, Quantity::from_raw(piece));
}

Rate Matching::rate(bool is_maker, Time now) const {
  const FeeLadder& ladder = market_.fees();
  const auto& step = ladder.at(ladder.steps().size() > 1 ? volume_30d(now) : Money{});
  return is_maker ? step.maker : step.taker;
}

Money Matching::volume_30d(Time now) const {
  Money sum;
  for (auto it = fills_.rbegin(); it != fills_.rend() && it->at > now - hours{24 * 30}; ++it) {
    sum += it->cost;
  }
  return sum;
}

}  // namespace aitrade::loopback
