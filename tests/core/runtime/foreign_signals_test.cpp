// A run on foreign signals: the same desk, orders and venue, with the table's opinion, size and levels.
#include <catch2/catch.hpp>

#include <vector>

#include "core/trading/foreign_signals.h"
#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

/// Known at the close of minute `i`.
ForeignSignal signal(std::int64_t i, Direction direction, const char* size = "0.5", const char* stop = "0",
                     const char* target = "0") {
  ForeignSignal out;
  out.at = minute(i + 1);
  out.direction = direction;
  out.size = rate(size);
  out.stop = px(stop);
  out.target = px(target);
  return out;
}

constexpr auto be_long = Direction::long_;
constexpr auto be_short = Direction::short_;
constexpr auto be_flat = Direction::neutral;

/// A rig whose rules follow `list`; the table lives as long as the rig.
struct SignalRig {
  explicit SignalRig(std::vector<ForeignSignal> list, VenueModels models = free_and_instant(), bool can_short = true)
      : table({std::move(list)}), rig(setup(models, can_short)) {}

  SimSetup setup(const VenueModels& models, bool can_short) const {
    TradingRules rules = script_rules();
    rules.risk.cost = rules.risk.gap = Rate{};
    follow_signals(rules, table);
    SimSetup out = SimRig::setup_of(std::move(rules), models, {can_short ? shortable() : spot()});
    out.keep_decisions = true;
    return out;
  }

  std::vector<Reason> reasons() const {
    std::vector<Reason> out;
    for (const Decision& d : rig.all<Decision>()) out.push_back(d.reason);
    return out;
  }

  ForeignSignals table;
  SimRig rig;
};

}  // namespace

TEST_CASE("foreign signals: acted on at the next open, without stop or target of ours", "[runtime][signals][X17]") {
  SignalRig run({signal(0, be_long), signal(2, be_flat)});
  run.rig.feed(flat(0, "100"));
  run.rig.feed(bar(1, "101", "150", "60", "102"));   // a stop of any size would have hit
  run.rig.feed(bar(2, "103", "103", "103", "104"));
  run.rig.feed(bar(3, "105", "105", "105", "105"));

  const auto fills = run.rig.fills();
  REQUIRE(fills.size() == 2);
  CHECK(fills[0].price == px("101"));
  CHECK(fills[0].venue_time == minute(1));
  CHECK(fills[0].quantity == qty("50"));   // half of 10000 at the close of 100
  CHECK(fills[1].price == px("105"));
  CHECK(fills[1].venue_time == minute(3));
  const auto trades = run.rig.all<TradeClosed>();
  REQUIRE(trades.size() == 1);
  CHECK(trades[0].pnl == usd("200"));
  CHECK(trades[0].reason == ExitReason::opposite_signal);
  CHECK(std::isnan(trades[0].r_multiple));
}

TEST_CASE("foreign signals: the other side closes and enters at one open", "[runtime][signals]") {
  SignalRig run({signal(0, be_long, "1"), signal(1, be_short, "1")});
  run.rig.feed(flat(0, "100"));
  run.rig.feed(bar(1, "100", "110", "100", "110"));
  run.rig.feed(bar(2, "120", "120", "100", "100"));

  const auto fills = run.rig.fills();
  REQUIRE(fills.size() == 3);
  CHECK(fills[0].quantity == qty("100"));
  CHECK(fills[1].price == px("120"));
  CHECK(fills[2].price == px("120"));
  CHECK(fills[2].side == Side::sell);
  CHECK(fills[2].quantity == qty("100"));   // 12000 at 120
  CHECK(fills[2].venue_time == minute(2));
  CHECK(run.rig.portfolio().equity() == usd("14000"));
}

TEST_CASE("foreign signals: stop and target are where the signal puts them", "[runtime][signals]") {
  SignalRig run({signal(0, be_long, "0.5", "95", "110"), signal(2, be_long, "0.5", "99", "105")});
  run.rig.feed(flat(0, "100"));
  run.rig.feed(bar(1, "101", "104", "96", "103"));   // not moved by the fill at 101
  CHECK(run.rig.portfolio().at(btc).stop == px("95"));
  run.rig.feed(bar(2, "103", "104", "102", "103"));  // the repeated direction moves both
  run.rig.feed(bar(3, "103", "106", "103", "104"));
  const auto trades = run.rig.all<TradeClosed>();
  REQUIRE(trades.size() == 1);
  CHECK(trades[0].exit == px("105"));
  CHECK(trades[0].reason == ExitReason::target);
  CHECK(trades[0].initial_stop == px("95"));
}

