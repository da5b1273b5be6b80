#include "core/trading/orders.h"

#include <catch2/catch.hpp>

#include <set>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

TrackedOrder& market(Orders& orders, OrderRole role = OrderRole::entry, const char* quantity = "1") {
  return orders.create(btc, role, Side::buy, OrderType::market, qty(quantity), minute(0));
}

}  // namespace

TEST_CASE("orders: every answer in every state either fits the table or is an incident", "[trading][orders]") {
  int fitting = 0;
  for (int s = 0; s <= static_cast<int>(order_state_last); ++s) {
    for (int i = 0; i <= static_cast<int>(order_trigger_last); ++i) {
      const auto state = static_cast<OrderState>(s);
      const auto trigger = static_cast<OrderTrigger>(i);
      Orders orders(DeskId{0});
      TrackedOrder& t = market(orders);
      t.order.state = state;
      ActionList out;
      const auto next = next_state(state, trigger);
      const bool applied = orders.apply(t, trigger, "why", out);
      REQUIRE(out.size() == 1);
      REQUIRE(applied == next.has_value());
      REQUIRE(t.order.state == next.value_or(state));
      if (next) {
        ++fitting;
        const auto* changed = std::get_if<OrderChanged>(&out[0]);
        REQUIRE(changed != nullptr);
        REQUIRE(changed->state == *next);
      } else {
        REQUIRE(std::holds_alternative<Incident>(out[0]));
      }
    }
  }
  CHECK(fitting > 100);
}

TEST_CASE("orders: a fill id counts once", "[trading][orders]") {
  Orders orders(DeskId{0});
  TrackedOrder& t = market(orders);
  Fill f;
  f.venue_fill_id = "A";
  CHECK(Orders::count_fill(t, f));
  CHECK_FALSE(Orders::count_fill(t, f));
  f.venue_fill_id = "B";
  CHECK(Orders::count_fill(t, f));
}

TEST_CASE("orders: ids never repeat, and continue after a restart", "[trading][orders]") {
  Orders orders(DeskId{0});
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 100; ++i) {
    TrackedOrder& t = market(orders);
    CHECK(seen.insert(t.order.client_id.sequence).second);
    t.order.state = OrderState::filled;
    orders.sweep();
  }
  CHECK(orders.live().empty());
  Orders after(DeskId{0});
  after.restore(3, orders.next_sequence());
  const ClientOrderId id = market(after).order.client_id;
  CHECK(seen.count(id.sequence) == 0);
  CHECK(id.epoch == 3);
}

TEST_CASE("orders: only an entry may open", "[trading][orders]") {
  Orders orders(DeskId{0});
  for (const OrderRole role : {OrderRole::exit, OrderRole::protect, OrderRole::take_profit, OrderRole::close_all}) {
    CHECK(market(orders, role).order.reduce_only);
  }
  CHECK_FALSE(market(orders).order.reduce_only);
}

TEST_CASE("orders: entries count as exposure until they end, and only what is left", "[trading][orders]") {
  Orders orders(DeskId{0});
  TrackedOrder& t = market(orders, OrderRole::entry, "2");
  t.reference = px("100");
  CHECK(orders.pending_exposure() == usd("200"));
  CHECK(orders.pending_entries() == 1);
  t.order.filled = qty("0.5");
  CHECK(orders.pending_exposure() == usd("150"));
  t.order.state = OrderState::unknown;  // ambiguous is exposure
  CHECK(orders.pending_exposure() == usd("150"));
  t.order.state = OrderState::canceled;
  CHECK(orders.pending_exposure().is_zero());
  CHECK(orders.pending_entries() == 0);
  CHECK(orders.find(btc, OrderRole::entry) == nullptr);
}

TEST_CASE("engine: an adopted market entry is exposure at the mark", "[trading][orders]") {
  EngineRig rig;
  rig.step(HistoryLoaded{btc, flat(0, "50")});
  Order order;
  order.client_id = ClientOrderId{7, 1, OrderRole::entry, 0};
  order.quantity = qty("3");
  rig.step(OrderAdopted{order});
  CHECK(rig.orders().pending_exposure() == usd("150"));
  CHECK(rig.orders().pending_entries() == 1);
}

TEST_CASE("engine: answers about unknown orders become incidents and change nothing", "[trading][orders]") {
  EngineRig rig;
  rig.warm().enter();
  const Money cash = rig.portfolio().cash();
  Order stranger = rig.entry;
  stranger.client_id.sequence = 999;
  CHECK(all<Incident>(rig.accept(stranger)).size() == 1);
  CHECK(all<Incident>(rig.step(OrderRejected{stranger.client_id, "no"})).size() == 1);
  CHECK(all<Incident>(rig.fill(stranger, "100", "1")).size() == 1);
  CHECK(rig.step(OrderCanceled{stranger.client_id, "gone"}).empty());
  CHECK(rig.step(OrderReplaced{stranger.client_id, px("1"), px("1"), qty("1")}).empty());
  CHECK(rig.portfolio().cash() == cash);
  CHECK(rig.position().quantity == qty("2"));
}

TEST_CASE("engine: a fill that is told twice is booked once", "[trading][orders]") {
  EngineRig rig;
  const Order order = all<SubmitOrder>(rig.warm().tick(go_long))[0].order;
  rig.fill(order, "100", "0.5", "0.1", false, "X");
  const Money cash = rig.portfolio().cash();
  rig.fill(order, "100", "0.5", "0.1", false, "X");
  CHECK(rig.portfolio().cash() == cash);
  CHECK(rig.position().quantity == qty("0.5"));
}

TEST_CASE("engine: an exit that fills more than is held is an incident, booked, and stops entries", "[trading][orders]") {
  EngineRig rig;
  rig.warm().enter();
  const Money before = rig.portfolio().cash();
  const auto actions = rig.fill(rig.stop, "98", "3");
  CHECK(all<Incident>(actions).size() == 1);
  CHECK(all<TradeClosed>(actions).size() == 1);
  CHECK(rig.portfolio().cash() == before + usd("294"));
  CHECK(rig.portfolio().open_count() == 0);
  CHECK(rig.engine->state().paused);
}
