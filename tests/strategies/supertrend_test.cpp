// supertrend against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct SupertrendRule : Past {
  static constexpr std::size_t conditions = 3;

  SupertrendRule(Rig& rig, bool volume_needed)
      : lines(rig.set.supertrend(10, 2.0)),
        volume(rig.set.volume_ratio(20)),
        atr(rig.set.atr(14)),
        needs_volume(volume_needed) {}

  // flip, volume, reward
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    return {lines.direction[1] < 0 && lines.direction[0] > 0, volume[0] >= 1.2 || !needs_volume,
            reward_to_risk(ago(0).close, levels(true)) >= 1.2};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    return {lines.direction[1] > 0 && lines.direction[0] < 0, volume[0] >= 1.2 || !needs_volume,
            reward_to_risk(ago(0).close, levels(false)) >= 1.2};
  }

  [[nodiscard]] Scores scores(bool) const {
    double s = 0.50;
    double c = 0.40;
    if (volume[0] >= 1.2) {
      s += 0.15;
      c += 0.15;
    } else {
      c -= 0.05;
    }
    if (std::fabs(ago(0).close - lines.line[0]) / ago(0).close < 0.02) c += 0.08;
    if (volume[0] > 2) {
      s += 0.10;
      c += 0.05;
    }
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    Levels out = plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.5);
    if (for_long) out.stop = std::min(out.stop, lines.line[0]);
    if (!for_long) out.stop = std::max(out.stop, lines.line[0]);
    return out;
  }

  SupertrendLines lines;
  Line volume, atr;
  bool needs_volume;
};

}  // namespace

TEST_CASE("supertrend: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("supertrend", {{"st_multiplier", 2.0}});
  SupertrendRule rule(rig, true);
  run_beside(rig, rule, spells(100'000, 60)).check_near_misses(50);
}

TEST_CASE("supertrend: without require_volume a thin flip counts, but less") {
  Rig rig("supertrend", {{"st_multiplier", 2.0}, {"require_volume", 0}});
  SupertrendRule rule(rig, false);
  const auto run = run_beside(rig, rule, spells(100'000, 60));
  CHECK(run.longs.entries > 100);
  CHECK(run.shorts.entries > 100);
}

}  // namespace aitrade::test
