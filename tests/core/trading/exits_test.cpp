#include "core/trading/exits.h"

#include <catch2/catch.hpp>

#include <limits>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

Opinion opinion(Direction d, double entry, double stop, double target) {
  Opinion o;
  o.direction = d;
  o.entry = entry;
  o.stop = stop;
  o.target = target;
  return o;
}

Position held(Direction d, const char* entry, const char* stop) {
  Position p;
  p.direction = d;
  p.quantity = p.quantity_initial = qty("1");
  p.entry = p.best = p.worst = px(entry);
  p.stop = p.initial_stop = px(stop);
  return p;
}

const Rate cost = rate("0.0052");

std::optional<Price> walk(Position& p, const char* high, const char* low, const char* close,
                          const ExitRules& rules = {}) {
  return follow(p, bar(0, close, high, low, close), rules, cost, spot());
}

}  // namespace

TEST_CASE("exits: a bracket rounds its stop away and its target toward the price", "[trading][exits]") {
  const auto l = plan_bracket(opinion(Direction::long_, 100, 98.437, 102.088), spot());
  REQUIRE(l);
  CHECK(l->stop == px("98.43"));
  CHECK(l->target == px("102.08"));
  CHECK(l->reward_to_risk == Approx(2.08 / 1.57));
  const auto s = plan_bracket(opinion(Direction::short_, 100, 101.563, 97.912), spot());
  REQUIRE(s);
  CHECK(s->stop == px("101.57"));
  CHECK(s->target == px("97.92"));
}

TEST_CASE("exits: a bracket on the wrong side, too far or not a number is refused", "[trading][exits]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 101, 104), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 98, 99), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::short_, 100, 98, 96), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::short_, 100, 102, 104), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 0, 104), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 98, nan), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, nan, 98, 104), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 100.001, 104), spot()));  // on the entry's tick
  CHECK(plan_bracket(opinion(Direction::long_, 100, 90, 120), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::long_, 100, 89.99, 120), spot()));
  CHECK_FALSE(plan_bracket(opinion(Direction::short_, 100, 110.01, 80), spot()));
}

TEST_CASE("exits: a fill off the plan moves stop and target with it [X32]", "[trading][exits]") {
  Bracket b{px("100"), px("98"), px("104"), 2};
  shift_bracket(b, px("100.31"), spot());
  CHECK(b.entry == px("100.31"));
  CHECK(b.stop == px("98.31"));
  CHECK(b.target == px("104.31"));
  Bracket deep{px("100"), px("98"), px("104"), 2};  // 3 % beyond the stop: still a stop below the fill
  shift_bracket(deep, px("95"), spot());
  CHECK(deep.stop == px("93"));
}

TEST_CASE("exits: breakeven pays the round trip", "[trading][exits]") {
  Position p = held(Direction::long_, "100", "98");
  CHECK_FALSE(walk(p, "100.79", "100", "100.79"));  // below 0.8 %
  const auto stop = walk(p, "100.80", "100.5", "100.75");
  REQUIRE(stop);
  CHECK(*stop == px("100.52"));  // 100 + 0.52: the entry alone would lose the fees
  CHECK(p.breakeven_done);
  Position s = held(Direction::short_, "100", "102");
  CHECK(walk(s, "99.5", "99.2", "99.25") == px("99.48"));
}

TEST_CASE("exits: breakeven waits while the price is not clear of it", "[trading][exits]") {
  Position p = held(Direction::long_, "100", "98");
  CHECK_FALSE(walk(p, "100.9", "100.1", "100.4"));  // a stop at 100.52 would sell at once
  CHECK_FALSE(p.breakeven_done);
  CHECK(walk(p, "100.7", "100.4", "100.6") == px("100.52"));  // the profit was reached before
}

TEST_CASE("exits: the trail of a long at 100 with best 104", "[trading][exits]") {
  Position p = held(Direction::long_, "100", "98");
  CHECK(walk(p, "104", "103", "103.9") == px("103.48"));  // 104 - 0.5 % of 104
  CHECK(p.trailing_on);
  CHECK(p.best == px("104"));
  p.stop = px("103.48");
  CHECK_FALSE(walk(p, "103.8", "103.5", "103.6"));  // only ratchets
  CHECK(p.best == px("104"));
  CHECK(walk(p, "105", "104", "104.9") == px("104.47"));  // 105 - 0.525, away from the price
}

TEST_CASE("exits: the trail of a short mirrors it", "[trading][exits]") {
  Position p = held(Direction::short_, "100", "102");
  CHECK(walk(p, "97", "96", "96.1") == px("96.48"));
  p.stop = px("96.48");
  CHECK_FALSE(walk(p, "96.4", "96.2", "96.3"));
  CHECK(walk(p, "96", "95", "95.1") == px("95.48"));  // 95 + 0.475, away from the price
}

TEST_CASE("exits: trailing stays on, though the price comes back", "[trading][exits]") {
  Position p = held(Direction::long_, "100", "98");
  walk(p, "101.2", "100.9", "101.1");
  REQUIRE(p.trailing_on);
  p.stop = px("100.6");
  walk(p, "100.7", "100.65", "100.66");
  CHECK(p.trailing_on);
}

TEST_CASE("exits: distances in ATR win over the floors when they are larger", "[trading][exits]") {
  Position p = held(Direction::long_, "100", "95");
  p.atr_at_entry = 2;
  CHECK_FALSE(walk(p, "101.9", "101", "101.8"));                // breakeven at 1 ATR
  CHECK(walk(p, "102", "101", "101.9") == px("100.52"));
  p.stop = px("100.52");
  CHECK(walk(p, "103", "102", "102.9") == px("101"));           // trailing at 1.5 ATR, 1 ATR behind
}

TEST_CASE("exits: a stop never moves against the position, nor through the close",
          "[trading][exits][property]") {
  Random random(5);
  for (int run = 0; run < 300; ++run) {
    const bool is_long = run % 2 == 0;
    Position p = held(is_long ? Direction::long_ : Direction::short_, "100", is_long ? "98" : "102");
    p.atr_at_entry = random.uniform();
    double price = 100;
    for (int i = 0; i < 60; ++i) {
      Candle c = flat(i);
      price *= 1 + 0.006 * random.normal();
      const auto at = [&](double x) { return *round_to_tick(x, spot(), Rounding::half_even); };
      c.close = at(price);
      c.high = at(price * (1 + 0.003 * random.uniform()));
      c.low = at(price * (1 - 0.003 * random.uniform()));
      const Price best = p.best;
      const auto stop = follow(p, c, ExitRules{}, cost, spot());
      REQUIRE((is_long ? p.best >= best : p.best <= best));
      if (!stop) continue;
      REQUIRE((is_long ? *stop > p.stop : *stop < p.stop));
      REQUIRE((is_long ? *stop < c.close : *stop > c.close));
      p.stop = *stop;
    }
  }
}
