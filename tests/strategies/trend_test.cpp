// trend against its rule written out for both sides, as the specification states it.
#include "tests/strategies/rig.h"

#include <catch2/catch.hpp>

namespace aitrade::test {
namespace {

struct Oracle {
  Oracle(Rig& rig, int fast_bars, int slow_bars)
      : fast(rig.set.ema(fast_bars)),
        slow(rig.set.ema(slow_bars)),
        adx(rig.set.adx(14).adx),
        rsi(rig.set.rsi(14)),
        atr(rig.set.atr(14)),
        volume(rig.set.volume_ratio(20)) {}

  // spread, cross, ADX, close above both, RSI floor, RSI ceiling
  [[nodiscard]] std::array<bool, 6> long_holds(const Bar& b) const {
    return {fast[0] > slow[0], fast[1] <= slow[1],
            adx.last() >= 25,  b.close > fast[0] && b.close > slow[0],
            rsi.last() > 45,   rsi.last() < 75};
  }

  [[nodiscard]] std::array<bool, 6> short_holds(const Bar& b) const {
    return {fast[0] < slow[0], fast[1] >= slow[1], adx.last() >= 25,
            b.close < fast[0] && b.close<slow[0], rsi.last() < 55, rsi.last()> 25};
  }

  [[nodiscard]] std::pair<double, double> scores(int side, bool is_fresh) const {
    const double change = ((fast[0] - slow[0]) - (fast[2] - slow[2])) / atr.last();
    double s = (is_fresh ? 0.5 : 0.3) + std::min((adx.last() - 25) / 50, 0.2);
    if (side * change > 0) s += std::min(side * change, 0.15);
    if (volume.last() > 1.3) s += 0.1;
    double c = is_fresh ? 0.65 : 0.55;
    if (adx.last() > 35) c += 0.15;
    if (volume.last() > 1.2) c += 0.10;
    if (side > 0 ? rsi.last() > 50 && rsi.last() < 70 : rsi.last() < 50 && rsi.last() > 30)
      c += 0.1;
    return {std::min(s, 1.0), std::min(c, 1.0)};
  }

