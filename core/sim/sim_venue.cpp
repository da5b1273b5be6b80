#include "core/sim/sim_venue.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/sim/impact.h"

namespace aitrade {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

Quantity volume_we_may_take(double volume, double cap) {
  if (cap <= 0) return Quantity::from_raw(unlimited);
  const auto share = Quantity::from_double(volume * cap, Rounding::down);
  return share ? *share : Quantity::from_raw(unlimited);  // more than the type holds
}

bool falls_to(Price from, Price to, Price level) { return from > level && to <= level; }

bool rises_to(Price from, Price to, Price level) { return from < level && to >= level; }

}  // namespace

SimVenue::SimVenue(std::vector<Instrument> instruments, const VenueModels& models, Money cash)
    : models_(models), cash_(cash) {
  for (Instrument& rules : instruments) {
    AITRADE_CHECK(number(rules.id) == markets_.size());
    Market market;
    market.taking = models_.half_spread_of(rules.id) + models_.slippage;
    market.rules = std::move(rules);
    markets_.push_back(std::move(market));
  }
}

SimVenue::Market& SimVenue::market_of(InstrumentId id) {
  AITRADE_CHECK(number(id) < markets_.size());
  return markets_[number(id)];
}

void SimVenue::restore_holding(InstrumentId instrument, Quantity quantity) {
  market_of(instrument).holding = quantity;
}

void SimVenue::restore_order(const Order& order) {
  Working working;
  working.order = order;
  working.active_from = order.created_at;
  working.accepted = order.state != OrderState::journaled;   // else it is still on its way
  market_of(order.instrument).orders.push_back(std::move(working));
}

Quantity SimVenue::holding(InstrumentId instrument) const {
  AITRADE_CHECK(number(instrument) < markets_.size());
  return markets_[number(instrument)].holding;
}

std::size_t SimVenue::working_orders() const {
  std::size_t count = 0;
  for (const Market& market : markets_) count += market.orders.size();
  return count;
}

bool SimVenue::is_idle() const {
  for (const Market& market : markets_) {
    if (!market.orders.empty() || !market.requests.empty()) return false;
  }
  return !has_outcomes();
}

void SimVenue::submit(const Order& order, Time now) {
  Working working;
  working.order = order;
  working.active_from = now + models_.latency;
  market_of(order.instrument).orders.push_back(std::move(working));
}

void SimVenue::cancel(const CancelOrder& cancel, Time now) {
  Request request;
  request.at = now + models_.latency;
  request.client_id = cancel.client_id;
  request.is_cancel = true;
  market_of(cancel.instrument).requests.push_back(request);
}

void SimVenue::replace(const ReplaceOrder& replace, Time now) {
  Request request;
  request.at = now + models_.latency;
  request.client_id = replace.client_id;
  request.limit = replace.limit;
  request.trigger = replace.trigger;
  request.quantity = replace.quantity;
  market_of(replace.instrument).requests.push_back(request);
}

bool SimVenue::begin(InstrumentId instrument, const Candle& candle) {
  AITRADE_CHECK(!walk_.has_value());
  Market& market = market_of(instrument);
  market.last = candle.close;
  if (is_quiet(market, candle)) return !outcomes_.empty();
  start(number(instrument), candle);
  return true;
}

bool SimVenue::begin(InstrumentId instrument, const Candle& candle, DetailSource& detail) {
  AITRADE_CHECK(!walk_.has_value());
  Market& market = market_of(instrument);
  market.last = candle.close;
  if (is_quiet(market, candle)) return !outcomes_.empty();
  const std::span<const Candle> parts = detail.inside(instrument, candle);
  if (parts.empty()) {
    start(number(instrument), candle);
    return true;
  }
  start(number(instrument), parts.front());
  walk_->rest = parts.subspan(1);
  return true;
}

