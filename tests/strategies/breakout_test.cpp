// breakout against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

constexpr std::size_t window = 10;
const Rig::Settings loose{{"lookback", window}, {"volume_confirmation", 1.2}};

struct BreakoutRule : Past {
  static constexpr std::size_t conditions = 4;

  explicit BreakoutRule(Rig& rig)
      : bands(rig.set.bollinger(20, 2.0)),
        volume(rig.set.volume_ratio(20)),
        rsi(rig.set.rsi(14)),
        atr(rig.set.atr(14)) {}

  [[nodiscard]] double level(bool for_long) const {
    double edge = for_long ? ago(1).high : ago(1).low;
    for (std::size_t k = 2; k <= window; ++k)
      edge = for_long ? std::max(edge, ago(k).high) : std::min(edge, ago(k).low);
    return edge;
  }

  [[nodiscard]] int touches(bool for_long) const {
    int count = -1;  // the bar that made the level does not count
    for (std::size_t k = 1; k <= window; ++k) {
      const double x = for_long ? ago(k).high : ago(k).low;
      if (std::fabs(x / level(for_long) - 1) <= 0.003) ++count;
    }
    return count;
  }

  [[nodiscard]] bool is_large() const {
    return std::fabs(ago(0).close - ago(0).open) / (ago(0).high - ago(0).low) > 0.6;
  }

  [[nodiscard]] bool expands() const {
    return bands.upper[0] - bands.lower[0] > bands.upper[1] - bands.lower[1];
  }

  // close beyond the level, body, volume, one more
  [[nodiscard]] std::array<bool, 4> long_holds() const {
    return {ago(0).close > level(true), ago(0).close > ago(0).open, volume[0] >= 1.2,
            is_large() || expands() || rsi[0] < 70};
  }

  [[nodiscard]] std::array<bool, 4> short_holds() const {
    return {ago(0).close < level(false), ago(0).close < ago(0).open, volume[0] >= 1.2,
            is_large() || expands() || rsi[0] > 30};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double distance =
        for_long ? ago(0).close / level(true) - 1 : 1 - ago(0).close / level(false);
    double s =
        0.35 + std::min(20 * distance, 0.25) + 0.15 + std::min(0.05 * touches(for_long), 0.15);
    double c = 0.3 + 0.2;
    if (is_large()) {
      s += 0.1;
      c += 0.1;
    }
    if (expands()) c += 0.1;
    if (for_long ? rsi[0] < 70 : rsi[0] > 30) c += 0.1;
    if (touches(for_long) >= 2) c += 0.1;
    if (distance > 0.002) c += 0.1;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    Levels out = plain_levels(for_long, ago(0).close, atr[0], 2.5, 4.0);
    if (for_long) out.stop = std::max(out.stop, level(true) - 0.25 * atr[0]);
    if (!for_long) out.stop = std::min(out.stop, level(false) + 0.25 * atr[0]);
    return out;
  }

  BollingerLines bands;
  Line volume, rsi, atr;
};

}  // namespace

TEST_CASE("breakout: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("breakout", loose);
  BreakoutRule rule(rig);
  // Bars that gap away from the close before, so that some break out and still close against it.
  auto bars = spells(100'000, 52);
  Random random(521);
  for (Bar& bar : bars) {
    bar.open += 1.5 * random.normal();
    bar.high = std::max(bar.high, bar.open);
    bar.low = std::min(bar.low, bar.open);
  }
  run_beside(rig, rule, bars).check_near_misses(100);
}

TEST_CASE("breakout: the stop just inside the range is no nearer than the floor") {
  BracketRules floored;
  floored.reward_to_risk_min = 0;
  Rig rig("breakout", loose, floored);
  int entries = 0;
  for (const Bar& bar : spells(20'000, 53)) {
    const Signal signal = rig.feed(bar);
    if (signal.direction == Direction::neutral) continue;
    ++entries;
    const double distance = std::fabs(signal.entry - signal.stop);
    CHECK(distance >= 0.004 * signal.entry * (1 - 1e-9));
  }
  CHECK(entries > 50);
}

}  // namespace aitrade::test