TEST_CASE("foreign signals: quantity is in base units; a purchase is cut to the cash there is",
          "[runtime][signals]") {
  ForeignSignal units = signal(0, be_long);
  units.quantity = qty("3.5");
  SignalRig run({units});
  run.rig.feed(flat(0, "100"));
  run.rig.feed(flat(1, "100"));
  REQUIRE(run.rig.fills().size() == 1);
  CHECK(run.rig.fills()[0].quantity == qty("3.5"));

  ForeignSignal greedy = signal(0, be_long);
  greedy.quantity = qty("1000");
  SignalRig cut({greedy});
  cut.rig.feed(flat(0, "100"));
  cut.rig.feed(flat(1, "100"));
  REQUIRE(cut.rig.fills().size() == 1);
  CHECK(cut.rig.fills()[0].quantity == qty("100"));

  VenueModels costly = free_and_instant();
  costly.taker_fee = rate("0.01");
  SignalRig refused({greedy}, costly);   // its rules know of no cost, so no room was left for the fee
  refused.rig.feed(flat(0, "100"));
  refused.rig.feed(flat(1, "100"));
  CHECK(refused.rig.fills().empty());
  CHECK(refused.rig.runner.totals().rejected == 1);
}

TEST_CASE("foreign signals: what cannot be done is refused with a reason", "[runtime][signals]") {
  SignalRig run({signal(0, be_short), signal(1, be_long, "0.5", "101"), signal(2, be_long, "0.5", "0", "99"),
                 signal(3, be_flat)},
                free_and_instant(), false);
  for (std::int64_t i = 0; i < 5; ++i) run.rig.feed(flat(i));
  CHECK(run.rig.fills().empty());
  const std::vector<Reason> expected{Reason::no_short, Reason::bad_levels, Reason::bad_levels, Reason::no_setup};
  CHECK(run.reasons() == expected);
}

TEST_CASE("foreign signals: on spot a short signal closes a long", "[runtime][signals]") {
  SignalRig run({signal(0, be_long), signal(1, be_short)}, free_and_instant(), false);
  for (std::int64_t i = 0; i < 4; ++i) run.rig.feed(flat(i));
  CHECK(run.rig.fills().size() == 2);
  CHECK_FALSE(run.rig.portfolio().at(btc).is_open());
}

TEST_CASE("foreign signals: neither trailing nor a breaker of ours interferes", "[runtime][signals]") {
  SignalRig run({signal(0, be_long, "1")});
  run.rig.feed(flat(0, "100"));
  run.rig.feed(bar(1, "100", "300", "100", "300"));
  run.rig.feed(bar(2, "300", "300", "20", "20"));   // 93 % down
  run.rig.feed(flat(3, "20"));
  CHECK(run.rig.fills().size() == 1);
  CHECK(run.rig.portfolio().at(btc).is_open());
  CHECK(run.rig.runner.pauses() == 0);
}

TEST_CASE("foreign signals: money adds up over thousands of random signals", "[runtime][signals][property]") {
  Random random(31);
  std::vector<ForeignSignal> list;
  constexpr std::int64_t length = 5'000;
  for (std::int64_t i = 0; i < length; ++i) {
    if (random.below(4) != 0) continue;
    const auto draw = random.below(3);
    list.push_back(signal(i, draw == 0 ? be_long : draw == 1 ? be_short : be_flat, "0.3"));
  }
  VenueModels models;
  models.impact = 1;
  models.borrow_daily = rate("0.01");
  SignalRig run(std::move(list), models);
  for (const Candle& c : random_walk(32, length)) run.rig.feed(c);
  REQUIRE(run.rig.runner.finish());
  Money profit;
  Money fees;
  const auto trades = run.rig.all<TradeClosed>();
  for (const TradeClosed& t : trades) {
    profit += t.pnl;
    fees += t.fees;
  }
  CHECK(trades.size() > 500);
  CHECK(run.rig.portfolio().cash() == usd("10000") + profit);
  CHECK(run.rig.runner.totals().fees == fees);
  CHECK(run.rig.runner.totals().borrow.is_positive());
}
