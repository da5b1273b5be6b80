#include "core/trading/exits.h"

#include <algorithm>
#include <limits>

namespace aitrade {
namespace {

constexpr double stop_distance_max = 0.10;  // of price; trading-core.md 7.1 check 7

// Both round the same way: for a long, down is away from the price below it and toward it above.
Rounding away_from_price(Direction direction) {
  return direction == Direction::long_ ? Rounding::floor : Rounding::ceil;
}

Rounding toward_price(Direction direction) {
  return direction == Direction::long_ ? Rounding::floor : Rounding::ceil;
}

/// The larger of so many ATRs and a fraction of price.
Price distance(double atr, double atrs, Price price, double fraction) {
  const double floor = to_double(price) * fraction;
  const auto exact = Price::from_double(std::max(atr * atrs, floor), Rounding::up);
  return exact ? *exact : Price::from_raw(std::numeric_limits<std::int64_t>::max());   // farther than any price
}

bool is_better(Price candidate, Price stop, Direction direction) {
  return direction == Direction::long_ ? candidate > stop : candidate < stop;
}

}  // namespace

Result<Bracket> plan_bracket(const Opinion& opinion, const Instrument& instrument) {
  const Direction d = opinion.direction;
  AITRADE_TRY(const Price entry, round_to_tick(opinion.entry, instrument, Rounding::half_even));
  AITRADE_TRY(const Price stop, round_to_tick(opinion.stop, instrument, away_from_price(d)));
  AITRADE_TRY(const Price target, round_to_tick(opinion.target, instrument, toward_price(d)));
  const bool ordered = d == Direction::long_ ? stop < entry && entry < target
                                             : target < entry && entry < stop;
  const double risk = to_double((entry - stop).abs());
  if (!ordered || risk > stop_distance_max * to_double(entry)) {
    return fail(ErrorCode::invalid, "levels on the wrong side or too far away");
  }
  return Bracket{entry, stop, target, to_double((target - entry).abs()) / risk};
}

void shift_bracket(Bracket& bracket, Price filled, const Instrument& instrument) {
  const Price move = filled - bracket.entry;
  bracket.entry = filled;
  bracket.stop = round_to_step(std::max(bracket.stop + move, instrument.tick), instrument.tick,
                               Rounding::half_even);
  bracket.target = round_to_step(std::max(bracket.target + move, instrument.tick), instrument.tick,
                                 Rounding::half_even);
}

std::optional<Price> follow(Position& p, const Candle& candle, const ExitRules& rules,
                            Rate round_trip_cost, const Instrument& instrument) {
  const bool is_long = p.direction == Direction::long_;
  if (is_long) {
    p.best = std::max(p.best, candle.high);
    p.worst = std::min(p.worst, candle.low);
  } else {
    p.best = std::min(p.best, candle.low);
    p.worst = std::max(p.worst, candle.high);
  }
  const Price profit = is_long ? p.best - p.entry : p.entry - p.best;
  if (!profit.is_positive()) return std::nullopt;

  Price stop = p.stop;
  const double atr = p.atr_at_entry;
  if (!p.breakeven_done && profit >= distance(atr, rules.breakeven_atr, p.entry, rules.breakeven_pct)) {
    const Price cost = apply(round_trip_cost, p.entry, Rounding::up);
    const Price even = is_long ? round_to_step(p.entry + cost, instrument.tick, Rounding::ceil)
                               : round_to_step(p.entry - cost, instrument.tick, Rounding::floor);
    // A stop beyond the market would be a market order: wait for the price to be clear of it.
    const bool clear = is_long ? even < candle.close : even > candle.close;
    if (clear) {
      p.breakeven_done = true;
      if (is_better(even, stop, p.direction)) stop = even;
    }
  }
  if (!p.trailing_on) {
    p.trailing_on = profit >= distance(atr, rules.trailing_activation_atr, p.entry,
                                       rules.trailing_activation_pct);
  }
  if (p.trailing_on) {
    const Price step = distance(atr, rules.trailing_step_atr, p.best, rules.trailing_step_pct);
    const Price trail = is_long ? round_to_step(p.best - step, instrument.tick, Rounding::floor)
                                : round_to_step(p.best + step, instrument.tick, Rounding::ceil);
    const bool clear = is_long ? trail < candle.close : trail > candle.close;
    if (clear && is_better(trail, stop, p.direction)) stop = trail;
  }
  if (stop == p.stop) return std::nullopt;
  return stop;
}

}  // namespace aitrade