void SimVenue::start(std::size_t market, const Candle& candle) {
  walk_.emplace(Walk{market, candle, CandlePath(candle), 0, candle.open_time, candle.open,
                     volume_we_may_take(candle.volume, models_.volume_cap)});
}

/// Goes on with the next finer candle that can touch an order; false when the bar is over.
bool SimVenue::next_part() {
  std::span<const Candle> rest = walk_->rest;
  while (!rest.empty() && is_quiet(markets_[walk_->market], rest.front())) rest = rest.subspan(1);
  if (rest.empty()) return false;
  const bool ambiguous = walk_->ambiguous;   // counted once a bar
  start(walk_->market, rest.front());
  walk_->ambiguous = ambiguous;
  walk_->rest = rest.subspan(1);
  return true;
}

/// Whether this candle cannot touch any order: nothing is on its way, nothing is being filled, and no level
/// lies within its range. A position's stop rests for many candles, most of which are quiet.
bool SimVenue::is_quiet(const Market& market, const Candle& candle) {
  if (!market.requests.empty()) return false;
  for (const Working& w : market.orders) {
    const OrderType type = w.order.type;
    if (!w.accepted || w.triggered || type == OrderType::market) return false;
    if (w.order.good_till.ns != 0 && w.order.good_till < candle.close_time()) return false;
    const bool is_limit = type == OrderType::limit;
    const Price level = is_limit ? w.order.limit : w.order.trigger;
    const bool from_above = (w.order.side == Side::buy) == is_limit;   // buy limit or sell stop
    if (from_above ? candle.low <= level : candle.high >= level) return false;
  }
  return true;
}

bool SimVenue::next_outcome(Event& outcome) {
  while (outcomes_.empty() && walk_.has_value()) advance();
  if (outcomes_.empty()) return false;
  outcome = std::move(outcomes_.front());
  outcomes_.pop_front();
  return true;
}

void SimVenue::emit(EventBody body) {
  Event event;
  event.at = walk_->at;
  event.when = walk_->at;
  event.body = std::move(body);
  outcomes_.push_back(std::move(event));
}

/// Does the next thing on the path: the open, an arrival, a crossing, or the end of a segment.
void SimVenue::advance() {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  if (!walk.opened) {
    walk.opened = true;
    handle_open();
  } else if (walk.segment + 1 == CandlePath::points_count) {
    if (!next_part()) walk_.reset();
    return;
  } else if (!handle_crossing()) {
    ++walk.segment;
    walk.at = walk.path.point(walk.segment).at;
    walk.price = walk.path.point(walk.segment).price;
  }
  sweep_ended(market);
}

/// Orders that rested before this candle meet its open: first stops that the market gapped through and
/// market orders still working, then limits that are better than their price.
void SimVenue::handle_open() {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  const Price open = walk.price;
  for (Working& w : market.orders) {
    const bool is_over = w.order.good_till.ns != 0 && w.order.good_till <= walk.at;   // before this candle began
    if (w.accepted && is_over) finish(w, true, "time is up");
  }
  for (Working& w : market.orders) {
    if (!w.accepted || is_terminal(w.order.state)) continue;
    const bool is_stop = w.order.type == OrderType::stop || w.order.type == OrderType::stop_limit;
    if (is_stop && !w.triggered) {
      w.triggered = w.order.side == Side::sell ? open <= w.order.trigger : open >= w.order.trigger;
    }
    if (w.triggered || w.order.type == OrderType::market) take(w, open);
  }
  for (Working& w : market.orders) {
    if (!w.accepted || is_terminal(w.order.state) || w.order.type != OrderType::limit) continue;
    const bool through = w.order.side == Side::sell ? open >= w.order.limit + market.rules.tick
                                                    : open <= w.order.limit - market.rules.tick;
    if (through) fill(w, open, true);
  }
}

