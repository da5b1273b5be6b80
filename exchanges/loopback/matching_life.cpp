// The later life of an order: market events, triggers, time, amends and cancels.

#include "exchanges/loopback/matching.h"

#include <algorithm>

namespace aitrade::loopback {
namespace {

Error unknown_order() {
  return fail(ErrorCode::rejected, "EOrder:Unknown order");
}

Price offset_of(const Offset& offset, Price from, Price tick) {
  if (!offset.is_percent) return offset.amount;
  const Rate part = Rate::from_raw(offset.amount.raw() / 100);
  return round_to_step(apply(part, from, Rounding::half_even), tick, Rounding::half_even);
}

}  // namespace

void Matching::tell(OrderEvent::What what, const VenueOrder& order, Time now) {
  events_.push_back({what, order, {}, {}, now});
}

std::vector<std::size_t> Matching::take_changed_books() {
  std::sort(changed_books_.begin(), changed_books_.end());
  changed_books_.erase(std::unique(changed_books_.begin(), changed_books_.end()),
                       changed_books_.end());
  return std::exchange(changed_books_, {});
}

// ---- finding
// -----------------------------------------------------------------------------------------

const VenueOrder* Matching::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &orders_[found->second];
}

VenueOrder* Matching::mutable_find(std::string_view id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &orders_[found->second];
}

const VenueOrder* Matching::find_client_id(std::string_view client_id) const {
  for (const std::size_t i : live_) {
    if (orders_[i].terms.client_id == client_id) return &orders_[i];
  }
  return nullptr;
}

bool Matching::has_live(std::size_t pair) const {
  return std::any_of(live_.begin(), live_.end(),
                     [&](std::size_t i) { return orders_[i].terms.pair == pair; });
}

// In order of price, the better first, then of time.
std::vector<VenueOrder*> Matching::live(std::size_t pair) {
  std::vector<VenueOrder*> out;
  for (const std::size_t i : live_) {
    if (orders_[i].terms.pair == pair) out.push_back(&orders_[i]);
  }
  std::sort(out.begin(), out.end(), [](const VenueOrder* a, const VenueOrder* b) {
    if (a->terms.side == b->terms.side && a->limit != b->limit) {
      return a->terms.side == Side::buy ? a->limit > b->limit : a->limit < b->limit;
    }
    if (a->terms.side != b->terms.side) return a->terms.side < b->terms.side;
    return a->priority < b->priority;
  });
  return out;
}

// ---- the market moves
// --------------------------------------------------------------------------------

void Matching::ensure_book(std::size_t index, Time now, bool anew) {
  const ShownPair& pair = market_.pairs()[index];
  const bool is_empty = pair.book.bids.empty() || pair.book.asks.empty();
  if (!anew && !is_empty && pair.book_second == now.seconds_floor()) return;
  market_.refresh_book(index, now.seconds_floor(), pair.spread);
  changed_books_.push_back(index);
}

void Matching::on_trade(std::size_t pair, const ShownTrade& trade, Time now) {
  if (!has_live(pair)) return;
  ensure_book(pair, now, true);
  Quantity left = trade.quantity;
  for (VenueOrder* order : live(pair)) {
    if (order->phase == Phase::open && !order->is_waiting() && has_limit(order->terms.kind)) {
      fill_by_trade(*order, trade, left, now);
    }
  }
  for (VenueOrder* order : live(pair)) {
    if (order->phase == Phase::open && order->is_waiting()) {
      trail(*order, trade.price);
      trigger_if_met(*order, trade.price, now);
    }
  }
  on_book(pair, now);
}

// A resting order and one printed trade: behind the queue at its price, whole when traded through.
void Matching::fill_by_trade(VenueOrder& order, const ShownTrade& trade, Quantity& left,
                             Time now) {
  const bool is_buy = order.terms.side == Side::buy;
  const bool is_through = is_buy ? trade.price < order.limit : trade.price > order.limit;
  const bool is_touch = trade.price == order.limit && trade.is_buy != is_buy;
  if (!is_through && !is_touch) return;
  Quantity part = order.leaves();
  if (is_touch) {
    const Quantity before = std::min(order.queue_ahead, left);
    order.queue_ahead -= before;
    left -= before;
    part = std::min(part, left);
    left -= part;
  }
  while (part.is_positive() && order.is_live()) {
    const Quantity piece = affordable(order, order.limit, piece_of(order, part), true, now);
    if (!piece.is_positive()) return finish(order, Phase::canceled, "Insufficient funds", now);
    part -= piece;
    fill(order, order.limit, piece, true, now);
  }
}

// The market's new book may stand through a resting order: it was there first.
void Matching::on_book(std::size_t pair, Time now) {
  for (VenueOrder* order : live(pair)) {
    if (order->phase != Phase::open || order->is_waiting() || !has_limit(order->terms.kind)) {
      continue;
    }
    const bool is_buy = order->terms.side == Side::buy;
    while (order->is_live()) {
      const BookLevels& book = market_.pairs()[pair].book;
      const auto& other = is_buy ? book.asks : book.bids;
      if (other.empty()) break;
      const Level best = other.front();
      if (is_buy ? best.price > order->limit : best.price < order->limit) break;
      const Quantity wanted = piece_of(*order, std::min(order->leaves(), best.quantity));
      const Quantity part = affordable(*order, order->limit, wanted, true, now);
      if (!part.is_positive()) {
        finish(*order, Phase::canceled, "Insufficient funds", now);
        break;
      }
      market_.take_best(pair, is_buy ? Side::sell : Side::buy, part);
      changed_books_.push_back(pair);
      fill(*order, order->limit, part, true, now);
    }
  }
}

