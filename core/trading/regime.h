// Is this market trending or ranging, calm or wild?
//
// With hysteresis, so that a regime does not flip on every candle: a trend begins at ADX 25 and ends
// below 20; a volatility class is left only 10 % beyond its border (trading-core.md 3.2).
#pragma once

#include "core/base/time.h"
#include "core/domain/signal.h"
#include "core/trading/rules.h"

namespace aitrade {

/// Bars of the ADX and ATR that a regime is read from.
constexpr int regime_period = 14;

class RegimeTracker {
 public:
  RegimeTracker(const RegimeRules& rules, Duration timeframe);

  /// Takes the newest ADX (0..100) and ATR as a fraction of price; NaN makes that part unknown.
  void update(double adx, double atr_pct);

  [[nodiscard]] Regime regime() const { return regime_; }

  void reset() { regime_ = Regime{}; }

  /// Stands where another tracker of the same rules stood.
  void restore(Regime regime) { regime_ = regime; }

 private:
  [[nodiscard]] Trend trend_after(double adx) const;
  [[nodiscard]] Volatility volatility_after(double atr_pct) const;

  double adx_enter_, adx_leave_;
  double high_, low_;
  Regime regime_;
};

/// Returns the factor of a strategy's weight: its trend part times its volatility part, at most 2.
double leaning_factor(const Leaning& leaning, Regime regime);

}  // namespace aitrade
