// What stops entries on its own (HARD9): trip levels, levels that arm again, grace, and one trip per cause.
#include "core/trading/breakers.h"

#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

BreakerRules all_on() {
  BreakerRules rules;
  rules.on_losses = rules.on_drawdown = rules.on_stale = rules.on_stream = true;
  return rules;
}

Time second(std::int64_t s) { return midnight + seconds{s}; }

}  // namespace

TEST_CASE("breakers: losses trip once, again after as many more, and anew after a win", "[breakers]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  CHECK_FALSE(breakers.on_trade(3));
  CHECK(breakers.on_trade(4) == Breaker::consecutive_losses);
  CHECK_FALSE(breakers.on_trade(5));
  breakers.resumed(second(10), 5, 0);
  CHECK_FALSE(breakers.on_trade(6));
  CHECK(breakers.on_trade(9) == Breaker::consecutive_losses);
  CHECK_FALSE(breakers.on_trade(0));
  CHECK(breakers.on_trade(4) == Breaker::consecutive_losses);
}

TEST_CASE("breakers: drawdown trips at its level and is armed again at half of it", "[breakers]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  CHECK_FALSE(breakers.on_drawdown(0.079));
  CHECK(breakers.on_drawdown(0.08) == Breaker::drawdown);
  breakers.resumed(second(1), 0, 0.08);
  CHECK_FALSE(breakers.on_drawdown(0.09));
  CHECK_FALSE(breakers.on_drawdown(0.05));   // not below half: the same fall
  CHECK_FALSE(breakers.on_drawdown(0.085));
  CHECK(breakers.on_drawdown(0.12) == Breaker::drawdown);   // another step
  CHECK_FALSE(breakers.on_drawdown(0.039));
  CHECK(breakers.on_drawdown(0.08) == Breaker::drawdown);
}

TEST_CASE("breakers: two stale checks do not pause, the third does [HARD9]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  const Staleness bad{4, 3, false};
  CHECK_FALSE(breakers.on_tick(second(60), bad));   // within grace
  CHECK_FALSE(breakers.on_tick(second(130), bad));
  CHECK_FALSE(breakers.on_tick(second(140), bad));  // not due
  CHECK_FALSE(breakers.on_tick(second(160), bad));
  CHECK(breakers.on_tick(second(190), bad) == Breaker::stale_data);
  CHECK_FALSE(breakers.on_tick(second(220), bad));  // said once
  CHECK_FALSE(breakers.on_tick(second(250), {4, 0, false}));
  CHECK_FALSE(breakers.on_tick(second(280), {4, 2, false}));   // half is not more than half
}

TEST_CASE("breakers: a held pair that is stale counts alone, and also within grace [HARD9]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  const Staleness held{8, 1, true};
  CHECK_FALSE(breakers.on_tick(second(0), held));
  CHECK_FALSE(breakers.on_tick(second(30), held));
  CHECK(breakers.on_tick(second(60), held) == Breaker::stale_data);
}

