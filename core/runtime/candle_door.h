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

  /// Takes the next candle and calls `sink(body, Time when)` for each event that results, where body is
  /// CandleClosed (zero or more) or SeriesBroken, before a candle that begins a new series.
  ///
  /// Errors: invalid at a gap under `refuse`
  template <class Sink>
  Status push(const Candle& candle, bool backfill, Sink&& sink) {
    filter_.push(candle);
    for (const Candle& accepted : filter_.accepted()) {
      AITRADE_TRY_STATUS(filler_.push(
          accepted,
          [&](const Candle& c) { sink(CandleClosed{instrument_, c, backfill}, c.close_time()); },
          [&] { sink(SeriesBroken{instrument_}, accepted.open_time); }));
    }
    return ok();
  }

  [[nodiscard]] const BarCounts& counts() const { return filter_.counts(); }

  [[nodiscard]] std::int64_t filled() const { return filler_.filled(); }

 private:
  InstrumentId instrument_;
  OutlierFilter filter_;
  GapFiller filler_;
};

}  // namespace aitrade
