// How wild is the market now, against its own last hundred bars?
//
// Computed only when an entry is sized, from the bars that are kept: a logarithm per bar and timeframe
// would cost more than the whole regime.
#pragma once

#include "core/market/market_view.h"
#include "core/trading/risk_budget.h"

namespace aitrade {

/// Returns rank and expansion of Garman-Klass volatility over 20 bars.
///
/// Formula: v = mean over 20 bars of 0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2, clamped at 0; level = share of
///          the last up to 100 values at or below the present one, 0.5 below 20 values; expanding when the
///          present volatility exceeds 1.5 times that of ten bars ago
/// Source:  trading-core.md 1.1 garman_klass, 3.2
/// Cost:    O(120)
VolatilityState assess_volatility(const Series& series);

/// Returns the choppiness index of the newest 14 bars, 0 (a straight line) to 100 (going nowhere).
///
/// Formula: 100 log10(sum of TR(14) / (highest high - lowest low)) / log10(14); NaN below 15 bars since the
///          series began and on a range of zero
/// Source:  trading-core.md 1.1 choppiness
/// Cost:    O(14)
double choppiness_of(const Series& series);

}  // namespace aitrade
