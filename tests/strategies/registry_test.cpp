// What holds for every strategy of the catalog: the table, warm-up, and numbers that are not
// numbers.
#include "tests/strategies/rig.h"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace aitrade::test {

TEST_CASE("registry: the table is in the order of the catalog and finds by name") {
  const auto all = all_strategies();
  REQUIRE(all.size() == 3);
  CHECK(all[static_cast<std::size_t>(CatalogPlace::keltner)].name == "keltner");
  CHECK(all[static_cast<std::size_t>(CatalogPlace::trend)].name == "trend");
  CHECK(all[static_cast<std::size_t>(CatalogPlace::mean_reversion)].name == "mean_reversion");
  for (const StrategyInfo& info : all)
    CHECK(find_strategy(info.name) == &info);
  CHECK(find_strategy("nothing") == nullptr);
}

TEST_CASE("registry: shipped parameters are within their bounds and without fault") {
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    Parameters parameters(info.parameters);
    for (const Parameter& p : info.parameters) {
      INFO(p.name);
      CHECK(parameters.set(p.name, p.fallback));
      CHECK_FALSE(parameters.set(p.name, p.maximum + 1));
      CHECK_FALSE(parameters.set(p.name, p.minimum - 1));
      CHECK_FALSE(parameters.set(p.name, std::numeric_limits<double>::quiet_NaN()));
      CHECK_FALSE(p.help.empty());
    }
    CHECK(info.fault_of(parameters) == nullptr);
    CHECK(info.default_weight > 0);
  }
}

TEST_CASE("registry: combinations that make no sense are named") {
  const auto fault = [](std::string_view name, std::string_view key, double value) {
    const StrategyInfo* info = find_strategy(name);
    Parameters parameters(info->parameters);
    CHECK(parameters.set(key, value));
    const char* text = info->fault_of(parameters);
    return std::string(text == nullptr ? "" : text);
  };
  CHECK(fault("keltner", "macd_fast", 26) == "macd_fast must be below macd_slow");
  CHECK(fault("keltner", "rsi_long_max", 60) == "rsi_long_max must be below rsi_short_min");
  CHECK(fault("trend", "ema_fast", 50) == "ema_fast must be below ema_slow");
  CHECK(fault("mean_reversion", "rsi_oversold", 80) == "rsi_oversold must be below rsi_overbought");
}

TEST_CASE("strategies: neutral while warming up, and again after the series broke") {
  for (const auto& [name, bars] :
       {std::pair{"keltner", 100}, std::pair{"trend", 150}, std::pair{"mean_reversion", 70}}) {
    INFO(name);
    Rig rig(name);
    CHECK(rig.strategy->warm_up() == bars);
    CHECK(rig.set.warm_up() <= bars);
    const auto market = spells(400, 41);
    for (int t = 0; t < 400; ++t) {
      if (t == 200) {
        rig.series.since_break = 0;
        rig.series.bars.clear();
        rig.set.reset();
      }
      const Signal signal = rig.feed(market[static_cast<std::size_t>(t)]);
      const bool is_warm = (t < 200 ? t : t - 200) >= bars - 1;
      CHECK((signal.reason == Reason::warming_up) == !is_warm);
      CHECK(signal.reason != Reason::not_finite);
    }
  }
}

TEST_CASE("strategies: a number that is not finite gives neutral with a reason, then heals") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::string name : {"keltner", "trend", "mean_reversion"}) {
    for (double Bar::*field : {&Bar::open, &Bar::high, &Bar::low, &Bar::close, &Bar::volume}) {
      for (const double bad : {nan, infinity}) {
        INFO(name);
        Rig rig(name, {}, bare_bracket());
        int healed = 0;
        auto market = spells(600, 42);
        market[300].*field = bad;
        for (std::size_t t = 0; t < market.size(); ++t) {
          const Signal signal = rig.feed(market[t]);
          CHECK(std::isfinite(signal.strength + signal.confidence + signal.stop + signal.target));
          if (t == 300) CHECK(signal.direction == Direction::neutral);
          if (t == 300 && field == &Bar::close) CHECK(signal.reason == Reason::not_finite);
          if (t >= 500 && signal.reason != Reason::not_finite) ++healed;
        }
        CHECK(healed == 100);
      }
    }
  }
}

TEST_CASE("strategies: a flat market without volume is no setup") {
  for (const std::string name : {"keltner", "trend", "mean_reversion"}) {
    INFO(name);
    Rig rig(name);
    for (int t = 0; t < 300; ++t) {
      const Signal signal = rig.feed(Bar{Time{}, 100, 100, 100, 100, 0, true});
      CHECK(signal.direction == Direction::neutral);
      if (t > 200) CHECK(signal.reason == Reason::no_setup);
    }
  }
}

}  // namespace aitrade::test
