// The half of Desk that deals with orders: fills, protection, leaving, and what a restart brings back.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/trading/desk.h"

namespace aitrade {
namespace {

/// What a fill cost against the price asked for; positive is adverse.
Money slippage_of(Side side, Price asked, Price got, Quantity quantity) {
  if (!asked.is_positive()) return {};
  const Price worse = side == Side::buy ? got - asked : asked - got;
  return notional(worse, quantity, Rounding::half_even);
}

/// Move against (mae) or for (mfe) the position as a fraction of its entry.
double excursion(const Position& p, Price extreme) {
  const double move = to_double(extreme - p.entry) / to_double(p.entry);
  return p.direction == Direction::long_ ? move : -move;
}

ExitReason reason_of(OrderRole role, const TrackedOrder& order, const Position& p) {
  switch (role) {
    case OrderRole::protect:
      if (p.stop == p.initial_stop) return ExitReason::stop;
      return p.trailing_on ? ExitReason::trailing : ExitReason::breakeven;
    case OrderRole::take_profit:
      return ExitReason::target;
    case OrderRole::entry:
    case OrderRole::exit:
    case OrderRole::close_all:
      return order.exit_reason;
  }
  return ExitReason::none;
}

}  // namespace

void Desk::on_accepted(const OrderAccepted& event, ActionList& out) {
  TrackedOrder* t = orders_.find(event.client_id);
  if (t == nullptr) {
    out.add(Incident{event.client_id, "accepted an order we do not know"});
    return;
  }
  t->order.venue_id = event.venue_id;
  orders_.apply(*t, OrderTrigger::accept, "", out);
}

void Desk::on_rejected(const OrderRejected& event, Time now, ActionList& out) {
  TrackedOrder* t = orders_.find(event.client_id);
  if (t == nullptr) {
    out.add(Incident{event.client_id, "rejected an order we do not know: " + event.why});
    return;
  }
  const InstrumentId instrument = t->order.instrument;
  const bool was_protection = t->order.client_id.role == OrderRole::protect;
  orders_.apply(*t, OrderTrigger::reject, event.why, out);
  const TrackedOrder ended = *t;
  orders_.sweep();
  if (was_protection && portfolio_.at(instrument).is_open()) {
    out.add(Notify{Notify::Level::critical, "protection refused, leaving at the market: " + event.why});
    leave(instrument, OrderRole::exit, ExitReason::stop, now, out);
  }
  pursue(ended, now, out);
  report_to_house();
}

void Desk::on_ended(const ClientOrderId& id, OrderTrigger trigger, std::string_view why, Time now,
                    ActionList& out) {
  TrackedOrder* t = orders_.find(id);
  if (t == nullptr) return;  // our own cancel crossed its end
  orders_.apply(*t, trigger, why, out);
  const TrackedOrder ended = *t;
  orders_.sweep();
  pursue(ended, now, out);
  report_to_house();
}

void Desk::on_replaced(const OrderReplaced& event, Time now, ActionList& out) {
  TrackedOrder* t = orders_.find(event.client_id);
  if (t == nullptr) return;
  t->order.limit = event.limit;
  t->order.trigger = event.trigger;
  t->order.quantity = t->at_venue = event.quantity;
  t->reference = event.trigger.is_positive() ? event.trigger : event.limit;
  orders_.apply(*t, OrderTrigger::accept, "replaced", out);
  if (t->freed.is_positive()) sell_part(t->order.instrument, now, out);
}

void Desk::on_fill(const OrderFilled& event, ActionList& out) {
  const Fill& fill = event.fill;
  TrackedOrder* t = orders_.find(fill.client_id);
  const bool is_late = t == nullptr;
  if (is_late) t = orders_.find_ended(fill.client_id);
  if (t == nullptr) {
    out.add(Incident{fill.client_id, "fill " + fill.venue_fill_id + " of an order we do not know"});
    return;
  }
  if (!Orders::count_fill(*t, fill)) return;
  t->order.filled += fill.quantity;
  const bool complete = event.is_last || !t->order.leaves().is_positive();
  if (is_late) {
    book_late(*t, fill, out);
  } else {
    orders_.apply(*t, complete ? OrderTrigger::fill_last : OrderTrigger::fill_part, "", out);
  }
  const ClientOrderId id = fill.client_id;
  if (id.role == OrderRole::entry) {
    on_entry_fill(*t, fill, out);
    if (is_late) shrink_entry(fill, out);
    t = is_late ? nullptr : orders_.find(id);   // protection moved the list
    if (t != nullptr && complete && t->order.leaves().is_positive()) {
      const TrackedOrder ended = *t;
      pursue(ended, fill.venue_time, out);
    }
  } else {
    on_exit_fill(*t, fill, out);
  }
  orders_.sweep();
  peak_equity_ = std::max(peak_equity_, portfolio_.equity());
  report_to_house();
  save_account(portfolio_.equity(), out);
}

/// The end of an order is the end of commands, not of facts (reliability.md 3.2): its fill is money.
void Desk::book_late(TrackedOrder& t, const Fill& fill, ActionList& out) {
  out.add(Incident{fill.client_id, "fill " + fill.venue_fill_id + " came after the order was " +
                                       std::string(to_string(t.order.state)) + ": booked"});
  const bool is_whole = !t.order.leaves().is_positive();
  if (const auto next = next_state(t.order.state, is_whole ? OrderTrigger::fill_last : OrderTrigger::fill_part)) {
    t.order.state = *next;
  }
  OrderChanged changed;
  changed.client_id = t.order.client_id;
  changed.state = t.order.state;
  changed.filled = t.order.filled;
  changed.limit = t.order.limit;
  changed.trigger = t.order.trigger;
  changed.venue_id = t.order.venue_id;
  changed.why = "late fill";
  out.add(std::move(changed));
}

void Desk::on_entry_fill(TrackedOrder& t, const Fill& told, ActionList& out) {
  const std::optional<Fill> kept = beyond_oversold(told, out);
  if (!kept) return;
  const Fill& fill = *kept;
  const InstrumentId instrument = fill.instrument;
  const bool is_first = !portfolio_.at(instrument).is_open();
  const Direction direction = fill.side == Side::buy ? Direction::long_ : Direction::short_;
  if (!is_first && portfolio_.at(instrument).direction != direction) {
    on_exit_fill(t, fill, out);  // late, and the desk is on the other side by now: it takes away
    return;
  }
  if (!portfolio_.mark(instrument).is_positive()) portfolio_.mark(instrument, fill.price);
  Position& p = portfolio_.open(fill, direction);
  p.slippage += slippage_of(fill.side, t.reference, fill.price, fill.quantity);
  if (is_first) {
    Bracket bracket = t.bracket;
    // An entry of the run before comes without its plan: ensure_protected() leaves at once.
    const bool is_own = rules_.signals == nullptr;   // a foreign level stays where it was put
    if (is_own && bracket.stop.is_positive()) shift_bracket(bracket, fill.price, instruments_[number(instrument)]);
    p.stop = p.initial_stop = bracket.stop;
    p.target = p.initial_target = bracket.target;
    p.regime = t.regime;
    p.voters = t.voters;
    p.lead = t.lead;
    p.confidence = t.confidence;
    p.atr_at_entry = t.atr;
    p.trade_number = next_trade_++;
    if (probation_since_.ns != 0) ++probation_trades_;
    pacing_.entered(instrument, fill.venue_time);
    out.add(CooldownSet{id_, instrument, pacing_.pair_until(instrument), Time{}, p.lead,
                        Direction::neutral});
  }
  out.add(to_change(id_, instrument, p));
  ensure_protected(instrument, fill.venue_time, out);
  if (!is_first) align_protection(instrument, out);
}

void Desk::on_exit_fill(TrackedOrder& t, const Fill& fill, ActionList& out) {
  const InstrumentId instrument = fill.instrument;
  Position& before = portfolio_.at(instrument);
  const Quantity gone = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
  const bool takes_away = before.is_open() && fill.side == (before.direction == Direction::long_ ? Side::sell : Side::buy);
  if (!takes_away) return book_oversold(fill, out);
  if (gone > before.quantity) {
    const SplitFill parts = split_fill(fill, before.quantity);
    book_oversold(parts.rest, out);
    return on_exit_fill(t, parts.own, out);
  }
  const OrderRole role = t.order.client_id.role;
  const bool is_leaving = role == OrderRole::exit || role == OrderRole::close_all;
  const ExitReason reason = reason_of(role, t, before);
  if (TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
      role == OrderRole::take_profit && stop != nullptr && stop->freed.is_positive()) {
    stop->freed = std::max(Quantity{}, stop->freed - gone);
  }
  Position& p = portfolio_.reduce(fill);
  p.exit_reason = reason;
  p.slippage += slippage_of(fill.side, t.reference, fill.price, fill.quantity);
  const bool is_long = p.direction == Direction::long_;
  p.best = is_long ? std::max(p.best, fill.price) : std::min(p.best, fill.price);
  p.worst = is_long ? std::min(p.worst, fill.price) : std::max(p.worst, fill.price);
  const bool is_tier = role == OrderRole::take_profit && is_terminal(t.order.state);
  if (is_tier) tier_done(p);
  out.add(to_change(id_, instrument, p));
  if (p.quantity.is_zero()) {
    close_trade(instrument, fill.venue_time, out);
  } else {
    align_protection(instrument, out);
    shrink_exit(instrument, out);
    if (is_tier) ensure_protected(instrument, fill.venue_time, out);
    // The entry filled on while the exit was on its way: that part leaves as well.
    if (is_leaving && is_terminal(t.order.state)) leave(instrument, role, reason, fill.venue_time, out);
  }
}

/// An exit that traded what the desk does not hold, because two of them filled at once: the account's coins or debt,
/// not ours. The money moved all the same; a person must look before anything is entered.
void Desk::book_oversold(const Fill& fill, ActionList& out) {
  portfolio_.book_money(fill);
  Oversold& oversold = oversold_[number(fill.instrument)];
  if (fill.side == Side::sell) {
    const Quantity gone = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
    oversold = {oversold.quantity + gone, fill.venue_time};
  }
  if (!trip_) trip_ = Breaker::oversold;
  out.add(Incident{fill.client_id, "fill " + fill.venue_fill_id + " exceeds the position by " +
                                       to_string(fill.quantity) + ": its money is booked"});
  out.add(Notify{Notify::Level::critical, "an exit of " + to_string(instruments_[number(fill.instrument)].symbol) +
                                              " traded " + to_string(fill.quantity) + " more than was held"});
}

/// What an entry bought out of our sight before an old order sold "more than was held" went with that sale: it is no
/// position, and a stop for it would be refused for want of coins. Returns the part of a fill that is left.
std::optional<Fill> Desk::beyond_oversold(const Fill& fill, ActionList& out) {
  Oversold& oversold = oversold_[number(fill.instrument)];
  const bool is_before = fill.side == Side::buy && oversold.quantity.is_positive() && fill.venue_time <= oversold.at;
  if (!is_before) return fill;
  const Quantity bought = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
  const Quantity gone = std::min(bought, oversold.quantity);
  oversold.quantity -= gone;
  out.add(Incident{fill.client_id, "fill " + fill.venue_fill_id + " was bought before it was oversold: " +
                                       to_string(gone) + " of it is gone"});
  if (gone == bought) {
    portfolio_.book_money(fill);
    return std::nullopt;
  }
  const SplitFill parts = split_fill(fill, gone);
  portfolio_.book_money(parts.own);
  return parts.rest;
}

void Desk::close_trade(InstrumentId instrument, Time now, ActionList& out) {
  const Position& p = portfolio_.at(instrument);
  TradeClosed trade;
  trade.desk = id_;
  trade.instrument = instrument;
  trade.trade_number = p.trade_number;
  trade.direction = p.direction;
  trade.quantity = p.quantity_initial;
  trade.entry = p.entry;
  trade.exit = p.exit;
  trade.initial_stop = p.initial_stop;
  trade.target = p.target;
  trade.pnl = p.realized;
  trade.fees = p.fees;
  trade.slippage = p.slippage;
  trade.opened_at = p.opened_at;
  trade.closed_at = now;
  trade.lead = p.lead;
  trade.confidence = p.confidence;
  double risk = to_double(p.entry - p.initial_stop) * sign(p.direction) * to_double(p.quantity_initial);
  if (!p.initial_stop.is_positive()) risk = 0;
  trade.r_multiple = risk > 0 ? to_double(p.realized) / risk : std::numeric_limits<double>::quiet_NaN();
  trade.mae = std::min(0.0, excursion(p, p.worst));
  trade.mfe = std::max(0.0, excursion(p, p.best));
  trade.bars = p.bars;
  trade.reason = p.exit_reason;
  trade.regime = p.regime;
  trade.voters = p.voters;

  const bool lost = trade.pnl.is_negative();
  if (lost) ++loss_streak_;
  if (trade.pnl.is_positive()) loss_streak_ = 0;
  Duration cooldown{};
  for (const StrategyChoice& choice : rules_.strategies) {
    if (choice.id == p.lead) cooldown = choice.cooldown;
  }
  pacing_.closed(instrument, p.lead, p.direction, cooldown, lost, now);
  out.add(CooldownSet{id_, instrument, pacing_.pair_until(instrument),
                      pacing_.strategy_until(instrument, p.lead, p.direction), p.lead, p.direction});
  out.add(trade);
  remember(trade);
  portfolio_.forget(instrument);
  cancel_rest(instrument, out);
  if (rules_.signals != nullptr) enter_reversal(instrument, trade.exit, now, out);
}

/// Takes off whatever still works for a position that is gone; an entry that went on filling would open
/// it anew.
void Desk::cancel_rest(InstrumentId instrument, ActionList& out) {
  for (const TrackedOrder& t : orders_.live()) {
    if (t.order.instrument != instrument || is_terminal(t.order.state)) continue;
    out.add(CancelOrder{t.order.client_id, instrument});
  }
}

/// Follows a position with its stop after a closed candle; the move works from the next one.
void Desk::protect(InstrumentId instrument, const Candle& candle, Time now, ActionList& out) {
  Position& p = portfolio_.at(instrument);
  const Duration timeframe = watches_[number(instrument)].frames[watches_[number(instrument)].primary].timeframe();
  const CandleVerdict verdict =
      follow_candle(p, candle, timeframe, rules_.exits, rules_.risk.cost, instruments_[number(instrument)]);
  align_protection(instrument, out);
  if (verdict.is_moved) out.add(to_change(id_, instrument, p));
  if (verdict.leave != ExitReason::none) leave(instrument, OrderRole::exit, verdict.leave, now, out);
  if (rules_.execution.stop_locks) watch_levels(instrument, {candle.close, candle.close}, now, out);
  if (const ExitReason missed = missed_level(p, candle.close); missed != ExitReason::none) {
    leave(instrument, OrderRole::exit, missed, now, out);
  }
  ensure_protected(instrument, now, out);
}

/// A position always has a stop and a target at the venue, unless it is already on its way out; one that
/// has no stop price at all is sent on its way, unless foreign signals look after it.
void Desk::ensure_protected(InstrumentId instrument, Time now, ActionList& out) {
  const Position& p = portfolio_.at(instrument);
  if (is_leaving(instrument)) return;
  if (p.closing != ExitReason::none && now >= p.exit_again) {
    send_exit(instrument, nullptr, p.exit_failures, now, out);
    return;
  }
  if (!p.stop.is_positive() && rules_.signals == nullptr) {
    out.add(Notify{Notify::Level::warning, "a position without a stop: leaving at the market"});
    leave(instrument, OrderRole::exit, ExitReason::stop, now, out);
    return;
  }
  const Side side = opposite(entry_side(p.direction));
  if (p.stop.is_positive() && orders_.find(instrument, OrderRole::protect) == nullptr) {
    const bool is_limit = rules_.execution.stop_limit;
    const Quantity out_of_reach = part_on_its_way(instrument);
    if (out_of_reach >= p.quantity) return;
    if (rules_.execution.stop_locks && is_dust(instrument, p.quantity - out_of_reach)) return;
    TrackedOrder& t = orders_.create(instrument, OrderRole::protect, side,
                                     is_limit ? OrderType::stop_limit : OrderType::stop, p.quantity - out_of_reach, now);
    t.freed = out_of_reach;
    t.order.trigger = t.reference = p.stop;
    if (is_limit) t.order.limit = stop_limit_of(p.stop, side, rules_.execution, instruments_[number(instrument)]);
    out.add(SubmitOrder{t.order});
  }
  if (p.closing != ExitReason::none || orders_.find(instrument, OrderRole::take_profit) != nullptr) return;
  if (rules_.execution.stop_locks) return;   // targets are watched
  const TargetPart part = next_target(p, rules_.exits, instruments_[number(instrument)]);
  if (!part.price.is_positive()) return;
  TrackedOrder& t =
      orders_.create(instrument, OrderRole::take_profit, side, OrderType::limit, part.quantity, now);
  t.order.limit = t.reference = part.price;
  out.add(SubmitOrder{t.order});
}

/// Makes stop and target at the venue what they should be: as large as what is held, at our prices. A move
/// that the venue has not confirmed by the next candle is asked for again.
void Desk::align_protection(InstrumentId instrument, ActionList& out) {
  const Position& p = portfolio_.at(instrument);
  for (const OrderRole role : {OrderRole::protect, OrderRole::take_profit}) {
    TrackedOrder* t = orders_.find(instrument, role);
    if (t == nullptr || t->is_given_up) continue;
    const bool is_stop = role == OrderRole::protect;
    if (!is_stop && rules_.execution.stop_locks) continue;
    const Quantity held = t->order.filled + p.quantity - t->freed;
    const TargetPart part = next_target(p, rules_.exits, instruments_[number(instrument)]);
    const Quantity quantity = is_stop ? held : std::min(held, t->order.filled + part.quantity);
    const Price price = is_stop ? p.stop : part.price;
    if (quantity == t->order.quantity && price == (is_stop ? t->order.trigger : t->order.limit)) continue;
    t->order.quantity = quantity;
    Price limit = is_stop ? Price{} : price;
    if (t->order.type == OrderType::stop_limit) {
      limit = stop_limit_of(price, t->order.side, rules_.execution, instruments_[number(instrument)]);
    }
    out.add(ReplaceOrder{t->order.client_id, instrument, limit, is_stop ? price : Price{}, quantity});
  }
}

void Desk::on_restored(const AccountRestored& event, Time now) {
  portfolio_.restore_cash(event.cash);
  orders_.restore(event.epoch, event.next_sequence);
  day_start_equity_ = event.day_start_equity;
  peak_equity_ = event.peak_equity;
  day_start_ = event.day_start;
  loss_streak_ = event.loss_streak;
  probation_since_ = event.probation_since;
  probation_trades_ = event.probation_trades;
  pacing_.restore_loss(event.loss_cooldown_until);
  breakers_.started(now, loss_streak_, drawdown());
  report_to_house();
}

/// The plan of an entry died with the run that made it: what rests of it is taken off.
void Desk::on_adopted(const OrderAdopted& event, ActionList& out) {
  orders_.adopt(event.order, portfolio_.mark(event.order.instrument));
  const bool is_entry = event.order.client_id.role == OrderRole::entry;
  if (is_entry && !is_terminal(event.order.state)) give_up(orders_.live().back(), out);
  report_to_house();
}

void Desk::on_adopted(const PositionAdopted& event, ActionList& out) {
  portfolio_.adopt(event);
  if (!portfolio_.mark(event.instrument).is_positive()) portfolio_.mark(event.instrument, event.entry);
  next_trade_ = std::max(next_trade_, event.trade_number + 1);
  align_protection(event.instrument, out);  // a move that was on its way may never have arrived
  report_to_house();
}

}  // namespace aitrade
