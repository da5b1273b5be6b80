// reversal against its rule written out for both sides, as the specification states it.
#include "core/indicators/candlesticks.h"
#include "tests/strategies/against_rule.h"

#include <string>

namespace aitrade::test {
namespace {

const Rig::Settings loose{
    {"rsi_low", 32}, {"rsi_high", 68}, {"confirmation_bars", 3}, {"min_atr_pct", 0.02}};

struct ReversalRule : Past {
  static constexpr std::size_t conditions = 3;

  explicit ReversalRule(Rig& rig)
      : rsi(rig.set.rsi(14, 16)),
        volume(rig.set.volume_ratio(20)),
        ema(rig.set.ema(20)),
        atr(rig.set.atr(14)) {}

  [[nodiscard]] bool was(bool low) const {
    for (std::size_t k = 1; k <= 6; ++k) {
      if (low ? rsi[k] < 32 : rsi[k] > 68) return true;
    }
    return false;
  }

  [[nodiscard]] bool moves() const {
    return atr[0] / ago(0).close >= 0.02 * std::sqrt(1.0 / 60.0);  // bars of one minute
  }

  [[nodiscard]] bool extremes(bool for_long) const {
    return for_long ? ago(0).low > ago(1).low && ago(1).low > ago(2).low && ago(2).low > ago(3).low
                    : ago(0).high < ago(1).high && ago(1).high < ago(2).high &&
                          ago(2).high < ago(3).high;
  }

  [[nodiscard]] bool closes(bool for_long) const {
    bool all = true;
    for (std::size_t k = 0; k < 3; ++k) {
      all = all && (for_long ? ago(k).close > ago(k + 1).close : ago(k).close < ago(k + 1).close);
    }
    return all;
  }

  // extreme, turn, ATR
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    return {was(true) && !was(false), extremes(true) || closes(true), moves()};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    return {was(false) && !was(true), extremes(false) || closes(false), moves()};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const bool hammer = candlesticks::is_hammer(ago(0), for_long ? 1 : -1);
    const bool engulfing = candlesticks::is_engulfing(ago(1), ago(0), for_long ? 1 : -1);
    const bool both = extremes(for_long) && closes(for_long);
    const double beyond = for_long ? rsi[0] - 32 : 68 - rsi[0];
    const double distance = ago(0).close / ema[0] - 1;
    double deepest = for_long ? 100 : 0;
    for (std::size_t k = 0; k < 10; ++k)
      deepest = for_long ? std::min(deepest, rsi[k]) : std::max(deepest, rsi[k]);
    double s = 0.35 + std::min(beyond / 30, 0.2) + (both ? 0.15 : 0.08);
    double c = 0.3;
    if (hammer) s += 0.12;
    if (engulfing) s += 0.15;
    if (hammer || engulfing) c += 0.15;
    if (both) c += 0.15;
    if (volume[0] < 0.8) {
      s += 0.08;
      c += 0.10;
    }
    if (beyond > 5) c += 0.10;
    if (for_long ? distance < -0.02 : distance > 0.02) {
      s += 0.1;
      c += 0.1;
    }
    if (for_long ? deepest < 15 : deepest > 85) c += 0.1;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 1.5, 3.0);
  }

  Line rsi, volume, ema, atr;
};

double patterns_of(const Signal& signal) {
  for (std::size_t i = 0; i < signal.notes_count; ++i) {
    if (std::string(signal.notes[i].name) == "patterns") return signal.notes[i].value;
  }
  return -1;
}

/// Falls until RSI is at its extreme, then rises for `up` bars; returns the last signal.
Signal after_turn(int confirmation, int up) {
  Rig rig("reversal", {{"confirmation_bars", confirmation}, {"min_atr_pct", 0}});
  double price = 1000;
  Signal signal;
  for (int t = 0; t < 60 + up; ++t) {
    const double open = price;
    price += t < 60 ? -1 : 0.2;
    signal = rig.feed(Bar{Time{}, open, std::max(open, price) + 0.1, std::min(open, price) - 0.1,
                          price, 10, false});
  }
  return signal;
}

}  // namespace

TEST_CASE("reversal: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("reversal", loose);
  ReversalRule rule(rig);
  run_beside(rig, rule, spells(100'000, 54)).check_near_misses(50);
}

TEST_CASE("reversal: a confirmation of n bars means n comparisons") {
  for (const int n : {1, 2, 3, 5}) {
    INFO(n);
    CHECK(after_turn(n, n - 1).reason == Reason::no_confirmation);
    CHECK(after_turn(n, n).direction == Direction::long_);
  }
}

TEST_CASE("patterns come from real opens; without them the rest of the rule is unchanged [S2]") {
  Rig with("reversal", loose);
  Rig without("reversal", loose);
  Rig decisive("reversal", loose);
  int patterns = 0;
  int differ = 0;
  for (Bar bar : spells(60'000, 55)) {
    const Signal a = with.feed(bar);
    Bar other = bar;
    other.open = bar.low + 0.9 * (bar.high - bar.low);
    const Signal c = decisive.feed(other);
    bar.open = nan_value;
    const Signal b = without.feed(bar);
    CHECK(a.direction == b.direction);
    CHECK(a.direction == c.direction);
    if (a.direction == Direction::neutral) continue;
    CHECK(std::isnan(patterns_of(b)));
    const double found = patterns_of(a);
    const double hammer = found == 1 || found == 3 ? 0.12 : 0;
    const double engulfing = found >= 2 ? 0.15 : 0;
    if (found > 0) ++patterns;
    if (found != patterns_of(c)) ++differ;
    if (a.strength < 1) CHECK(a.strength == Approx(b.strength + hammer + engulfing));
    if (a.confidence < 1) CHECK(a.confidence == Approx(b.confidence + (found > 0 ? 0.15 : 0)));
    CHECK(a.stop == b.stop);
  }
  CHECK(patterns > 5);
  CHECK(differ > 5);
}

}  // namespace aitrade::test
