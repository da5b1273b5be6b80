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

/// What time does to a position.
struct TimeVerdict {
  ExitReason leave{ExitReason::none};
  std::optional<Price> target;      // a nearer one
  std::uint8_t stages{0};           // as they are now
};

/// Judges a position by its age: each stage once, always from the original target, by signed profit.
///
/// Stages:  at 30 and 45 bars of the entry's timeframe, profit below 0.3 and 0.2 of what the volatility at
///          entry lets expect, atr / entry * sqrt(bars / 14), brings the target to 0.6 and 0.4 of its way;
///          one that would not pay the round trip and 0.1 % leaves instead
/// Limit:   hold_max after the entry it leaves, whatever it made
/// Source:  trading-core.md 6.4, rewrite (X11: applied once)
TimeVerdict judge_time(const Position& position, Price close, Time now, Duration timeframe,
                       const ExitRules& rules, Rate round_trip_cost, const Instrument& instrument);

/// What a closed candle does to an open position.
struct CandleVerdict {
  bool is_moved{false};             // stop or target are others now
  ExitReason leave{ExitReason::none};
};

/// Lets stop, target and stages follow a closed candle. This is what the desk does, and what labels do (ml/labels.h).
CandleVerdict follow_candle(Position& position, const Candle& candle, Duration timeframe, const ExitRules& rules,
                            Rate round_trip_cost, const Instrument& instrument);

/// Whether the idea behind a position has had its time; never when its stop secures its costs, and 0 is no limit.
bool is_idea_over(const Position& position, Duration time_stop, Time now);

/// The part of a position that the next target closes.
struct TargetPart {
  Price price;              // zero: no target, the rest trails
  Quantity quantity;        // of the order that closes it, filled part included
};

/// Returns the next target of a position: all of it at its target, or with tiers a part of what it was at
/// its own distance. A rest too small to trade goes with the part before it.
TargetPart next_target(const Position& position, const ExitRules& rules, const Instrument& instrument);

/// How many tiers were closed, as kept in Position::stages; tier_done() counts one more.
int tiers_done(const Position& position);
void tier_done(Position& position);

}  // namespace aitrade
