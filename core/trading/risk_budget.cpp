#include "core/trading/risk_budget.h"

#include <algorithm>
#include <array>

namespace aitrade {
namespace {

constexpr int kelly_trades_min = 50;
constexpr double probation_share = 0.1;
constexpr double product_floor = 0.1;

struct Step {
  double below;
  double factor;
};

constexpr std::array<Step, 4> drawdown_steps{{{0.03, 1.0}, {0.07, 0.8}, {0.12, 0.6}, {0.18, 0.35}}};
constexpr double drawdown_factor_min = 0.15;

double drawdown_factor(double drawdown) {
  for (const Step& step : drawdown_steps) {
    if (drawdown < step.below) return step.factor;
  }
  return drawdown_factor_min;
}

double streak_factor(int losses) {
  constexpr int patience = 3;
  return losses < patience ? 1.0 : std::max(0.4, 1.0 - 0.15 * (losses - 2));
}

double spread_factor(double spread) {
  constexpr double narrow = 0.001;
  return spread <= narrow ? 1.0 : std::max(0.5, 1.0 - 50 * (spread - narrow));
}

double volatility_factor(Volatility regime, const VolatilityState& state) {
  double factor = 1.0;
  if (regime == Volatility::high) factor = state.level > 0.8 ? 0.6 : state.level > 0.7 ? 0.7 : 0.8;
  if (state.is_expanding) factor *= 0.6;
  return std::max(factor, 0.3);
}

double correlation_factor(double correlation) {
  constexpr double close_to_one = 0.7;
  return correlation <= close_to_one ? 1.0 : std::max(0.5, 1.0 - 2 * (correlation - close_to_one));
}

}  // namespace

RiskBudget budget_risk(const BudgetInputs& in, const RiskRules& rules) {
  RiskBudget out;
  const double most = to_double(rules.risk_per_trade);
  double risk = most;
  if (rules.kelly_fraction > 0 && in.edge.trades >= kelly_trades_min) {
    out.kelly = rules.kelly_fraction * in.edge.kelly;
    if (in.edge.kelly > 0) {
      risk = std::min({risk, out.kelly, rules.kelly_cap});
    } else {
      risk = rules.is_live ? 0 : most * probation_share;
    }
  }
  if (!(risk > 0)) {
    out.reason = Reason::no_edge;
    return out;
  }
  if (in.on_probation) risk = std::min(risk, most * probation_share);
  out.drawdown = drawdown_factor(in.drawdown);
  out.streak = streak_factor(in.loss_run);
  out.spread = spread_factor(in.spread);
  out.volatility = volatility_factor(in.regime, in.volatility);
  out.correlation = correlation_factor(in.correlation);
  out.product = std::clamp(out.drawdown * out.streak * out.spread * out.volatility * out.correlation,
                           product_floor, 1.0);
  const double scaled = std::min(risk * out.product, in.heat_room);
  const auto exact = Rate::from_double(scaled, Rounding::down);
  if (!exact || !exact->is_positive()) {
    out.reason = Reason::portfolio_heat;
    return out;
  }
  out.risk = *exact;
  return out;
}

}  // namespace aitrade
