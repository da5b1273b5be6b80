// The candles of one instrument, let in once for many runs.
//
// A sweep reads its candles through the door (candle_door.h) a single time and keeps what came out: the
// accepted and filled candles, the same as bars, where the series broke, and the regime after each bar. All of
// it is read-only afterwards and shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/indicators/tape.h"
#include "core/runtime/candle_door.h"
#include "core/trading/rules.h"

namespace aitrade {

class History {
 public:
  History(GapRule gaps, const OutlierSettings& outliers) : door_(InstrumentId{0}, gaps, outliers) {}

  /// Takes the next closed candle. Errors: invalid at a gap under `refuse`.
  Status add(const Candle& candle);

  /// Works out the regimes; nothing is added afterwards.
  void finish(const RegimeRules& rules);

  /// Candles as read, before the door.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  /// The first candle as read; meaningless without rows.
  [[nodiscard]] const Candle& first() const { return first_; }

  [[nodiscard]] const std::vector<Candle>& candles() const { return candles_; }

  [[nodiscard]] BarTape tape() const { return {bars_, starts_}; }

  /// After each bar; empty before finish().
  [[nodiscard]] const std::vector<Regime>& regimes() const { return regimes_; }

  [[nodiscard]] std::int64_t filled() const { return door_.filled(); }

 private:
  CandleDoor door_;
  Candle first_;
  std::uint64_t rows_{0};
  std::vector<Candle> candles_;
  std::vector<Bar> bars_;
  std::vector<std::size_t> starts_;
  std::vector<Regime> regimes_;
};

}  // namespace aitrade
