// From the rows of a live connection to candle events in the order a backtest would see them.
//
// Joins a CandleCloser for each pair with the CandleAligner over all of them, and marks what was
// fetched after the fact. It is live only between go_live() and cut(): while the connection is down
// nothing is closed by the clock, because the rows that are missing will come from the venue's
// history.
#pragma once

#include "core/domain/event.h"
#include "core/market/candle_aligner.h"
#include "core/market/candle_closer.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace aitrade {

struct CandleStreamOptions {
  std::vector<InstrumentId> instruments;  // in the configured order
  Duration interval{minutes{1}};
  Duration watermark{seconds{2}};  // Duration::max(): the clock closes nothing

  /// The venue sends rows of all pairs in order of time (a tape): a row of one pair closes every
  /// earlier interval of all of them.
  bool is_ordered{false};
};

class CandleStream {
 public:
  explicit CandleStream(CandleStreamOptions options);

  /// Starts a pair after a candle from elsewhere. Before the first go_live().
  void resume_after(std::size_t pair, const Candle& last);

  /// Returns the open time of the next candle the pair needs; the epoch when it needs none from
  /// before.
  [[nodiscard]] Time needs_from(std::size_t pair) const { return closers_[pair].settled(); }

  /// Takes a complete candle from the venue's history. While not live.
  RowResult on_fetched(std::size_t pair, const Candle& candle);

  /// The stream is complete from here on: intervals that end at or before `from` are backfill.
  void go_live(Time from);

  /// Takes a row of the forming candle; ignored unless live.
  RowResult on_row(std::size_t pair, const Candle& row);

  /// Closes what the clock says is over; ignored unless live.
  void on_time(Time now);

  /// The connection is gone: forming candles are dropped, nothing is closed until go_live().
  void cut();

  /// The stream has ended for good: closes every forming candle and waits for nobody.
  void flush();

  /// The venue does not serve the pair: nobody waits for it.
  void drop(std::size_t pair);

  /// Appends the events that are due, stamped as received at `at`; with several pairs an InstantClosed after
  /// the candles of each close time.
  void release(Time at, std::vector<Event>& out);

  [[nodiscard]] bool is_live() const { return is_live_; }

 private:
  void collect(std::size_t pair);
  void end_instant(std::optional<Time>& instant, Time at, std::vector<Event>& out) const;

  CandleStreamOptions options_;
  std::vector<CandleCloser> closers_;
  std::vector<bool> dropped_;
  CandleAligner aligner_;
  Time live_from_;
  bool is_live_{false};
  std::vector<CloserOutput> outputs_;    // reused
  std::vector<AlignedOutput> released_;  // reused
};

}  // namespace aitrade
