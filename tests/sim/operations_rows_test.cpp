// Defects of operations.md 10.2 that a core without sockets can show.
#include <catch2/catch.hpp>

#include "core/trading/breakers.h"
#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("restart: loss, peak, streak, waiting times and pause go on where they were [operations X4]",
          "[sim][restart]") {
  TradingRules rules = script_rules();
  rules.breakers.on_losses = rules.breakers.on_drawdown = true;
  rules.breakers.drawdown_max = 0.08;
  const auto restarted = [&](auto change) {
    auto rig = std::make_unique<EngineRig>(rules);
    AccountRestored account;
    account.cash = usd("9704.3");
    account.day_start_equity = account.peak_equity = usd("10000");
    account.day_start = midnight;
    change(account);
    rig->step(account, midnight);
    rig->warm();
    return rig;
  };
  SECTION("peak and the day's loss") {
    const auto rig = restarted([](AccountRestored&) {});
    CHECK(rig->engine->desk().peak_equity() == usd("10000"));
    CHECK(rig->engine->desk().day_start_equity() == usd("10000"));
    rig->enter();
    rig->fill(rig->stop, "98", "2", "0.4", true);
    CHECK(reason_in(rig->tick(go_long)) == Reason::daily_loss);   // 2.957 % before the restart, the rest behind it
  }
  SECTION("three losses before and one behind it are four") {
    const auto rig = restarted([](AccountRestored& a) {
      a.cash = a.day_start_equity = usd("10000");
      a.loss_streak = 3;
    });
    rig->enter();
    const auto changed = all<RunStateChanged>(rig->fill(rig->stop, "98", "2", "0.4", true));
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].reason == "breaker consecutive_losses");
  }
  SECTION("waiting times") {
    const auto rig = restarted([](AccountRestored& a) { a.cash = usd("10000"); });
    const Time until = minute(rig->next + 3);
    rig->step(CooldownRestored{DeskId{0}, InstrumentId{0}, until, Time{}, StrategyId{0}, Direction::long_});
    CHECK(reason_in(rig->tick(go_long)) == Reason::cooldown_pair);
    while (minute(rig->next) < minute(warm_bars + 4)) rig->tick();
    CHECK(reason_in(rig->tick(go_long)) == Reason::entered);
  }
  SECTION("pause") {
    const auto rig = restarted([](AccountRestored& a) {
      a.paused = true;
      a.pause_reason = "breaker drawdown_limit";
    });
    CHECK(reason_in(rig->tick(go_long)) == Reason::paused);
    CHECK(rig->engine->pause_reason() == "breaker drawdown_limit");
  }
}

TEST_CASE("resume: losses and drawdown are watched from the first moment, by another step [operations X5]",
          "[sim][breakers]") {
  BreakerRules rules;
  rules.on_losses = rules.on_drawdown = true;
  Breakers breakers(rules);
  breakers.started(midnight, 0, 0);
  REQUIRE(breakers.on_drawdown(0.08) == Breaker::drawdown);
  REQUIRE(breakers.on_trade(4) == Breaker::consecutive_losses);
  breakers.resumed(midnight + seconds{1}, 4, 0.08);
  CHECK_FALSE(breakers.on_drawdown(0.081));   // the peak has not changed, and it says nothing twice
  CHECK_FALSE(breakers.on_trade(5));
  CHECK(breakers.on_drawdown(0.12) == Breaker::drawdown);   // within the grace of the resume
  CHECK(breakers.on_trade(8) == Breaker::consecutive_losses);
}

TEST_CASE("close-all: a position without a price is closed with the others [operations X6]", "[sim][close-all]") {
  EngineRig rig(script_rules(), {spot(0), spot(1, "ETH")});
  rig.warm().enter();
  rig.step(BookSummary{InstrumentId{1}, BookTop{px("99.9"), px("100.1"), qty("1"), qty("1"), 0}});
  rig.step(FeedDown{});   // no pair has a price any more
  CHECK_FALSE(rig.engine->desk().book(InstrumentId{0}).has_value());
  const auto orders = all<SubmitOrder>(rig.command(OperatorAction::close_all));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.instrument == InstrumentId{0});
  CHECK(orders[0].order.quantity == qty("2"));
  CHECK(orders[0].order.type == OrderType::market);
  CHECK(rig.position().is_open());   // until the venue says so
}

TEST_CASE("stale data: one pair of eight pauses nobody, a held one does within a minute [operations X14]",
          "[sim][breakers]") {
  BreakerRules rules;
  rules.on_stale = true;
  Breakers breakers(rules);
  breakers.started(midnight, 0, 0);
  for (int s = 0; s < 7'200; ++s) CHECK_FALSE(breakers.on_tick(midnight + seconds{s}, {8, 1, false}));
  std::optional<Breaker> tripped;
  int waited = 0;
  for (; !tripped && waited < 120; ++waited) {
    tripped = breakers.on_tick(midnight + seconds{7'200 + waited}, {8, 1, true});
  }
  CHECK(tripped == Breaker::stale_data);
  CHECK(waited <= 62);
}
