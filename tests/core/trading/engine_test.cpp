// What the engine does with commands, with a feed that comes and goes, and with candles that do not fit.
#include "core/trading/engine.h"

#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("engine: nothing trades before the indicators are warm", "[trading][engine]") {
  EngineRig rig;
  rig.step(FeedUp{}, midnight);
  for (int i = 0; i < 10; ++i) CHECK(reason_in(rig.tick(go_long)) == Reason::warming_up);
  CHECK(all<SubmitOrder>(rig.log).empty());
  CHECK_FALSE(rig.engine->desk().is_warm(InstrumentId{0}));
}

TEST_CASE("engine: history warms up and never trades", "[trading][engine]") {
  EngineRig rig;
  for (; rig.next < warm_bars; ++rig.next) {
    CHECK(rig.step(HistoryLoaded{InstrumentId{0}, flat(rig.next, "100", go_long)}).empty());
  }
  CHECK(rig.engine->desk().is_warm(InstrumentId{0}));
  rig.step(FeedUp{});
  CHECK(rig.close(flat(rig.next - 1, "100", go_long)).empty());  // known from history
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

namespace {

/// While entries are stopped and a position is held: it trails, and each of its ways out is open.
void check_exits_go_on(EngineRig& rig) {
  CHECK(all<ReplaceOrder>(rig.close(bar(rig.next++, "100", "103", "100", "102.9"))).size() == 1);
  SECTION("stop") {
    CHECK(all<TradeClosed>(rig.fill(rig.stop, "98", "2", "0", true)).size() == 1);
  }
  SECTION("opposite") {
    CHECK(all<SubmitOrder>(rig.tick(go_short, "102.9")).size() == 1);
  }
  SECTION("close-all") {
    CHECK(all<SubmitOrder>(rig.command(OperatorAction::close_all)).size() == 1);
  }
}

}  // namespace

TEST_CASE("engine: pause and halt stop entries and never an exit", "[trading][engine]") {
  const OperatorAction action = GENERATE(OperatorAction::pause, OperatorAction::halt);
  const Reason expected = action == OperatorAction::pause ? Reason::paused : Reason::halted;
  EngineRig rig;
  rig.warm();
  SECTION("entry") {
    const auto said = all<RunStateChanged>(rig.command(action, "because"));
    REQUIRE(said.size() == 1);
    CHECK(said[0].reason == "because");
    CHECK(said[0].actor == "cli:1000");
    CHECK(rig.engine->pause_reason() == "because");
    CHECK(reason_in(rig.tick(go_long)) == expected);
    CHECK(all<SubmitOrder>(rig.log).empty());
  }
  SECTION("stop, trail, opposite signal and close-all go on") {
    rig.enter();
    rig.command(action);
    check_exits_go_on(rig);
  }
  SECTION("an entry already sent is protected when it fills") {
    const Order entry = all<SubmitOrder>(rig.tick(go_long))[0].order;
    rig.command(action);
    CHECK(all<SubmitOrder>(rig.fill(entry, "100", "2", "0", true)).size() == 2);
  }
}

TEST_CASE("engine: held from outside, it enters nothing, leaves what it holds protected, and goes on by itself",
          "[trading][engine][8.5]") {
  EngineRig rig;
  rig.warm();
  SECTION("entry") {
    const auto said = rig.step(EntriesHeld{"the tenant is suspended"});
    CHECK(all<RunStateChanged>(said).empty());   // neither a pause nor a halt
    REQUIRE(all<Notify>(said).size() == 1);
    CHECK(all<Notify>(said)[0].level == Notify::Level::critical);
    CHECK(rig.step(EntriesHeld{"the tenant is suspended"}).empty());
    CHECK(rig.engine->hold_reason() == "the tenant is suspended");
    CHECK_FALSE(rig.engine->state().permits_entries());
    CHECK(reason_in(rig.tick(go_long)) == Reason::held);
    CHECK(all<SubmitOrder>(rig.log).empty());
    CHECK(all<Notify>(rig.step(EntriesHeld{})).size() == 1);
    CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
  }
  SECTION("a resting entry is given up") {
    TradingRules chased = script_rules();
    chased.execution.entry = EntryStyle::limit_chase;   // at the market nothing rests
    EngineRig patient(chased);
    const Order entry = all<SubmitOrder>(patient.warm().tick(go_long))[0].order;
    patient.accept(entry);
    const auto canceled = all<CancelOrder>(patient.step(EntriesHeld{"the tenant is suspended"}));
    REQUIRE(canceled.size() == 1);
    CHECK(canceled[0].client_id == entry.client_id);
  }
  SECTION("trail, stop, opposite signal and close-all go on") {
    rig.enter();
    rig.step(EntriesHeld{"the tenant is suspended"});
    check_exits_go_on(rig);
  }
  SECTION("a pause before, during and after it stays what it was") {
    rig.command(OperatorAction::pause, "by hand");
    rig.step(EntriesHeld{"the tenant is suspended"});
    rig.step(EntriesHeld{});
    CHECK(rig.engine->state().paused);
    CHECK(rig.engine->pause_reason() == "by hand");
    CHECK(reason_in(rig.tick(go_long)) == Reason::paused);
    rig.step(EntriesHeld{"the tenant is suspended"});
    rig.command(OperatorAction::resume);
    CHECK(reason_in(rig.tick(go_long)) == Reason::held);
  }
}

TEST_CASE("engine: resume ends a pause, but not a halt", "[trading][engine]") {
  EngineRig rig;
  rig.warm();
  rig.command(OperatorAction::pause);
  rig.command(OperatorAction::resume);
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
  rig.command(OperatorAction::halt);
  const auto said = rig.command(OperatorAction::resume);
  CHECK(all<RunStateChanged>(said).empty());
  CHECK(all<Notify>(said).size() == 1);
  CHECK(rig.engine->state().halted);
}

TEST_CASE("engine: a restored pause or halt holds", "[trading][engine]") {
  EngineRig rig;
  AccountRestored account;
  account.cash = account.day_start_equity = account.peak_equity = usd("10000");
  account.day_start = midnight;
  account.paused = true;
  account.pause_reason = "ledger";
  rig.step(account, midnight);
  CHECK(reason_in(rig.warm().tick(go_long)) == Reason::paused);
  CHECK(rig.engine->pause_reason() == "ledger");
}

TEST_CASE("engine: a lost feed is stale at once, backfill does not trade, a fresh candle does [CF1]",
          "[trading][engine]") {
  EngineRig rig;
  rig.warm();
  rig.step(BookSummary{InstrumentId{0}, BookTop{px("99.95"), px("100.05"), qty("1"), qty("1"), 0}});
  rig.step(FeedDown{});
  CHECK_FALSE(rig.engine->desk().book(InstrumentId{0}).has_value());  // in the same step
  CHECK(reason_in(rig.tick(go_long)) == Reason::stale_feed);
  CHECK(reason_in(rig.tick(go_long, "100", true)) == Reason::backfill);
  rig.step(FeedUp{});
  CHECK(reason_in(rig.tick(go_long, "100", true)) == Reason::backfill);
  CHECK(all<SubmitOrder>(rig.log).empty());
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("engine: positions are managed while the feed is down", "[trading][engine]") {
  EngineRig rig;
  rig.warm().enter();
  rig.step(FeedDown{});
  CHECK(all<ReplaceOrder>(rig.close(bar(rig.next++, "100", "103", "100", "102.9"), 0, true)).size() == 1);
  CHECK(all<SubmitOrder>(rig.tick(go_short, "102.9", true)).size() == 1);
}

TEST_CASE("engine: a candle that was seen changes nothing", "[trading][engine]") {
  EngineRig rig;
  rig.warm().enter();
  const Candle up = bar(rig.next++, "100", "103", "100", "102.9");
  rig.close(up);
  const Money equity = rig.portfolio().equity();
  const auto bars = rig.position().bars;
  CHECK(rig.close(up).empty());
  CHECK(rig.close(flat(rig.next - 3, "50", go_short)).empty());  // late, and far off
  CHECK(rig.portfolio().equity() == equity);
  CHECK(rig.position().bars == bars);
  CHECK(rig.position().best == px("103"));
}

TEST_CASE("engine: a broken series warms up again, and its position stays protected", "[trading][engine]") {
  EngineRig rig;
  rig.warm().enter();
  rig.next += 60;
  rig.step(SeriesBroken{InstrumentId{0}});
  CHECK_FALSE(rig.engine->desk().is_warm(InstrumentId{0}));
  CHECK(all<ReplaceOrder>(rig.close(bar(rig.next++, "100", "103", "100", "102.9"))).size() == 1);
  CHECK(reason_in(rig.tick(go_short)) == Reason::warming_up);
  CHECK(rig.position().quantity == qty("2"));
}

TEST_CASE("engine: decisions fall on the primary timeframe and hear the higher one", "[trading][engine]") {
  TradingRules rules = script_rules();
  rules.timeframes = {minutes{1}, minutes{5}};
  rules.primary = minutes{1};
  EngineRig rig(rules);
  rig.step(FeedUp{}, midnight);
  while (rig.next < 150) rig.tick();  // 30 five-minute bars
  // Volumes of a bucket add up: 4 * 1000 + 2002 = 6002 says short on both timeframes.
  for (int i = 0; i < 4; ++i) rig.tick();
  rig.tick(2002);
  CHECK(rig.engine->desk().reason_counts()[static_cast<std::size_t>(Reason::no_short)] == 1);
  CHECK(reason_in(rig.tick(go_long)) == Reason::vetoed_by_timeframe);
  for (int i = 0; i < 4; ++i) rig.tick();  // its bucket: 1001 + 4000 says long
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("engine: equal events give equal actions", "[trading][engine]") {
  const auto run = [] {
    EngineRig rig(script_rules(), {shortable()});
    rig.warm();
    Random random(4);
    for (int i = 0; i < 300; ++i) rig.tick(random.below(5) == 0 ? go_long : random.below(5) == 0 ? go_short : quiet);
    return rig.log.size();
  };
  CHECK(run() == run());
}
