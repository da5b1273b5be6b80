// What strategies share: the side sign, mirrored readings, and how an answer is put together.
//
// A rule is written once, for a long. A side sign of +1 reads the market as it is, -1 reads it
// mirrored, so that the short rule is the long rule of the mirrored market and the two cannot drift
// apart.
#pragma once

#include "core/trading/strategy.h"
#include "strategies/catalog.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace aitrade::rules {

constexpr int long_side = 1;  // the values of Direction
constexpr int short_side = -1;

/// Returns an oscillator of 0..100 as the long rule reads it.
inline double mirror_percent(int side, double value) {
  return side > 0 ? value : 100.0 - value;
}

/// Returns a band position (0 lower, 1 upper) as the long rule reads it.
inline double mirror_unit(int side, double value) {
  return side > 0 ? value : 1.0 - value;
}

inline Direction direction_of(int side) {
  return static_cast<Direction>(side);
}

inline double bonus(bool applies, double value) {
  return applies ? value : 0.0;
}

inline Signal neutral(CatalogPlace place, Reason reason) {
  Signal signal;
  signal.strategy = to_id(place);
  signal.reason = reason;
  return signal;
}

/// Returns a signal with a direction; scores are clamped to [0, 1]. Prices in quote per base.
inline Signal directed(CatalogPlace place, int side, double strength, double confidence,
                       double entry, const Levels& levels) {
  Signal signal;
  signal.strategy = to_id(place);
  signal.direction = direction_of(side);
  signal.reason = Reason::none;
  signal.strength = std::clamp(strength, 0.0, 1.0);
  signal.confidence = std::clamp(confidence, 0.0, 1.0);
  signal.entry = entry;
  signal.stop = levels.stop;
  signal.target = levels.target;
  return signal;
}

/// True when the way to the target is worth the way to the stop, before costs.
inline bool pays(int side, double entry, const Levels& levels, const BracketRules& bracket) {
  const double risk = side * (entry - levels.stop);
  const double reward = side * (levels.target - entry);
  return risk > 0 && reward >= bracket.reward_to_risk_min * risk;
}

/// Returns the stop a structure in the market asks for, but no nearer to the entry than the floor of
/// the bracket. One on the wrong side of the entry stays there, and pays() refuses it.
inline double floored_stop(int side, double entry, double wanted, const BracketRules& bracket) {
  const double distance = side * (entry - wanted);
  if (!(distance > 0)) return wanted;
  return entry - side * std::max(distance, entry * bracket.stop_min_fraction);
}

/// Returns how much of an hour's price range a bar of `timeframe` has: prices spread with the root of time. What
/// is stated for 1h bars as a fraction of price is multiplied by it.
inline double share_of_hour(Duration timeframe) {
  return std::sqrt(std::chrono::duration<double, std::ratio<3600>>(timeframe).count());
}

/// True when all prices of the bar are finite numbers.
inline bool is_finite(const Bar& bar) {
  return std::isfinite(bar.open + bar.high + bar.low + bar.close);
}

/// True while the series is too short: fewer than `warm_up` bars since it began, or fewer than
/// `read` kept.
inline bool is_cold(const MarketView& market, int warm_up, std::size_t read) {
  return market.bars_since_break() < static_cast<std::size_t>(warm_up) || market.bars() < read;
}

/// What StrategyInfo::make is for a strategy that is built from its setup alone.
template <class S>
std::unique_ptr<Strategy> build(const StrategySetup& setup) {
  return std::make_unique<S>(setup);
}

/// What StrategyInfo::fault_of is when no combination of parameters is wrong.
inline const char* no_fault(const Parameters&) {
  return nullptr;
}

}  // namespace aitrade::rules
