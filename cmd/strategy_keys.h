// The strategies of the registry as plain data, the way core/config wants them.
#pragma once

#include "core/config/config.h"

#include <vector>

namespace aitrade::cli {

/// Returns every strategy with its parameters, bounds and combination check.
std::vector<StrategyKeys> strategy_keys();

}  // namespace aitrade::cli
