// The part of Desk that obeys foreign signals (foreign_signals.h) in place of opinions of its own.
#include <algorithm>

#include "core/trading/desk.h"
#include "core/trading/foreign_signals.h"

namespace aitrade {
namespace {

/// Stop and target lie on their sides of the price; a missing one always does.
bool levels_fit(const ForeignSignal& signal, Price price) {
  const bool is_long = signal.direction == Direction::long_;
  const auto fits = [&](Price level, bool below) {
    return !level.is_positive() || (below ? level < price : level > price);
  };
  return fits(signal.stop, is_long) && fits(signal.target, !is_long);
}

}  // namespace

/// Does what the table says of this close, if anything. Exits are never refused; a reversal enters as soon
/// as the exit has filled.
void Desk::obey(const CandleClosed& event, const RunState& state, ActionList& out) {
  const Time now = event.candle.close_time();
  const ForeignSignal* signal = rules_.signals->at(event.instrument, now);
  if (signal == nullptr) {
    ++reason_counts_[static_cast<std::size_t>(Reason::no_setup)];
    return;
  }
  Plan plan;
  const Reason reason = judge_signal(*signal, event, state, plan, out);
  ++reason_counts_[static_cast<std::size_t>(reason)];
  if (out.keeps_decisions() || reason == Reason::entered) {
    Opinion opinion;
    opinion.direction = signal->direction;
    opinion.reason = reason == Reason::entered ? Reason::none : reason;
    opinion.entry = to_double(event.candle.close);
    opinion.stop = to_double(signal->stop);
    opinion.target = to_double(signal->target);
    record(opinion, event, reason, plan, 0, out);
  }
  if (reason == Reason::entered) enter_signal(event.instrument, plan, now, out);
}

Reason Desk::judge_signal(const ForeignSignal& signal, const CandleClosed& event, const RunState& state,
                          Plan& plan, ActionList& out) {
  const InstrumentId instrument = event.instrument;
  const bool goes_flat = signal.direction == Direction::neutral;
  auto& reversal = reversals_[number(instrument)];
  reversal.reset();
  const bool may_short = instruments_[number(instrument)].can_short;
  Reason refusal = Reason::none;
  if (!goes_flat && !levels_fit(signal, event.candle.close)) refusal = Reason::bad_levels;
  if (signal.direction == Direction::short_ && !may_short) refusal = Reason::no_short;
  if (event.backfill) refusal = Reason::backfill;
  if (!state.feed_up) refusal = Reason::stale_feed;
  if (state.held) refusal = Reason::held;
  if (state.paused) refusal = Reason::paused;
  if (state.halted) refusal = Reason::halted;

  const Position& p = portfolio_.at(instrument);
  if (p.is_open()) {
    if (p.direction == signal.direction) {
      if (refusal != Reason::bad_levels) move_levels(instrument, signal, event.candle.close_time(), out);
      return refusal == Reason::bad_levels ? refusal : Reason::has_position;
    }
    leave(instrument, OrderRole::exit, ExitReason::opposite_signal, event.candle.close_time(), out);
    if (!goes_flat && refusal == Reason::none) reversal = signal;
    return Reason::closing_opposite;
  }
  if (goes_flat) {
    cancel_entry(instrument, out);
    return Reason::no_setup;
  }
  if (refusal != Reason::none) return refusal;
  if (orders_.find(instrument, OrderRole::entry) != nullptr) return Reason::has_position;
  return plan_signal(instrument, signal, event.candle.close, plan);
}

/// Turns a signal into a bracket and a quantity at `price`.
Reason Desk::plan_signal(InstrumentId instrument, const ForeignSignal& signal, Price price, Plan& plan) const {
  const Instrument& rules = instruments_[number(instrument)];
  plan.direction = signal.direction;
  plan.bracket.entry = price;
  plan.bracket.stop = round_to_step(signal.stop, rules.tick, Rounding::half_even);
  plan.bracket.target = round_to_step(signal.target, rules.tick, Rounding::half_even);
  Quantity size = signal.quantity;
  if (!size.is_positive()) {
    size = quantity_for(apply(signal.size, portfolio_.equity(), Rounding::down), price, Rounding::down);
  }
  if (signal.direction == Direction::long_) {
    const Rate room = Rate::from_raw(Rate::scale + rules_.risk.cost.raw() / 2) + rules_.risk.gap;
    const Money cash = portfolio_.cash() - orders_.pending_exposure();
    if (!cash.is_positive()) return Reason::no_cash;
    size = std::min(size, quantity_for(cash, apply(room, price, Rounding::up), Rounding::down));
  }
  size = round_to_step(size, rules.lot, Rounding::down);
  if (!size.is_positive() || size < rules.minimum ||
      notional(price, size, Rounding::down) < rules.minimum_notional) {
    return Reason::below_minimum;
  }
  plan.sized.quantity = size;
  return Reason::entered;
}

void Desk::enter_signal(InstrumentId instrument, const Plan& plan, Time now, ActionList& out) {
  TrackedOrder& t = orders_.create(instrument, OrderRole::entry, entry_side(plan.direction),
                                   OrderType::market, plan.sized.quantity, now);
  t.bracket = plan.bracket;
  t.reference = plan.bracket.entry;
  out.add(SubmitOrder{t.order});
  report_to_house();
  save_account(portfolio_.equity(), out);
}

/// The exit of a reversal has filled at `price`: the other side is entered at once.
void Desk::enter_reversal(InstrumentId instrument, Price price, Time now, ActionList& out) {
  auto& reversal = reversals_[number(instrument)];
  if (!reversal) return;
  Plan plan;
  const Reason reason = plan_signal(instrument, *reversal, price, plan);
  reversal.reset();
  ++reason_counts_[static_cast<std::size_t>(reason)];
  if (reason == Reason::entered) enter_signal(instrument, plan, now, out);
}

/// A repeated direction keeps the position and moves stop and target to where it wants them.
void Desk::move_levels(InstrumentId instrument, const ForeignSignal& signal, Time now, ActionList& out) {
  const Price tick = instruments_[number(instrument)].tick;
  Position& p = portfolio_.at(instrument);
  const Price stop = round_to_step(signal.stop, tick, Rounding::half_even);
  const Price target = round_to_step(signal.target, tick, Rounding::half_even);
  const bool moves_stop = stop.is_positive() && stop != p.stop;
  const bool moves_target = target.is_positive() && target != p.target;
  if (!moves_stop && !moves_target) return;
  if (moves_stop) {
    if (p.stop.is_positive()) p.trailing_on = true;
    if (!p.initial_stop.is_positive()) p.initial_stop = stop;
    p.stop = stop;
  }
  if (moves_target) {
    if (!p.initial_target.is_positive()) p.initial_target = target;
    p.target = target;
  }
  align_protection(instrument, out);
  out.add(to_change(id_, instrument, p));
  ensure_protected(instrument, now, out);
}

}  // namespace aitrade
