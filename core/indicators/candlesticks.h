// Candlestick tests: hammer, shooting star, engulfing.
//
// They read real opens. A bar without one (not a finite number) has no pattern; nothing is ever
// computed from the close before it. Each test is written once over a side sign: +1 asks for the
// bullish form, -1 for its mirror image. Source: trading-core.md 1.2.
#pragma once

#include "core/domain/candle.h"

#include <algorithm>
#include <cmath>

namespace aitrade::candlesticks {

/// True when the prices a pattern needs are there.
inline bool has_prices(const Bar& bar) {
  return std::isfinite(bar.open + bar.high + bar.low + bar.close);
}

/// Returns whether the bar is a hammer (side +1) or a shooting star (side -1).
///
/// Formula: body = |C - O|, at least 1 % (no doji) and under 40 % of the range; the shadow away
/// from
///          the turn longer than two bodies, the other one under half a body
inline bool is_hammer(const Bar& bar, int side) {
  const double range = bar.high - bar.low;
  const double body = std::fabs(bar.close - bar.open);
  const double top = bar.high - std::max(bar.open, bar.close);
  const double bottom = std::min(bar.open, bar.close) - bar.low;
  const double tail = side > 0 ? bottom : top;
  const double other = side > 0 ? top : bottom;
  return has_prices(bar) && range > 0 && body >= 0.01 * range && body < 0.4 * range &&
         tail > 2 * body && other < 0.5 * body;
}

/// Returns whether the bar engulfs the one before it, upwards (side +1) or downwards (side -1).
///
/// Formula: bodies of opposite sign, O <= C_before and C >= O_before, one of them strictly; markets
///          that never close open where they closed, so both strict would almost never pass
inline bool is_engulfing(const Bar& before, const Bar& bar, int side) {
  if (!has_prices(before) || !has_prices(bar)) return false;
  const double opens_below = side * (before.close - bar.open);
  const double closes_above = side * (bar.close - before.open);
  return side * (before.close - before.open) < 0 && side * (bar.close - bar.open) > 0 &&
         opens_below >= 0 && closes_above >= 0 && (opens_below > 0 || closes_above > 0);
}

}  // namespace aitrade::candlesticks
