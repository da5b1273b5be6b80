#include "core/runtime/history.h"

#include "core/indicators/indicator_set.h"
#include "core/trading/regime.h"

namespace aitrade {

Status History::add(const Candle& candle) {
  if (rows_++ == 0) first_ = candle;
  return door_.push(
      candle,
      [&](const Candle& accepted) {
        if (candles_.empty()) starts_.push_back(0);
        candles_.push_back(accepted);
        bars_.push_back(to_bar(accepted));
      },
      [&](const SeriesBroken&, Time) { starts_.push_back(candles_.size()); });
}

void History::finish(const RegimeRules& rules) {
  if (candles_.empty()) return;
  const Duration timeframe = candles_.front().interval;
  IndicatorSet indicators(timeframe);
  const Line adx = indicators.adx(regime_period).adx;
  const Line atr_pct = indicators.atr_pct(regime_period);
  RegimeTracker tracker(rules, timeframe);
  regimes_.reserve(bars_.size());
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    if (i > 0 && tape().begins_series(i)) {
      indicators.reset();
      tracker.reset();
    }
    indicators.update(bars_[i]);
    tracker.update(adx.last(), atr_pct.last());
    regimes_.push_back(tracker.regime());
  }
}

}  // namespace aitrade
