// A restart in the middle of a trade: a new engine that is told what the old one knew goes on as if
// nothing had happened.
#include <catch2/catch.hpp>

#include <memory>

#include "core/runtime/session.h"
#include "core/runtime/sim_execution.h"
#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

PositionAdopted to_adopted(const PositionChanged& p) {
  PositionAdopted a;
  a.desk = p.desk;
  a.instrument = p.instrument;
  a.direction = p.direction;
  a.quantity = p.quantity;
  a.quantity_initial = p.quantity_initial;
  a.entry = p.entry;
  a.stop = p.stop;
  a.target = p.target;
  a.initial_stop = p.initial_stop;
  a.best_since_entry = p.best_since_entry;
  a.entry_fees = p.entry_fees;
  a.realized = p.realized;
  a.opened_at = p.opened_at;
  a.lead = p.lead;
  a.atr_at_entry = p.atr_at_entry;
  a.breakeven_done = p.breakeven_done;
  a.trailing_on = p.trailing_on;
  a.trade_number = p.trade_number;
  return a;
}

/// A new process: engine and paper venue rebuilt from what `before` left, in the order of a recall.
struct Restarted final : StepObserver {
  Restarted(const SimRig& before, const SimSetup& setup, const std::vector<Candle>& history)
      : engine(setup.engine),
        venue(SimVenue(setup.engine.instruments, setup.models, before.portfolio().cash())),
        session(engine, venue, journal, false, this) {
    const Desk& old = before.runner.engine().desk();
    const Time now = history.back().close_time();
    AccountRestored account;
    account.cash = old.portfolio().cash();
    account.day_start_equity = old.day_start_equity();
    account.peak_equity = old.peak_equity();
    account.day_start = floor_to(now, hours{24});
    account.loss_streak = old.loss_streak();
    account.next_sequence = old.orders().next_sequence();
    for (const Candle& c : history) give(HistoryLoaded{btc, c}, c.close_time());
    give(account, now);
    for (const TrackedOrder& t : old.orders().live()) {
      venue.venue().restore_order(t.order);
      give(OrderAdopted{t.order}, now);
    }
    const Position& p = old.portfolio().at(btc);
    if (p.is_open()) {
      venue.venue().restore_holding(btc, p.direction == Direction::long_ ? p.quantity : -p.quantity);
      give(to_adopted(to_change(DeskId{0}, btc, p)), now);
    }
    for (const CooldownSet& c : before.all<CooldownSet>()) {
      give(CooldownRestored{c.desk, c.instrument, c.pair_until, c.strategy_until, c.strategy, c.direction}, now);
    }
    give(FeedUp{}, now);
  }

  void give(EventBody body, Time when) {
    Event e;
    e.at = e.when = when;
    e.body = std::move(body);
    REQUIRE(session.turn(std::span(&e, 1)));
  }

  void feed(const Candle& c) { give(CandleClosed{btc, c, false}, c.close_time()); }

  void on_step(const Event&, const ActionList& actions) override {
    for (const Action& a : actions) {
      if (const auto* t = std::get_if<TradeClosed>(&a)) trades.push_back(*t);
      if (const auto* s = std::get_if<SubmitOrder>(&a)) submitted.push_back(s->order);
    }
  }

  SilentJournal journal;
  Engine engine;
  SimExecution venue;
  Session session;
  std::vector<TradeClosed> trades;
  std::vector<Order> submitted;
};

/// Long on the candle after the warm-up, a rise that moves the stop, then a fall into it.
std::vector<Candle> story() {
  std::vector<Candle> out;
  for (std::int64_t i = 0; i < warm_bars; ++i) out.push_back(flat(i));
  std::int64_t i = warm_bars;
  out.push_back(flat(i++, "100", go_long));
  out.push_back(bar(i++, "100.2", "100.6", "100.1", "100.5"));
  out.push_back(bar(i++, "100.5", "101.1", "100.4", "101"));     // breakeven
  out.push_back(bar(i++, "101", "103", "100.9", "102.9"));       // the trail jumps
  out.push_back(bar(i++, "102.9", "103.4", "102.8", "103.3"));
  out.push_back(bar(i++, "103.3", "103.35", "101", "101.5"));    // and is hit
  for (int k = 0; k < 8; ++k) out.push_back(flat(i++, "101.5"));
  out.push_back(flat(i++, "101.5", go_long));                    // another trade
  out.push_back(bar(i++, "101.5", "102", "98", "98.5"));         // stopped out
  return out;
}

}  // namespace

