#include "core/trading/foreign_signals.h"

#include <algorithm>
#include <limits>

namespace aitrade {

const ForeignSignal* ForeignSignals::at(InstrumentId instrument, Time close) const {
  const std::vector<ForeignSignal>& list = by_instrument_[number(instrument)];
  const auto found = std::lower_bound(list.begin(), list.end(), close,
                                      [](const ForeignSignal& s, Time t) { return s.at < t; });
  return found != list.end() && found->at == close ? &*found : nullptr;
}

void follow_signals(TradingRules& rules, const ForeignSignals& signals) {
  constexpr double never = std::numeric_limits<double>::infinity();
  rules.signals = &signals;
  rules.timeframes = {rules.base};
  rules.primary = rules.base;
  rules.strategies.clear();
  rules.exits = ExitRules{};
  rules.exits.trailing_activation_pct = rules.exits.breakeven_pct = never;
  rules.breakers = BreakerRules{};
  rules.guardrails = GuardrailRules{};
  rules.adaptive_weights = false;
}

}  // namespace aitrade
