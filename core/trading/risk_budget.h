// What share of equity may the next trade lose?
//
// Fixed fractional risk, capped by a shrunken Kelly bet once there are enough trades, times factors for
// drawdown, losing streak, spread, volatility and company of correlated positions. The product never
// exceeds one: nothing sizes up (trading-core.md 7.2, 7.3, rewrite). Every factor is kept for `why`.
#pragma once

#include "core/domain/signal.h"
#include "core/trading/rules.h"
#include "core/trading/track_record.h"

namespace aitrade {

/// How wild the market is now, from the newest bars of the primary timeframe.
struct VolatilityState {
  double level{0.5};       // rank of the present Garman-Klass volatility among the last 100, [0, 1]
  bool is_expanding{false};  // above 1.5 times its value ten bars ago
};

/// What a budget depends on.
struct BudgetInputs {
  EdgeEstimate edge;
  double drawdown{0};           // from the peak of equity, [0, 1]
  int loss_run{0};
  double spread{0};             // of mid; 0 when unknown
  Volatility regime{Volatility::unknown};
  VolatilityState volatility;
  double correlation{0};        // largest with an open position of the same side, [-1, 1]
  double heat_room{1};          // risk fraction that portfolio heat leaves
  bool on_probation{false};     // of risk of ruin: a tenth
};

/// Returns the budget with every factor that made it; `risk` is zero, with a reason, when there is none.
///
/// Formula: risk = min(risk_per_trade, kelly_cap, kelly_fraction * f) with f from 50 trades on;
///          f <= 0 gives a tenth on paper and nothing live; times clamp(product of factors, 0.1, 1); at most
///          heat_room
/// Source:  trading-core.md 7.2 and 7.3
RiskBudget budget_risk(const BudgetInputs& inputs, const RiskRules& rules);

}  // namespace aitrade
