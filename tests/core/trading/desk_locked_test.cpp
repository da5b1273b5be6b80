// Positions at a venue that holds what a stop would sell: watched targets, exits that take the stop off first, parts,
// and what the venue tells besides fills and ends.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

TradingRules locked_rules() {
  TradingRules rules = script_rules();
  rules.execution.stop_locks = true;
  return rules;
}

/// Holds 2 at 100 with its stop at 98 at the venue; the target of 104 rests nowhere.
struct Locked : EngineRig {
  explicit Locked(TradingRules rules = locked_rules()) : EngineRig(std::move(rules)) {
    warm();
    entry = all<SubmitOrder>(tick(go_long)).at(0).order;
    accept(entry);
    const auto sent = all<SubmitOrder>(fill(entry, "100", "2", "0.4", true));
    REQUIRE(sent.size() == 1);
    stop = sent[0].order;
    REQUIRE(stop.client_id.role == OrderRole::protect);
    accept(stop);
  }

  std::vector<Action> book(const char* bid, const char* ask) {
    BookSummary summary;
    summary.top.bid = px(bid);
    summary.top.ask = px(ask);
    return step(summary);
  }
};

}  // namespace

TEST_CASE("locked: a target that the bid reaches takes the stop off, and sells when that is proved", "[trading][locked]") {
  Locked rig;
  CHECK(all<CancelOrder>(rig.book("103.9", "104.1")).empty());
  const auto asked = rig.book("104", "104.1");
  REQUIRE(all<CancelOrder>(asked).size() == 1);
  CHECK(all<CancelOrder>(asked)[0].client_id == rig.stop.client_id);
  CHECK(all<SubmitOrder>(asked).empty());
  REQUIRE(all<PositionChanged>(asked).size() == 1);
  CHECK(all<PositionChanged>(asked)[0].detail.closing == ExitReason::target);   // a restart goes on with it
  CHECK(all<CancelOrder>(rig.book("104", "104.1")).empty());                    // once
  const auto sold = rig.step(OrderCanceled{rig.stop.client_id, "asked"});
  REQUIRE(all<SubmitOrder>(sold).size() == 1);
  const Order exit = all<SubmitOrder>(sold)[0].order;
  CHECK(exit.client_id.role == OrderRole::exit);
  CHECK(exit.quantity == qty("2"));
  const auto closed = rig.fill(exit, "104", "2", "0.4", true);
  REQUIRE(all<TradeClosed>(closed).size() == 1);
  CHECK(all<TradeClosed>(closed)[0].reason == ExitReason::target);
  CHECK(all<SubmitOrder>(rig.tick()).empty());
}

TEST_CASE("locked: only what the venue has confirmed of a stop protects", "[trading][locked]") {
  TradingRules rules = locked_rules();
  rules.exits.tiers = {{0.5, 1.0}, {1.0, 0.0}};
  Locked rig(rules);
  const Desk& desk = rig.engine->desk();
  const InstrumentId pair = rig.stop.instrument;
  CHECK(desk.resting_protection(pair) == qty("2"));
  rig.book("104", "104.1");   // asks the stop to give a part free
  CHECK(desk.resting_protection(pair) == qty("2"));
  rig.step(OrderReplaced{rig.stop.client_id, {}, rig.stop.trigger, qty("1")});
  CHECK(desk.resting_protection(pair) == qty("1"));
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  CHECK(desk.resting_protection(pair).is_zero());
}

TEST_CASE("locked: a stop that fires while it is being taken off is the exit, and nothing is sold twice",
          "[trading][locked]") {
  Locked rig;
  rig.book("104", "104.1");
  const auto closed = rig.fill(rig.stop, "97.9", "2", "0.4", true);
  REQUIRE(all<TradeClosed>(closed).size() == 1);
  CHECK(all<TradeClosed>(closed)[0].reason == ExitReason::stop);
  CHECK(all<SubmitOrder>(closed).empty());
  CHECK(all<SubmitOrder>(rig.tick()).empty());
}

TEST_CASE("locked: what the stop sold before it went is not sold again", "[trading][locked]") {
  Locked rig;
  rig.book("104", "104.1");
  rig.fill(rig.stop, "97.9", "0.5", "0.1");
  const auto sold = all<SubmitOrder>(rig.step(OrderCanceled{rig.stop.client_id, "asked"}));
  REQUIRE(sold.size() == 1);
  CHECK(sold[0].order.quantity == qty("1.5"));
}

