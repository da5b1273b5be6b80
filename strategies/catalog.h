// The list of strategies: one line here and one file beside it make a strategy.
//
// The order is the StrategyId, which the ledger stores: add at the end, never reorder.
#pragma once

#include "core/base/ids.h"

#include <cstdint>

#define AITRADE_STRATEGIES(X) \
  X(keltner)                  \
  X(trend)                    \
  X(mean_reversion)           \
  X(momentum)                 \
  X(breakout)                 \
  X(reversal)                 \
  X(rsi_mean_reversion)       \
  X(vwap_momentum_alpha)      \
  X(supertrend)               \
  X(ichimoku)                 \
  X(market_structure)         \
  X(order_flow)               \
  X(volatility_squeeze)       \
  X(stochastic_divergence)    \
  X(funding_rate)

namespace aitrade {

/// The place of each strategy in the list.
enum class CatalogPlace : std::uint8_t {
#define AITRADE_PLACE(name) name,
  AITRADE_STRATEGIES(AITRADE_PLACE)
#undef AITRADE_PLACE
};

constexpr StrategyId to_id(CatalogPlace place) {
  return static_cast<StrategyId>(place);
}

}  // namespace aitrade