TEST_CASE("recovery: a restart after any candle gives the cash of a run without one", "[runtime][recovery]") {
  const auto candles = story();
  SimSetup setup = SimRig::setup_of(script_rules(), VenueModels{});
  setup.engine.rules.risk.pair_cooldown = minutes{4};
  SimRig whole(setup);
  for (const Candle& c : candles) whole.feed(c);
  REQUIRE(whole.all<TradeClosed>().size() == 2);
  REQUIRE(whole.portfolio().open_count() == 0);

  for (std::size_t cut = warm_bars; cut < candles.size(); ++cut) {
    SimRig before(setup);
    for (std::size_t i = 0; i < cut; ++i) before.feed(candles[i]);
    // An entry on its way comes back without its plan; that case is the next one.
    if (before.runner.engine().desk().orders().pending_entries() > 0) continue;
    const std::vector<Candle> history(candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(cut));
    Restarted after(before, setup, history);
    for (std::size_t i = cut; i < candles.size(); ++i) after.feed(candles[i]);
    INFO("cut after candle " << cut - warm_bars);
    CHECK(after.engine.desk().portfolio().cash() == whole.portfolio().cash());
    CHECK(after.venue.venue().cash() == whole.portfolio().cash());
    CHECK(after.engine.desk().portfolio().open_count() == 0);
    const auto done = before.all<TradeClosed>().size();
    REQUIRE(done + after.trades.size() == 2);
    for (std::size_t i = 0; i < after.trades.size(); ++i) {
      CHECK(after.trades[i].pnl == whole.all<TradeClosed>()[done + i].pnl);
      CHECK(after.trades[i].reason == whole.all<TradeClosed>()[done + i].reason);
    }
  }
}

TEST_CASE("recovery: an entry that was on its way fills without its plan, and is left at once",
          "[runtime][recovery]") {
  const auto candles = story();
  const SimSetup setup = SimRig::setup_of(script_rules(), VenueModels{});
  const std::size_t cut = warm_bars + 1;
  SimRig before(setup);
  for (std::size_t i = 0; i < cut; ++i) before.feed(candles[i]);
  REQUIRE(before.runner.engine().desk().orders().pending_entries() == 1);
  Restarted after(before, setup, {candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(cut)});
  for (std::size_t i = cut; i < cut + 5; ++i) after.feed(candles[i]);
  CHECK(after.engine.desk().orders().live().empty());
  CHECK(after.engine.desk().portfolio().open_count() == 0);
  CHECK(after.venue.venue().holding(btc).is_zero());
  REQUIRE(after.trades.size() == 1);
  CHECK(after.trades[0].pnl > usd("-1.2"));  // costs of 200 there and back, not a made-up stop
  for (const Order& o : after.submitted) CHECK(o.client_id.role == OrderRole::exit);
}

TEST_CASE("recovery: a position without a stop is left at the market", "[runtime][recovery]") {
  const SimSetup setup = SimRig::setup_of();
  SimRig empty(setup);
  empty.warm();
  std::vector<Candle> history;
  for (std::int64_t i = 0; i < warm_bars; ++i) history.push_back(flat(i));
  Restarted after(empty, setup, history);
  PositionAdopted naked;
  naked.instrument = btc;
  naked.direction = Direction::long_;
  naked.quantity = naked.quantity_initial = qty("1");
  naked.entry = naked.best_since_entry = px("100");
  after.give(naked, minute(warm_bars));
  after.feed(flat(warm_bars));
  REQUIRE(after.submitted.size() == 1);
  CHECK(after.submitted[0].type == OrderType::market);
  CHECK(after.submitted[0].quantity == qty("1"));
}

TEST_CASE("recovery: client ids go on after those of the run before", "[runtime][recovery]") {
  const auto candles = story();
  const SimSetup setup = SimRig::setup_of(script_rules(), VenueModels{});
  const std::size_t cut = warm_bars + 8;
  SimRig before(setup);
  for (std::size_t i = 0; i < cut; ++i) before.feed(candles[i]);
  Restarted after(before, setup, {candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(cut)});
  for (std::size_t i = cut; i < candles.size(); ++i) after.feed(candles[i]);
  REQUIRE_FALSE(after.submitted.empty());
  for (const SubmitOrder& s : before.all<SubmitOrder>()) {
    for (const Order& o : after.submitted) CHECK(s.order.client_id.sequence < o.client_id.sequence);
  }
}