TEST_CASE("locked: an exit that is refused puts the stop back at once, and is tried again", "[trading][locked]") {
  Locked rig;
  rig.book("104", "104.1");
  const Order exit = all<SubmitOrder>(rig.step(OrderCanceled{rig.stop.client_id, "asked"})).at(0).order;
  rig.step(OrderRejected{exit.client_id, "EService:Unavailable"});
  const auto after = all<SubmitOrder>(rig.step(Tick{}));
  REQUIRE(after.size() == 1);
  CHECK(after[0].order.client_id.role == OrderRole::protect);
  CHECK(after[0].order.quantity == qty("2"));
  rig.accept(after[0].order);
  const auto again = rig.step(Tick{}, minute(rig.next) + minutes{1});
  REQUIRE(all<CancelOrder>(again).size() == 1);
  CHECK(all<CancelOrder>(again)[0].client_id == after[0].order.client_id);
}

TEST_CASE("locked: close-all takes the stop off first too", "[trading][locked]") {
  Locked rig;
  const auto asked = rig.command(OperatorAction::close_all);
  CHECK(all<CancelOrder>(asked).size() == 1);
  CHECK(all<SubmitOrder>(asked).empty());
  const auto sold = all<SubmitOrder>(rig.step(OrderCanceled{rig.stop.client_id, "asked"}));
  REQUIRE(sold.size() == 1);
  CHECK(sold[0].order.client_id.role == OrderRole::close_all);
  CHECK(sold[0].order.type == OrderType::market);
}

TEST_CASE("locked: a part is sold after the stop has given it free, and what was not sold is covered again",
          "[trading][locked]") {
  TradingRules rules = locked_rules();
  rules.exits.tiers = {{0.5, 1.0}, {1.0, 0.0}};
  Locked rig(rules);
  const auto freed = all<ReplaceOrder>(rig.book("104", "104.1"));
  REQUIRE(freed.size() == 1);
  CHECK(freed[0].quantity == qty("1"));
  CHECK(all<ReplaceOrder>(rig.book("104.2", "104.3")).empty());
  const auto sold = all<SubmitOrder>(rig.step(OrderReplaced{rig.stop.client_id, {}, rig.stop.trigger, qty("1")}));
  REQUIRE(sold.size() == 1);
  const Order part = sold[0].order;
  CHECK(part.client_id.role == OrderRole::take_profit);
  CHECK(part.quantity == qty("1"));
  CHECK(part.tif == TimeInForce::ioc);
  rig.accept(part);

  SECTION("once, even when the venue tells of another move of the stop meanwhile") {
    CHECK(all<SubmitOrder>(rig.step(OrderReplaced{rig.stop.client_id, {}, px("99"), qty("1")})).empty());
  }
  SECTION("all of it") {
    const auto done = rig.fill(part, "104", "1", "0.2", true);
    CHECK(rig.position().quantity == qty("1"));
    CHECK(all<ReplaceOrder>(done).empty());   // the stop covers what is left already
  }
  SECTION("none of it") {
    const auto done = all<ReplaceOrder>(rig.step(OrderExpired{part.client_id}));
    REQUIRE(done.size() == 1);
    CHECK(done[0].client_id == rig.stop.client_id);
    CHECK(done[0].quantity == qty("2"));
  }
  SECTION("half of it") {
    rig.fill(part, "104", "0.5", "0.1");
    rig.step(OrderExpired{part.client_id});
    CHECK(rig.position().quantity == qty("1.5"));
    const auto moves = all<ReplaceOrder>(rig.log);
    REQUIRE_FALSE(moves.empty());
    CHECK(moves.back().quantity == qty("1.5"));
  }
}

TEST_CASE("locked: a stop that is not at the venue and is reached is done by us", "[trading][locked]") {
  Locked rig;
  rig.step(OrderCanceled{rig.stop.client_id, "by the venue"});
  const auto out = rig.book("97.8", "97.9");
  const auto sold = all<SubmitOrder>(out);
  REQUIRE(sold.size() == 1);
  CHECK(sold[0].order.client_id.role == OrderRole::exit);
  CHECK(all<Notify>(out).size() == 1);
}

