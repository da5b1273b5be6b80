// Leaving: opposite signals, close-all, and what a spot pair never does.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("desk: an opposite signal closes a long, and on spot never opens a short", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  const auto actions = rig.tick(go_short);
  CHECK(reason_in(actions) == Reason::closing_opposite);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.reduce_only);
  CHECK(orders[0].order.quantity == qty("2"));
  CHECK(orders[0].order.client_id.role == OrderRole::exit);

  CHECK(all<SubmitOrder>(rig.tick(go_short)).empty());  // one exit at a time
  const auto out = rig.fill(orders[0].order, "99", "2", "0.4", true);
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].reason == ExitReason::opposite_signal);
  CHECK(all<CancelOrder>(out).size() == 2);  // stop and target
  CHECK(rig.portfolio().cash() == usd("9997.2"));

  const auto after = rig.tick(go_short);
  CHECK(reason_in(after) == Reason::no_short);
  CHECK(all<SubmitOrder>(after).empty());
}

TEST_CASE("desk: a short signal on spot with nothing of ours sends no order [X02]", "[trading][desk]") {
  EngineRig rig;  // whatever the user's own coins are, the desk has no position in them
  rig.warm();
  for (int i = 0; i < 5; ++i) CHECK(all<SubmitOrder>(rig.tick(go_short)).empty());
  CHECK(all<SubmitOrder>(rig.log).empty());
}

TEST_CASE("desk: where shorts are allowed an opposite signal closes first", "[trading][desk]") {
  EngineRig rig(script_rules(), {shortable()});
  rig.warm().enter();
  const auto orders = all<SubmitOrder>(rig.tick(go_short));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.reduce_only);
  rig.fill(orders[0].order, "100", "2", "0", true);
  const auto opened = all<SubmitOrder>(rig.tick(go_short));
  REQUIRE(opened.size() == 1);
  CHECK(opened[0].order.client_id.role == OrderRole::entry);
  CHECK(opened[0].order.side == Side::sell);
}

TEST_CASE("desk: the same direction again adds nothing", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  const auto actions = rig.tick(go_long);
  CHECK(reason_in(actions) == Reason::has_position);
  CHECK(all<SubmitOrder>(actions).empty());
}

TEST_CASE("desk: one entry per pair while it is on its way", "[trading][desk]") {
  EngineRig rig;
  CHECK(all<SubmitOrder>(rig.warm().tick(go_long)).size() == 1);
  const auto actions = rig.tick(go_long);
  CHECK(reason_in(actions) == Reason::has_position);
  CHECK(all<SubmitOrder>(actions).empty());
}

TEST_CASE("desk: leaving takes off an entry that still fills", "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.fill(entry, "100", "0.5");
  const auto actions = rig.tick(go_short);
  REQUIRE(all<SubmitOrder>(actions).size() == 1);
  CHECK(all<SubmitOrder>(actions)[0].order.quantity == qty("0.5"));
  const auto cancels = all<CancelOrder>(actions);
  REQUIRE(cancels.size() == 1);
  CHECK(cancels[0].client_id == entry.client_id);
}

TEST_CASE("desk: close-all leaves every position and takes off waiting entries", "[trading][desk]") {
  EngineRig rig(script_rules(), {spot(0), spot(1, "ETH")});
  rig.warm().enter();
  rig.close(flat(rig.next, "100", go_long), 1);
  const auto second = all<SubmitOrder>(rig.step(InstantClosed{}, minute(rig.next + 1)));
  REQUIRE(second.size() == 1);
  const auto actions = rig.command(OperatorAction::close_all);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.client_id.role == OrderRole::close_all);
  CHECK(orders[0].order.quantity == qty("2"));
  REQUIRE(all<CancelOrder>(actions).size() == 1);
  CHECK(all<CancelOrder>(actions)[0].client_id == second[0].order.client_id);
  CHECK(all<SubmitOrder>(rig.command(OperatorAction::close_all)).empty());  // asked twice, sold once

  const auto out = rig.fill(orders[0].order, "99", "2", "0", true);
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].reason == ExitReason::close_all);
}

TEST_CASE("desk: one position is closed, and nothing else is touched", "[trading][desk]") {
  EngineRig rig(script_rules(), {spot(0), spot(1, "ETH")});
  rig.warm().enter();
  rig.close(flat(rig.next, "100", go_long), 1);
  REQUIRE(all<SubmitOrder>(rig.step(InstantClosed{}, minute(rig.next + 1))).size() == 1);
  const auto close = [&](std::uint32_t pair) {
    return rig.step(OperatorCommand{OperatorAction::close_position, "cli:1000", "test", InstrumentId{pair}});
  };
  const auto actions = close(0);
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.instrument == InstrumentId{0});
  CHECK(orders[0].order.client_id.role == OrderRole::close_all);
  CHECK(all<CancelOrder>(actions).empty());         // the entry of the other pair waits on
  CHECK(all<SubmitOrder>(close(0)).empty());        // asked twice, sold once
  CHECK(all<CancelOrder>(close(1)).size() == 1);    // an entry that waits is taken off
  CHECK(close(99).empty());                         // not traded here
  CHECK_FALSE(rig.engine->state().paused);
  const auto out = rig.fill(orders[0].order, "99", "2", "0", true);
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].reason == ExitReason::close_all);
}