/// Handles whatever comes first on the rest of this segment: something arriving or a price crossing.
/// Returns false when nothing does.
bool SimVenue::handle_crossing() {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  const CandlePath::Point end = walk.path.point(walk.segment + 1);

  Working* crossed = nullptr;
  Price crossed_at;
  Time first = end.at;
  for (Working& w : market.orders) {
    if (!w.accepted || is_terminal(w.order.state)) continue;
    const auto price = crossing_price(w, walk.price, end.price);
    if (!price) continue;
    const Time when = std::max(walk.at, walk.path.time_of(walk.segment, *price));
    if (crossed == nullptr || when < first) {
      crossed = &w;
      crossed_at = *price;
      first = when;
    }
  }
  if (handle_due(first)) return true;
  if (crossed == nullptr) return false;

  walk.at = first;
  walk.price = crossed_at;
  if (crossed->order.type == OrderType::limit || crossed->triggered) {
    if (Working* stop = stop_inside_candle(*crossed); stop != nullptr) {
      // Which came first is unknowable from a candle: take the worse and count it.
      if (!walk.ambiguous) ++totals_.ambiguous_candles;
      walk.ambiguous = true;
      stop->triggered = true;
      take(*stop, stop->order.trigger);
    } else {
      fill(*crossed, crossed->order.limit, true);
    }
  } else {
    crossed->triggered = true;
    take(*crossed, crossed_at);
  }
  return true;
}

/// Takes off the first order whose time is up at or before `upto`. Returns false if none is.
bool SimVenue::expire_by(Time upto) {
  Walk& walk = *walk_;
  Working* order = nullptr;
  for (Working& w : markets_[walk.market].orders) {
    if (!w.accepted || is_terminal(w.order.state) || w.order.good_till.ns == 0) continue;
    if (w.order.good_till > upto || w.order.good_till >= walk.candle.close_time()) continue;
    if (order == nullptr || w.order.good_till < order->order.good_till) order = &w;
  }
  if (order == nullptr) return false;
  if (order->order.good_till > walk.at) {
    walk.at = order->order.good_till;
    walk.price = walk.path.price_at(walk.at);
  }
  finish(*order, true, "time is up");
  return true;
}

/// Lets the first order or request that is due at or before `upto` arrive. Returns false if none is.
bool SimVenue::handle_due(Time upto) {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  Working* order = nullptr;
  for (Working& w : market.orders) {
    if (w.accepted || is_terminal(w.order.state)) continue;
    if (w.active_from > upto || w.active_from >= walk.candle.close_time()) continue;
    if (order == nullptr || w.active_from < order->active_from) order = &w;
  }
  auto request = market.requests.end();
  for (auto it = market.requests.begin(); it != market.requests.end(); ++it) {
    if (it->at > upto || it->at >= walk.candle.close_time()) continue;
    if (request == market.requests.end() || it->at < request->at) request = it;
  }
  const bool has_request = request != market.requests.end();
  Time first = upto;
  if (order != nullptr) first = std::min(first, order->active_from);
  if (has_request) first = std::min(first, request->at);
  if (expire_by(first)) return true;
  if (order == nullptr && !has_request) return false;
  const bool request_first = has_request && (order == nullptr || request->at <= order->active_from);
  const Time due = request_first ? request->at : order->active_from;
  if (due > walk.at) {
    walk.at = due;
    walk.price = walk.path.price_at(due);
  }
  if (request_first) {
    const Request taken = *request;
    market.requests.erase(request);
    serve(taken);
  } else {
    arrive(*order);
  }
  return true;
}