void Matching::trail(VenueOrder& order, Price last) {
  if (!is_trailing(order.terms.kind) || order.is_triggered) return;
  const bool is_sell = order.terms.side == Side::sell;
  order.peak = is_sell ? std::max(order.peak, last) : std::min(order.peak, last);
  const Price tick = market_.pairs()[order.terms.pair].rules.tick;
  const Price distance = offset_of(order.terms.trail, order.peak, tick);
  order.trigger = is_sell ? order.peak - distance : order.peak + distance;
  if (order.terms.kind == Kind::trailing_stop_limit) {
    order.limit = order.trigger + offset_of(order.terms.limit_trail, order.trigger, tick);
  }
}

void Matching::trigger_if_met(VenueOrder& order, Price last, Time now) {
  if (!order.is_live() || !order.is_waiting()) return;
  const bool is_profit =
      order.terms.kind == Kind::take_profit || order.terms.kind == Kind::take_profit_limit;
  const bool wants_fall = (order.terms.side == Side::sell) != is_profit;
  if (wants_fall ? last > order.trigger : last < order.trigger) return;
  order.is_triggered = true;
  order.priority = next_priority_++;
  tell(OrderEvent::What::triggered, order, now);
  execute(order, now);
}

// ---- time
// --------------------------------------------------------------------------------------------

void Matching::on_time(Time now) {
  for (std::size_t i = 0; i < late_children_.size();) {
    if (late_children_[i].at > now) {
      ++i;
      continue;
    }
    const LateChild child = late_children_[i];
    late_children_.erase(late_children_.begin() + static_cast<std::ptrdiff_t>(i));
    (void)place(child.terms, now, child.parent);
  }
  const std::vector<std::size_t> all = live_;
  for (const std::size_t i : all) {
    VenueOrder& order = orders_[i];
    if (!order.is_live()) continue;
    if (order.terms.expires.ns != 0 && order.terms.expires <= now) {
      finish(order, Phase::expired, "Order expired", now);
    } else if (order.phase == Phase::pending && order.terms.starts <= now) {
      activate(order, now);
    }
  }
}

std::optional<Time> Matching::next_timer() const {
  std::optional<Time> next;
  const auto consider = [&](Time time) {
    if (time.ns != 0 && (!next || time < *next)) next = time;
  };
  for (const LateChild& child : late_children_)
    consider(child.at);
  for (const std::size_t i : live_) {
    consider(orders_[i].terms.expires);
    if (orders_[i].phase == Phase::pending) consider(orders_[i].terms.starts);
  }
  return next;
}

// ---- commands
// ----------------------------------------------------------------------------------------

Status Matching::cancel(std::string_view id, std::string_view reason, Time now) {
  VenueOrder* order = mutable_find(id);
  if (order == nullptr || !order->is_live()) return unknown_order();
  finish(*order, Phase::canceled, reason, now);
  return ok();
}

std::size_t Matching::cancel_all(std::string_view reason, Time now) {
  const std::vector<std::size_t> all = live_;
  for (const std::size_t i : all)
    finish(orders_[i], Phase::canceled, reason, now);
  return all.size();
}

Status Matching::amend(std::string_view id, const Amendment& change, Time now) {
  VenueOrder* order = mutable_find(id);
  if (order == nullptr || !order->is_live()) return unknown_order();
  for (const std::string* state :
       {&market_.system(), &market_.pairs()[order->terms.pair].status}) {
    if (*state == "cancel_only") {
      return fail(ErrorCode::rejected, "EService:Market in cancel_only mode");
    }
  }
  if ((change.limit && !has_limit(order->terms.kind)) ||
      (change.trigger && (!is_triggered_kind(order->terms.kind) || order->is_triggered))) {
    return fail(ErrorCode::rejected, "EGeneral:Invalid arguments");
  }
  VenueOrder next = *order;
  if (change.quantity) next.terms.quantity = *change.quantity;
  if (change.display) next.terms.display = *change.display;
  if (change.limit) next.limit = next.terms.limit = *change.limit;
  if (change.trigger) next.trigger = next.terms.trigger = *change.trigger;
  const bool is_over = order->filled.is_positive() && next.terms.quantity <= order->filled;
  if (!is_over) AITRADE_TRY_STATUS(check_size(next.terms));
  const bool takes = !order->is_waiting() && would_take(next.terms, next.limit);
  if (!is_over && takes && (change.post_only || order->terms.post_only)) {
    return fail(ErrorCode::rejected, "EOrder:Post only order");
  }
  const Amount more = is_over ? Amount{} : needed(next) - order->held;
  if (more > accounts_.available(paid_in(order->terms))) {
    return fail(ErrorCode::rejected, "EOrder:Insufficient funds");
  }
  const bool keeps_place = !change.limit && !change.trigger &&
                           (!change.quantity || *change.quantity <= order->terms.quantity);
  if (!keeps_place) next.priority = next_priority_++;
  next.is_amended = true;
  next.changed = now;
  next.reason = "User requested";
  *order = next;
  if (is_over) {
    order->terms.quantity = order->filled;
    finish(*order, Phase::canceled, "User requested", now);
    return ok();
  }
  rehold(*order);
  tell(OrderEvent::What::amended, *order, now);
  order->reason.clear();
  if (order->phase != Phase::open) return ok();
  if (order->is_waiting()) {
    trigger_if_met(*order, market_.last_price(order->terms.pair), now);
  } else if (!keeps_place) {
    execute(*order, now);
  }
  return ok();
}

}  // namespace aitrade::loopback
