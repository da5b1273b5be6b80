// A pair whose market turns strange enters nothing until it has calmed down; its exits go on.
#include "core/trading/pair_breaker.h"

#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

MarketSample with_spread(double spread) {
  MarketSample out;
  out.spread = spread;
  return out;
}

AnomalyRules switched_on() {
  AnomalyRules rules;
  rules.is_on = true;
  return rules;
}

struct OnePair {
  OnePair() : breaker(switched_on()) {
    for (int i = 0; i < 20; ++i) CHECK_FALSE(next(0.0005));
  }

  bool next(double spread) { return breaker.judge(with_spread(spread), minute(at++)); }

  PairBreaker breaker;
  std::int64_t at{0};
};

TradingRules watched() {
  TradingRules rules = script_rules();
  rules.anomalies = switched_on();
  return rules;
}

/// A book of this spread around 100, seen at the close to come.
void show(EngineRig& rig, const char* bid, const char* ask, std::uint32_t pair = 0) {
  rig.step(BookSummary{InstrumentId{pair}, BookTop{px(bid), px(ask), qty("1"), qty("1"), 0}}, minute(rig.next + 1));
}

/// An engine with a usual spread of 0.02 %, warm.
EngineRig calm_rig(std::vector<Instrument> pairs = {spot()}) {
  EngineRig rig(watched(), std::move(pairs));
  rig.warm();
  for (int i = 0; i < 20; ++i) {
    show(rig, "99.99", "100.01");
    rig.tick();
  }
  return rig;
}

}  // namespace

TEST_CASE("pair breaker: trips at the limit, once, and is armed again below half the way [X36]",
          "[trading][breakers]") {
  OnePair pair;
  CHECK_FALSE(pair.next(0.00149));   // three medians are 0.0015
  CHECK_FALSE(pair.breaker.is_tripped());
  CHECK(pair.next(0.00151));
  CHECK(pair.breaker.is_tripped());
  CHECK(pair.breaker.cause() == "spread");
  CHECK_FALSE(pair.next(0.0100));    // still odd: no second word
  for (int i = 0; i < 6; ++i) CHECK_FALSE(pair.next(0.00105));   // below the limit, not yet calm (0.0010)
  CHECK(pair.breaker.is_tripped());
  CHECK_FALSE(pair.next(0.0005));
  CHECK_FALSE(pair.breaker.is_tripped());
  CHECK(pair.next(0.0100));          // and trips anew
}

TEST_CASE("pair breaker: calm or not, the pause is the least", "[trading][breakers]") {
  OnePair pair;
  CHECK(pair.next(0.01));            // at minute 20: until minute 25
  for (int i = 21; i < 25; ++i) {
    pair.next(0.0005);
    CHECK(pair.breaker.is_tripped());
  }
  pair.next(0.0005);
  CHECK_FALSE(pair.breaker.is_tripped());
}

TEST_CASE("desk: a strange market stops the entries of its pair, and says so once", "[trading][breakers]") {
  EngineRig rig = calm_rig();
  show(rig, "99.9", "100.1");        // ten times the usual
  auto actions = rig.tick(go_long);
  CHECK(reason_in(actions) == Reason::anomaly);
  REQUIRE(all<Notify>(actions).size() == 1);
  CHECK(all<Notify>(actions)[0].text == "BTC/USD: entries wait, unusual spread");
  actions = rig.tick(go_long);
  CHECK(reason_in(actions) == Reason::anomaly);
  CHECK(all<Notify>(actions).empty());
  for (int i = 0; i < 5; ++i) {
    show(rig, "99.99", "100.01");
    rig.tick();
  }
  show(rig, "99.99", "100.01");
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("desk: another pair enters meanwhile", "[trading][breakers]") {
  EngineRig rig = calm_rig({spot(0), spot(1, "ETH")});
  show(rig, "99.9", "100.1");
  rig.close(flat(rig.next, "100", go_long), 0);
  rig.close(flat(rig.next, "100", go_long), 1);
  const auto orders = all<SubmitOrder>(rig.step(InstantClosed{}, minute(rig.next + 1)));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.instrument == InstrumentId{1});
}

TEST_CASE("desk: exits go on in a strange market", "[trading][breakers]") {
  EngineRig rig = calm_rig();
  show(rig, "99.99", "100.01");
  rig.enter();
  show(rig, "99.9", "100.1");
  const auto orders = all<SubmitOrder>(rig.tick(go_short));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.reduce_only);
}

TEST_CASE("desk: volume without movement is strange too, and needs no book", "[trading][breakers]") {
  EngineRig rig(watched());
  rig.warm();
  CHECK(reason_in(rig.tick(20'001)) == Reason::anomaly);   // twenty times the usual, price unmoved
  EngineRig off;
  off.warm();
  CHECK(reason_in(off.tick(20'001)) == Reason::entered);
}

TEST_CASE("desk: an idea that had its time is over, unless its costs are safe", "[trading][exits]") {
  static const StrategyInfo brief = [] {
    StrategyInfo info = info_of<Scripted>("brief", Family::microstructure);
    info.time_stop = minutes{5};
    return info;
  }();
  TradingRules rules = script_rules();
  rules.strategies = {choose(brief)};
  EngineRig rig(rules);
  rig.warm().enter();                                        // filled at the minute of the next candle
  const std::int64_t filled = rig.next;
  SECTION("flat") {
    while (rig.next < filled + 4) CHECK(all<SubmitOrder>(rig.tick()).empty());
    const auto orders = all<SubmitOrder>(rig.tick());
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].order.client_id.role == OrderRole::exit);
    const auto closed = all<TradeClosed>(rig.fill(orders[0].order, "100", "2", "0", true));
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].reason == ExitReason::time_limit);
  }
  SECTION("ahead, its stop beyond the entry") {
    rig.close(bar(rig.next++, "100", "103", "100", "102.9"));
    for (int i = 0; i < 10; ++i) CHECK(all<SubmitOrder>(rig.tick(quiet, "102.9")).empty());
  }
  SECTION("a strategy without such a time") {
    EngineRig plain;
    plain.warm().enter();
    for (int i = 0; i < 20; ++i) CHECK(all<SubmitOrder>(plain.tick()).empty());
  }
}
