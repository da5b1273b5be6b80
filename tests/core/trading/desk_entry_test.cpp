// From a signal to a protected position.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("desk: an entry is sized, and its fill sends the protection at once", "[trading][desk]") {
  EngineRig rig;
  const auto actions = rig.warm().tick(go_long);
  CHECK(reason_in(actions) == Reason::entered);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  const Order& entry = orders[0].order;
  CHECK(entry.side == Side::buy);
  CHECK(entry.type == OrderType::market);
  CHECK(entry.quantity == qty("2"));  // position_max 200
  CHECK_FALSE(entry.reduce_only);
  CHECK(rig.accept(entry).size() == 1);

  const auto protection = all<SubmitOrder>(rig.fill(entry, "100.1", "2", "0.4", true));
  REQUIRE(protection.size() == 2);
  const Order& stop = protection[0].order;
  CHECK(stop.client_id.role == OrderRole::protect);
  CHECK(stop.side == Side::sell);
  CHECK(stop.type == OrderType::stop);
  CHECK(stop.trigger == px("98.1"));  // moved with the fill
  CHECK(stop.quantity == qty("2"));
  CHECK(stop.reduce_only);
  const Order& target = protection[1].order;
  CHECK(target.client_id.role == OrderRole::take_profit);
  CHECK(target.type == OrderType::limit);
  CHECK(target.limit == px("104.1"));
  CHECK(target.reduce_only);
  CHECK(rig.portfolio().cash() == usd("9799.4"));  // 10000 - 200.2 - 0.4
  CHECK(rig.position().entry == px("100.1"));
}

TEST_CASE("desk: a short is mirrored where it is allowed", "[trading][desk]") {
  EngineRig rig(script_rules(), {shortable()});
  rig.warm().enter(go_short);
  CHECK(rig.entry.side == Side::sell);
  CHECK(rig.stop.side == Side::buy);
  CHECK(rig.stop.trigger == px("102"));
  CHECK(rig.target.limit == px("96"));
  CHECK(rig.portfolio().cash() == usd("10199.6"));
}

TEST_CASE("desk: each part of a filling entry is protected, no more and no less", "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  const auto first = all<SubmitOrder>(rig.fill(entry, "100", "0.5"));
  REQUIRE(first.size() == 2);
  CHECK(first[0].order.quantity == qty("0.5"));
  CHECK(first[1].order.quantity == qty("0.5"));

  const auto second = rig.fill(entry, "100", "1.5", "0", true);
  CHECK(all<SubmitOrder>(second).empty());
  const auto moved = all<ReplaceOrder>(second);
  REQUIRE(moved.size() == 2);
  CHECK(moved[0].client_id == first[0].order.client_id);
  CHECK(moved[0].quantity == qty("2"));
  CHECK(moved[0].trigger == px("98"));
  CHECK(moved[1].quantity == qty("2"));
  CHECK(moved[1].limit == px("104"));
}

TEST_CASE("desk: a partial exit shrinks the protection", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  const auto moved = all<ReplaceOrder>(rig.fill(rig.target, "104", "0.5"));
  REQUIRE(moved.size() == 1);  // the target itself already has what is left
  CHECK(moved[0].client_id == rig.stop.client_id);
  CHECK(moved[0].quantity == qty("1.5"));
  CHECK(rig.position().quantity == qty("1.5"));
}

TEST_CASE("desk: the stop's fill takes off the target, and the other way round", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  SECTION("stop") {
    const auto actions = rig.fill(rig.stop, "98", "2", "0.5", true);
    const auto cancels = all<CancelOrder>(actions);
    REQUIRE(cancels.size() == 1);
    CHECK(cancels[0].client_id == rig.target.client_id);
    const auto trades = all<TradeClosed>(actions);
    REQUIRE(trades.size() == 1);
    CHECK(trades[0].reason == ExitReason::stop);
    CHECK(trades[0].pnl == usd("-4.9"));  // -4 - 0.4 - 0.5
    CHECK(trades[0].fees == usd("0.9"));
    CHECK(trades[0].r_multiple == Approx(-4.9 / 4));
    CHECK(rig.portfolio().cash() == usd("9995.1"));
  }
  SECTION("target") {
    const auto actions = rig.fill(rig.target, "104", "2", "0.3", true);
    const auto cancels = all<CancelOrder>(actions);
    REQUIRE(cancels.size() == 1);
    CHECK(cancels[0].client_id == rig.stop.client_id);
    REQUIRE(all<TradeClosed>(actions).size() == 1);
    CHECK(all<TradeClosed>(actions)[0].reason == ExitReason::target);
    CHECK(all<TradeClosed>(actions)[0].pnl == usd("7.3"));  // 8 - 0.4 - 0.3
  }
  CHECK(rig.portfolio().open_count() == 0);
  rig.step(OrderCanceled{rig.target.client_id, "on request"});
  rig.step(OrderCanceled{rig.stop.client_id, "on request"});
  CHECK(rig.orders().live().empty());
  CHECK(rig.portfolio().equity() == rig.portfolio().cash());
}

