#include "core/trading/portfolio.h"

#include <algorithm>

namespace aitrade {
namespace {

/// The share `part / whole` of an amount; the last part takes what is left, so nothing gets lost.
Money share(Money amount, Quantity part, Quantity whole) {
  if (part == whole) return amount;
  const Int128 product = static_cast<Int128>(amount.raw()) * part.raw();
  return Money::from_raw(fixed_detail::divide(product, whole.raw(), Rounding::half_even));
}

/// How the mean entry price of several fills is rounded, and how their cost is got back from it: opposite ways,
/// and the second as cash_effect() rounds, so that the cost is the same again.
Rounding mean_rounding(Direction direction) {
  return direction == Direction::long_ ? Rounding::down : Rounding::up;
}

Rounding cost_rounding(Direction direction) {
  return direction == Direction::long_ ? Rounding::up : Rounding::down;
}

}  // namespace

Portfolio::Portfolio(std::size_t instruments) : positions_(instruments), marks_(instruments) {}

Position& Portfolio::open(const Fill& fill, Direction direction) {
  Position& p = at(fill.instrument);
  AITRADE_CHECK(!p.is_open() || p.direction == direction);
  if (!p.is_open()) {
    p = Position{};
    p.direction = direction;
    p.opened_at = fill.venue_time;
    p.best = p.worst = fill.price;
    ++open_count_;
  }
  const Money before = cash_;
  cash_ += cash_effect(fill);
  // What entering cost without the fee: positive for a long, negative (money received) for a short.
  p.entry_cost += before - cash_ - fill.fee;
  p.entry_fees += fill.fee;
  p.fees += fill.fee + notional(fill.price, fill.base_fee, Rounding::up);
  const Quantity held = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
  p.quantity += held;
  p.quantity_initial += held;
  const bool is_first = p.quantity == fill.quantity;   // and no fee in the base asset: then a unit costs more
  p.entry = is_first ? fill.price : price_for(p.entry_cost.abs(), p.quantity, mean_rounding(direction));
  return p;
}

SplitFill split_fill(const Fill& fill, Quantity held) {
  const Quantity gone = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
  AITRADE_CHECK(held.is_positive() && held < gone);
  const Money cost = (cash_effect(fill) + fill.fee).abs();
  SplitFill out{fill, fill};
  out.own.base_fee = Quantity::from_raw(fixed_detail::divide(static_cast<Int128>(fill.base_fee.raw()) * held.raw(),
                                                             gone.raw(), Rounding::down));
  out.own.quantity = fill.side == Side::buy ? held + out.own.base_fee : held - out.own.base_fee;
  out.own.fee = share(fill.fee, held, gone);
  out.own.cost = share(cost, held, gone);
  out.rest.base_fee = fill.base_fee - out.own.base_fee;
  out.rest.quantity = fill.quantity - out.own.quantity;
  out.rest.fee = fill.fee - out.own.fee;
  out.rest.cost = cost - out.own.cost;
  return out;
}

Position& Portfolio::reduce(const Fill& fill) {
  Position& p = at(fill.instrument);
  const Quantity gone = holding_effect(fill.side, fill.quantity, fill.base_fee).abs();
  AITRADE_CHECK(p.is_open() && gone <= p.quantity);
  const Money cost = share(p.entry_cost, gone, p.quantity);
  const Money entry_fees = share(p.entry_fees, gone, p.quantity);
  const Money change = cash_effect(fill);
  cash_ += change;
  p.realized += change - cost - entry_fees;
  p.entry_cost -= cost;
  p.entry_fees -= entry_fees;
  p.fees += fill.fee + notional(fill.price, fill.base_fee, Rounding::up);
  p.exit = mean_price(p.exit, p.exited, fill.price, fill.quantity);
  p.exited += fill.quantity;
  p.quantity -= gone;
  return p;
}

void Portfolio::forget(InstrumentId instrument) {
  Position& p = at(instrument);
  AITRADE_CHECK(p.is_open() && p.quantity.is_zero());
  p = Position{};
  --open_count_;
}

Money Portfolio::equity() const {
  Money total = cash_;
  if (open_count_ == 0) return total;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const Position& p = positions_[i];
    if (!p.is_open()) continue;
    const Price mark = marks_[i].is_positive() ? marks_[i] : p.entry;
    if (p.direction == Direction::long_) {
      total += notional(mark, p.quantity, Rounding::down);
    } else {
      total -= notional(mark, p.quantity, Rounding::up);
    }
  }
  return total;
}

