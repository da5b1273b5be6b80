// A history whose indicators and regimes are known, for runs that skip what cannot matter.
//
// A desk that plays takes bars of this history only. It computes nothing of what is on the tapes and may jump
// over bars: afterwards it stands where it would stand had it seen them, provided that it was flat and without
// orders and that no strategy would have spoken. Who jumps answers for that (core/runtime/trial_runner.h).
#pragma once

#include <span>

#include "core/indicators/tape.h"
#include "core/market/market_view.h"

namespace aitrade {

/// Borrowed by the frame; one instrument, one timeframe, which is that of the candles.
struct Playback {
  BarTape tape;
  std::span<const Regime> regimes;   // after each bar
  TapeSource* tapes{nullptr};
};

/// Makes `series` what it is after `tape.bars[end - 1]`, when it stood after `begun - 1` before.
inline void catch_up(Series& series, const BarTape& tape, std::size_t begun, std::size_t end) {
  const std::size_t start = tape.starts[tape.series_of(end - 1)];
  if (begun <= start) {
    series.bars.clear();
    begun = start;
  }
  const std::size_t room = series.bars.capacity();
  if (end - begun > room) begun = end - room;
  for (std::size_t i = begun; i < end; ++i) series.bars.grow() = tape.bars[i];
  series.since_break = end - start;
}

}  // namespace aitrade