TEST_CASE("desk: an entry that goes on filling is taken off when its position is stopped out",
          "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  const auto protection = all<SubmitOrder>(rig.fill(entry, "100", "0.5"));
  const auto actions = rig.fill(protection[0].order, "98", "0.5", "0", true);
  REQUIRE(all<TradeClosed>(actions).size() == 1);
  bool entry_is_canceled = false;
  for (const CancelOrder& c : all<CancelOrder>(actions)) {
    entry_is_canceled = entry_is_canceled || c.client_id == entry.client_id;
  }
  CHECK(entry_is_canceled);
}

TEST_CASE("desk: protection that is refused means leaving at the market", "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  const auto protection = all<SubmitOrder>(rig.fill(entry, "100", "2", "0", true));
  const auto actions = rig.step(OrderRejected{protection[0].order.client_id, "maintenance"});
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.type == OrderType::market);
  CHECK(orders[0].order.side == Side::sell);
  CHECK(orders[0].order.quantity == qty("2"));
  CHECK(orders[0].order.reduce_only);
  REQUIRE(all<Notify>(actions).size() == 1);
  CHECK(all<Notify>(actions)[0].level == Notify::Level::critical);
}

TEST_CASE("desk: protection that the venue took off is placed again with the next candle",
          "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  const auto orders = all<SubmitOrder>(rig.tick());
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.client_id.role == OrderRole::protect);
  CHECK(orders[0].order.client_id != rig.stop.client_id);
  CHECK(orders[0].order.trigger == px("98"));
  CHECK(orders[0].order.quantity == qty("2"));
}

TEST_CASE("desk: a rejected entry leaves nothing behind", "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.step(OrderRejected{entry.client_id, "insufficient funds"});
  CHECK(rig.orders().live().empty());
  CHECK(rig.orders().pending_exposure().is_zero());
  CHECK(reason_in(rig.tick(go_long)) == Reason::entered);
}

TEST_CASE("desk: a stop follows from the next candle on and its move is sent to the venue",
          "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  const auto actions = rig.close(bar(rig.next++, "100", "103", "100", "102.9"));
  const auto moved = all<ReplaceOrder>(actions);
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].client_id == rig.stop.client_id);
  CHECK(moved[0].trigger == px("102.48"));  // 103 - 0.515, rounded away
  CHECK(moved[0].quantity == qty("2"));
  rig.step(OrderReplaced{rig.stop.client_id, Price{}, px("102.48"), qty("2")});
  const auto out = rig.fill(rig.stop, "102.48", "2", "0", true);
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].reason == ExitReason::trailing);
}

TEST_CASE("desk: a strategy without levels never becomes an order", "[trading][desk]") {
  TradingRules rules = script_rules();
  SECTION("stop on the entry") { REQUIRE(rules.strategies[0].parameters.set("stop", 0)); }
  SECTION("stop too far") { REQUIRE(rules.strategies[0].parameters.set("stop", 0.2)); }
  EngineRig rig(rules);
  const auto actions = rig.warm().tick(go_long);
  CHECK(reason_in(actions) == Reason::bad_levels);
  CHECK(all<SubmitOrder>(actions).empty());
}

TEST_CASE("desk: reward too small for the risk, or for the costs, is refused", "[trading][desk]") {
  TradingRules rules = script_rules();
  SECTION("reward to risk 1.1") {
    REQUIRE(rules.strategies[0].parameters.set("target", 0.022));
    EngineRig rig(rules);
    CHECK(reason_in(rig.warm().tick(go_long)) == Reason::reward_to_risk);
  }
  SECTION("costs eat the edge") {
    rules.risk.cost = rate("0.03");  // 1.5 times the distance to the stop
    EngineRig rig(rules);
    CHECK(reason_in(rig.warm().tick(go_long)) == Reason::no_edge);
  }
}
