#include "core/runtime/view_builder.h"

#include <catch2/catch.hpp>

#include "tests/support/engine_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// An engine whose every step the builder sees, as beside a session.
struct Watched : EngineRig {
  Watched() : builder(*engine, labels()) {}

  static ViewLabels labels() {
    ViewLabels out;
    out.run = "R1";
    out.strategies = {"scripted"};
    return out;
  }

  void see(EventBody body, Time when) {
    Event event;
    event.at = event.when = when;
    event.body = std::move(body);
    ActionList actions;
    engine->step(event, actions);
    builder.on_step(event, actions);
  }

  void see_candle(const char* price = "100", double volume = quiet) {
    const Candle c = flat(next++, price, volume);
    see(CandleClosed{InstrumentId{0}, c, false}, c.close_time());
  }

  [[nodiscard]] std::shared_ptr<const EngineView> view() const {
    return builder.build(ViewMoment{minute(next), "running", true, true, "", 1});
  }

  ViewBuilder builder;
};

}  // namespace

TEST_CASE("view: money, position and day's profit are those of the desk", "[runtime][view]") {
  Watched rig;
  rig.warm().enter();
  rig.see_candle("101");
  const auto view = rig.view();
  CHECK(view->cash == usd("9799.6"));
  CHECK(view->equity == usd("10001.6"));
  CHECK(view->day_pnl == usd("1.6"));
  CHECK(view->exposure == usd("202"));
  REQUIRE(view->positions.size() == 1);
  CHECK(view->positions[0].unrealized == usd("2"));
  CHECK(view->positions[0].lead == "scripted");
  CHECK(view->positions[0].protection == Protection::protected_);
  CHECK(view->positions[0].bare.is_zero());
  CHECK(view->pairs[0].last == px("101"));
  CHECK_FALSE(view->pairs[0].stale);
  rig.see(FeedDown{}, minute(rig.next));
  CHECK(rig.view()->pairs[0].stale);
}

TEST_CASE("view: drawdown is measured from the peak", "[runtime][view]") {
  Watched rig;
  rig.warm().enter();
  rig.see_candle("101");
  rig.see_candle("98.5");
  CHECK(rig.view()->peak_equity == usd("10001.6"));
  CHECK(rig.view()->drawdown == Approx(5.0 / 10001.6));
}

TEST_CASE("view: lists and curve stay bounded however long it runs", "[runtime][view]") {
  Watched rig;
  rig.warm();
  for (int i = 0; i < 3'000; ++i) rig.see_candle("100", go_short);  // spot: refused each time
  const auto view = rig.view();
  CHECK(view->recent_decisions.size() == 50);
  CHECK(view->recent_decisions[0].reason == "no_short");
  CHECK(view->recent_decisions[0].at == minute(rig.next));  // newest first
  CHECK(view->decisions == 3'000);
  CHECK(view->entries == 0);
  REQUIRE(view->equity_curve.size() <= 500);
  REQUIRE(view->equity_curve.size() > 200);
  for (std::size_t i = 1; i < view->equity_curve.size(); ++i) {
    REQUIRE(view->equity_curve[i - 1].at < view->equity_curve[i].at);
  }
}

TEST_CASE("view: candles of the base interval are kept once, in order, and bounded", "[runtime][view]") {
  Watched rig;
  const Candle old = flat(0, "99");
  rig.see(HistoryLoaded{InstrumentId{0}, old}, old.close_time());
  rig.see(HistoryLoaded{InstrumentId{0}, old}, old.close_time());   // again
  Candle longer = flat(1, "99");
  longer.interval = minutes{5};
  rig.see(HistoryLoaded{InstrumentId{0}, longer}, longer.close_time());
  rig.next = 1;
  const auto first = rig.view();
  for (int i = 0; i < 7'000; ++i) rig.see_candle("100");
  const auto view = rig.view();
  REQUIRE(view->candles.size() == 1);
  std::vector<Candle> seen;
  view->candles[0]->visit([&](const Candle& candle) { seen.push_back(candle); });
  REQUIRE(seen.size() > 6'000);
  REQUIRE(seen.size() < 6'700);
  for (std::size_t i = 1; i < seen.size(); ++i) REQUIRE(seen[i - 1].close_time() == seen[i].open_time);
  CHECK(seen.back().close_time() == minute(rig.next));
  std::size_t before = 0;
  first->candles[0]->visit([&](const Candle&) { ++before; });
  CHECK(before == 1);   // a view that was handed out does not change
}

TEST_CASE("view: risk is measured against the limits of the rules, a profit uses up none [X12]", "[runtime][view][X12]") {
  Watched rig;
  rig.warm().enter();
  rig.see_candle("101");
  const auto gauge = [&rig](const char* name) {
    const auto view = rig.view();
    for (const GaugeView& g : view->gauges) {
      if (g.name == name) return g;
    }
    FAIL("no such gauge");
    return GaugeView{};
  };
  CHECK(gauge("daily_loss").value == 0);
  CHECK(gauge("daily_loss").limit == Approx(10'000 * to_double(rig.engine->rules().risk.daily_loss_max)));
  CHECK(gauge("exposure").value == Approx(202));
  CHECK(gauge("positions").value == 1);
  rig.see_candle("98.5");
  CHECK(gauge("daily_loss").value == Approx(3.4));
  CHECK(rig.view()->strategies.size() == rig.engine->rules().strategies.size());
}
