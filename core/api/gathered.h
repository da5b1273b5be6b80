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

/// The same without what is not whole: a first bar that the series begins in the middle of, a last one that has not
/// ended.
inline std::vector<Candle> whole_bars(const CandleSeries& series, Duration timeframe) {
  std::vector<Candle> bars = gathered(series, timeframe);
  Time first, last;   // open of the oldest base candle, close of the newest
  bool has_first = false;
  series.visit([&](const Candle& candle) {
    if (!has_first) first = candle.open_time;
    has_first = true;
    last = candle.close_time();
  });
  if (!bars.empty() && bars.back().close_time() > last) bars.pop_back();
  if (!bars.empty() && bars.front().open_time < first) bars.erase(bars.begin());
  return bars;
}

}  // namespace aitrade
