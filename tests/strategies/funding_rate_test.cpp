// funding_rate against its rule written out for both sides, as the specification states it.
#include "tests/strategies/against_rule.h"

namespace aitrade::test {
namespace {

struct FundingRule : Past {
  static constexpr std::size_t conditions = 3;

  explicit FundingRule(Rig& its_rig)
      : rig(its_rig),
        rsi(rig.set.rsi(14)),
        roc(rig.set.roc_pct(10)),
        adx(rig.set.adx(14).adx),
        fast(rig.set.ema(12)),
        slow(rig.set.ema(26)),
        atr(rig.set.atr(14)) {}

  [[nodiscard]] double rate() const { return rig.funding->rate; }

  [[nodiscard]] bool crosses(bool up) const {
    return up ? rsi[1] <= 50 && rsi[0] > 50 : rsi[1] >= 50 && rsi[0] < 50;
  }

  [[nodiscard]] bool moves(bool up) const {
    return up ? roc[0] > 0 && roc[0] > roc[1] : roc[0] < 0 && roc[0] < roc[1];
  }

  // funding, turn, no strong trend against it
  [[nodiscard]] std::array<bool, 3> long_holds() const {
    return {rate() < -0.0005, crosses(true) || moves(true), !(adx[0] > 40 && fast[0] < slow[0])};
  }

  [[nodiscard]] std::array<bool, 3> short_holds() const {
    return {rate() > 0.0005, crosses(false) || moves(false), !(adx[0] > 40 && fast[0] > slow[0])};
  }

  [[nodiscard]] Scores scores(bool for_long) const {
    const double excess = std::fabs(rate()) - 0.0005;
    double c = 0.40;
    if (crosses(for_long)) c += 0.10;
    if (moves(for_long)) c += 0.10;
    if (adx[0] < 25) c += 0.05;
    return {0.40 + std::min(50 * excess, 0.20), c};
  }

  [[nodiscard]] Levels levels(bool for_long) const {
    return plain_levels(for_long, ago(0).close, atr[0], 2.0, 3.0);
  }

  Rig& rig;
  Line rsi, roc, adx, fast, slow, atr;
};

/// Feeds a market that gains momentum and returns the last signal.
Signal rising_with(const std::optional<Funding>& funding) {
  Rig rig("funding_rate");
  rig.funding = funding;
  Signal signal;
  for (int t = 0; t < 60; ++t) {
    const double close = 1000 + 0.02 * t * t;
    signal = rig.feed(Bar{Time{}, close - 1, close + 1, close - 2, close, 10, false});
  }
  return signal;
}

}  // namespace

TEST_CASE("funding_rate: enters exactly when every condition holds, with the scores of the rule") {
  Rig rig("funding_rate");
  FundingRule rule(rig);
  run_beside(rig, rule, spells(60'000, 68)).check_near_misses(100);
}

TEST_CASE("funding_rate: without funding it has no opinion and says why") {
  CHECK(rising_with(std::nullopt).reason == Reason::stale_feed);
  CHECK(rising_with(Funding{-0.001, 0.0005}).direction == Direction::long_);
  CHECK(rising_with(Funding{0.001, 0.0005}).reason == Reason::no_confirmation);
  CHECK(rising_with(Funding{nan_value, 0.0005}).reason == Reason::not_finite);
}

TEST_CASE("funding_rate: extreme is what both the parameter and the last month call extreme") {
  CHECK(rising_with(Funding{-0.0005, 0.0005}).reason == Reason::no_setup);
  CHECK(rising_with(Funding{-0.001, 0.002}).reason == Reason::no_setup);
  CHECK(rising_with(Funding{-0.0006, 0}).direction == Direction::long_);
  CHECK(rising_with(Funding{-0.0004, 0}).reason == Reason::no_setup);
}

}  // namespace aitrade::test
