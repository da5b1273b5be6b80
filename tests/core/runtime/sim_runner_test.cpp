// Scenarios of a few candles whose every number can be checked by hand.
#include "core/runtime/sim_runner.h"

#include <catch2/catch.hpp>

#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Taking costs 0.1 % of price and a fee of 0.2 %; resting 0.1 %. Orders arrive at once.
VenueModels round_costs() {
  VenueModels models = free_and_instant();
  models.half_spread = models.slippage = rate("0.0005");
  models.taker_fee = rate("0.002");
  models.maker_fee = rate("0.001");
  return models;
}

TradeClosed only_trade(const SimRig& rig) {
  const auto trades = rig.all<TradeClosed>();
  REQUIRE(trades.size() == 1);
  return trades[0];
}

}  // namespace

TEST_CASE("sim runner: ten candles to a target, with every cost", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of(script_rules(), round_costs()));
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));               // decides on this close
  rig.feed(bar(i++, "101", "101.5", "100.5", "101"));  // fills at this open
  for (int k = 0; k < 4; ++k) rig.feed(flat(i++, "101"));
  rig.feed(bar(i++, "101", "103", "100.8", "101"));
  rig.feed(bar(i++, "103", "105.11", "102.9", "105"));  // touches the target, not through it
  CHECK(rig.all<TradeClosed>().empty());
  rig.feed(bar(i++, "105", "105.2", "104.9", "105.1"));

  const auto fills = rig.fills();
  REQUIRE(fills.size() == 2);
  CHECK(fills[0].price == px("101.11"));  // 101 + 0.101, to the tick against us
  CHECK(fills[0].quantity == qty("2"));
  CHECK(fills[0].fee == usd("0.40444"));  // 202.22 * 0.002
  CHECK(fills[1].price == px("105.11"));  // 104 + (101.11 - 100)
  CHECK(fills[1].is_maker);
  CHECK(fills[1].fee == usd("0.21022"));
  const TradeClosed trade = only_trade(rig);
  CHECK(trade.reason == ExitReason::target);
  CHECK(trade.pnl == usd("7.38534"));  // 8 - 0.40444 - 0.21022
  CHECK(rig.portfolio().cash() == usd("10007.38534"));
  CHECK(rig.runner.totals().fees == usd("0.61466"));
  CHECK(rig.runner.totals().spread_and_slippage == usd("0.22"));
}

TEST_CASE("sim runner: ten candles to a stop that the market gapped through", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of(script_rules(), round_costs()));
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  for (int k = 0; k < 7; ++k) rig.feed(flat(i++));
  CHECK(rig.fills()[0].price == px("100.1"));
  rig.feed(bar(i++, "95", "96", "94", "95"));  // the stop was at 98.10

  const auto fills = rig.fills();
  REQUIRE(fills.size() == 2);
  CHECK(fills[1].price == px("94.9"));  // 95 - 0.095, to the tick against us
  CHECK_FALSE(fills[1].is_maker);
  CHECK(fills[1].fee == usd("0.3796"));
  const TradeClosed trade = only_trade(rig);
  CHECK(trade.reason == ExitReason::stop);
  CHECK(trade.pnl == usd("-11.18"));  // -10.4 - 0.4004 - 0.3796
  CHECK(trade.r_multiple == Approx(-11.18 / 4));
  CHECK(rig.portfolio().cash() == usd("9988.82"));
}

TEST_CASE("sim runner: the candle of the entry can stop it out", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of());
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  rig.feed(bar(i++, "100", "101", "97", "99"));
  CHECK(only_trade(rig).reason == ExitReason::stop);
  CHECK(only_trade(rig).pnl == usd("-4"));
}

TEST_CASE("sim runner: stop and target in one candle count as the stop", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of());
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  rig.feed(flat(i++));
  rig.feed(bar(i++, "100", "105", "90", "100"));
  CHECK(only_trade(rig).reason == ExitReason::stop);
  CHECK(only_trade(rig).exit == px("98"));
  CHECK(rig.runner.totals().ambiguous_candles == 1);
}

TEST_CASE("sim runner: a stop decided on a candle works from the next [X19]", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of());
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  rig.feed(flat(i++));
  // Its low is far under what the trail becomes at its close: 103 - 0.515 = 102.48.
  rig.feed(bar(i++, "100", "103", "99.5", "102.9"));
  CHECK(rig.all<TradeClosed>().empty());
  CHECK(rig.portfolio().at(InstrumentId{0}).stop == px("102.48"));
  rig.feed(bar(i++, "102.9", "102.95", "102", "102.5"));
  CHECK(only_trade(rig).reason == ExitReason::trailing);
  CHECK(only_trade(rig).exit == px("102.48"));
  CHECK(only_trade(rig).pnl == usd("4.96"));
}

TEST_CASE("sim runner: a short, mirrored, where it is allowed", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of(script_rules(), round_costs(), {shortable()}));
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_short));
  rig.feed(flat(i++));
  rig.feed(bar(i++, "104", "105", "103", "104"));  // gaps over the stop at 101.90
  const auto fills = rig.fills();
  REQUIRE(fills.size() == 2);
  CHECK(fills[0].price == px("99.9"));
  CHECK(fills[1].price == px("104.11"));  // 104 + 0.104, up to the tick
  CHECK(only_trade(rig).pnl == usd("-9.23604"));  // -8.42 - 0.3996 - 0.41644
}

