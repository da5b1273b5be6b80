// One intent, several orders: the chase, its cap and its end; exits that are never given up.
#include <catch2/catch.hpp>

#include <set>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

TradingRules chase_rules() {
  TradingRules rules = script_rules();
  rules.execution.entry = EntryStyle::limit_chase;
  rules.execution.chase_moves = 1;
  rules.execution.half_spread = Rate::parse_or_die("0.0005");
  return rules;
}

Order only_order(const std::vector<Action>& actions) {
  const auto orders = all<SubmitOrder>(actions);
  REQUIRE(orders.size() == 1);
  return orders[0].order;
}

std::vector<Action> expire(EngineRig& rig, const Order& order) { return rig.step(OrderExpired{order.client_id}); }

}  // namespace

TEST_CASE("chase: a limit at the touch, moved, then an IOC order at the cap; one intent, one id each [X10]",
          "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  CHECK(first.type == OrderType::limit);
  CHECK(first.tif == TimeInForce::gtc);
  CHECK(first.limit == px("100.05"));   // no book: half the assumed spread above the close
  CHECK(first.quantity == qty("2"));
  CHECK(first.good_till == first.created_at + seconds{10});

  const Order second = only_order(expire(rig, first));
  CHECK(second.client_id.sequence == first.client_id.sequence);
  CHECK(second.client_id.attempt == 1);
  CHECK(second.quantity == qty("2"));

  const Order last = only_order(expire(rig, second));
  CHECK(last.client_id.attempt == 2);
  CHECK(last.tif == TimeInForce::ioc);
  CHECK(last.good_till.ns == 0);
  CHECK(last.limit == px("100.15"));    // 0.15 % of 100; a quarter of the stop distance would be 0.5

  const auto over = expire(rig, last);
  CHECK(all<SubmitOrder>(over).empty());
  CHECK(rig.portfolio().open_count() == 0);
  CHECK(rig.orders().pending_entries() == 0);
}

TEST_CASE("chase: only what is left is chased, and the whole is what was wanted [X10]", "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  rig.fill(first, "100.05", "0.75");
  const Order second = only_order(expire(rig, first));
  CHECK(second.quantity == qty("1.25"));
  rig.fill(second, "100.1", "0.25");
  const Order last = only_order(expire(rig, second));
  CHECK(last.quantity == qty("1"));
  rig.fill(last, "100.15", "1", "0", true);
  CHECK(rig.position().quantity == qty("2"));
  CHECK(rig.orders().pending_entries() == 0);
  // The stop covers all of it.
  const TrackedOrder* stop = rig.orders().find(InstrumentId{0}, OrderRole::protect);
  REQUIRE(stop != nullptr);
  CHECK(stop->order.quantity == qty("2"));
}

TEST_CASE("chase: the cap is a quarter of the way to a near stop, and the touch never beats it", "[trading][pursuit]") {
  TradingRules rules = chase_rules();
  rules.execution.slippage_max = Rate::parse_or_die("0.02");
  const Instrument pair = spot();
  const Bracket bracket{px("100"), px("98"), px("104"), 2};
  CHECK(entry_cap(bracket, Side::buy, rules.execution, pair) == px("100.5"));
  CHECK(entry_cap(Bracket{px("100"), px("102"), px("96"), 2}, Side::sell, rules.execution, pair) == px("99.5"));
  const auto far = entry_step(rules.execution, bracket, Side::buy, {px("101"), px("101.1")}, 0, pair);
  REQUIRE(far.has_value());
  CHECK(far->limit == px("100.5"));
}

TEST_CASE("chase: a book gives the touch", "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  rig.warm();
  BookSummary book;
  book.top = {px("99.99"), px("100.01"), qty("5"), qty("5")};
  rig.step(book);
  CHECK(only_order(rig.tick(go_long)).limit == px("100.01"));
}