/// Names the rule that the order breaks, or nothing.
const char* SimVenue::refuse(const Order& order, const Market& market, Price price) const {
  const Instrument& rules = market.rules;
  const auto off_grid = [](std::int64_t value, std::int64_t step) {
    return step > 1 && value % step != 0;
  };
  if (!order.quantity.is_positive() || off_grid(order.quantity.raw(), rules.lot.raw())) {
    return "quantity is not a multiple of the lot";
  }
  if (off_grid(order.limit.raw(), rules.tick.raw()) ||
      off_grid(order.trigger.raw(), rules.tick.raw())) {
    return "price is not a multiple of the tick";
  }
  const bool is_limit = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  if (is_limit && !order.limit.is_positive()) return "limit price missing";
  const bool is_stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  if (is_stop && !order.trigger.is_positive()) return "trigger price missing";
  if (order.reduce_only) return nullptr;
  if (order.quantity < rules.minimum) return "order minimum not met";
  const Price worth = order.limit.is_positive() ? order.limit : price;
  const Money cost = notional(worth, order.quantity, Rounding::up);
  if (cost < rules.minimum_notional) return "cost minimum not met";
  if (order.side == Side::buy) {
    // A short is bought back with the money it brought in, so only cash counts.
    if (cost + apply(models_.taker_fee, cost, Rounding::up) > cash_) return "insufficient funds";
  } else if (!rules.can_short && order.quantity > market.holding) {
    return "insufficient funds";
  }
  return nullptr;
}

void SimVenue::arrive(Working& w) {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  Order& order = w.order;
  const char* why = refuse(order, market, walk.price);
  const bool crosses = order.type == OrderType::limit &&
                       (order.side == Side::buy ? order.limit >= walk.price : order.limit <= walk.price);
  if (why == nullptr && order.post_only && crosses) why = "post only order would take";
  if (why == nullptr && order.good_till.ns != 0 && order.good_till <= walk.at) why = "deadline passed";
  const bool all_or_none = order.tif == TimeInForce::fok && walk.volume_left < order.quantity;
  if (why != nullptr) {
    ++totals_.rejected;
    order.state = OrderState::rejected;
    emit(OrderRejected{order.client_id, why});
    return;
  }
  w.accepted = true;
  order.state = OrderState::open;
  order.venue_id = "SIM-" + to_string(order.client_id);
  emit(OrderAccepted{order.client_id, order.venue_id});
  if (order.type == OrderType::stop || order.type == OrderType::stop_limit) {
    const bool touched =
        order.side == Side::sell ? walk.price <= order.trigger : walk.price >= order.trigger;
    if (!touched) return;
    w.triggered = true;
  } else if (order.type == OrderType::limit && (!crosses || all_or_none)) {
    if (order.tif != TimeInForce::gtc) finish(w, true, "not marketable");
    return;
  } else if (all_or_none) {
    finish(w, true, "cannot be filled whole");
    return;
  }
  take(w, walk.price);
}

void SimVenue::serve(const Request& request) {
  Market& market = markets_[walk_->market];
  for (Working& w : market.orders) {
    if (w.order.client_id != request.client_id || is_terminal(w.order.state)) continue;
    if (request.is_cancel) {
      finish(w, false, "canceled on request");
      return;
    }
    if (request.quantity.is_positive()) w.order.quantity = std::max(request.quantity, w.order.filled);
    if (request.limit.is_positive()) w.order.limit = request.limit;
    if (request.trigger.is_positive()) w.order.trigger = request.trigger;
    emit(OrderReplaced{w.order.client_id, w.order.limit, w.order.trigger, w.order.quantity});
    if (w.order.leaves().is_zero()) {
      finish(w, false, "reduced to what was filled");
      return;
    }
    // Moved past the market a stop is a market order and a limit takes, as at a real venue.
    const bool is_stop = w.order.type == OrderType::stop || w.order.type == OrderType::stop_limit;
    const bool touched = w.order.side == Side::sell ? walk_->price <= w.order.trigger
                                                    : walk_->price >= w.order.trigger;
    if (is_stop && w.accepted && !w.triggered && touched) {
      w.triggered = true;
      take(w, walk_->price);
    }
    const bool crosses = w.order.side == Side::sell ? walk_->price >= w.order.limit
                                                    : walk_->price <= w.order.limit;
    if (w.order.type == OrderType::limit && w.accepted && crosses) take(w, walk_->price);
    return;
  }
}

