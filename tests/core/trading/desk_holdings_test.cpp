// Coins of a position that somebody else moved out of the account.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Holds 2 at 100, entry fee 0.4, with its stop at the venue.
struct Holding : EngineRig {
  Holding() {
    warm();
    const Order bought = all<SubmitOrder>(tick(go_long)).at(0).order;
    accept(bought);
    const auto sent = all<SubmitOrder>(fill(bought, "100", "2", "0.4", true));
    for (const SubmitOrder& submit : sent) {
      if (submit.order.client_id.role == OrderRole::protect) stop = submit.order;
      accept(submit.order);
    }
    REQUIRE(stop.client_id.role == OrderRole::protect);
  }

  std::vector<Action> move(const char* amount, const char* held, const char* kind, const char* price = "0", const char* fee = "0") {
    BalanceMoved moved;
    moved.asset = engine->desk().instruments()[0].symbol.base;
    moved.venue = engine->desk().instruments()[0].venue;
    moved.amount = amount;
    moved.kind = kind;
    moved.reference = "L" + std::to_string(++moves);
    moved.venue_time = minute(next);
    moved.held = qty(held);
    if (px(price).is_positive()) moved.price = px(price);
    moved.fee = usd(fee);
    return step(moved);
  }

  [[nodiscard]] const Portfolio& books() const { return engine->desk().portfolio(); }

  Order stop;
  int moves{0};
};

}  // namespace

TEST_CASE("holdings: the owner's other coins go first", "[trading][holdings]") {
  Holding rig;
  const auto before = rig.books().cash();
  const auto out = rig.move("-3", "2", "trade", "110", "0.3");
  CHECK(all<HoldingTaken>(out).empty());
  CHECK(all<PositionChanged>(out).empty());
  CHECK(rig.books().at(InstrumentId{0}).quantity == qty("2"));
  CHECK(rig.books().cash() == before);
}

TEST_CASE("holdings: coins of a position that are sold by hand shrink it at the price they got", "[trading][holdings]") {
  Holding rig;
  const Money before = rig.books().cash();
  // 1.5 were sold, 0.5 of them the owner's own: a position of 2 is left with 1.
  const auto out = rig.move("-1.5", "1", "trade", "110", "0.3");
  const auto taken = all<HoldingTaken>(out);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].quantity == qty("1"));
  CHECK(taken[0].price == px("110"));
  CHECK(taken[0].fee == usd("0.2"));
  CHECK(taken[0].cash == usd("109.8"));
  CHECK(rig.books().cash() == before + usd("109.8"));
  const Position& left = rig.books().at(InstrumentId{0});
  CHECK(left.quantity == qty("1"));
  CHECK(left.realized == usd("9.6"));   // 110 - 100 - 0.2 - half of 0.4
  const auto moved = all<ReplaceOrder>(out);   // stop and target sell no more than there is
  REQUIRE(moved.size() == 2);
  for (const ReplaceOrder& replace : moved) CHECK(replace.quantity == qty("1"));
  REQUIRE(all<Notify>(out).size() >= 1);
  CHECK(all<AccountChanged>(out).size() == 1);
}

TEST_CASE("holdings: a position that is sold by hand as a whole is closed, and its orders are taken off", "[trading][holdings]") {
  Holding rig;
  const auto out = rig.move("-2", "0", "trade", "95", "0.38");
  const auto closed = all<TradeClosed>(out);
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].reason == ExitReason::taken);
  CHECK(closed[0].exit == px("95"));
  CHECK(closed[0].pnl == usd("-10.78"));   // -10 - 0.4 - 0.38
  CHECK_FALSE(rig.books().at(InstrumentId{0}).is_open());
  bool is_stop_off = false;
  for (const CancelOrder& cancel : all<CancelOrder>(out)) is_stop_off = is_stop_off || cancel.client_id == rig.stop.client_id;
  CHECK(is_stop_off);
  CHECK(all<SubmitOrder>(rig.tick()).empty());
}

TEST_CASE("holdings: coins that are withdrawn leave at the mark and bring nothing", "[trading][holdings]") {
  Holding rig;
  rig.tick(quiet, "104");
  const Money cash = rig.books().cash();
  const Money equity = rig.books().equity();
  const auto out = rig.move("-2", "0", "withdrawal");
  REQUIRE(all<TradeClosed>(out).size() == 1);
  CHECK(all<TradeClosed>(out)[0].pnl == usd("7.6"));   // 208 - 200 - 0.4
  REQUIRE(all<HoldingTaken>(out).size() == 1);
  CHECK(all<HoldingTaken>(out)[0].cash.is_zero());
  CHECK(rig.books().cash() == cash);
  CHECK(rig.books().equity() == equity - usd("208"));
}

TEST_CASE("holdings: another currency, another venue and a flat desk change nothing", "[trading][holdings]") {
  Holding rig;
  BalanceMoved other;
  other.asset = "XRP";
  other.amount = "-5";
  other.kind = "trade";
  CHECK(all<HoldingTaken>(rig.step(other)).empty());
  other.asset = rig.engine->desk().instruments()[0].symbol.base;
  other.venue = VenueId{7};
  CHECK(all<HoldingTaken>(rig.step(other)).empty());
  rig.move("-2", "0", "trade", "95");
  const auto again = rig.move("-2", "0", "trade", "95");
  CHECK(all<HoldingTaken>(again).empty());
}