TEST_CASE("chase: without its fallback it ends; post-only rests at our side, walks inward and never takes",
          "[trading][pursuit]") {
  TradingRules rules = chase_rules();
  rules.execution.take_rest = false;
  EngineRig rig(rules);
  const Order first = only_order(rig.warm().tick(go_long));
  const Order second = only_order(expire(rig, first));
  CHECK(all<SubmitOrder>(expire(rig, second)).empty());

  rules.execution.post_only = true;
  EngineRig maker(rules);
  maker.warm();
  BookSummary book;
  book.top = {px("99.97"), px("100"), qty("5"), qty("5")};
  maker.step(book);
  const Order resting = only_order(maker.tick(go_long));
  CHECK(resting.post_only);
  CHECK(resting.limit == px("99.97"));
  const Order moved = only_order(maker.step(OrderRejected{resting.client_id, "post only order would take"}));
  CHECK(moved.limit == px("99.98"));
  CHECK(moved.post_only);
  CHECK(all<SubmitOrder>(expire(maker, moved)).empty());   // no market order, ever
}

TEST_CASE("chase: a refusal other than post-only ends it", "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  CHECK(all<SubmitOrder>(rig.step(OrderRejected{first.client_id, "insufficient funds"})).empty());
  CHECK(rig.orders().pending_entries() == 0);
}

TEST_CASE("chase: too small a part of an entry is not kept", "[trading][pursuit]") {
  TradingRules rules = chase_rules();
  rules.execution.chase_moves = 0;
  EngineRig rig(rules);
  const Order first = only_order(rig.warm().tick(go_long));
  rig.fill(first, "100", "0.4");
  const Order last = only_order(expire(rig, first));
  const auto actions = expire(rig, last);
  const Order exit = only_order(actions);
  CHECK(exit.client_id.role == OrderRole::exit);
  CHECK(exit.quantity == qty("0.4"));
  const auto closed = all<TradeClosed>(rig.fill(exit, "99", "0.4", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].reason == ExitReason::partial_entry);
}

TEST_CASE("chase: a part of a quarter or more is kept, with its stop as large as it", "[trading][pursuit]") {
  TradingRules rules = chase_rules();
  rules.execution.chase_moves = 0;
  EngineRig rig(rules);
  const Order first = only_order(rig.warm().tick(go_long));
  rig.fill(first, "100", "0.5");
  const Order last = only_order(expire(rig, first));
  CHECK(all<SubmitOrder>(expire(rig, last)).empty());
  CHECK(rig.position().quantity == qty("0.5"));
  CHECK(rig.orders().find(InstrumentId{0}, OrderRole::protect)->order.quantity == qty("0.5"));
}

TEST_CASE("chase: pause, halt and a lost feed take off what rests, and nothing follows [P9]", "[trading][pursuit]") {
  for (const int which : {0, 1, 2}) {
    INFO(which);
    EngineRig rig(chase_rules());
    const Order first = only_order(rig.warm().tick(go_long));
    rig.accept(first);
    const auto actions = which == 0   ? rig.command(OperatorAction::pause)
                         : which == 1 ? rig.command(OperatorAction::halt)
                                      : rig.step(FeedDown{});
    REQUIRE(all<CancelOrder>(actions).size() == 1);
    CHECK(all<CancelOrder>(actions)[0].client_id == first.client_id);
    CHECK(all<SubmitOrder>(rig.step(OrderCanceled{first.client_id, "on request"})).empty());
    CHECK(rig.orders().pending_entries() == 0);
  }
}

TEST_CASE("chase: a fill that crosses the cancel of a pause is protected, and still nothing follows",
          "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  rig.accept(first);
  rig.command(OperatorAction::pause);
  const auto protection = all<SubmitOrder>(rig.fill(first, "100", "1"));
  REQUIRE(protection.size() == 2);
  CHECK(all<SubmitOrder>(rig.step(OrderCanceled{first.client_id, "on request"})).empty());
  CHECK(rig.position().quantity == qty("1"));
}

