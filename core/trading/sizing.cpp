#include "core/trading/sizing.h"

#include <algorithm>

namespace aitrade {

Sized size_entry(const Bracket& bracket, const SizingLimits& limits, const RiskRules& rules,
                 const Instrument& instrument) {
  Sized out;
  if (!limits.equity.is_positive()) {
    out.reason = Reason::no_cash;
    return out;
  }
  const Price loss_per_unit = (bracket.entry - bracket.stop).abs() +
                              apply(rules.cost + rules.gap, bracket.entry, Rounding::up);
  const Money at_risk = apply(limits.risk, limits.equity, Rounding::down);
  const Rate with_cost = Rate::from_raw(Rate::scale) + rules.cost;
  const Price cash_per_unit = apply(with_cost, bracket.entry, Rounding::up);

  Quantity size = quantity_for(at_risk, loss_per_unit, Rounding::down);
  size = std::min(size, quantity_for(rules.position_max, bracket.entry, Rounding::down));
  const auto cap = [&](Money room, Price per_unit, Reason reason) {
    const Quantity most = room.is_positive() ? quantity_for(room, per_unit, Rounding::down) : Quantity{};
    if (most < size) {
      size = most;
      out.reason = reason;
    }
  };
  cap(limits.exposure_remaining, bracket.entry, Reason::exposure);
  cap(limits.cash, cash_per_unit, Reason::no_cash);
  if (limits.depth_cap) cap(*limits.depth_cap, bracket.entry, Reason::thin_book);

  size = round_to_step(size, instrument.lot, Rounding::down);
  const bool too_small = size < instrument.minimum || !size.is_positive() ||
                         notional(bracket.entry, size, Rounding::down) < instrument.minimum_notional;
  if (too_small) {
    if (out.reason == Reason::none) out.reason = Reason::below_minimum;
    return out;
  }
  out.reason = Reason::none;
  out.quantity = size;
  out.risk_fraction = to_double(notional(loss_per_unit, size, Rounding::up)) / to_double(limits.equity);
  return out;
}

}  // namespace aitrade
