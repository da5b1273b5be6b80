// ichimoku against its rule written out from the bars, for both sides, as the specification states
// it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct IchimokuRule : Past {
  static constexpr std::size_t conditions = 4;

  explicit IchimokuRule(Rig& rig) : atr(rig.set.atr(14)) {}

  /// Midpoint of the highest high and lowest low of `n` bars, as of `k` bars ago.
  [[nodiscard]] double middle(std::size_t n, std::size_t k) const {
    double high = ago(k).high;
    double low = ago(k).low;
    for (std::size_t i = k; i < k + n; ++i) {
      high = std::max(high, ago(i).high);
      low = std::min(low, ago(i).low);
    }
    return (high + low) / 2;
  }

  [[nodiscard]] double cloud_a() const { return (middle(9, 26) + middle(26, 26)) / 2; }

  [[nodiscard]] double cloud_b() const { return middle(52, 26); }

  [[nodiscard]] double top() const { return std::max(cloud_a(), cloud_b()); }

  [[nodiscard]] double bottom() const { return std::min(cloud_a(), cloud_b()); }

  // cross, beyond the cloud, chikou, reward
  [[nodiscard]] std::array<bool, 4> long_holds() const {
    return {middle(9, 0) > middle(26, 0) && middle(9, 1) <= middle(26, 1), ago(0).close > top(),
            ago(0).close > ago(26).close, reward_to_risk(ago(0).close, levels(true)) >= 1.2};
  }

  [[nodiscard]] std::array<bool, 4> short_holds() const {
    return {middle(9, 0) < middle(26, 0) && middle(9, 1) >= middle(26, 1), ago(0).close < bottom(),
            ago(0).close < ago(26).close, reward_to_risk(ago(0).close, levels(false)) >= 1.2};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    double s = 0.50 + 0.15;
    double c = 0.45 + 0.15 + 0.05;
    if ((top() - bottom()) / ago(0).close > 0.005) {
      s += 0.10;
      c += 0.05;
    }
    const double distance = for_long ? ago(0).close - top() : bottom() - ago(0).close;
    if (distance / ago(0).close <= 0.01) c += 0.05;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    Levels out = plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.0);
    if (for_long) out.stop = std::min(out.stop, bottom());
    if (!for_long) out.stop = std::max(out.stop, top());
    return out;
  }

  Line atr;
};

}  // namespace

TEST_CASE("ichimoku: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("ichimoku");
  IchimokuRule rule(rig);
  run_beside(rig, rule, spells(100'000, 61)).check_near_misses(20);
}

}  // namespace aitrade::test
