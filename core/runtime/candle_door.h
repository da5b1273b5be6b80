// The door through which every closed candle enters, live and in a backtest alike.
//
// Outlier quarantine first, then the gap policy: what comes out is the same series whether the candles
// came one a minute from a socket or all at once from a file.
#pragma once

#include "core/domain/event.h"
#include "core/market/gap_policy.h"
#include "core/market/outlier.h"

namespace aitrade {

class CandleDoor {
 public:
  CandleDoor(InstrumentId instrument, GapRule gaps, const OutlierSettings& outliers)
      : instrument_(instrument), filter_(outliers), filler_(gaps) {}

  /// Takes the next candle and calls `on_candle(const Candle&)` for each that results (zero or more), and
  /// `on_broken(const SeriesBroken&, Time when)` before one that begins a new series.
  ///
  /// Errors: invalid at a gap under `refuse`
  template <class OnCandle, class OnBroken>
  Status push(const Candle& candle, OnCandle&& on_candle, OnBroken&& on_broken) {
    filter_.push(candle);
    for (const Candle& accepted : filter_.accepted()) {
      AITRADE_TRY_STATUS(filler_.push(accepted, on_candle,
                                      [&] { on_broken(SeriesBroken{instrument_}, accepted.open_time); }));
    }
    return ok();
  }

  /// The newest candle that came out; one with prices of zero before the first.
  [[nodiscard]] const Candle& newest() const { return filler_.newest(); }

  [[nodiscard]] const BarCounts& counts() const { return filter_.counts(); }

  [[nodiscard]] std::int64_t filled() const { return filler_.filled(); }

 private:
  InstrumentId instrument_;
  OutlierFilter filter_;
  GapFiller filler_;
};

}  // namespace aitrade