/// Fills as a taker around `path_price`: spread and slippage against us, never worse than a limit.
void SimVenue::take(Working& w, Price path_price) {
  const Instrument& rules = markets_[walk_->market].rules;
  const Price cost = taking_cost(w, path_price);
  const bool is_buy = w.order.side == Side::buy;
  Price price = is_buy ? round_to_step(path_price + cost, rules.tick, Rounding::ceil)
                       : round_to_step(path_price - cost, rules.tick, Rounding::floor);
  const bool has_limit = w.order.type == OrderType::limit || w.order.type == OrderType::stop_limit;
  if (has_limit) {
    const bool beyond = is_buy ? path_price > w.order.limit : path_price < w.order.limit;
    if (beyond) return;  // rests; crossing_price() finds it later
    price = is_buy ? std::min(price, w.order.limit) : std::max(price, w.order.limit);
  }
  price = std::max(price, rules.tick);
  const Quantity before = w.order.filled;
  fill(w, price, false);
  const Quantity done = w.order.filled - before;
  totals_.spread_and_slippage += notional((price - path_price).abs(), done, Rounding::up);
  if (!is_terminal(w.order.state) && w.order.tif != TimeInForce::gtc) finish(w, true, "rest not filled");
}

Price SimVenue::taking_cost(const Working& w, Price price) const {
  Rate cost = markets_[walk_->market].taking;
  if (models_.impact > 0) {
    cost += impact_of(models_.impact, walk_->candle, std::min(w.order.leaves(), walk_->volume_left));
  }
  return apply(cost, price, Rounding::up);
}

/// What is owed at `now` in units of the base asset.
Quantity SimVenue::interest_due(const Market& market, Time now) const {
  if (!market.holding.is_negative()) return {};
  constexpr double day = static_cast<double>(Duration(hours{24}).count());
  const bool is_known = market.interest_at.ns != 0;   // not of a short from before a restart
  const double days = is_known ? static_cast<double>((now - market.interest_at).count()) / day : 0.0;
  const double units = -to_double(market.holding) * to_double(models_.borrow_daily) * days;
  const auto accrued = Quantity::from_double(std::max(units, 0.0), Rounding::up);
  return market.interest + (accrued ? *accrued : Quantity{});
}

Money SimVenue::borrow_owed(InstrumentId instrument, Time now) const {
  const Market& market = markets_[number(instrument)];
  if (models_.borrow_daily.is_zero() || !market.holding.is_negative()) return {};
  return notional(market.last, interest_due(market, now), Rounding::up);
}

/// Brings the interest up to now and takes what falls due on the part that is bought back.
Money SimVenue::settle_interest(Market& market, Quantity bought, Price price) {
  market.interest = interest_due(market, walk_->at);
  market.interest_at = walk_->at;
  const Quantity held = -market.holding;
  if (!held.is_positive() || !bought.is_positive()) return {};
  Quantity due = market.interest;
  if (bought < held) {
    const Int128 part = static_cast<Int128>(due.raw()) * bought.raw();
    due = Quantity::from_raw(fixed_detail::divide(part, held.raw(), Rounding::up));
  }
  market.interest -= due;
  const Money paid = notional(price, due, Rounding::up);
  totals_.borrow += paid;
  return paid;
}

