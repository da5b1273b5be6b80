// A quiet bar takes nothing from the heap: all fifteen strategies, three timeframes, the full pipeline.
//
// operator new is replaced for this program alone and counts. A bar is quiet when nothing was asked for and
// nothing came from the venue; orders, their answers and closed trades may allocate.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "core/base/random.h"
#include "core/runtime/sim_runner.h"
#include "strategies/registry.h"
#include "tests/support/trading.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace aitrade;
using namespace aitrade::test;

namespace {

class Quiet final : public StepObserver {
 public:
  void on_step(const Event& event, const ActionList& actions) override {
    const bool is_time = std::holds_alternative<CandleClosed>(event.body) ||
                         std::holds_alternative<InstantClosed>(event.body);
    if (!is_time || !actions.empty()) quiet = false;
  }

  bool quiet{true};
};

/// Fifteen strategies as shipped but for a single vote that may trade, so that entries happen.
TradingRules all_rules() {
  TradingRules rules = script_rules();
  rules.strategies.clear();
  rules.single_strategy = false;
  rules.confluence.any_solo = true;
  rules.confluence.confidence_min = rules.confluence.solo_confidence_min = 0.5;
  rules.timeframes = {minutes{1}, minutes{5}, minutes{15}};
  rules.primary = minutes{5};
  std::uint16_t id = 0;
  for (const StrategyInfo& info : all_strategies()) {
    rules.strategies.push_back(
        StrategyChoice{StrategyId{id++}, &info, Parameters(info.parameters), 1.0 / 15, info.leaning, Duration{0}});
  }
  return rules;
}

std::vector<Candle> walk(std::size_t bars) {
  Random random(20240501);
  std::vector<Candle> out;
  double price = 30'000;
  const auto on_tick = [](double value) { return *Price::from_double(value, Rounding::half_even); };
  for (std::size_t i = 0; i < bars; ++i) {
    const auto step = [&] { return (random.uniform() - 0.5) * 60; };
    const double open = price;
    const double close = std::max(1'000.0, open + step());
    Candle c;
    c.open_time = midnight + minutes{1} * static_cast<std::int64_t>(i);
    c.interval = minutes{1};
    c.open = on_tick(open);
    c.close = on_tick(close);
    c.high = on_tick(std::max(open, close) + std::abs(step()) / 2);
    c.low = on_tick(std::min(open, close) - std::abs(step()) / 2);
    c.volume = 1 + random.uniform() * 20;
    out.push_back(c);
    price = close;
  }
  return out;
}

}  // namespace

TEST_CASE("pipeline: a quiet bar allocates nothing, flat or in a position", "[sim][allocation]") {
  SimSetup setup;
  setup.engine.rules = all_rules();
  setup.engine.instruments = {standard_instrument(Symbol{"BTC", "USD"}, px("30000"))};
  setup.cash = usd("10000");
  SilentJournal journal;
  Quiet seen;
  SimRunner runner(std::move(setup), journal, &seen);
  REQUIRE(runner.start(midnight));
  const std::vector<Candle> candles = walk(60'000);
  constexpr std::size_t warm = 10'000;
  std::size_t quiet_flat = 0;
  std::size_t quiet_held = 0;
  std::size_t taken = 0;
  bool works = true;
  for (std::size_t i = 0; i < candles.size(); ++i) {
    seen.quiet = true;
    const std::size_t before = allocations;
    works = runner.candle(InstrumentId{0}, candles[i]).has_value() && works;
    const std::size_t made = allocations - before;
    if (i < warm || !seen.quiet) continue;
    taken += made;
    (runner.engine().desk().portfolio().open_count() > 0 ? quiet_held : quiet_flat) += 1;
  }
  CHECK(works);
  CHECK(taken == 0);
  CHECK(quiet_flat > 20'000);
  CHECK(quiet_held > 500);
}
