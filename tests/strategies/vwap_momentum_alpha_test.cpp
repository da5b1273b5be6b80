// vwap_momentum_alpha against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct VwapRule : Past {
  static constexpr std::size_t conditions = 3;

  explicit VwapRule(Rig& its_rig)
      : rig(its_rig),
        lines(rig.set.rolling_vwap(20)),
        roc(rig.set.roc_pct(5)),
        volume(rig.set.volume_ratio(20)),
        atr(rig.set.atr(14)) {}

  [[nodiscard]] double slope() const { return lines.vwap[0] / lines.vwap[5] - 1; }

  [[nodiscard]] double z() const { return (ago(0).close - lines.vwap[0]) / lines.deviation[0]; }

  [[nodiscard]] double depth() const {
    double d = 0.6;
    if (rig.regime.trend == Trend::trend) d -= 0.12;
    if (rig.regime.trend == Trend::range) d += 0.12;
    if (rig.regime.volatility == Volatility::high) d += 0.10;
    if (rig.regime.volatility == Volatility::low) d -= 0.05;
    return std::max(d, 0.2);
  }

  // slope, pullback, improving momentum
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    return {slope() >= 0.0005, z() <= -depth(), roc[0] > roc[1]};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    return {slope() <= -0.0005, z() >= depth(), roc[0] < roc[1]};
  }

  [[nodiscard]] Scores scores(bool) const {
    double s = 0.35 + 0.3 * std::min(std::fabs(z()) / 3, 1.0) + 0.1;
    double c = 0.35 + 0.1;
    if (volume[0] >= 1.0) {
      s += 0.1;
      c += 0.1;
    }
    if (std::fabs(slope()) > 0.001) c += 0.1;
    if (std::fabs(z()) > 1) c += 0.1;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.0);
  }

  Rig& rig;
  VwapLines lines;
  Line roc, volume, atr;
};

}  // namespace

TEST_CASE("vwap_momentum_alpha: enters exactly when every condition holds, in every regime") {
  Rig rig("vwap_momentum_alpha");
  VwapRule rule(rig);
  run_beside(rig, rule, spells(60'000, 58)).check_near_misses(50);
}

TEST_CASE("vwap_momentum_alpha: the depth never falls below its floor") {
  Rig rig("vwap_momentum_alpha",
          {{"pullback_z", 0.1}, {"trend_z_adjust", -0.5}, {"slope_min_pct", 0}});
  rig.regime.trend = Trend::trend;
  const VwapLines lines = rig.set.rolling_vwap(20);
  int entries = 0;
  for (const Bar& bar : spells(10'000, 59)) {
    if (rig.feed(bar).direction == Direction::neutral) continue;
    ++entries;
    CHECK(std::fabs(bar.close - lines.vwap[0]) >= 0.2 * lines.deviation[0]);
  }
  CHECK(entries > 50);
}

}  // namespace aitrade::test
