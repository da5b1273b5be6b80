#include "core/trading/sizing.h"

#include <catch2/catch.hpp>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// The worked scalar of trading-core.md 12: 5000 of equity, half a per cent at risk, 100 to 98.5.
struct Case {
  Case() {
    pair.lot = Quantity::from_raw(1);
    pair.minimum = Quantity{};
    limits.risk = rate("0.005");
    rules.cost = rules.gap = Rate{};
    rules.position_max = usd("1000000");
    limits.equity = limits.cash = limits.exposure_remaining = usd("5000");
  }

  [[nodiscard]] Sized size() const { return size_entry(bracket, limits, rules, pair); }

  [[nodiscard]] Money notional_of(const Sized& s) const {
    return notional(bracket.entry, s.quantity, Rounding::half_even);
  }

  Bracket bracket{px("100"), px("98.5"), px("103"), 2};
  SizingLimits limits;
  RiskRules rules;
  Instrument pair = spot();
};

}  // namespace

TEST_CASE("sizing: the worked scalar, without and with costs", "[trading][sizing]") {
  Case c;
  CHECK(c.notional_of(c.size()) == usd("1666.666666"));  // 25 / 1.5 = 16.66666666 units
  CHECK(c.size().risk_fraction == Approx(0.005));
  c.rules.cost = rate("0.0052");
  c.rules.gap = rate("0.001");
  CHECK(c.size().quantity == qty("11.79245283"));  // 25 / 2.12
  CHECK(to_double(c.notional_of(c.size())) == Approx(1179.25).margin(0.005));
}

TEST_CASE("sizing: a short risks the same as a long", "[trading][sizing]") {
  Case c;
  const Quantity as_long = c.size().quantity;
  c.bracket.stop = px("101.5");
  c.bracket.target = px("97");
  CHECK(c.size().quantity == as_long);
}

TEST_CASE("sizing: each cap binds and names itself", "[trading][sizing]") {
  Case c;
  SECTION("largest position") {
    c.rules.position_max = usd("200");
    CHECK(c.size().quantity == qty("2"));
    CHECK(c.size().reason == Reason::none);
  }
  SECTION("exposure that is left") {
    c.limits.exposure_remaining = usd("50");
    CHECK(c.size().quantity == qty("0.5"));
  }
  SECTION("no exposure left") {
    c.limits.exposure_remaining = usd("-1");
    CHECK(c.size().quantity.is_zero());
    CHECK(c.size().reason == Reason::exposure);
  }
  SECTION("cash pays the cost as well") {
    c.rules.cost = rate("0.01");
    c.limits.cash = usd("101");
    CHECK(c.size().quantity == qty("1"));
  }
  SECTION("no cash") {
    c.limits.cash = Money{};
    CHECK(c.size().reason == Reason::no_cash);
  }
  SECTION("no equity") {
    c.limits.equity = usd("-5");
    CHECK(c.size().quantity.is_zero());
    CHECK(c.size().reason == Reason::no_cash);
  }
}

TEST_CASE("sizing: the lot rounds down, and too small is refused", "[trading][sizing]") {
  Case c;
  c.pair.lot = qty("0.5");
  CHECK(c.size().quantity == qty("16.5"));
  SECTION("below the least quantity") {
    c.pair.minimum = qty("17");
    CHECK(c.size().quantity.is_zero());
    CHECK(c.size().reason == Reason::below_minimum);
  }
  SECTION("below the least notional") {
    c.pair.minimum_notional = usd("1650.01");
    CHECK(c.size().reason == Reason::below_minimum);
    c.pair.minimum_notional = usd("1650");
    CHECK(c.size().quantity == qty("16.5"));
  }
  SECTION("the lot eats it all") {
    c.pair.lot = qty("20");
    CHECK(c.size().reason == Reason::below_minimum);
  }
}

TEST_CASE("sizing: no input breaks a cap", "[trading][sizing][property]") {
  Random random(3);
  int sized = 0;
  for (int i = 0; i < 20'000; ++i) {
    Case c;
    const auto money = [&](std::uint64_t most) { return Money::from_raw(static_cast<std::int64_t>(random.below(most))); };
    c.bracket.entry = Price::from_raw(1'000'000 + static_cast<std::int64_t>(random.below(900'000'000'000'000)));
    const double distance = 0.001 + 0.099 * random.uniform();
    const Price away = *Price::from_double(to_double(c.bracket.entry) * distance, Rounding::up);
    c.bracket.stop = random.below(2) == 0 ? c.bracket.entry - away : c.bracket.entry + away;
    c.limits = {money(2'000'000'000'000), money(2'000'000'000'000), money(1'000'000'000'000),
                rate("0.005"), money(1'000'000'000'000)};
    c.rules.cost = rate("0.0052");
    c.rules.gap = rate("0.001");
    c.rules.position_max = money(500'000'000'000);
    c.pair.lot = Quantity::from_raw(1 + static_cast<std::int64_t>(random.below(1'000'000)));
    const Sized s = c.size();
    if (s.quantity.is_zero()) {
      REQUIRE(s.reason != Reason::none);
      continue;
    }
    ++sized;
    const Money cost = notional(c.bracket.entry, s.quantity, Rounding::down);
    const Money cost_up = notional(c.bracket.entry, s.quantity, Rounding::up);
    REQUIRE(s.reason == Reason::none);
    REQUIRE(s.quantity.raw() % c.pair.lot.raw() == 0);
    REQUIRE(cost <= c.rules.position_max);
    REQUIRE(cost <= c.limits.exposure_remaining);
    REQUIRE(cost_up + apply(c.rules.cost, cost, Rounding::down) <= c.limits.cash + Money::from_raw(1));
    REQUIRE(notional(away, s.quantity, Rounding::down) <= apply(c.rules.risk_per_trade, c.limits.equity, Rounding::down));
    REQUIRE(s.risk_fraction <= 0.005 * 1.0000001);
  }
  CHECK(sized > 10'000);
}
