#include "core/trading/regime.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr double volatility_hysteresis = 0.10;
constexpr double minutes_per_day = 1440.0;
constexpr double leaning_max = 2.0;   // however a configuration multiplies

}  // namespace

RegimeTracker::RegimeTracker(const RegimeRules& rules, Duration timeframe)
    : adx_enter_(rules.adx_enter), adx_leave_(rules.adx_leave) {
  const double tf_minutes = std::chrono::duration<double, std::ratio<60>>(timeframe).count();
  const double scale = std::sqrt(tf_minutes / minutes_per_day);
  high_ = rules.atr_pct_high * scale;
  low_ = rules.atr_pct_low * scale;
}

void RegimeTracker::update(double adx, double atr_pct) {
  // Written only where it changes: who reads it as a whole right after would wait for the parts to be stored.
  const Regime now{trend_after(adx), volatility_after(atr_pct)};
  if (now != regime_) regime_ = now;
}

Trend RegimeTracker::trend_after(double adx) const {
  if (std::isnan(adx)) return Trend::unknown;
  return adx >= (regime_.trend == Trend::trend ? adx_leave_ : adx_enter_) ? Trend::trend : Trend::range;
}

Volatility RegimeTracker::volatility_after(double atr_pct) const {
  if (std::isnan(atr_pct)) return Volatility::unknown;
  const double give = 1.0 - volatility_hysteresis;
  const double high = regime_.volatility == Volatility::high ? high_ * give : high_;
  const double low = regime_.volatility == Volatility::low ? low_ / give : low_;
  if (atr_pct >= high) return Volatility::high;
  return atr_pct <= low ? Volatility::low : Volatility::mid;
}

double leaning_factor(const Leaning& leaning, Regime regime) {
  double factor = 1.0;
  if (regime.trend == Trend::trend) factor *= leaning.trend;
  if (regime.trend == Trend::range) factor *= leaning.range;
  if (regime.volatility == Volatility::high) factor *= leaning.high_volatility;
  if (regime.volatility == Volatility::low) factor *= leaning.low_volatility;
  return std::min(factor, leaning_max);
}

}  // namespace aitrade