/// Executes as much as volume, balance and reduce-only allow at exactly `price`.
void SimVenue::fill(Working& w, Price price, bool is_maker) {
  Walk& walk = *walk_;
  Market& market = markets_[walk.market];
  Order& order = w.order;
  Quantity size = std::min(order.leaves(), walk.volume_left);
  const bool is_buy = order.side == Side::buy;
  const Rate rate = is_maker ? models_.maker_fee : models_.taker_fee;
  if (order.reduce_only || (!is_buy && !market.rules.can_short)) {
    const Quantity held = is_buy ? -market.holding : market.holding;
    if (!held.is_positive()) {
      finish(w, false, "nothing to reduce");
      return;
    }
    size = std::min(size, held);
  }
  const auto fee_of = [&](Quantity q) {
    return apply(rate, notional(price, q, Rounding::up), Rounding::up);
  };
  if (is_buy && !order.reduce_only && -cash_effect(Side::buy, price, size, fee_of(size)) > cash_) {
    const Rate gross = Rate::from_raw(Rate::scale) + rate;
    const Price with_fee = apply(gross, price, Rounding::up);
    size = std::min(size, round_to_step(quantity_for(cash_, with_fee, Rounding::down),
                                        market.rules.lot, Rounding::down));
    if (!size.is_positive() || -cash_effect(Side::buy, price, size, fee_of(size)) > cash_) {
      finish(w, false, "insufficient funds");
      return;
    }
  }
  if (!size.is_positive()) return;  // no volume left in this candle: waits for the next

  Money fee = fee_of(size);
  if (!models_.borrow_daily.is_zero()) fee += settle_interest(market, is_buy ? size : Quantity{}, price);
  cash_ += cash_effect(order.side, price, size, fee);
  market.holding += is_buy ? size : -size;
  if (walk.volume_left.raw() != unlimited) walk.volume_left -= size;
  const Quantity filled_before = order.filled;   // names the fill: unique also after a restart
  order.filled += size;
  totals_.fees += fee;
  totals_.turnover += notional(price, size, Rounding::half_even);
  ++totals_.fills;
  const bool is_last = order.leaves().is_zero();
  order.state = is_last ? OrderState::filled : OrderState::partial;
  Fill done;
  done.venue_fill_id = to_string(order.client_id) + "/" + std::to_string(filled_before.raw());
  done.client_id = order.client_id;
  done.instrument = order.instrument;
  done.side = order.side;
  done.price = price;
  done.quantity = size;
  done.fee = fee;
  done.is_maker = is_maker;
  done.venue_time = walk.at;
  emit(OrderFilled{std::move(done), is_last});
}

void SimVenue::finish(Working& w, bool expired, const char* why) {
  w.order.state = expired ? OrderState::expired : OrderState::canceled;
  if (expired) {
    emit(OrderExpired{w.order.client_id});
  } else {
    emit(OrderCanceled{w.order.client_id, why});
  }
}

void SimVenue::sweep_ended(Market& market) {
  std::erase_if(market.orders, [](const Working& w) { return is_terminal(w.order.state); });
}

/// Where on the way from `from` to `to` this order acts, if it does.
std::optional<Price> SimVenue::crossing_price(const Working& w, Price from, Price to) const {
  const Order& order = w.order;
  const bool is_stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  if (is_stop && !w.triggered) {
    const bool hit = order.side == Side::sell ? falls_to(from, to, order.trigger)
                                              : rises_to(from, to, order.trigger);
    if (hit) return order.trigger;
    return std::nullopt;
  }
  if (order.type == OrderType::market || order.type == OrderType::stop) return std::nullopt;
  if (!walk_->volume_left.is_positive()) return std::nullopt;
  const Price tick = markets_[walk_->market].rules.tick;
  const Price through = order.side == Side::sell ? order.limit + tick : order.limit - tick;
  const bool hit = order.side == Side::sell ? rises_to(from, to, through) : falls_to(from, to, through);
  if (hit) return through;
  return std::nullopt;
}

/// A reduce-only stop of the same side as this reduce-only target that the candle also reaches.
SimVenue::Working* SimVenue::stop_inside_candle(const Working& target) {
  if (!target.order.reduce_only) return nullptr;
  for (Working& w : markets_[walk_->market].orders) {
    if (!w.accepted || w.triggered || is_terminal(w.order.state)) continue;
    if (w.order.type != OrderType::stop || !w.order.reduce_only || w.order.side != target.order.side) {
      continue;
    }
    if (w.order.trigger >= walk_->candle.low && w.order.trigger <= walk_->candle.high) return &w;
  }
  return nullptr;
}

}  // namespace aitrade
