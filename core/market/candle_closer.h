// When is an interval over, and what was its candle?
//
// A venue streams the forming candle again and again with no closed flag (kraken.md 8.3). This
// turns those rows into exactly one closed candle per interval. An interval closes when a row of a
// later one arrives, or when the clock passes its end by the watermark. Intervals without trades
// become flat synthetic candles for at most 30 minutes; a longer silence breaks the series
// (trading-core.md 8.4).
//
// Invariants:
//   1. Outputs rise strictly in time; a closed candle never changes afterwards.
//   2. Nothing is output for a close time at or before settled().
#pragma once

#include "core/base/time.h"
#include "core/domain/candle.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace aitrade {

/// One thing the closer has to say.
struct CloserOutput {
  enum class Kind : std::uint8_t { closed, broken };

  Kind kind{Kind::closed};
  Candle candle;  // for closed
  Time when;      // close time of the candle, or of the interval at which the series broke
};

/// What became of a row.
enum class RowResult : std::uint8_t { applied, duplicate, late, rejected };

class CandleCloser {
 public:
  /// Longest silence that is filled with flat candles.
  static constexpr Duration gap_max = minutes{30};

  /// Makes a closer that has seen nothing. interval > 0. A watermark of Duration::max() means that
  /// the clock never closes anything.
  CandleCloser(Duration interval, Duration watermark);

  /// Takes the forming candle as the venue sees it now; appends what that closes to `out`.
  ///
  /// Errors: rejected for a faulty candle, one off the interval's grid or of another interval; late
  /// for an interval that is already closed; duplicate for a row older than the one in hand.
  RowResult on_row(const Candle& row, std::vector<CloserOutput>& out);

  /// Takes a candle that is known to be complete (REST); its flat rows count as silence.
  RowResult on_closed(const Candle& candle, std::vector<CloserOutput>& out);

  /// Closes every interval whose end plus the watermark is not after `now`.
  void on_time(Time now, std::vector<CloserOutput>& out);

  /// Closes every interval that ends at or before `time`: the caller knows that no row is missing.
  void close_until(Time time, std::vector<CloserOutput>& out);

  /// Closes the forming candle as it stands: the stream has ended.
  void flush(std::vector<CloserOutput>& out);

  /// Drops the forming candle without closing it: the stream was cut and its rest is unknown.
  void forget_forming() { forming_.reset(); }

  /// Starts after a candle from elsewhere (history): the next one opens at its close time.
  void resume_after(const Candle& last);

  /// Nothing that closes at or before this moment will be output any more.
  [[nodiscard]] Time settled() const { return next_open_; }

  /// Rows that came after their interval was closed.
  [[nodiscard]] std::uint64_t late_rows() const { return late_rows_; }

 private:
  void advance_to(Time open, std::vector<CloserOutput>& out);
  [[nodiscard]] bool is_on_grid(const Candle& candle) const;

  Duration interval_;
  Duration watermark_;
  std::int64_t flat_max_;          // flat candles in a row before the series breaks
  std::optional<Candle> forming_;  // opens at next_open_ when present
  Time next_open_;                 // open time of the interval to be closed next
  Price last_close_;
  bool is_live_{false};  // false before the first candle and after a break
  std::int64_t flat_run_{0};
  std::uint64_t late_rows_{0};
};

}  // namespace aitrade
