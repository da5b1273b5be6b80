// momentum against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

const Rig::Settings loose{{"rsi_threshold", 55}, {"volume_multiplier", 1.5}};

struct MomentumRule : Past {
  static constexpr std::size_t conditions = 5;

  explicit MomentumRule(Rig& rig)
      : rsi(rig.set.rsi(14)),
        volume(rig.set.volume_ratio(20)),
        ema(rig.set.ema(8)),
        atr(rig.set.atr(14)),
        roc5(rig.set.roc_pct(5)),
        roc10(rig.set.roc_pct(10)) {}

  // RSI, rising, burst, green, above the average
  [[nodiscard]] std::array<bool, 5> long_holds() const {
    return {rsi[0] > 55, rsi[0] > rsi[1], volume[0] >= 1.5, ago(0).close > ago(0).open,
            ago(0).close > ema[0]};
  }

  [[nodiscard]] std::array<bool, 5> short_holds() const {
    return {rsi[0] < 45, rsi[0] < rsi[1], volume[0] >= 1.5, ago(0).close < ago(0).open,
            ago(0).close < ema[0]};
  }

  [[nodiscard]] int run(bool for_long) const {
    int length = 0;
    for (std::size_t k = 0; k < 5; ++k) {
      const double change = ago(k).close - ago(k + 1).close;
      if (for_long ? !(change > 0) : !(change < 0)) break;
      ++length;
    }
    return length;
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double beyond = for_long ? rsi[0] - 55 : 45 - rsi[0];
    const double rate = for_long ? roc10[0] : -roc10[0];
    double s = 0.3 + std::min(beyond / 50, 0.2) + std::min(0.15 * (volume[0] - 1.5), 0.2);
    if (rate > 0) s += std::min(5 * rate, 0.15);
    double c = 0.35 + 0.15 + 0.10;
    if (for_long ? roc5[0] > 0.01 : roc5[0] < -0.01) c += 0.1;
    if (run(for_long) >= 3) {
      s += 0.1;
      c += 0.1;
    }
    if (for_long ? rsi[0] > 55 && rsi[0] < 75 : rsi[0] < 45 && rsi[0] > 25) c += 0.1;
    if (volume[0] > 2) c += 0.1;
    return {s, c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.25, 3.5);
  }

  Line rsi, volume, ema, atr, roc5, roc10;
};

/// The note `consecutive` of a long signal after these closes, the newest last.
double consecutive_after(const std::vector<double>& steps) {
  Rig rig("momentum", {{"rsi_threshold", 50}, {"volume_multiplier", 0}});
  double price = 1000;
  Signal signal;
  const auto feed = [&](double step) {
    const double open = price - 0.01;  // below the close of a flat bar: green all the same
    price += step;
    signal =
        rig.feed(Bar{Time{}, std::min(open, price - 0.01), price + 1, open - 2, price, 10, false});
  };
  for (int t = 0; t < 60; ++t)
    feed(t % 2 == 0 ? 2 : -1);
  for (const double step : steps)
    feed(step);
  REQUIRE(signal.direction == Direction::long_);
  for (std::size_t i = 0; i < signal.notes_count; ++i) {
    if (std::string_view(signal.notes[i].name) == "consecutive") return signal.notes[i].value;
  }
  return -1;
}

}  // namespace

TEST_CASE("momentum: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("momentum", loose);
  MomentumRule rule(rig);
  run_beside(rig, rule, spells(100'000, 51)).check_near_misses(100);
}

TEST_CASE("momentum: a red bar is no momentum, however much RSI rises") {
  // A market that climbs, then a bar that gaps up and closes below the gap; its open decides.
  const auto last = [](double open_after_gap) {
    Rig rig("momentum", {{"rsi_threshold", 50}, {"volume_multiplier", 1.5}});
    double price = 1000;
    for (int t = 0; t < 60; ++t) {
      const double open = price;
      price += t % 3 == 2 ? -1 : 1;
      rig.feed(Bar{Time{}, open, std::max(open, price) + 1, std::min(open, price) - 1, price, 10,
                   false});
    }
    return rig.feed(
        Bar{Time{}, price + open_after_gap, price + 7, price + 2, price + 3, 30, false});
  };
  CHECK(last(6).reason == Reason::no_confirmation);
  CHECK(last(2.5).direction == Direction::long_);
}

TEST_CASE("the consecutive count is the unbroken run that ends at the last bar [S3]") {
  CHECK(consecutive_after({1, 1, -1, 1, 1}) == 2);
  CHECK(consecutive_after({1, 1, 1, 1, 1, 1}) == 5);
  CHECK(consecutive_after({1, 1, 0, 1}) == 1);
}

}  // namespace aitrade::test
