// The part of Desk that works an intent to its end: the entry that follows the price, the exit that is never
// given up (order_style.h says which order comes next).
#include <algorithm>

#include "core/trading/desk.h"

namespace aitrade {
namespace {

constexpr int failures_alarm = 3;
constexpr int wait_doublings = 3;   // eight seconds: an exit must not sleep long past the end of an outage (reliability.md P8)
constexpr int market_step = 3;                     // of every exit style

OrderRole role_of(ExitReason closing) {
  const bool is_ordered = closing == ExitReason::close_all || closing == ExitReason::end_of_data;
  return is_ordered ? OrderRole::close_all : OrderRole::exit;
}

bool can_rest(const Order& order) { return order.type == OrderType::limit && order.tif == TimeInForce::gtc; }

}  // namespace

bool Desk::is_leaving(InstrumentId instrument) const {
  return orders_.find(instrument, OrderRole::exit) != nullptr ||
         orders_.find(instrument, OrderRole::close_all) != nullptr;
}

Touch Desk::touch(InstrumentId instrument) const {
  return touch_of(watches_[number(instrument)].book, portfolio_.mark(instrument), rules_.execution.half_spread,
                  instruments_[number(instrument)]);
}

/// Sends a position on its way out. From here on it is closing until it is gone, whatever becomes of the order.
void Desk::leave(InstrumentId instrument, OrderRole role, ExitReason reason, Time now, ActionList& out) {
  Position& p = portfolio_.at(instrument);
  if (!p.is_open() || is_leaving(instrument)) return;
  if (p.exit_failures > 0 && role != OrderRole::close_all) return;   // it is, and waits for its next try
  cancel_entry(instrument, out);
  // An operator's word goes before what was on its way already.
  if (p.closing == ExitReason::none || role == OrderRole::close_all) p.closing = reason;
  p.exit_failures = 0;
  p.exit_again = Time{};
  send_exit(instrument, nullptr, 0, now, out);
}

/// Sends exit order number `step`, after `before` if it is of the same intent.
void Desk::send_exit(InstrumentId instrument, const TrackedOrder* before, int step, Time now, ActionList& out) {
  if (rules_.execution.stop_locks && wait_for_stop(instrument, out)) return;
  const Position& p = portfolio_.at(instrument);
  const Instrument& rules = instruments_[number(instrument)];
  const Side side = opposite(entry_side(p.direction));
  const OrderRole role = role_of(p.closing);
  const ExitStyle style = style_of(p.closing, role, rules_.execution);
  TrackedOrder& t = before != nullptr
                        ? orders_.create_next(*before, p.quantity, now)
                        : orders_.create(instrument, role, side, OrderType::market, p.quantity, now);
  shape(t.order, exit_step(style, side, touch(instrument), step, rules_.execution.chase_wait, rules), now);
  t.step = step;
  t.reference = portfolio_.mark(instrument);
  t.exit_reason = p.closing;
  out.add(SubmitOrder{t.order});
  out.add(to_change(id_, instrument, p));
  save_account(portfolio_.equity(), out);
}

/// What follows an order that ended with something left.
void Desk::pursue(const TrackedOrder& ended, Time now, ActionList& out) {
  if (!is_terminal(ended.order.state) || !ended.order.leaves().is_positive()) return;
  switch (ended.order.client_id.role) {
    case OrderRole::entry:
      pursue_entry(ended, now, out);
      return;
    case OrderRole::exit:
    case OrderRole::close_all:
      pursue_exit(ended, now, out);
      return;
    case OrderRole::protect:
    case OrderRole::take_profit:
      go_on_after(ended, now, out);
      return;   // the next candle or tick puts it back
  }
}

void Desk::pursue_entry(const TrackedOrder& ended, Time now, ActionList& out) {
  const InstrumentId instrument = ended.order.instrument;
  const Instrument& rules = instruments_[number(instrument)];
  const bool has_plan = ended.bracket.entry.is_positive();
  // A post-only order that would have taken is moved; any other refusal holds for the next one too.
  // One that was never placed was out of sight for long, or not permitted: the moment of its plan is over.
  const bool is_refused = (ended.order.state == OrderState::rejected && !ended.order.post_only) ||
                          ended.order.state == OrderState::not_placed;
  if (!has_plan || ended.is_given_up || is_refused) return settle_entry(ended, now, out);
  const auto step = entry_step(rules_.execution, ended.bracket, ended.order.side, touch(instrument), ended.step + 1,
                               rules);
  const Quantity left = ended.order.leaves();
  const bool is_tradable =
      step && left >= rules.minimum && notional(step->limit, left, Rounding::down) >= rules.minimum_notional;
  if (!is_tradable) return settle_entry(ended, now, out);
  TrackedOrder& t = orders_.create_next(ended, left, now);
  shape(t.order, *step, now);
  out.add(SubmitOrder{t.order});
  save_account(portfolio_.equity(), out);
}

/// An entry is over. Too small a part of it is not kept: its costs and limits were those of the whole.
void Desk::settle_entry(const TrackedOrder& ended, Time now, ActionList& out) {
  if (rules_.execution.entry == EntryStyle::market) return;
  const InstrumentId instrument = ended.order.instrument;
  const Position& p = portfolio_.at(instrument);
  if (!p.is_open() || ended.order.side != entry_side(p.direction)) return;
  const Quantity done = ended.done_before + ended.order.filled;
  const bool is_small = done < instruments_[number(instrument)].minimum ||
                        to_double(done) < rules_.execution.part_min * to_double(ended.wanted);
  if (is_small) leave(instrument, OrderRole::exit, ExitReason::partial_entry, now, out);
}

/// An exit that ended with a position left: the next order of its style, or, when the market itself was
/// refused, another try after a pause. Exits are never abandoned (X13).
void Desk::pursue_exit(const TrackedOrder& ended, Time now, ActionList& out) {
  const InstrumentId instrument = ended.order.instrument;
  Position& p = portfolio_.at(instrument);
  if (!p.is_open() || p.closing == ExitReason::none || is_leaving(instrument)) return;
  const bool was_market = ended.order.type == OrderType::market;
  if (ended.order.state != OrderState::rejected && !was_market) {
    send_exit(instrument, &ended, ended.step + 1, now, out);
    return;
  }
  p.exit_failures = std::max(p.exit_failures, was_market ? market_step : ended.step) + 1;
  const int tries = p.exit_failures - (was_market ? market_step : 0);
  p.exit_again = now + seconds{1LL << std::clamp(tries, 1, wait_doublings)};
  if (tries == failures_alarm) {
    out.add(Notify{Notify::Level::critical, "an exit of " + to_string(instruments_[number(instrument)].symbol) +
                                                " failed three times and is tried again; look at the venue"});
  }
}

/// A level that the price is beyond while its order still works: a stop-limit that was jumped over, a target
/// that was touched but not served (E3).
ExitReason Desk::missed_level(const Position& p, Price close) const {
  const ExecutionRules& style = rules_.execution;
  const bool is_long = p.direction == Direction::long_;
  const bool beyond_stop = p.stop.is_positive() && (is_long ? close < p.stop : close > p.stop);
  if ((style.stop_limit || style.stop_locks) && beyond_stop) return ExitReason::stop;
  const bool at_target = p.target.is_positive() && (is_long ? close >= p.target : close <= p.target);
  const bool escalates = style.target_exit != ExitStyle::market && rules_.exits.tiers.empty();
  return escalates && at_target ? ExitReason::target : ExitReason::none;
}

void Desk::give_up(TrackedOrder& entry, ActionList& out) {
  if (entry.is_given_up) return;
  entry.is_given_up = true;
  if (can_rest(entry.order)) out.add(CancelOrder{entry.order.client_id, entry.order.instrument});
}

/// A fill told after its order ended was taken for left: the order that follows in the intent wants that much
/// less, or the entry would be larger than it was planned (X10).
void Desk::shrink_entry(const Fill& late, ActionList& out) {
  for (TrackedOrder& t : orders_.live()) {
    const ClientOrderId& id = t.order.client_id;
    const bool is_follower = id.role == OrderRole::entry && id.sequence == late.client_id.sequence &&
                             id.epoch == late.client_id.epoch && id.attempt > late.client_id.attempt;
    if (!is_follower || is_terminal(t.order.state)) continue;
    t.done_before += late.quantity;
    const Quantity quantity = t.order.quantity - late.quantity;
    if (quantity <= t.order.filled) {
      t.is_given_up = true;
      out.add(CancelOrder{id, t.order.instrument});
      continue;
    }
    t.order.quantity = quantity;
    out.add(ReplaceOrder{id, t.order.instrument, t.order.limit, Price{}, quantity});
  }
}

/// An exit on its way never sells more than is held: not every venue knows reduce-only. What took from the
/// position meanwhile, a stop or a late fill, is taken off the exit.
void Desk::shrink_exit(InstrumentId instrument, ActionList& out) {
  const Quantity held = portfolio_.at(instrument).quantity;
  for (const OrderRole role : {OrderRole::exit, OrderRole::close_all}) {
    TrackedOrder* t = orders_.find(instrument, role);
    if (t == nullptr || t->order.leaves() <= held) continue;
    t->order.quantity = t->order.filled + held;
    out.add(ReplaceOrder{t->order.client_id, instrument, t->order.limit, Price{}, t->order.quantity});
  }
}

void Desk::give_up_entries(ActionList& out) {
  for (TrackedOrder& t : orders_.live()) {
    if (t.order.client_id.role == OrderRole::entry && !is_terminal(t.order.state)) give_up(t, out);
  }
}

void Desk::cancel_entry(InstrumentId instrument, ActionList& out) {
  TrackedOrder* t = orders_.find(instrument, OrderRole::entry);
  if (t == nullptr) return;
  t->is_given_up = true;
  out.add(CancelOrder{t->order.client_id, instrument});
}

void Desk::close_all(ExitReason reason, Time now, ActionList& out) {
  for (const Instrument& instrument : instruments_) close_position(instrument.id, reason, now, out);
}

void Desk::close_position(InstrumentId instrument, ExitReason reason, Time now, ActionList& out) {
  if (number(instrument) >= instruments_.size()) return;
  if (!portfolio_.at(instrument).is_open()) cancel_entry(instrument, out);
  leave(instrument, OrderRole::close_all, reason, now, out);
}

}  // namespace aitrade
