// A small catalog of strategies for the tests of core/config.
#pragma once

#include "core/config/config.h"

#include <vector>

namespace aitrade::testing {

inline std::vector<StrategyKeys> small_catalog() {
  StrategyKeys keltner{"keltner", 0.25, true, {}, {}};
  keltner.parameters = {{"ema_period", 20, 2, 1000, true, "length of the middle line"},
                        {"kc_multiplier", 1.5, 0.1, 20, false, "width of the channel"},
                        {"macd_fast", 12, 2, 1000, true, "fast line"},
                        {"macd_slow", 26, 2, 1000, true, "slow line"}};
  keltner.fault_of = [](const std::map<std::string, double>& p) {
    return p.at("macd_fast") < p.at("macd_slow") ? std::string{}
                                                 : std::string("macd_fast must be below macd_slow");
  };
  StrategyKeys trend{"trend", 0.08, true, {{"ema_fast", 20, 2, 1000, true, "fast line"}}, {}};
  StrategyKeys breakout{"breakout", 0.20, false, {}, {}};
  return {keltner, trend, breakout};
}

}  // namespace aitrade::testing
