// Rules that change while the engine runs: by an event, so that the same events decide the same again.

#include "core/trading/live_rules.h"

#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("live rules: what differs is told and taken, to the bit", "[trading][live_rules]") {
  const TradingRules before = script_rules();
  TradingRules after = before;
  after.risk.daily_loss_max = rate("0.0123");
  after.risk.position_max = usd("77.5");
  after.risk.spread_max = 0.1 + 0.2;
  after.risk.quiet_hours[3] = true;
  after.risk.loss_cooldown = minutes{7};
  after.confluence.any_solo = !before.confluence.any_solo;
  after.breakers.losses_max = 9;
  after.breakers.flatten = 5;
  after.guardrails.pause = minutes{1};
  const auto changes = rule_changes(before, after);
  CHECK(changes.size() == 9);
  TradingRules taken = before;
  REQUIRE(apply_rules(taken, changes));
  CHECK(rule_changes(taken, after).empty());
  CHECK(taken.risk.spread_max == after.risk.spread_max);
  CHECK(taken.risk.quiet_hours == after.risk.quiet_hours);
}

TEST_CASE("live rules: one that is unknown or cannot be read leaves all as they were", "[trading][live_rules]") {
  for (const RuleValue& bad :
       {RuleValue{"risk.nothing", "1"}, RuleValue{"risk.positions_max", "x"}, RuleValue{"risk.positions_max", ""},
        RuleValue{"risk.daily_loss_max", "1e9"}, RuleValue{"risk.quiet_hours", "101"},
        RuleValue{"confluence.any_solo", "maybe"}, RuleValue{"risk.spread_max", "0.1x"}}) {
    INFO(bad.name << " = " << bad.value);
    TradingRules rules = script_rules();
    CHECK_FALSE(apply_rules(rules, {{"risk.positions_max", "1"}, bad}));
    CHECK(rule_changes(script_rules(), rules).empty());
  }
}

TEST_CASE("engine: a limit that is lowered holds from that event on", "[trading][live_rules]") {
  EngineRig rig;
  rig.warm();
  const auto said = rig.step(RulesChanged{{{"risk.positions_max", "0"}}, "key:a", "trading.max = 0"});
  REQUIRE(all<Notify>(said).size() == 1);
  CHECK(all<Notify>(said)[0].text == "settings of key:a: trading.max = 0");
  CHECK(reason_in(rig.tick(go_long)) == Reason::max_positions);
  rig.step(RulesChanged{{{"risk.positions_max", "5"}}, "key:a", "trading.max = 5"});
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("live rules: weights of strategies that run, and nothing of one that does not", "[trading][live_rules]") {
  TradingRules before = script_rules();
  before.strategies = {choose(scripted_info(Family::momentum), 0, 0), choose(scripted_info(Family::mean_reversion), 1, 1)};
  before.strategies[0].weight = before.strategies[1].weight = 0.5;
  TradingRules after = before;
  after.strategies.pop_back();                                                           // off
  after.strategies[0].weight = 1;
  after.strategies.push_back(choose(scripted_info(Family::trend_following), 2, 2));      // a newcomer
  const auto changes = rule_changes(before, after);
  REQUIRE(changes.size() == 2);
  TradingRules taken = before;
  REQUIRE(apply_rules(taken, changes));
  REQUIRE(taken.strategies.size() == 2);
  CHECK(taken.strategies[0].weight == 1.0);
  CHECK(taken.strategies[1].weight == 0.0);
  for (const RuleValue& bad : {RuleValue{"weight.scripted_trend", "0.5"}, RuleValue{"weight.scripted", "-1"},
                               RuleValue{"weight.scripted", "nan"}, RuleValue{"weight.", "1"}}) {
    INFO(bad.name << " = " << bad.value);
    CHECK_FALSE(apply_rules(taken, {bad}));
  }
}

TEST_CASE("engine: a strategy that is switched off is not asked, and asked again when it is on", "[trading][live_rules]") {
  EngineRig rig;
  rig.warm();
  rig.step(RulesChanged{{{"weight.scripted", "0"}}, "key:a", "strategies.scripted.enabled = false"});
  CHECK(reason_in(rig.tick(go_long)) == Reason::no_votes);
  rig.step(RulesChanged{{{"weight.scripted", "1"}}, "key:a", "strategies.scripted.enabled = true"});
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("engine: the least ratio and the age of prices follow", "[trading][live_rules]") {
  EngineRig rig;
  rig.warm();
  rig.step(RulesChanged{{{"risk.reward_to_risk_min", "2.5"}}, "a", "b"});
  CHECK(reason_in(rig.tick(go_long)) == Reason::reward_to_risk);
  rig.step(RulesChanged{{{"risk.reward_to_risk_min", "1.2"}, {"stale_after", "300000000000"}}, "a", "b"});
  CHECK(rig.engine->rules().stale_after == minutes{5});
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("engine: each part that keeps rules of its own follows", "[trading][live_rules]") {
  EngineRig rig;
  rig.warm();
  SECTION("pacing") {
    const auto hour = static_cast<std::size_t>(minute(rig.next).seconds_floor() / 3600 % 24);
    std::string hours(24, '0');
    hours[hour] = '1';
    rig.step(RulesChanged{{{"risk.quiet_hours", hours}}, "a", "b"});
    CHECK(reason_in(rig.tick(go_long)) == Reason::quiet_hour);
  }
  SECTION("confluence") {
    rig.step(RulesChanged{{{"confluence.confidence_min", "1.5"}, {"confluence.solo_confidence_min", "1.5"},
                           {"confluence.families_min", "9"}}, "a", "b"});
    CHECK(reason_in(rig.tick(go_long)) != Reason::entered);
  }
  SECTION("exposure") {
    rig.step(RulesChanged{{{"risk.exposure_max", "0.0000001"}}, "a", "b"});
    CHECK(reason_in(rig.tick(go_long)) != Reason::entered);
  }
}

TEST_CASE("engine: an event of another binary changes nothing and is told", "[trading][live_rules]") {
  EngineRig rig;
  rig.warm();
  const auto said = rig.step(RulesChanged{{{"risk.of_tomorrow", "1"}}, "key:a", "risk.of_tomorrow = 1"});
  REQUIRE(all<Notify>(said).size() == 1);
  CHECK(all<Notify>(said)[0].level == Notify::Level::warning);
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}