  Line fast, slow, adx, rsi, atr, volume;
};

const Rig::Settings quick{{"ema_fast", 8}, {"ema_slow", 21}, {"adx_threshold", 25}};

}  // namespace

TEST_CASE("trend: enters exactly when every condition holds, with the scores of the rule") {
  const bool needs_cross = GENERATE(true, false);
  const int fast = needs_cross ? 8 : 2;
  const int slow = needs_cross ? 21 : 5;
  Rig rig("trend", {{"ema_fast", fast},
                    {"ema_slow", slow},
                    {"adx_threshold", 25},
                    {"require_fresh_cross", needs_cross ? 1 : 0}});
  const Oracle oracle(rig, fast, slow);
  NearMisses<6> misses;
  int wrong = 0;
  for (const Bar& bar : spells(60'000, 21)) {
    const Signal signal = rig.feed(bar);
    if (rig.series.since_break < 63) continue;
    auto up = oracle.long_holds(bar);
    auto down = oracle.short_holds(bar);
    const bool is_fresh = (up[0] && up[1]) || (down[0] && down[1]);
    if (!needs_cross) up[1] = down[1] = true;
    misses.count(up);
    misses.count(down);
    const int expected = all_hold(up) ? 1 : all_hold(down) ? -1 : 0;
    if (static_cast<int>(signal.direction) != expected) ++wrong;
    if (expected == 0 || static_cast<int>(signal.direction) != expected) continue;
    const auto [s, c] = oracle.scores(expected, is_fresh);
    CHECK(signal.strength == Approx(s).epsilon(1e-9));
    CHECK(signal.confidence == Approx(c).epsilon(1e-9));
    CHECK(signal.stop == Approx(bar.close - expected * 2.25 * oracle.atr.last()));
    CHECK(signal.target == Approx(bar.close + expected * 3.0 * oracle.atr.last()));
    CHECK(signal.notes_count == 8);
    CHECK(signal.notes[2].value * expected > 0);  // the spread keeps its sign
  }
  CHECK(wrong == 0);
  CHECK(misses.entries > 40);
  CHECK(misses.only_failure[2] > 0);
  if (needs_cross) {
    CHECK(misses.only_failure[1] > 0);
  } else {
    // On the bar of a cross these hold nearly by construction; while a trend lasts they do not.
    CHECK(misses.only_failure[3] > 0);
    CHECK(misses.only_failure[4] > 0);
    CHECK(misses.only_failure[5] > 0);
  }
}

TEST_CASE("trend: a jump that leaves RSI overbought is not chased") {
  // A steady fall by 1 a bar keeps ADX high and RSI at 0; the jump of the last bar decides RSI and
  // cross.
  const auto run = [](double jump) {
    Rig rig("trend", {{"ema_fast", 2}, {"ema_slow", 5}, {"adx_threshold", 25}});
    double price = 2000;
    Signal signal;
    for (int t = 0; t < 80; ++t) {
      const double open = price;
      price += t == 79 ? jump : -1;
      signal = rig.feed(Bar{Time{}, open, std::max(open, price) + 0.1, std::min(open, price) - 0.1,
                            price, 10, false});
    }
    return std::pair{signal, rig.set.rsi(14).last()};
  };

  const auto [chased, high_rsi] = run(80);
  const auto [fair, fair_rsi] = run(20);

  CHECK(high_rsi > 75);
  CHECK(chased.reason == Reason::no_confirmation);
  CHECK(fair_rsi > 45);
  CHECK(fair_rsi < 75);
  CHECK(fair.direction == Direction::long_);
}

TEST_CASE("trend: without require_fresh_cross it keeps its view while the trend lasts, weaker") {
  Rig fresh("trend", quick);
  Rig lasting(
      "trend",
      {{"ema_fast", 8}, {"ema_slow", 21}, {"adx_threshold", 25}, {"require_fresh_cross", 0}});
  int fresh_entries = 0;
  int lasting_entries = 0;
  for (const Bar& bar : spells(10'000, 22)) {
    const Signal a = fresh.feed(bar);
    const Signal b = lasting.feed(bar);
    if (a.direction != Direction::neutral) {
      ++fresh_entries;
      CHECK(b.direction == a.direction);
      CHECK(b.strength == a.strength);
    }
    if (b.direction != Direction::neutral) ++lasting_entries;
  }
  CHECK(fresh_entries > 5);
  CHECK(lasting_entries > 10 * fresh_entries);
}

TEST_CASE("trend: the mirrored market gives the mirrored signal with the same scores") {
  Rig rig("trend", quick);
  Rig mirror("trend", quick);
  int entries = 0;
  for (const Bar& bar : spells(20'000, 23)) {
    const Signal signal = rig.feed(bar);
    const Signal flipped = mirror.feed(mirrored(bar));
    CHECK(static_cast<int>(signal.direction) == -static_cast<int>(flipped.direction));
    CHECK(signal.strength == Approx(flipped.strength).margin(1e-9));
    CHECK(signal.confidence == Approx(flipped.confidence).margin(1e-9));
    CHECK(signal.reason == flipped.reason);
    if (signal.direction == Direction::neutral) continue;
    ++entries;
    CHECK(signal.stop == Approx(2000 - flipped.stop));
    CHECK(signal.target == Approx(2000 - flipped.target));
  }
  CHECK(entries > 20);
}

TEST_CASE("trend: reward to risk of the plan is checked") {
  BracketRules strict = bare_bracket();
  strict.reward_to_risk_min = 1.4;  // the plan is 3.0 / 2.25 = 1.33
  Rig rig("trend", quick, strict);
  int too_small = 0;
  for (const Bar& bar : spells(20'000, 21)) {
    const Signal signal = rig.feed(bar);
    CHECK(signal.direction == Direction::neutral);
    if (signal.reason == Reason::reward_too_small) ++too_small;
  }
  CHECK(too_small > 0);
}

}  // namespace aitrade::test