TEST_CASE("desk: what an entry fills while its position is being closed is closed as well [X13]",
          "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.fill(entry, "100", "0.5");
  const Order exit = all<SubmitOrder>(rig.command(OperatorAction::close_all))[0].order;
  CHECK(exit.quantity == qty("0.5"));
  rig.fill(entry, "100", "0.25");  // crosses the cancel
  const auto again = all<SubmitOrder>(rig.fill(exit, "99", "0.5", "0", true));
  REQUIRE(again.size() == 1);
  CHECK(again[0].order.client_id.role == OrderRole::close_all);
  CHECK(again[0].order.quantity == qty("0.25"));
  const auto out = rig.fill(again[0].order, "99", "0.25", "0", true);
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].pnl == usd("-0.75"));
  CHECK(rig.portfolio().open_count() == 0);
}

TEST_CASE("desk: a fill that is told after its cancel is booked and protected [X10]", "[trading][desk]") {
  EngineRig rig;
  const Order entry = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.step(OrderCanceled{entry.client_id, "on request"});
  const auto actions = rig.fill(entry, "100", "0.5", "0.1", false, "late");
  CHECK(all<Incident>(actions).size() == 1);
  CHECK(rig.portfolio().cash() == usd("9949.9"));
  CHECK(rig.position().quantity == qty("0.5"));
  const auto protection = all<SubmitOrder>(actions);
  REQUIRE(protection.size() == 2);
  CHECK(protection[0].order.trigger == px("98"));
  CHECK(rig.fill(entry, "100", "0.5", "0.1", false, "late").empty());  // but only once
  CHECK(rig.portfolio().cash() == usd("9949.9"));
}

TEST_CASE("desk: a stop that filled while its cancel was on the way is booked", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  rig.fill(rig.target, "104", "0.5");
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  const auto actions = rig.fill(rig.stop, "98", "1.5", "0", true, "late");
  REQUIRE(all<TradeClosed>(actions).size() == 1);
  CHECK(all<TradeClosed>(actions)[0].pnl == usd("-1.4"));  // 2 - 3 - 0.4
  CHECK(rig.portfolio().open_count() == 0);
}

TEST_CASE("desk: a stop that fills when nothing is held any more is money all the same", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  rig.fill(rig.target, "104", "2", "0.2", true);
  REQUIRE(rig.portfolio().open_count() == 0);
  const Money before = rig.portfolio().cash();
  const auto actions = rig.fill(rig.stop, "98", "2", "0.4", true, "late");
  CHECK(rig.portfolio().cash() == before + usd("195.6"));
  CHECK(all<TradeClosed>(actions).empty());
  CHECK_FALSE(all<Incident>(actions).empty());
  REQUIRE(all<RunStateChanged>(actions).size() == 1);   // what was sold is not ours: a person looks
  CHECK(all<RunStateChanged>(actions)[0].paused);
  CHECK(rig.fill(rig.stop, "98", "2", "0.4", true, "late").empty());
}

TEST_CASE("desk: of an exit that sells more than is held the part that is held ends the trade", "[trading][desk]") {
  EngineRig rig;
  rig.warm().enter();
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  rig.fill(rig.target, "104", "0.5", "0", false);
  const Money before = rig.portfolio().cash();
  const auto actions = rig.fill(rig.stop, "98", "2", "0.4", true, "late");
  CHECK(rig.portfolio().cash() == before + usd("195.6"));
  REQUIRE(all<TradeClosed>(actions).size() == 1);
  CHECK(all<TradeClosed>(actions)[0].pnl == usd("-1.7"));   // 0.5 x 4 less 1.5 x 2, the entry fee of 0.4, three quarters of the exit fee
  CHECK(rig.portfolio().open_count() == 0);
  REQUIRE(all<RunStateChanged>(actions).size() == 1);
}

TEST_CASE("desk: a late fill against what is held by now takes away from it", "[trading][desk]") {
  EngineRig rig(script_rules(), {shortable()});
  const Order canceled = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.step(OrderCanceled{canceled.client_id, "on request"});
  rig.enter(go_short);
  rig.fill(canceled, "100", "0.5", "0", false, "late");
  CHECK(rig.position().direction == Direction::short_);
  CHECK(rig.position().quantity == qty("1.5"));
}

TEST_CASE("desk: the profit of all trades is the change of cash", "[trading][desk][property]") {
  EngineRig rig(script_rules(), {shortable()});
  rig.warm();
  Random random(9);
  Money profit;
  for (int i = 0; i < 200; ++i) {
    rig.enter(random.below(2) == 0 ? go_long : go_short);
    const bool won = random.below(2) == 0;
    const Order& out = won ? rig.target : rig.stop;
    const Order& other = won ? rig.stop : rig.target;
    const Price at = won ? out.limit : out.trigger;
    if (random.below(2) == 0) rig.fill(out, to_string(at).c_str(), "0.7331", "0.00000007");
    const Quantity rest = rig.position().quantity;
    const auto closed =
        all<TradeClosed>(rig.fill(out, to_string(at).c_str(), to_string(rest).c_str(), "0.12345678", true));
    REQUIRE(closed.size() == 1);
    profit += closed[0].pnl;
    rig.step(OrderCanceled{other.client_id, "on request"});
    REQUIRE(rig.portfolio().cash() == usd("10000") + profit);
  }
}
