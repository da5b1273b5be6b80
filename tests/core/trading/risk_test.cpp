#include "core/trading/risk.h"

#include <catch2/catch.hpp>

#include "core/trading/house.h"
#include "core/trading/pacing.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};
constexpr InstrumentId eth{1};
constexpr StrategyId lead{0};
constexpr Direction up = Direction::long_;

RiskInputs fine() {
  RiskInputs in;
  in.equity = in.day_start_equity = usd("10000");
  in.has_book = true;
  in.spread = 0.0005;
  return in;
}

RiskRules no_waiting() {
  RiskRules rules;
  rules.pair_cooldown = rules.loss_cooldown = Duration{0};
  rules.trades_per_hour_max = 0;
  return rules;
}

}  // namespace

TEST_CASE("risk: the daily loss blocks at its exact border", "[trading][risk]") {
  const Risk risk{RiskRules{}};  // 3 % of 10000
  RiskInputs in = fine();
  in.equity = usd("9700.00000001");
  CHECK(risk.judge(in) == Reason::none);
  in.equity = usd("9700");
  CHECK(risk.judge(in) == Reason::daily_loss);
  in.equity = usd("12000");
  CHECK(risk.judge(in) == Reason::none);
}

TEST_CASE("risk: every reason, the first one wins", "[trading][risk]") {
  RiskRules rules;
  rules.book_required = true;
  const Risk risk{rules};
  RiskInputs in = fine();
  CHECK(risk.judge(in) == Reason::none);
  in.spread = 0.0016;
  CHECK(risk.judge(in) == Reason::wide_spread);
  in.has_book = false;
  CHECK(risk.judge(in) == Reason::stale_feed);
  in.positions_in_group = 2;
  CHECK(risk.judge(in) == Reason::max_group);
  in.positions = 5;
  CHECK(risk.judge(in) == Reason::max_positions);
  in.equity = usd("5000");
  CHECK(risk.judge(in) == Reason::daily_loss);
}

TEST_CASE("risk: limits stand at their borders, and zero switches the spread off", "[trading][risk]") {
  RiskRules rules;
  RiskInputs in = fine();
  in.spread = 0.0015;
  in.positions = 4;
  in.positions_in_group = 1;
  CHECK(Risk{rules}.judge(in) == Reason::none);
  rules.spread_max = 0;
  in.spread = 0.5;
  CHECK(Risk{rules}.judge(in) == Reason::none);
  in.has_book = false;  // a backtest has none
  CHECK(Risk{rules}.judge(in) == Reason::none);
}

TEST_CASE("risk: expected value is in units of risk and after costs", "[trading][risk]") {
  RiskRules rules;
  rules.cost = rate("0.005");
  const Risk risk{rules};
  const Bracket bracket{px("100"), px("98"), px("104"), 2};
  CHECK(risk.expected_r(bracket, 0.5) == Approx(0.5 * 2 - 0.5 - 0.005 / 0.02));
  CHECK(risk.expected_r(bracket, 0.4) < 0);  // 0.8 - 0.6 - 0.25
}

TEST_CASE("house: desks share one limit and it never goes below zero", "[trading][risk]") {
  House house(HouseRules{}, 2);
  house.report(DeskId{0}, usd("1000"), usd("300"));
  house.report(DeskId{1}, usd("500"), usd("100"));
  CHECK(house.remaining() == usd("350"));  // half of 1500, less 400
  house.report(DeskId{1}, usd("500"), usd("900"));
  CHECK(house.remaining().is_zero());
  house.report(DeskId{1}, usd("500"), Money{});
  CHECK(house.remaining() == usd("450"));
}

