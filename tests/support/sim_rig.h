// A backtest in the hand of a test: everything it did is kept, with the event that caused it.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/runtime/sim_runner.h"
#include "tests/support/trading.h"

namespace aitrade::test {

struct Step {
  Event event;
  std::vector<Action> actions;
};

class SimRig : public StepObserver, public MarkObserver {
 public:
  explicit SimRig(SimSetup setup) : runner(std::move(setup), journal_, this, this) {
    REQUIRE(runner.start(midnight));
  }

  static SimSetup setup_of(TradingRules rules = script_rules(), VenueModels models = free_and_instant(),
                           std::vector<Instrument> pairs = {spot()}, const char* cash = "10000") {
    SimSetup setup;
    setup.engine.rules = std::move(rules);
    setup.engine.instruments = std::move(pairs);
    setup.models = models;
    setup.cash = usd(cash);
    return setup;
  }

  void on_step(const Event& event, const ActionList& actions) override {
    steps.push_back({event, std::vector<Action>(actions.begin(), actions.end())});
  }

  void on_mark(const Mark& mark) override { marks.push_back(mark); }

  /// Flat candles at 100 until the strategies may speak; returns the minute after them.
  std::int64_t warm(std::int64_t bars = warm_bars) {
    for (std::int64_t i = 0; i < bars; ++i) feed(flat(i));
    return bars;
  }

  void feed(const Candle& candle) { REQUIRE(runner.candle(InstrumentId{0}, candle)); }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const Step& s : steps) {
      for (const Action& action : s.actions) {
        if (const T* found = std::get_if<T>(&action)) out.push_back(*found);
      }
    }
    return out;
  }

  std::vector<Fill> fills() const {
    std::vector<Fill> out;
    for (const Step& s : steps) {
      if (const auto* f = std::get_if<OrderFilled>(&s.event.body)) out.push_back(f->fill);
    }
    return out;
  }

  [[nodiscard]] const Portfolio& portfolio() const { return runner.engine().desk().portfolio(); }

 private:
  SilentJournal journal_;

 public:
  std::vector<Step> steps;
  std::vector<Mark> marks;
  SimRunner runner;
};

/// A walk without drift from 100, seeded: `count` candles of `step` per cent a minute.
inline std::vector<Candle> random_walk(std::uint64_t seed, std::int64_t count, double step_percent = 0.2) {
  Random random(seed);
  double price = 100;
  std::vector<Candle> out;
  const auto tick = [](double x) {
    return round_to_step(*Price::from_double(x, Rounding::half_even), px("0.01"), Rounding::half_even);
  };
  for (std::int64_t i = 0; i < count; ++i) {
    Candle c = flat(i);
    c.open = tick(price);
    double high = price;
    double low = price;
    for (int k = 0; k < 6; ++k) {
      price *= 1 + step_percent / 100 / std::sqrt(6.0) * random.normal();
      high = std::max(high, price);
      low = std::min(low, price);
    }
    c.close = tick(price);
    c.high = std::max({tick(high), c.open, c.close});
    c.low = std::min({tick(low), c.open, c.close});
    out.push_back(c);
  }
  return out;
}

}  // namespace aitrade::test
