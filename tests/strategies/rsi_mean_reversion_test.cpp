// rsi_mean_reversion against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct RsiRule : Past {
  static constexpr std::size_t conditions = 2;

  explicit RsiRule(Rig& its_rig) : rig(its_rig), rsi(rig.set.rsi(14)), atr(rig.set.atr(14)) {}

  /// How many points wider the zones are than 30 and 70.
  [[nodiscard]] double wider() const {
    double points = 0;
    if (rig.regime.trend == Trend::trend) points -= 5;
    if (rig.regime.trend == Trend::range) points += 5;
    if (rig.regime.volatility == Volatility::high) points -= 3;
    if (rig.regime.volatility == Volatility::low) points += 2;
    return points;
  }

  [[nodiscard]] double oversold() const { return 30 + wider(); }

  [[nodiscard]] double overbought() const { return 70 - wider(); }

  // was in the zone, turned by a point
  [[nodiscard]] std::array<bool, 2> long_holds() const {
    return {rsi[1] <= oversold(), rsi[0] - rsi[1] >= 1};
  }

  [[nodiscard]] std::array<bool, 2> short_holds() const {
    return {rsi[1] >= overbought(), rsi[1] - rsi[0] >= 1};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double inside = for_long ? oversold() - rsi[0] : rsi[0] - overbought();
    double s = 0.35 + std::min(std::max(inside, 0.0) / 30, 0.3);
    double c = 0.35 + 0.10;
    if (for_long ? rsi[0] < 20 : rsi[0] > 80) s += 0.1;
    if (for_long ? rsi[0] < 25 : rsi[0] > 75) c += 0.15;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.0, 2.6);
  }

  Rig& rig;
  Line rsi, atr;
};

}  // namespace

TEST_CASE("rsi_mean_reversion: enters exactly when every condition holds, in every regime") {
  Rig rig("rsi_mean_reversion");
  RsiRule rule(rig);
  run_beside(rig, rule, spells(60'000, 56)).check_near_misses(100);
}

TEST_CASE("rsi_mean_reversion: an adjustment cannot be negative, and thresholds stay in bounds") {
  const StrategyInfo* info = find_strategy("rsi_mean_reversion");
  Parameters parameters(info->parameters);
  for (const char* name : {"trend_adjust", "range_adjust", "high_vol_adjust", "low_vol_adjust"})
    CHECK_FALSE(parameters.set(name, -1));

  // 45 + 40 would be 85 and overlap with its mirror; it is 45.
  Rig wide("rsi_mean_reversion", {{"rsi_oversold", 45}, {"range_adjust", 40}});
  wide.regime.trend = Trend::range;
  const Line rsi = wide.set.rsi(14);
  for (const Bar& bar : spells(5'000, 57)) {
    const Signal signal = wide.feed(bar);
    if (signal.direction == Direction::long_) CHECK(rsi[1] <= 45);
    if (signal.direction == Direction::short_) CHECK(rsi[1] >= 55);
  }
}

}  // namespace aitrade::test
