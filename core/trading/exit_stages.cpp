// Exits in stages: what age does to a target, and the parts a position is closed in.
#include <algorithm>
#include <cmath>

#include "core/trading/exits.h"

namespace aitrade {
namespace {

constexpr double atr_period = 14;
constexpr Rate least_gain = Rate::from_raw(Rate::scale / 1000);   // 0.1 % beyond the round trip

struct Stage {
  std::uint8_t bit;
  int bars;
  double share_expected;   // of the expected move; below it the stage applies
  double target_share;     // of the way to the original target
};

constexpr Stage stages[] = {{1, 30, 0.3, 0.6}, {2, 45, 0.2, 0.4}};

constexpr unsigned tiers_shift = 4;   // the upper half of Position::stages counts tiers

}  // namespace

TimeVerdict judge_time(const Position& p, Price close, Time now, Duration timeframe,
                       const ExitRules& rules, Rate round_trip_cost, const Instrument& instrument) {
  TimeVerdict out;
  out.stages = p.stages;
  const Duration age = now - p.opened_at;
  if (rules.hold_max.count() > 0 && age >= rules.hold_max) {
    out.leave = ExitReason::time_limit;
    return out;
  }
  if (!rules.stagnation || !p.target.is_positive() || !(p.atr_at_entry > 0)) return out;
  const int side = sign(p.direction);
  for (const Stage& stage : stages) {
    if ((out.stages & stage.bit) != 0 || age < timeframe * stage.bars) continue;
    out.stages = static_cast<std::uint8_t>(out.stages | stage.bit);
    const double entry = to_double(p.entry);
    const double bars = static_cast<double>(age.count()) / static_cast<double>(timeframe.count());
    const double expected = p.atr_at_entry / entry * std::sqrt(bars / atr_period);
    const double profit = side * to_double(close - p.entry) / entry;
    if (profit >= stage.share_expected * expected) continue;
    const double way = stage.target_share * to_double(p.initial_target - p.entry);
    const auto distance = Price::from_double(way, Rounding::half_even);
    if (!distance) continue;
    const Price target = round_to_step(p.entry + *distance, instrument.tick, Rounding::half_even);
    const bool pays = (target - p.entry).abs() >= apply(round_trip_cost + least_gain, p.entry, Rounding::up);
    const bool is_ahead = side > 0 ? target > close : target < close;
    if (!pays || !is_ahead) {
      out.leave = ExitReason::stagnation;
      return out;
    }
    out.target = target;
  }
  return out;
}

CandleVerdict follow_candle(Position& p, const Candle& candle, Duration timeframe, const ExitRules& rules,
                            Rate round_trip_cost, const Instrument& instrument) {
  ++p.bars;
  const auto stop = follow(p, candle, rules, round_trip_cost, instrument);
  if (stop) p.stop = *stop;
  const TimeVerdict age =
      judge_time(p, candle.close, candle.close_time(), timeframe, rules, round_trip_cost, instrument);
  p.stages = age.stages;
  if (age.target) p.target = *age.target;
  return {stop || age.target, age.leave};
}

bool is_idea_over(const Position& p, Duration time_stop, Time now) {
  if (!p.is_open() || p.breakeven_done || p.trailing_on) return false;
  return time_stop.count() > 0 && now - p.opened_at >= time_stop;
}

int tiers_done(const Position& p) { return p.stages >> tiers_shift; }

void tier_done(Position& p) {
  p.stages = static_cast<std::uint8_t>(p.stages + (1U << tiers_shift));
}

TargetPart next_target(const Position& p, const ExitRules& rules, const Instrument& instrument) {
  if (rules.tiers.empty()) return {p.target, p.quantity};
  const auto done = static_cast<std::size_t>(tiers_done(p));
  if (done >= rules.tiers.size()) return {};
  double left = 1;   // share of the position before this tier, as planned
  for (std::size_t i = 0; i < done; ++i) left *= 1 - rules.tiers[i].share;
  const ExitRules::Tier& tier = rules.tiers[done];
  if (!(tier.multiple > 0) || !p.target.is_positive()) return {};
  const auto way = Price::from_double(tier.multiple * to_double(p.target - p.entry), Rounding::half_even);
  const auto part = Quantity::from_double(left * tier.share * to_double(p.quantity_initial), Rounding::down);
  if (!way || !part) return {};
  TargetPart out;
  out.price = round_to_step(p.entry + *way, instrument.tick, Rounding::half_even);
  out.quantity = std::min(p.quantity, round_to_step(*part, instrument.lot, Rounding::down));
  const Quantity rest = p.quantity - out.quantity;
  const bool rest_trades = rest >= instrument.minimum &&
                           notional(out.price, rest, Rounding::down) >= instrument.minimum_notional;
  const bool part_trades = out.quantity >= instrument.minimum && out.quantity.is_positive();
  if (!rest_trades || !part_trades || done + 1 == rules.tiers.size()) out.quantity = p.quantity;
  return out;
}

}  // namespace aitrade
