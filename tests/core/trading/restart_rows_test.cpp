// Rows of the specification that run across orders, restarts and timeframes, at the level of the engine.
#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// What the ledger gives back of the newest state of a position.
PositionAdopted adopted(const PositionChanged& p) {
  PositionAdopted out;
  out.instrument = p.instrument;
  out.direction = p.direction;
  out.quantity = p.quantity;
  out.quantity_initial = p.quantity_initial;
  out.entry = p.entry;
  out.stop = p.stop;
  out.target = p.target;
  out.initial_stop = p.initial_stop;
  out.best_since_entry = p.best_since_entry;
  out.entry_fees = p.entry_fees;
  out.realized = p.realized;
  out.opened_at = p.opened_at;
  out.lead = p.lead;
  out.atr_at_entry = p.atr_at_entry;
  out.trade_number = p.trade_number;
  out.detail = p.detail;
  return out;
}

Fill part_of(const Order& order, const char* id, const char* price, const char* quantity, const char* fee) {
  Fill out;
  out.venue_fill_id = id;
  out.client_id = order.client_id;
  out.instrument = order.instrument;
  out.side = order.side;
  out.price = px(price);
  out.quantity = qty(quantity);
  out.fee = usd(fee);
  out.venue_time = midnight - hours{3};
  return out;
}

/// Its stop lies two per cent away for each minute of its timeframe.
class ByTimeframe final : public Strategy {
 public:
  explicit ByTimeframe(const Parameters& p) : parameters_(p) {}

  [[nodiscard]] int warm_up() const override { return 1; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    Signal out = signal_of(1, market.bar().close, parameters_);
    const auto bars = static_cast<double>(market.timeframe() / minutes{1});
    out.stop = market.bar().close * (1 - 0.02 * bars);
    out.target = market.bar().close * (1 + 0.04 * bars);
    return out;
  }

 private:
  Parameters parameters_;
};

}  // namespace

TEST_CASE("engine: an order of three hours ago is booked from all pages of its fills, each once [E4]",
          "[trading][restart]") {
  EngineRig before;
  const Order order = all<SubmitOrder>(before.warm().tick(go_long))[0].order;

  EngineRig after;   // a restart while it filled
  after.step(OrderAdopted{order}, midnight);
  const Fill pages[] = {part_of(order, "F1", "100", "0.5", "0.1"), part_of(order, "F2", "100.4", "0.5", "0.1"),
                        part_of(order, "F3", "100.8", "0.6", "0.2"), part_of(order, "F4", "101", "0.4", "0.1")};
  for (const Fill& fill : pages) after.step(OrderFilled{fill, false}, midnight);
  for (const Fill& fill : pages) after.step(OrderFilled{fill, false}, midnight);   // pages overlap
  CHECK(after.position().quantity == qty("2"));
  CHECK(after.position().entry == px("100.54"));   // (50 + 50.2 + 60.48 + 40.4) / 2
  CHECK(after.position().fees == usd("0.5"));
  CHECK(after.portfolio().cash() == usd("9798.42"));
}

TEST_CASE("engine: a healthy position survives ten restarts, its entry long gone from the venue [X15]",
          "[trading][restart]") {
  auto rig = std::make_unique<EngineRig>();
  rig->warm().enter();
  PositionChanged newest = all<PositionChanged>(rig->log).back();
  Order stop = rig->stop;
  Order target = rig->target;
  for (int restart = 0; restart < 10; ++restart) {
    rig = std::make_unique<EngineRig>(script_rules(), std::vector<Instrument>{spot()}, "9799.6");
    rig->step(adopted(newest), midnight);
    rig->step(OrderAdopted{stop}, midnight);
    rig->step(OrderAdopted{target}, midnight);
    rig->warm();
    for (int i = 0; i < 5; ++i) rig->tick();
    CHECK(all<SubmitOrder>(rig->log).empty());   // nothing is closed, nothing is placed twice
    CHECK(all<TradeClosed>(rig->log).empty());
    CHECK(rig->position().quantity == qty("2"));
    CHECK(rig->position().entry == px("100"));
    CHECK(rig->position().stop == px("98"));
    CHECK(rig->portfolio().equity() == usd("9999.6"));
    const auto changes = all<PositionChanged>(rig->log);
    if (!changes.empty()) newest = changes.back();
  }
}

TEST_CASE("engine: a stop that fires at the venue closes the trade once, at its price [X14]", "[trading][restart]") {
  EngineRig rig;
  rig.warm().enter();
  const auto closed = rig.fill(rig.stop, "97.9", "2", "0.5", true, "S1");
  REQUIRE(all<TradeClosed>(closed).size() == 1);
  CHECK(all<TradeClosed>(closed)[0].exit == px("97.9"));
  CHECK(all<TradeClosed>(closed)[0].reason == ExitReason::stop);
  CHECK(all<SubmitOrder>(closed).empty());                       // nobody sells again
  CHECK(all<TradeClosed>(rig.fill(rig.stop, "97.9", "2", "0.5", true, "S1")).empty());   // told twice
  CHECK(rig.portfolio().open_count() == 0);
  CHECK(all<SubmitOrder>(rig.tick()).empty());
}

TEST_CASE("engine: each replacement of a stop has an id of its own [X14]", "[trading][restart]") {
  EngineRig rig;
  rig.warm().enter();
  std::vector<ClientOrderId> ids{rig.stop.client_id};
  for (int i = 0; i < 5; ++i) {
    rig.step(OrderCanceled{ids.back(), "by the venue"});
    const auto orders = all<SubmitOrder>(rig.tick());
    REQUIRE(orders.size() == 1);
    for (const ClientOrderId& id : ids) CHECK(orders[0].order.client_id != id);
    ids.push_back(orders[0].order.client_id);
    rig.accept(orders[0].order);
  }
}

TEST_CASE("engine: each timeframe keeps its own opinion, and the decision has the primary's levels [X30]",
          "[trading][confluence]") {
  static const StrategyInfo info = info_of<ByTimeframe>("by_timeframe", Family::momentum);
  TradingRules rules = script_rules();
  rules.timeframes = {minutes{1}, minutes{3}};
  rules.strategies = {choose(info)};
  EngineRig rig(rules);
  rig.step(FeedUp{}, midnight);
  while (rig.next < 120) {
    for (const Decision& decision : all<Decision>(rig.tick())) {
      if (decision.opinion.direction != Direction::long_) continue;
      CHECK(decision.opinion.stop == Approx(98));      // of one-minute bars, whatever the others said
      CHECK(decision.opinion.target == Approx(104));
      if (decision.entered) CHECK(decision.bracket.stop == px("98"));
    }
  }
  const auto frames = rig.engine->desk().frames(InstrumentId{0});
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].timeframe() == minutes{1});
  CHECK(frames[0].opinion.stop == Approx(98));
  CHECK(frames[1].timeframe() == minutes{3});
  CHECK(frames[1].opinion.stop == Approx(94));
  CHECK(frames[1].opinion.direction == Direction::long_);
}
