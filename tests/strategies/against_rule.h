// Runs a strategy beside its rule written out a second time, and counts near misses.
//
// A rule is a struct with
//   static constexpr std::size_t conditions;
//   void see(const Bar&)                            takes what the strategy has just been fed
//   std::array<bool, conditions> long_holds() const, short_holds() const
//   Scores scores(bool for_long) const
//   Levels levels(bool for_long) const
// written for both sides in full, so that a slip of a sign in the strategy cannot hide in it.
#pragma once

#include "tests/strategies/rig.h"

#include <catch2/catch.hpp>

namespace aitrade::test {

struct Scores {
  double strength, confidence;
};

template <std::size_t N>
struct RuleRun {
  NearMisses<N> longs, shorts;
  int wrong{0};

  /// Each condition was the only one that failed at least once, on both sides, and there were
  /// entries.
  void check_near_misses(int entries_least) const {
    CHECK(longs.entries >= entries_least);
    CHECK(shorts.entries >= entries_least);
    for (std::size_t i = 0; i < N; ++i) {
      INFO("condition " << i);
      CHECK(longs.only_failure[i] > 0);
      CHECK(shorts.only_failure[i] > 0);
    }
  }
};

/// Long and short spelled out: `side` is only ever +1 or -1 here, and levels are those of the plan
/// without floors.
inline Levels plain_levels(bool for_long, double price, double atr, double stop, double target) {
  if (for_long) return {price - stop * atr, price + target * atr};
  return {price + stop * atr, price - target * atr};
}

inline double reward_to_risk(double price, const Levels& levels) {
  return (levels.target - price) / (price - levels.stop);
}

/// Feeds `bars` to both; from bar `warm` on, direction, scores and levels have to agree.
template <class Rule>
RuleRun<Rule::conditions> run_beside(Rig& rig, Rule& rule, const std::vector<Bar>& bars,
                                     std::uint64_t surroundings_seed = 5) {
  RuleRun<Rule::conditions> run;
  SurroundingsFeed feed(surroundings_seed);
  const auto warm = static_cast<std::size_t>(rig.strategy->warm_up());
  for (const Bar& bar : bars) {
    surround(rig, feed.next());
    const Signal signal = rig.feed(bar);
    rule.see(bar);
    if (rig.series.since_break < warm) {
      CHECK(signal.reason == Reason::warming_up);
      continue;
    }
    const auto up = rule.long_holds();
    const auto down = rule.short_holds();
    run.longs.count(up);
    run.shorts.count(down);
    const int expected = all_hold(up) ? 1 : all_hold(down) ? -1 : 0;
    if (static_cast<int>(signal.direction) != expected) {
      ++run.wrong;
      continue;
    }
    if (expected == 0) continue;
    const Scores scores = rule.scores(expected > 0);
    const Levels levels = rule.levels(expected > 0);
    CHECK(signal.strength == Approx(std::clamp(scores.strength, 0.0, 1.0)).margin(1e-9));
    CHECK(signal.confidence == Approx(std::clamp(scores.confidence, 0.0, 1.0)).margin(1e-9));
    CHECK(signal.stop == Approx(levels.stop));
    CHECK(signal.target == Approx(levels.target));
    CHECK(signal.entry == bar.close);
  }
  CHECK(run.wrong == 0);
  return run;
}

/// The bars so far, newest last, for rules that look back.
struct Past {
  void see(const Bar& bar) { bars.push_back(bar); }

  [[nodiscard]] const Bar& ago(std::size_t k) const { return bars[bars.size() - 1 - k]; }

  std::vector<Bar> bars;
};

}  // namespace aitrade::test
