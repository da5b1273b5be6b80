// Candles of the engine in a longer timeframe, for the chart and for backtests beside the daemon.
#pragma once

#include <algorithm>
#include <vector>

#include "core/runtime/view.h"

namespace aitrade {

/// Puts base candles together; the last one may be growing still.
inline std::vector<Candle> gathered(const CandleSeries& series, Duration timeframe) {
  std::vector<Candle> bars;
  series.visit([&](const Candle& candle) {
    const Time start = floor_to(candle.open_time, timeframe);
    if (bars.empty() || bars.back().open_time != start) {
      bars.push_back(candle);
      bars.back().open_time = start;
      bars.back().interval = timeframe;
      return;
    }
    Candle& bar = bars.back();
    bar.high = std::max(bar.high, candle.high);
    bar.low = std::min(bar.low, candle.low);
    bar.close = candle.close;
    bar.volume += candle.volume;
  });
  return bars;
}

}  // namespace aitrade