TEST_CASE("locked: an order out of sight counts as exposure, found absent it ends the intent", "[trading][locked]") {
  EngineRig rig(locked_rules());
  rig.warm();
  const Order entry = all<SubmitOrder>(rig.tick(go_long)).at(0).order;
  const auto lost = rig.step(OrderNews{entry.client_id, OrderTrigger::lose, "", "no answer"});
  CHECK(all<Notify>(lost).size() == 1);
  REQUIRE(rig.orders().live().size() == 1);
  CHECK(rig.orders().live()[0].order.state == OrderState::unknown);
  CHECK(rig.orders().pending_exposure().is_positive());
  const auto gone = rig.step(OrderNews{entry.client_id, OrderTrigger::find_absent, "", "no trace"});
  CHECK(all<SubmitOrder>(gone).empty());   // the moment of its plan is over
  CHECK(rig.orders().live().empty());
  CHECK(rig.orders().pending_exposure().is_zero());
}

TEST_CASE("locked: a fill of an order that ended in the run before is booked [E4]", "[trading][locked]") {
  Locked before;
  Order ended = before.stop;
  ended.state = OrderState::canceled;
  EngineRig after(locked_rules());
  PositionAdopted held;
  held.direction = Direction::long_;
  held.quantity = held.quantity_initial = qty("2");
  held.entry = px("100");
  held.stop = held.initial_stop = px("98");
  held.target = px("104");
  held.detail.entry_cost = usd("200");
  after.step(OrderAdopted{ended}, midnight);
  after.step(held, midnight);
  Fill late;
  late.venue_fill_id = "L1";
  late.client_id = ended.client_id;
  late.side = Side::sell;
  late.price = px("97.9");
  late.quantity = qty("0.5");
  after.step(OrderFilled{late, false}, midnight);
  CHECK(after.position().quantity == qty("1.5"));
}

// An entry whose fill nobody saw, and meanwhile the venue fills a stop that it had canceled: it sold those coins.
TEST_CASE("locked: what was bought out of sight and sold by an order that was over is no position",
          "[trading][locked]") {
  const auto fill_of = [](const Order& order, const char* id, const char* price, const char* quantity, Time at) {
    Fill fill;
    fill.venue_fill_id = id;
    fill.client_id = order.client_id;
    fill.instrument = order.instrument;
    fill.side = order.side;
    fill.price = px(price);
    fill.quantity = qty(quantity);
    fill.venue_time = at;
    return OrderFilled{fill, false};
  };
  for (const bool is_before : {true, false}) {
    Locked rig;
    rig.book("104", "104.1");
    const auto sold = all<SubmitOrder>(rig.step(OrderCanceled{rig.stop.client_id, "asked"}));
    rig.fill(sold.at(0).order, "104", "2", "0", true);
    rig.tick();
    const Order entry = all<SubmitOrder>(rig.tick(go_long)).at(0).order;   // no word of it
    const Time bought_at = minute(rig.next);
    const Time sold_at = bought_at + seconds{is_before ? 7 : -7};
    rig.step(fill_of(rig.stop, "late", "98", "1.5", sold_at));
    CHECK(rig.position().quantity.is_zero());
    const Money cash = rig.portfolio().cash();
    const auto told = rig.step(fill_of(entry, "hidden", "100", "1.9", bought_at));
    CHECK(rig.portfolio().cash() == cash - usd("190"));
    CHECK(rig.position().quantity == qty(is_before ? "0.4" : "1.9"));
    const auto stops = all<SubmitOrder>(told);
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].order.quantity == qty(is_before ? "0.4" : "1.9"));
    const auto more = rig.step(fill_of(entry, "more", "100", "0.1", bought_at + seconds{30}));
    CHECK(rig.position().quantity == qty(is_before ? "0.5" : "2"));   // once, and only what was before
  }
}

// A venue that takes no orders for minutes refuses stops and exits by the hundred.
TEST_CASE("locked: orders that were refused do not push one that lived out of memory: its late fill is booked",
          "[trading][locked]") {
  Locked rig;
  rig.book("104", "104.1");
  std::vector<SubmitOrder> sent = all<SubmitOrder>(rig.step(OrderCanceled{rig.stop.client_id, "asked"}));
  Time now = minute(rig.next);
  for (int refused = 0; refused < 1'500;) {
    std::vector<SubmitOrder> next;
    for (const SubmitOrder& submit : sent) {
      const auto more = all<SubmitOrder>(rig.step(OrderRejected{submit.order.client_id, "cancel_only"}, now));
      next.insert(next.end(), more.begin(), more.end());
      ++refused;
    }
    now = now + seconds{1};
    const auto more = all<SubmitOrder>(rig.step(Tick{}, now));
    next.insert(next.end(), more.begin(), more.end());
    sent = next;
  }
  rig.fill(rig.stop, "98", "0.5");
  CHECK(rig.position().quantity == qty("1.5"));
}
