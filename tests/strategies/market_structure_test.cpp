// market_structure against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct StructureRule : Past {
  static constexpr std::size_t conditions = 6;

  explicit StructureRule(Rig& rig)
      : rsi(rig.set.rsi(14)),
        atr(rig.set.atr(14)),
        volume(rig.set.volume_ratio(20)),
        roc(rig.set.roc_pct(5)) {}

  void see(const Bar& bar) {
    Past::see(bar);
    if (bars.size() < 11) return;
    bool is_high = true;
    bool is_low = true;
    for (std::size_t k = 0; k <= 10; ++k) {
      if (k < 5 && ago(k).high > ago(5).high) is_high = false;
      if (k > 5 && ago(k).high >= ago(5).high) is_high = false;
      if (k < 5 && ago(k).low < ago(5).low) is_low = false;
      if (k > 5 && ago(k).low <= ago(5).low) is_low = false;
    }
    if (is_high) highs.push_back(ago(5).high);
    if (is_low) lows.push_back(ago(5).low);
  }

  [[nodiscard]] static double newest(const std::vector<double>& x, std::size_t k) {
    return x[x.size() - 1 - k];
  }

  // highs, lows, near, RSI, not through the stop, reward
  [[nodiscard]] std::array<bool, 6> long_holds() const {
    if (highs.size() < 2 || lows.size() < 2) return {};
    const double swing = newest(lows, 0);
    return {newest(highs, 0) > newest(highs, 1),
            swing > newest(lows, 1),
            std::fabs(ago(0).close / swing - 1) <= 0.005,
            rsi[0] > 35,
            ago(0).close > swing - 0.5 * atr[0],
            reward_to_risk(ago(0).close, levels(true)) >= 1.2};
  }

  [[nodiscard]] std::array<bool, 6> short_holds() const {
    if (highs.size() < 2 || lows.size() < 2) return {};
    const double swing = newest(highs, 0);
    return {swing < newest(highs, 1),
            newest(lows, 0) < newest(lows, 1),
            std::fabs(ago(0).close / swing - 1) <= 0.005,
            rsi[0] < 65,
            ago(0).close < swing + 0.5 * atr[0],
            reward_to_risk(ago(0).close, levels(false)) >= 1.2};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double swing = newest(for_long ? lows : highs, 0);
    double s = 0.40;
    double c = 0.40;
    const auto add = [&](bool applies) {
      if (!applies) return;
      s += 0.10;
      c += 0.08;
    };
    add(std::fabs(ago(0).close / swing - 1) < 0.0025);
    add(volume[0] > 1);
    add(for_long ? roc[0] > roc[1] : roc[0] < roc[1]);
    if (for_long ? newest(highs, 0) / newest(highs, 1) > 1.01
                 : newest(lows, 0) / newest(lows, 1) < 0.99) {
      c += 0.10;
    }
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    Levels out = plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.5);
    out.stop = for_long ? newest(lows, 0) - 0.5 * atr[0] : newest(highs, 0) + 0.5 * atr[0];
    return out;
  }

  Line rsi, atr, volume, roc;
  std::vector<double> highs, lows;
};

}  // namespace

/// The tolerance that is half a per cent on the one-minute bars of a rig.
const Rig::Settings half_percent{{"tolerance", 0.005 * std::sqrt(60.0)}};

TEST_CASE(
    "market_structure: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("market_structure", half_percent);
  StructureRule rule(rig);
  const auto run = run_beside(rig, rule, spells(100'000, 62));
  CHECK(run.longs.entries > 100);
  CHECK(run.shorts.entries > 100);
  for (const std::size_t i :
       {0U, 1U, 2U, 3U, 5U}) {  // what is through the stop has no reward either
    INFO("condition " << i);
    CHECK(run.longs.only_failure[i] > 0);
    CHECK(run.shorts.only_failure[i] > 0);
  }
}

TEST_CASE("market_structure: the stop is where the structure is wrong, no nearer than the floor") {
  BracketRules floored = bare_bracket();
  floored.stop_min_fraction = 0.003;
  floored.reward_to_risk_min = 0;
  Rig rig("market_structure", half_percent, floored);
  int entries = 0;
  for (const Bar& bar : spells(20'000, 63)) {
    const Signal signal = rig.feed(bar);
    if (signal.direction == Direction::neutral) continue;
    ++entries;
    CHECK(std::fabs(signal.entry - signal.stop) >= 0.003 * signal.entry * (1 - 1e-9));
  }
  CHECK(entries > 50);
}

TEST_CASE("market_structure: what is at the swing shrinks with the timeframe") {
  // The same bars, told to be of another length: the farthest close that still counts as at the swing.
  const auto farthest = [](Duration timeframe) {
    Rig rig("market_structure", {}, bare_bracket(), timeframe);
    double most = 0;
    for (const Bar& bar : spells(100'000, 64)) {
      const Signal signal = rig.feed(bar);
      for (std::size_t i = 0; i < signal.notes_count; ++i) {
        if (std::string_view(signal.notes[i].name) == "swing_distance") most = std::max(most, signal.notes[i].value);
      }
    }
    return most;
  };
  const double hour = farthest(minutes{60});
  const double quarter = farthest(minutes{15});
  const double five = farthest(minutes{5});
  CHECK((hour > 0.0049 && hour <= 0.005));
  CHECK((quarter > 0.0024 && quarter <= 0.0025));
  CHECK((five > 0.0014 && five <= 0.005 / std::sqrt(12.0)));
}

}  // namespace aitrade::test
