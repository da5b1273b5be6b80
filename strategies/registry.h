// The table of strategies: name to everything the rest of the program may know of one.
//
// Configuration, desk, command line and reports read this table; none of them lists strategies
// itself.
#pragma once

#include "core/trading/strategy.h"
#include "strategies/catalog.h"

#include <span>
#include <string_view>

namespace aitrade {

// Each file of the catalog defines the function that describes it.
#define AITRADE_DECLARE(name) StrategyInfo name##_strategy();
AITRADE_STRATEGIES(AITRADE_DECLARE)
#undef AITRADE_DECLARE

/// Returns all strategies in the order of the catalog; the index is the StrategyId.
std::span<const StrategyInfo> all_strategies();

/// Returns the strategy of that name, or nullptr.
const StrategyInfo* find_strategy(std::string_view name);

}  // namespace aitrade