TEST_CASE("chase: an entry of the run before is taken off: its plan died with that run", "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  rig.step(FeedUp{}, midnight);
  Order order;
  order.client_id = {7, 1, OrderRole::entry, 0};
  order.type = OrderType::limit;
  order.limit = px("100");
  order.quantity = qty("1");
  order.state = OrderState::open;
  const auto actions = rig.step(OrderAdopted{order}, midnight);
  REQUIRE(all<CancelOrder>(actions).size() == 1);
  CHECK(all<SubmitOrder>(expire(rig, order)).empty());
}

TEST_CASE("exit: a capped IOC order, a wider one, then the market [E3]", "[trading][pursuit]") {
  TradingRules rules = script_rules();
  rules.execution.target_exit = rules.execution.stop_exit = ExitStyle::ioc_limit;
  EngineRig rig(rules);
  rig.warm().enter();
  const Order first = only_order(rig.tick(go_short));
  CHECK(first.type == OrderType::limit);
  CHECK(first.tif == TimeInForce::ioc);
  CHECK(first.limit == px("99.7"));
  rig.fill(first, "99.8", "0.5");
  const Order second = only_order(expire(rig, first));
  CHECK(second.client_id.sequence == first.client_id.sequence);
  CHECK(second.limit == px("99"));
  CHECK(second.quantity == qty("1.5"));
  const Order third = only_order(expire(rig, second));
  CHECK(third.type == OrderType::market);
  CHECK(third.quantity == qty("1.5"));
  const auto closed = all<TradeClosed>(rig.fill(third, "98.5", "1.5", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].reason == ExitReason::opposite_signal);
}

TEST_CASE("exit: patience first where asked for, emergencies at the market at once [E3]", "[trading][pursuit]") {
  TradingRules rules = script_rules();
  rules.execution.target_exit = ExitStyle::limit_then_market;
  rules.execution.stop_exit = ExitStyle::ioc_limit;
  EngineRig rig(rules);
  rig.warm().enter();
  const Order first = only_order(rig.tick(go_short));
  CHECK(first.tif == TimeInForce::gtc);
  CHECK(first.limit == px("100"));
  CHECK(first.good_till == first.created_at + seconds{10});
  const Order second = only_order(expire(rig, first));
  CHECK(second.tif == TimeInForce::ioc);

  EngineRig other(rules);
  other.warm().enter();
  CHECK(only_order(other.command(OperatorAction::close_all)).type == OrderType::market);
}

TEST_CASE("exit: refused by the venue it is tried again with growing pauses, and alarms; never given up [X13]",
          "[trading][pursuit]") {
  EngineRig rig;
  rig.warm().enter();
  Order exit = only_order(rig.command(OperatorAction::close_all));
  std::set<std::uint32_t> sequences{exit.client_id.sequence};
  Time now = minute(rig.next);
  int alarms = 0;
  for (int i = 1; i <= 5; ++i) {
    auto actions = rig.step(OrderRejected{exit.client_id, "service unavailable"}, now);
    CHECK(all<SubmitOrder>(actions).empty());
    for (const Notify& n : all<Notify>(actions)) alarms += n.level == Notify::Level::critical ? 1 : 0;
    const auto pause = seconds{1LL << std::min(i, 3)};   // at most eight: an outage may end any moment
    CHECK(all<SubmitOrder>(rig.step(Tick{}, now + pause - seconds{1})).empty());
    now = now + pause;
    exit = only_order(rig.step(Tick{}, now));
    CHECK(exit.type == OrderType::market);
    CHECK(exit.client_id.role == OrderRole::close_all);
    CHECK(sequences.insert(exit.client_id.sequence).second);   // a new intent: the refusal was definitive
  }
  CHECK(alarms == 1);
  rig.fill(exit, "99", "2", "0", true);
  CHECK(rig.portfolio().open_count() == 0);
}

TEST_CASE("exit: a position that was on its way out at a crash goes on", "[trading][pursuit]") {
  EngineRig rig;
  rig.step(FeedUp{}, midnight);
  PositionAdopted p;
  p.direction = Direction::long_;
  p.quantity = p.quantity_initial = qty("2");
  p.entry = px("100");
  p.stop = p.initial_stop = px("98");
  p.target = px("104");
  p.best_since_entry = px("100");
  p.opened_at = midnight;
  p.detail.closing = ExitReason::close_all;
  rig.step(p, midnight);
  const Order exit = only_order(rig.step(Tick{}, midnight + seconds{1}));
  CHECK(exit.client_id.role == OrderRole::close_all);
  CHECK(exit.quantity == qty("2"));
  CHECK(exit.type == OrderType::market);
}

