// mean_reversion against its rule written out for both sides, as the specification states it.
#include "tests/strategies/rig.h"

#include <catch2/catch.hpp>

namespace aitrade::test {
namespace {

const Rig::Settings loose{
    {"bb_period", 30}, {"bb_std", 2.0}, {"rsi_oversold", 35}, {"rsi_overbought", 65}};

struct Oracle {
  explicit Oracle(Rig& rig)
      : bands(rig.set.bollinger(30, 2.0, 20)), rsi(rig.set.rsi(14, 64)), atr(rig.set.atr(14)) {}

  void remember(const Bar& bar) {
    bars.push_back(bar);
    rsis.push_back(rsi.last());
    widths.push_back(bands.upper.last() - bands.lower.last());
  }

  /// Indices, newest first, of bars whose low (high) beats two on each side.
  [[nodiscard]] std::vector<std::size_t> pivots(bool lows) const {
    std::vector<std::size_t> found;
    for (std::size_t i = bars.size() - 3; i + 41 >= bars.size(); --i) {
      const auto x = [&](std::size_t j) { return lows ? bars[j].low : -bars[j].high; };
      if (x(i) < x(i - 1) && x(i) < x(i - 2) && x(i) <= x(i + 1) && x(i) <= x(i + 2)) {
        found.push_back(i);
      }
    }
    return found;
  }

  [[nodiscard]] bool diverges(bool for_long) const {
    const auto found = pivots(for_long);
    if (found.size() < 2 || bars.size() - 1 - found[0] > 10) return false;
    const Bar& newer = bars[found[0]];
    const Bar& older = bars[found[1]];
    if (for_long) return newer.low < older.low && rsis[found[0]] > rsis[found[1]];
    return newer.high > older.high && rsis[found[0]] < rsis[found[1]];
  }

  [[nodiscard]] const Bar& ago(std::size_t k) const { return bars[bars.size() - 1 - k]; }

  [[nodiscard]] bool is_drying() const {
    return ago(0).volume < ago(2).volume && ago(1).volume < ago(2).volume;
  }

  // band, RSI, confirmation, reward
  [[nodiscard]] std::array<bool, 4> long_holds() const {
    return {bands.position.last() < 0.15, rsi.last() < 35,
            diverges(true) || (is_drying() && ago(0).close > ago(1).close),
            bands.mid.last() - ago(0).close >= 1.2 * 2.25 * atr.last()};
  }

  [[nodiscard]] std::array<bool, 4> short_holds() const {
    return {bands.position.last() > 0.85, rsi.last() > 65,
            diverges(false) || (is_drying() && ago(0).close < ago(1).close),
            ago(0).close - bands.mid.last() >= 1.2 * 2.25 * atr.last()};
  }

  [[nodiscard]] std::pair<double, double> scores(bool for_long) const {
    const double position = bands.position.last();
    const double stretch = for_long ? 0.15 - position : position - 0.85;
    const double beyond = for_long ? 35 - rsi.last() : rsi.last() - 65;
    double mean_width = 0;
    for (std::size_t k = 0; k < 20; ++k)
      mean_width += widths[widths.size() - 1 - k] / 20;
    double s = 0.4 + std::min(2 * stretch, 0.3) + 0.2 * std::max(0.0, beyond / 30);
    double c = 0.35;
    if (for_long ? rsi.last() < 25 : rsi.last() > 75) c += 0.15;
    if (for_long ? position < 0.05 : position > 0.95) c += 0.15;
    if (is_drying()) {
      s += 0.1;
      c += 0.10;
    }
    if (diverges(for_long)) {
      s += 0.15;
      c += 0.15;
    }
    if (!(widths.back() < 0.8 * mean_width)) c += 0.10;
    return {std::min(s, 1.0), std::min(c, 1.0)};
  }

  BollingerLines bands;
  Line rsi, atr;
  std::vector<Bar> bars;
  std::vector<double> rsis, widths;
};

}  // namespace

TEST_CASE(
    "mean_reversion: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("mean_reversion", loose);
  Oracle oracle(rig);
  NearMisses<4> longs;
  NearMisses<4> shorts;
  int wrong = 0;
  int by_divergence = 0;
  for (const Bar& bar : spells(60'000, 31)) {
    const Signal signal = rig.feed(bar);
    oracle.remember(bar);
    if (rig.series.since_break < 50) continue;
    const auto up = oracle.long_holds();
    const auto down = oracle.short_holds();
    longs.count(up);
    shorts.count(down);
    const int expected = all_hold(up) ? 1 : all_hold(down) ? -1 : 0;
    if (static_cast<int>(signal.direction) != expected) ++wrong;
    if (expected == 0 || static_cast<int>(signal.direction) != expected) continue;
    const auto [s, c] = oracle.scores(expected > 0);
    CHECK(signal.strength == Approx(s).epsilon(1e-9));
    CHECK(signal.confidence == Approx(c).epsilon(1e-9));
    CHECK(signal.stop == Approx(bar.close - expected * 2.25 * oracle.atr.last()));
    CHECK(signal.target == oracle.bands.mid.last());
    CHECK(signal.notes_count == 8);
    if (oracle.diverges(expected > 0)) ++by_divergence;
  }
  CHECK(wrong == 0);
  CHECK(longs.entries > 20);
  CHECK(shorts.entries > 20);
  CHECK(by_divergence > 5);
  for (std::size_t i = 0; i < 4; ++i) {
    INFO("condition " << i);
    CHECK(longs.only_failure[i] > 0);
    CHECK(shorts.only_failure[i] > 0);
  }
}

TEST_CASE("mean_reversion: the mirrored market gives the mirrored signal with the same scores") {
  Rig rig("mean_reversion", loose);
  Rig mirror("mean_reversion", loose);
  int entries = 0;
  for (const Bar& bar : spells(20'000, 33)) {
    const Signal signal = rig.feed(bar);
    const Signal flipped = mirror.feed(mirrored(bar));
    CHECK(static_cast<int>(signal.direction) == -static_cast<int>(flipped.direction));
    CHECK(signal.reason == flipped.reason);
    CHECK(signal.strength == Approx(flipped.strength).margin(1e-9));
    CHECK(signal.confidence == Approx(flipped.confidence).margin(1e-9));
    if (signal.direction == Direction::neutral) continue;
    ++entries;
    CHECK(signal.stop == Approx(2000 - flipped.stop));
    CHECK(signal.target == Approx(2000 - flipped.target));
  }
  CHECK(entries > 20);
}

}  // namespace aitrade::test