TEST_CASE("breakers: one illiquid pair of many pauses nothing, half of them do within two minutes [operations X14]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  for (int s = 0; s < 3'600; s += 30) CHECK_FALSE(breakers.on_tick(second(s), {8, 1, false}));
  CHECK_FALSE(breakers.on_tick(second(3'600), {8, 5, false}));
  CHECK_FALSE(breakers.on_tick(second(3'630), {8, 5, false}));
  CHECK(breakers.on_tick(second(3'660), {8, 5, false}) == Breaker::stale_data);
}

TEST_CASE("engine: a pair without candles trades not, the others go on [operations X14]") {
  TradingRules rules = script_rules();
  rules.breakers.on_stale = true;
  EngineRig rig(rules, {spot(0), spot(1, "ETH"), spot(2, "SOL"), spot(3, "XRP")});
  rig.warm();
  const auto silent_third = [&](double volume) {
    std::vector<Action> out;
    for (const std::uint32_t pair : {0U, 1U, 3U}) {
      const auto some = rig.close(flat(rig.next, "100", pair == 0 ? volume : quiet), pair);
      out.insert(out.end(), some.begin(), some.end());
    }
    const auto some = rig.step(InstantClosed{}, minute(++rig.next));
    out.insert(out.end(), some.begin(), some.end());
    for (int s = 0; s < 60; s += 10) {
      const auto more = rig.step(Tick{}, minute(rig.next) + seconds{s});
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  };
  for (int i = 0; i < 30; ++i) CHECK(all<RunStateChanged>(silent_third(quiet)).empty());
  const auto entered = silent_third(go_long);
  CHECK(all<RunStateChanged>(entered).empty());
  CHECK(all<SubmitOrder>(entered).size() == 1);
}

TEST_CASE("breakers: fifty-nine seconds without the stream are nothing, sixty-one are a trip [HARD9]") {
  Breakers breakers(all_on());
  breakers.started(midnight, 0, 0);
  breakers.on_feed(false, second(0));
  CHECK_FALSE(breakers.on_tick(second(59), {}));
  CHECK(breakers.on_tick(second(61), {}) == Breaker::stream_loss);
  CHECK_FALSE(breakers.on_tick(second(62), {}));
  breakers.on_feed(true, second(70));
  breakers.on_feed(false, second(80));
  CHECK_FALSE(breakers.on_tick(second(139), {}));
  CHECK(breakers.on_tick(second(141), {}) == Breaker::stream_loss);
}

TEST_CASE("engine: a breaker pauses entries once, keeps exits, and waits for a resume [HARD9]") {
  TradingRules rules = script_rules();
  rules.breakers.on_losses = true;
  rules.breakers.losses_max = 1;
  EngineRig rig(rules);
  rig.warm();
  rig.enter();
  const auto closed = rig.fill(rig.stop, "98", "2", "0", true);
  const auto changed = all<RunStateChanged>(closed);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].paused);
  CHECK(changed[0].reason == "breaker consecutive_losses");
  CHECK(all<Notify>(closed).size() == 1);
  CHECK(reason_in(rig.tick(go_long)) == Reason::paused);
  rig.command(OperatorAction::resume);
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("engine: a resume silences no breaker: the next loss pauses again, at once [X5]") {
  TradingRules rules = script_rules();
  rules.breakers.on_losses = true;
  rules.breakers.losses_max = 1;
  EngineRig rig(rules);
  rig.warm();
  for (int i = 0; i < 3; ++i) {
    const auto asked = all<SubmitOrder>(rig.tick(go_long));
    REQUIRE(asked.size() == 1);
    const std::string quantity = to_string(asked[0].order.quantity);
    const auto protection = all<SubmitOrder>(rig.fill(asked[0].order, "100", quantity.c_str(), "0", true));
    REQUIRE_FALSE(protection.empty());
    const auto closed = rig.fill(protection[0].order, "98", quantity.c_str(), "0", true);
    REQUIRE(all<RunStateChanged>(closed).size() == 1);
    CHECK(all<RunStateChanged>(closed)[0].reason == "breaker consecutive_losses");
    CHECK(reason_in(rig.tick(go_long)) == Reason::paused);
    rig.command(OperatorAction::resume);
  }
}

TEST_CASE("engine: stops still execute while a breaker pauses [HARD9]") {
  TradingRules rules = script_rules();
  rules.breakers.on_stream = true;
  EngineRig rig(rules);
  rig.warm();
  rig.enter();
  const Time down = minute(rig.next);
  rig.step(FeedDown{}, down);
  const auto paused = rig.step(Tick{}, down + seconds{61});
  CHECK(all<RunStateChanged>(paused).size() == 1);
  const auto closed = rig.fill(rig.stop, "98", "2", "0", true);
  CHECK(all<TradeClosed>(closed).size() == 1);
  CHECK(rig.portfolio().open_count() == 0);
}
