// Where a position ends: the bracket at entry, and how its stop follows.
//
// Called by Desk: plan() before an entry, shift() when its fill differs from the plan, follow() after
// each closed candle. A stop only ever moves in favour of the position, and what follow() decides on
// candle i works from candle i + 1.
#pragma once

#include <optional>

#include "core/domain/instrument.h"
#include "core/domain/signal.h"
#include "core/trading/portfolio.h"
#include "core/trading/rules.h"

namespace aitrade {

/// Returns the bracket of an opinion in exact prices: stop rounded away from the price, target toward
/// it. Errors: invalid when a level is missing, on the wrong side, or beyond 10 % of price.
Result<Bracket> plan_bracket(const Opinion& opinion, const Instrument& instrument);

/// Moves stop and target by the difference between the fill and the planned entry.
void shift_bracket(Bracket& bracket, Price filled, const Instrument& instrument);

/// Updates best and worst with a closed candle and returns a new stop, if it should move.
///
/// Breakeven: profit >= max(breakeven_atr * ATR, breakeven_pct): stop to entry plus round-trip cost.
/// Trailing:  profit >= max(activation_atr * ATR, activation_pct), then it latches: stop to
///            best - max(step_atr * ATR, step_pct of best). ATR is that of the entry.
/// Source:    trading-core.md 6.4, "Rewrite"
std::optional<Price> follow(Position& position, const Candle& candle, const ExitRules& rules,
                            Rate round_trip_cost, const Instrument& instrument);

}  // namespace aitrade