TEST_CASE("protection: a stop-limit has its limit beyond the trigger, moves with it, and is replaced when jumped over",
          "[trading][pursuit]") {
  TradingRules rules = script_rules();
  rules.execution.stop_limit = true;
  rules.execution.stop_exit = ExitStyle::ioc_limit;
  EngineRig rig(rules);
  rig.warm().enter();
  CHECK(rig.stop.type == OrderType::stop_limit);
  CHECK(rig.stop.trigger == px("98"));
  CHECK(rig.stop.limit == px("97.02"));
  const auto actions = rig.tick(quiet, "96");
  const Order exit = only_order(actions);
  CHECK(exit.client_id.role == OrderRole::exit);
  CHECK(exit.tif == TimeInForce::ioc);
}

TEST_CASE("target: touched at the close but not served it is taken at the market [E3]", "[trading][pursuit]") {
  TradingRules rules = script_rules();
  rules.execution.target_exit = ExitStyle::limit_then_market;
  rules.execution.stop_exit = ExitStyle::ioc_limit;
  EngineRig rig(rules);
  rig.warm().enter();
  const Order exit = only_order(rig.tick(quiet, "104"));
  CHECK(exit.tif == TimeInForce::ioc);
  const auto closed = all<TradeClosed>(rig.fill(exit, "103.9", "2", "0", true));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].reason == ExitReason::target);
}

TEST_CASE("chase: a fill told after its order ended is taken off what the next one still wants [X10]",
          "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  const Order second = only_order(expire(rig, first));
  rig.accept(second);
  const auto late = rig.fill(first, "100.05", "0.75", "0", false, "late");
  const auto replaced = all<ReplaceOrder>(late);
  REQUIRE(replaced.size() == 1);
  CHECK(replaced[0].client_id == second.client_id);
  CHECK(replaced[0].quantity == qty("1.25"));
  CHECK(rig.position().quantity == qty("0.75"));

  // And the orders after it want the rest only.
  rig.step(OrderReplaced{second.client_id, second.limit, Price{}, qty("1.25")});
  CHECK(only_order(expire(rig, second)).quantity == qty("1.25"));
}

TEST_CASE("chase: a late fill of all that was wanted ends it [X10]", "[trading][pursuit]") {
  EngineRig rig(chase_rules());
  const Order first = only_order(rig.warm().tick(go_long));
  const Order second = only_order(expire(rig, first));
  rig.accept(second);
  const auto late = rig.fill(first, "100.05", "2", "0", true, "late");
  const auto cancels = all<CancelOrder>(late);
  REQUIRE(cancels.size() == 1);
  CHECK(cancels[0].client_id == second.client_id);
  CHECK(all<SubmitOrder>(rig.step(OrderCanceled{second.client_id, "on request"})).empty());
  CHECK(rig.position().quantity == qty("2"));
}

TEST_CASE("exit: a fill told after its order ended makes the next exit smaller [X13]", "[trading][pursuit]") {
  TradingRules rules = script_rules();
  rules.execution.target_exit = rules.execution.stop_exit = ExitStyle::ioc_limit;
  EngineRig rig(rules);
  rig.warm().enter();
  const Order first = only_order(rig.tick(go_short));
  const Order second = only_order(expire(rig, first));
  CHECK(second.quantity == qty("2"));
  const auto late = rig.fill(first, "99.8", "0.5", "0", false, "late");
  bool is_smaller = false;
  for (const ReplaceOrder& r : all<ReplaceOrder>(late)) {
    if (r.client_id == second.client_id) is_smaller = r.quantity == qty("1.5");
  }
  CHECK(is_smaller);
  CHECK(only_order(expire(rig, second)).quantity == qty("1.5"));
}
