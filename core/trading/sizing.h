// How much: turns a fraction of equity at risk into a quantity the instrument accepts.
#pragma once

#include <optional>

#include "core/domain/instrument.h"
#include "core/domain/signal.h"
#include "core/trading/rules.h"

namespace aitrade {

/// What the caps are measured against.
struct SizingLimits {
  Money equity;               // mark-to-market
  Money cash;                 // free
  Money exposure_remaining;   // of the desk and the house
  Rate risk;                  // of equity, what the stop may cost (budget_risk)
  std::optional<Money> depth_cap;   // largest notional the book allows; absent = not looked at
};

struct Sized {
  Quantity quantity;          // zero when refused
  Reason reason{Reason::none};
  double risk_fraction{0};    // of equity, what the stop would cost including costs and gap
};

/// Returns the quantity of an entry: fixed fractional risk, then the caps, then lot and minima.
///
/// Formula: quantity = equity * risk / (stop distance + cost + gap), per unit of base;
///          capped by position_max, exposure_remaining and cash, floored to the lot
/// Errors:  reason exposure, no_cash, thin_book or below_minimum with a zero quantity
/// Source:  trading-core.md 7.2, "Rewrite"
Sized size_entry(const Bracket& bracket, const SizingLimits& limits, const RiskRules& rules,
                 const Instrument& instrument);

}  // namespace aitrade
