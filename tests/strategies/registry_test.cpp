// What holds for every strategy of the catalog: the table, warm-up, and numbers that are not
// numbers.
#include "tests/strategies/rig.h"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

namespace aitrade::test {

TEST_CASE("registry: the table is in the order of the catalog and finds by name") {
  const std::vector<std::string> names{"keltner",
                                       "trend",
                                       "mean_reversion",
                                       "momentum",
                                       "breakout",
                                       "reversal",
                                       "rsi_mean_reversion",
                                       "vwap_momentum_alpha",
                                       "supertrend",
                                       "ichimoku",
                                       "market_structure",
                                       "order_flow",
                                       "volatility_squeeze",
                                       "stochastic_divergence",
                                       "funding_rate"};
  const auto all = all_strategies();
  REQUIRE(all.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    CHECK(all[i].name == names[i]);
  CHECK(all[static_cast<std::size_t>(CatalogPlace::funding_rate)].name == "funding_rate");
  for (const StrategyInfo& info : all)
    CHECK(find_strategy(info.name) == &info);
  CHECK(find_strategy("nothing") == nullptr);
}

TEST_CASE("registry: weights and families of the specification; three are off by default") {
  const auto of = [](std::string_view name) { return find_strategy(name); };
  double sum = 0;
  int disabled = 0;
  for (const StrategyInfo& info : all_strategies()) {
    if (info.enabled) sum += info.default_weight;
    if (!info.enabled) ++disabled;
  }
  CHECK(sum == Approx(1.52));  // configuration scales the enabled ones to a sum of 1
  CHECK(disabled == 3);
  for (const char* name : {"momentum", "breakout", "rsi_mean_reversion"})
    CHECK_FALSE(of(name)->enabled);
  CHECK(of("volatility_squeeze")->default_weight == 0.18);
  CHECK(of("volatility_squeeze")->family == Family::momentum);
  CHECK(of("vwap_momentum_alpha")->family == Family::vwap);
  CHECK(of("order_flow")->family == Family::microstructure);
  CHECK(of("market_structure")->family == Family::structure);
  CHECK(of("supertrend")->family == Family::trend_following);
  CHECK(of("ichimoku")->family == Family::trend_following);
  CHECK(of("funding_rate")->family == Family::sentiment);
  CHECK(of("reversal")->family == Family::mean_reversion);
  CHECK(of("stochastic_divergence")->family == Family::mean_reversion);
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
  CHECK(fault("reversal", "rsi_low", 90) == "rsi_low must be below rsi_high");
  CHECK(fault("ichimoku", "tenkan", 26) == "tenkan must be below kijun");
  CHECK(fault("ichimoku", "kijun", 60) == "kijun must be below senkou");
  CHECK(fault("market_structure", "rsi_low", 70) == "rsi_low must be below rsi_high");
  CHECK(fault("stochastic_divergence", "oversold", 85) == "oversold must be below overbought");
}

TEST_CASE("strategies: neutral while warming up, and again after the series broke") {
  for (const auto& [name, bars] :
       {std::pair{"keltner", 100}, std::pair{"trend", 150}, std::pair{"mean_reversion", 70},
        std::pair{"momentum", 50}, std::pair{"breakout", 80}, std::pair{"reversal", 50},
        std::pair{"rsi_mean_reversion", 50}, std::pair{"vwap_momentum_alpha", 50},
        std::pair{"supertrend", 40}, std::pair{"ichimoku", 88}, std::pair{"market_structure", 50},
        std::pair{"order_flow", 30}, std::pair{"volatility_squeeze", 52},
        std::pair{"stochastic_divergence", 50}, std::pair{"funding_rate", 50}}) {
    INFO(name);
    Rig rig(name);
    CHECK(rig.strategy->warm_up() == bars);
    CHECK(rig.set.warm_up() <= bars);
    SurroundingsFeed feed(43);
    const auto market = spells(400, 41);
    for (int t = 0; t < 400; ++t) {
      if (t == 200) {
        rig.series.since_break = 0;
        rig.series.bars.clear();
        rig.set.reset();
      }
      surround(rig, feed.next());
      const Signal signal = rig.feed(market[static_cast<std::size_t>(t)]);
      const bool is_warm = (t < 200 ? t : t - 200) >= bars - 1;
      CHECK((signal.reason == Reason::warming_up) == !is_warm);
      CHECK(signal.reason != Reason::not_finite);
    }
  }
}

TEST_CASE("a number that is not finite gives neutral with a reason, then heals [S1]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const StrategyInfo& info : all_strategies()) {
    for (double Bar::*field : {&Bar::open, &Bar::high, &Bar::low, &Bar::close, &Bar::volume}) {
      for (const double bad : {nan, infinity}) {
        INFO(info.name);
        Rig rig(info.name);
        SurroundingsFeed feed(44);
        int healed = 0;
        auto market = spells(600, 42);
        market[300].*field = bad;
        for (std::size_t t = 0; t < market.size(); ++t) {
          surround(rig, feed.next());
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

TEST_CASE("strategies: a flat market without volume gives no signal, and a reason") {
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    Rig rig(info.name);
    surround(rig, Surroundings{});
    // Without volume there is no volume-weighted price, without candles there is still a book.
    const bool needs_volume = info.name == "vwap_momentum_alpha";
    for (int t = 0; t < 300; ++t) {
      const Signal signal = rig.feed(Bar{Time{}, 100, 100, 100, 100, 0, true});
      CHECK(signal.direction == Direction::neutral);
      if (t <= 200) continue;
      CHECK(signal.reason == (needs_volume ? Reason::not_finite : Reason::no_setup));
    }
  }
}

TEST_CASE("volume that is zero gives neutral or a finite signal, never a number that is none [S1]") {
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    Rig rig(info.name);
    SurroundingsFeed feed(45);
    for (Bar bar : spells(3000, 46)) {
      bar.volume = 0;
      surround(rig, feed.next());
      const Signal signal = rig.feed(bar);
      CHECK(std::isfinite(signal.strength + signal.confidence + signal.stop + signal.target));
      for (std::size_t i = 0; i < signal.notes_count; ++i)
        CHECK(std::isfinite(signal.notes[i].value));
    }
  }
}

}  // namespace aitrade::test