TEST_CASE("pacing: pair and strategy wait for exactly their time", "[trading][pacing]") {
  RiskRules rules = no_waiting();
  rules.pair_cooldown = seconds{600};
  Pacing pacing(rules, 2, 4);
  pacing.entered(btc, minute(0));
  CHECK(pacing.judge(btc, lead, up, minute(0) + seconds{599}) == Reason::cooldown_pair);
  CHECK(pacing.judge(btc, lead, up, minute(0) + seconds{600}) == Reason::none);
  CHECK(pacing.judge(eth, lead, up, minute(0)) == Reason::none);

  pacing.closed(btc, lead, up, seconds{900}, false, minute(60));
  CHECK(pacing.judge(btc, lead, up, minute(69)) == Reason::cooldown_pair);
  CHECK(pacing.judge(btc, lead, up, minute(74)) == Reason::cooldown_strategy);
  CHECK(pacing.judge(btc, lead, up, minute(75)) == Reason::none);
  CHECK(pacing.judge(btc, lead, Direction::short_, minute(74)) == Reason::none);
  CHECK(pacing.judge(btc, StrategyId{1}, up, minute(74)) == Reason::none);
}

TEST_CASE("pacing: a loss makes the whole desk wait", "[trading][pacing]") {
  RiskRules rules = no_waiting();
  rules.loss_cooldown = minutes{15};
  Pacing pacing(rules, 2, 4);
  pacing.closed(btc, lead, up, Duration{0}, true, minute(0));
  CHECK(pacing.judge(eth, StrategyId{3}, Direction::short_, minute(14)) == Reason::cooldown_loss);
  CHECK(pacing.judge(eth, StrategyId{3}, Direction::short_, minute(15)) == Reason::none);
  CHECK(pacing.loss_until() == minute(15));
}

TEST_CASE("pacing: so many trades an hour and a day, and quiet hours", "[trading][pacing]") {
  RiskRules rules = no_waiting();
  SECTION("an hour") {
    rules.trades_per_hour_max = 2;
    Pacing pacing(rules, 2, 4);
    pacing.entered(btc, minute(0));
    pacing.entered(eth, minute(30));
    CHECK(pacing.judge(btc, lead, up, minute(59)) == Reason::trades_per_hour);
    CHECK(pacing.judge(btc, lead, up, minute(60)) == Reason::none);
    pacing.entered(btc, minute(60));
    CHECK(pacing.judge(btc, lead, up, minute(89)) == Reason::trades_per_hour);
    CHECK(pacing.judge(btc, lead, up, minute(90)) == Reason::none);
  }
  SECTION("a day") {
    rules.daily_trades_max = 1;
    Pacing pacing(rules, 2, 4);
    pacing.entered(btc, minute(0));
    CHECK(pacing.judge(eth, lead, up, minute(600)) != Reason::none);
    pacing.new_day();
    CHECK(pacing.judge(eth, lead, up, minute(1440)) == Reason::none);
  }
  SECTION("quiet") {
    rules.quiet_hours[3] = true;
    Pacing pacing(rules, 2, 4);
    CHECK(pacing.judge(btc, lead, up, minute(179)) == Reason::none);
    CHECK(pacing.judge(btc, lead, up, minute(180)) == Reason::quiet_hour);
    CHECK(pacing.judge(btc, lead, up, minute(239)) == Reason::quiet_hour);
    CHECK(pacing.judge(btc, lead, up, minute(240)) == Reason::none);
  }
}

TEST_CASE("pacing: waiting times survive a restart", "[trading][pacing]") {
  Pacing pacing(no_waiting(), 2, 4);
  pacing.restore_loss(minute(5));
  pacing.restore(CooldownRestored{DeskId{0}, btc, minute(10), minute(20), lead, up});
  CHECK(pacing.judge(eth, lead, up, minute(4)) == Reason::cooldown_loss);
  CHECK(pacing.judge(btc, lead, up, minute(9)) == Reason::cooldown_pair);
  CHECK(pacing.judge(btc, lead, up, minute(19)) == Reason::cooldown_strategy);
  CHECK(pacing.judge(btc, lead, up, minute(20)) == Reason::none);
}