TEST_CASE("sim runner: what is open at the end is closed at the last close", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of());
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  rig.feed(bar(i++, "100", "101", "99", "101"));
  REQUIRE(rig.runner.finish());
  CHECK(only_trade(rig).reason == ExitReason::end_of_data);
  CHECK(only_trade(rig).pnl == usd("2"));
  CHECK(rig.portfolio().open_count() == 0);
  CHECK(rig.portfolio().equity() == rig.portfolio().cash());
}

TEST_CASE("sim runner: volume limits a fill, and the rest follows protected", "[runtime][sim]") {
  VenueModels models = free_and_instant();
  models.volume_cap = 0.001;  // one unit of a volume of 1000
  SimRig rig(SimRig::setup_of(script_rules(), models));
  std::int64_t i = rig.warm();
  rig.feed(flat(i++, "100", go_long));
  rig.feed(flat(i++));
  CHECK(rig.portfolio().at(InstrumentId{0}).quantity == qty("1"));
  rig.feed(flat(i++));
  CHECK(rig.portfolio().at(InstrumentId{0}).quantity == qty("2"));
  for (const OrderRole role : {OrderRole::protect, OrderRole::take_profit}) {
    const TrackedOrder* order = rig.runner.engine().desk().orders().find(InstrumentId{0}, role);
    REQUIRE(order != nullptr);
    CHECK(order->order.quantity == qty("2"));
  }
}

TEST_CASE("sim runner: the gap rule", "[runtime][sim]") {
  const GapRule rule = GENERATE(GapRule::flat, GapRule::none, GapRule::refuse);
  SimSetup setup = SimRig::setup_of();
  setup.gaps = rule;
  SimRig rig(setup);
  const std::int64_t i = rig.warm();
  const Status status = rig.runner.candle(InstrumentId{0}, flat(i + 5));
  CHECK(status.has_value() == (rule != GapRule::refuse));
  CHECK(rig.runner.filled(InstrumentId{0}) == (rule == GapRule::flat ? 5 : 0));
  CHECK(rig.marks.size() == static_cast<std::size_t>(warm_bars + (rule == GapRule::flat ? 6 : rule == GapRule::none ? 1 : 0)));
}

TEST_CASE("sim runner: a duplicate or late candle changes nothing [X06]", "[runtime][sim]") {
  SimRig rig(SimRig::setup_of());
  const std::int64_t i = rig.warm();
  const std::size_t before = rig.steps.size();
  rig.feed(flat(i - 1));
  rig.feed(flat(i - 3));
  CHECK(rig.steps.size() == before);
  CHECK(rig.runner.bar_counts(InstrumentId{0}).duplicate == 1);
}

namespace {

/// A backtest of two pairs in which only one may hold a position.
struct OneSlot : SimRig {
  explicit OneSlot(GapRule gaps = GapRule::flat) : SimRig(make(gaps)) {
    for (std::int64_t i = 0; i < warm_bars; ++i) both(flat(i), flat(i));
  }

  static SimSetup make(GapRule gaps) {
    TradingRules rules = script_rules();
    rules.risk.positions_max = 1;
    SimSetup setup = setup_of(std::move(rules), free_and_instant(), {spot(0, "SOL"), spot(1, "BTC")});
    setup.gaps = gaps;
    return setup;
  }

  void second(const Candle& candle) { REQUIRE(runner.candle(InstrumentId{1}, candle)); }

  void both(const Candle& a, const Candle& b) {
    feed(a);
    second(b);
  }
};

}  // namespace

TEST_CASE("sim runner: two pairs want the one slot, and both are heard before one gets it", "[runtime][sim]") {
  OneSlot rig;
  const std::int64_t t = warm_bars;
  rig.both(flat(t, "100", go_long), flat(t, "100", go_long));   // equal: BTC before SOL
  CHECK(rig.fills().empty());
  rig.both(flat(t + 1, "101"), flat(t + 1, "102"));
  const auto fills = rig.fills();
  REQUIRE(fills.size() == 1);
  CHECK(fills[0].instrument == InstrumentId{1});
  CHECK(fills[0].price == px("102"));   // the open after the decision, as for one pair alone
  CHECK(fills[0].venue_time == minute(t + 1));
}

TEST_CASE("sim runner: a pair whose candle is missing holds nobody up", "[runtime][sim]") {
  OneSlot rig;
  const std::int64_t t = warm_bars;
  rig.feed(flat(t, "100", go_long));             // no candle of the other
  rig.feed(flat(t + 1, "101"));
  const auto fills = rig.fills();
  REQUIRE(fills.size() == 1);
  CHECK(fills[0].price == px("101"));
  CHECK(fills[0].venue_time == minute(t + 1));
}

TEST_CASE("sim runner: an entry decided on the last candle is decided, and closed with the run", "[runtime][sim]") {
  OneSlot rig;
  rig.both(flat(warm_bars, "100", go_long), flat(warm_bars));
  REQUIRE(rig.runner.finish());
  CHECK(rig.all<SubmitOrder>().size() == 1);
  CHECK(rig.portfolio().open_count() == 0);
}
