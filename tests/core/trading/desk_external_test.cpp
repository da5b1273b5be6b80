// Signals from outside: the same gates as the strategies' own, defaults for what is not said, and nothing left behind.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

ExternalSignal signal_for(Direction direction, const char* stop = "98", const char* target = "104") {
  ExternalSignal signal;
  signal.direction = direction;
  if (*stop != '\0') signal.stop = px(stop);
  if (*target != '\0') signal.target = px(target);
  signal.confidence = 0.8;
  signal.source = "desk-one";
  signal.id = "evt-1";
  signal.body_hash = "ab";
  return signal;
}

Reason judged(const std::vector<Action>& actions) {
  const auto told = all<SignalJudged>(actions);
  REQUIRE(told.size() == 1);
  CHECK(told[0].id == "evt-1");
  CHECK(told[0].source == "desk-one");
  return told[0].reason;
}

}  // namespace

TEST_CASE("external signal: it enters as a strategy's would, and says so", "[trading][external]") {
  EngineRig rig;
  rig.warm();
  const auto actions = rig.step(signal_for(Direction::long_));
  CHECK(judged(actions) == Reason::entered);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.side == Side::buy);
  CHECK(orders[0].order.quantity == qty("2"));   // position_max 200 at 100
  const auto decisions = all<Decision>(actions);
  REQUIRE(decisions.size() == 1);
  CHECK(decisions[0].opinion.lead == external_strategy);
  CHECK(decisions[0].bracket.stop == px("98"));
  CHECK(decisions[0].bracket.target == px("104"));

  rig.accept(orders[0].order);
  const auto protection = all<SubmitOrder>(rig.fill(orders[0].order, "100", "2", "0.4", true));
  REQUIRE(protection.size() == 2);   // a stop and a target at the venue, like any entry
  CHECK(rig.position().lead == external_strategy);
  CHECK(judged(rig.step(signal_for(Direction::long_))) == Reason::has_position);
}

TEST_CASE("external signal: what is not said comes from the rules", "[trading][external]") {
  TradingRules rules = script_rules();
  rules.risk.cost = rules.risk.gap = Rate{};   // so that a near target pays
  rules.risk.reward_to_risk_min = 1.5;
  EngineRig rig(rules);
  rig.warm();
  ExternalSignal bare = signal_for(Direction::long_, "", "");
  bare.confidence = 0;
  SECTION("one percent, and what the rules ask for") {
    const auto decision = all<Decision>(rig.step(bare)).at(0);
    CHECK(decision.bracket.stop == px("99"));
    CHECK(decision.bracket.target == px("101.5"));
    CHECK(decision.opinion.confidence == Approx(rules.confluence.confidence_min));
  }
  SECTION("a distance of its own") {
    bare.stop_share = 0.02;
    bare.reward_to_risk = 3;
    const auto decision = all<Decision>(rig.step(bare)).at(0);
    CHECK(decision.bracket.stop == px("98"));
    CHECK(decision.bracket.target == px("106"));
  }
  SECTION("a ratio below the rules is refused, as a strategy's would be") {
    bare.reward_to_risk = 1.1;
    CHECK(judged(rig.step(bare)) == Reason::reward_to_risk);
  }
}

TEST_CASE("external signal: every gate of the strategies refuses it too", "[trading][external]") {
  const auto refused = [](TradingRules rules, ExternalSignal signal, auto&& before) {
    EngineRig rig(std::move(rules));
    rig.warm();
    before(rig);
    const auto actions = rig.step(signal);
    CHECK(all<SubmitOrder>(actions).empty());
    return judged(actions);
  };
  const auto nothing = [](EngineRig&) {};
  const ExternalSignal buy = signal_for(Direction::long_);
  CHECK(refused(script_rules(), buy, [](EngineRig& r) { r.command(OperatorAction::pause); }) == Reason::paused);
  CHECK(refused(script_rules(), buy, [](EngineRig& r) { r.command(OperatorAction::halt); }) == Reason::halted);
  CHECK(refused(script_rules(), buy, [](EngineRig& r) { r.step(FeedDown{}); }) == Reason::stale_feed);
  CHECK(refused(script_rules(), signal_for(Direction::short_, "102", "96"), nothing) == Reason::no_short);
  CHECK(refused(script_rules(), signal_for(Direction::long_, "101", "104"), nothing) == Reason::bad_levels);
  TradingRules strict = script_rules();
  strict.confluence.confidence_min = 0.85;
  CHECK(refused(strict, buy, nothing) == Reason::low_confidence);
  TradingRules many = script_rules();
  many.single_strategy = false;
  many.confluence.families_min = 4;
  ExternalSignal alone = buy;
  alone.families = 3;
  CHECK(refused(many, alone, nothing) == Reason::too_few_families);
  TradingRules night = script_rules();
  night.risk.quiet_hours.fill(true);
  CHECK(refused(night, buy, nothing) == Reason::quiet_hour);
  TradingRules full = script_rules();
  full.risk.positions_max = 0;
  CHECK(refused(full, buy, nothing) == Reason::max_positions);
  TradingRules dear = script_rules();
  dear.risk.exposure_max = Rate{};
  CHECK_FALSE(refused(dear, buy, nothing) == Reason::entered);
}

TEST_CASE("external signal: old prices and a desk that is not warm enter nothing", "[trading][external]") {
  EngineRig cold;
  cold.step(FeedUp{}, midnight);
  CHECK(judged(cold.step(signal_for(Direction::long_))) == Reason::stale_feed);   // no price yet
  cold.tick();
  CHECK(judged(cold.step(signal_for(Direction::long_))) == Reason::warming_up);
  EngineRig rig;
  rig.warm();
  CHECK(judged(rig.step(signal_for(Direction::long_), minute(rig.next + 4))) == Reason::stale_feed);
}

TEST_CASE("external signal: the other side leaves a position, even while entries are paused", "[trading][external]") {
  EngineRig rig;
  rig.warm();
  rig.enter();
  rig.command(OperatorAction::pause);
  const auto actions = rig.step(signal_for(Direction::short_, "102", "96"));
  CHECK(judged(actions) == Reason::closing_opposite);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE_FALSE(orders.empty());
  CHECK(orders[0].order.side == Side::sell);
  CHECK(orders[0].order.quantity == qty("2"));
}

TEST_CASE("external signal: an instrument that is not traded, and no direction, change nothing", "[trading][external]") {
  EngineRig rig;
  rig.warm();
  ExternalSignal strange = signal_for(Direction::long_);
  strange.instrument = InstrumentId{7};
  CHECK(judged(rig.step(strange)) == Reason::no_setup);
  CHECK(judged(rig.step(signal_for(Direction::neutral))) == Reason::no_setup);
}

TEST_CASE("external signal: the strategies' own opinion is as it was", "[trading][external]") {
  EngineRig with, without;
  with.warm();
  without.warm();
  ExternalSignal unsure = signal_for(Direction::long_);
  unsure.confidence = 0.1;
  CHECK(judged(with.step(unsure)) == Reason::low_confidence);
  const auto& own = with.engine->desk().frames(InstrumentId{0})[0].opinion;
  const auto& other = without.engine->desk().frames(InstrumentId{0})[0].opinion;
  CHECK(own.direction == other.direction);
  CHECK(own.reason == other.reason);
  CHECK(own.lead == other.lead);
  const auto a = all<SubmitOrder>(with.tick(go_long)), b = all<SubmitOrder>(without.tick(go_long));
  REQUIRE(a.size() == 1);
  REQUIRE(b.size() == 1);
  CHECK(a[0].order.quantity == b[0].order.quantity);
}