Money Portfolio::gross_exposure() const {
  Money total;
  if (open_count_ == 0) return total;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const Position& p = positions_[i];
    if (!p.is_open()) continue;
    total += notional(marks_[i].is_positive() ? marks_[i] : p.entry, p.quantity, Rounding::up);
  }
  return total;
}

Money Portfolio::unrealized(InstrumentId instrument) const {
  const Position& p = at(instrument);
  if (!p.is_open()) return {};
  const Price mark = marks_[number(instrument)].is_positive() ? marks_[number(instrument)] : p.entry;
  const Money worth = notional(mark, p.quantity, Rounding::down);
  return p.direction == Direction::long_ ? worth - p.entry_cost : -p.entry_cost - worth;
}

void Portfolio::adopt(const PositionAdopted& a) {
  Position& p = at(a.instrument);
  AITRADE_CHECK(!p.is_open());
  p = Position{};
  p.direction = a.direction;
  p.quantity = a.quantity;
  p.quantity_initial = a.quantity_initial;
  p.entry = a.entry;
  const Money cost = notional(a.entry, a.quantity, cost_rounding(a.direction));
  p.entry_cost = a.direction == Direction::long_ ? cost : -cost;
  const PositionDetail& detail = a.detail;
  if (!detail.entry_cost.is_zero()) p.entry_cost = detail.entry_cost;
  p.entry_fees = a.entry_fees;
  p.stop = a.stop;
  p.target = a.target;
  p.initial_stop = a.initial_stop;
  p.best = a.best_since_entry;
  p.worst = detail.worst.is_positive() ? detail.worst : std::min(a.best_since_entry, a.entry);
  p.realized = a.realized;
  p.fees = std::max(detail.fees, a.entry_fees);
  p.slippage = detail.slippage;
  p.exit = detail.exit;
  p.exited = detail.exited;
  p.initial_target = detail.initial_target.is_positive() ? detail.initial_target : a.target;
  p.confidence = detail.confidence;
  p.bars = detail.bars;
  p.stages = detail.stages;
  p.regime = detail.regime;
  p.voters = detail.voters;
  p.closing = detail.closing;
  p.opened_at = a.opened_at;
  p.lead = a.lead;
  p.atr_at_entry = a.atr_at_entry;
  p.breakeven_done = a.breakeven_done;
  p.trailing_on = a.trailing_on;
  p.trade_number = a.trade_number;
  ++open_count_;
}

PositionChanged to_change(DeskId desk, InstrumentId instrument, const Position& p) {
  PositionChanged out;
  out.desk = desk;
  out.instrument = instrument;
  out.direction = p.direction;
  out.quantity = p.quantity;
  out.quantity_initial = p.quantity_initial;
  out.entry = p.entry;
  out.stop = p.stop;
  out.target = p.target;
  out.initial_stop = p.initial_stop;
  out.best_since_entry = p.best;
  out.entry_fees = p.entry_fees;
  out.realized = p.realized;
  out.opened_at = p.opened_at;
  out.lead = p.lead;
  out.atr_at_entry = p.atr_at_entry;
  out.breakeven_done = p.breakeven_done;
  out.trailing_on = p.trailing_on;
  out.trade_number = p.trade_number;
  out.detail = {p.entry_cost, p.fees, p.slippage, p.worst, p.exit, p.exited, p.initial_target,
                p.confidence, p.bars, p.stages, p.regime, p.voters, p.closing};
  return out;
}

}  // namespace aitrade
