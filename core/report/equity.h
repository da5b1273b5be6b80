// How equity moved: the deepest fall bar by bar, and one value a day.
//
// `EquityTracker` is fed once a bar by a run of millions of bars, so `mark` is constant time, keeps
// nothing but the daily points and allocates once a day. Falls are measured from the highest equity
// at a close to the worst equity inside a later bar: a fall that only showed within a bar still
// counts.
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aitrade {

constexpr Duration day_span = hours(24);

/// Equity at a moment; `flow` is what was paid in (negative: taken out) since the point before.
struct DailyPoint {
  Time at;
  double equity{0};
  double flow{0};

  friend bool operator==(const DailyPoint&, const DailyPoint&) = default;
};

/// The deepest fall of a curve. With no fall at all, `depth` is 0 and the times are those of the
/// start.
struct Drawdown {
  double depth{0};  // 1 - trough / peak
  double peak_equity{0}, trough_equity{0};
  Time peak, trough;
  std::optional<Time> recovery;    // first close at or above the peak again
  Duration longest_under_water{};  // from a peak to the close that regained it, or to the end
};

/// What a run's equity did, as plain data.
struct EquitySummary {
  std::vector<DailyPoint> daily;  // start, each 00:00 UTC, end; see EquityTracker::finish
  Drawdown drawdown;              // bar level
  std::uint64_t bars{0};
  std::uint64_t bars_in_position{0};
  double mean_equity{0};          // over bars
  double mean_gross_exposure{0};  // mean over bars of gross exposure / equity
};

class EquityTracker {
 public:
  /// `start` is the open time of the first bar, `initial` the equity then.
  EquityTracker(Time start, double initial);

  /// Takes note of a closed bar.
  ///
  /// Units:  `equity` marked at the close, `worst_equity` the lowest inside the bar (at most
  /// `equity`
  ///         counts), `gross_exposure` the sum of absolute notionals; all in quote currency
  /// Order:  `close` never runs backwards; several instruments may mark the same moment, the last
  /// wins Cost:   O(1), no allocation except once a day
  void mark(Time close, double equity, double worst_equity, bool in_position,
            double gross_exposure) {
    if (close > next_midnight_) roll_days(close);
    const double low = worst_equity < equity ? worst_equity : equity;
    if (low < deeper_below_) deepen(close, low);
    if (equity >= peak_) {
      rise(close, equity);
    } else {
      under_water_ = true;
    }
    equity_ = equity;
    last_close_ = close;
    equity_sum_ += equity;
    ++bars_;
    if (in_position) {
      ++bars_in_position_;
      if (equity > 0) exposure_sum_ += gross_exposure / equity;
    }
  }

  /// Money paid in (negative: taken out) since the last mark; it is neither profit nor a fall.
  void flow(double amount) {
    if (last_close_ >= next_midnight_) roll_days(last_close_ + Duration{1});  // that day is over
    flow_ += amount;
    peak_ += amount;
    deeper_below_ = peak_ * (1 - drawdown_.depth);
  }

  [[nodiscard]] double equity() const { return equity_; }

  [[nodiscard]] double peak() const { return peak_; }

  /// Returns the summary so far. The daily points are the start, each 00:00 UTC and the end; a part
  /// of a day shorter than 12 hours at either end is joined to its neighbour, so that no profit is
  /// lost and no sliver counts as a day.
  [[nodiscard]] EquitySummary finish() const;

 private:
  void roll_days(Time close);
  void deepen(Time close, double low);

  void rise(Time close, double equity) {
    if (under_water_) end_spell(close);
    peak_ = equity;
    peak_time_ = close;
    deeper_below_ = equity * (1 - drawdown_.depth);
  }

  void end_spell(Time close);

  double peak_;
  double deeper_below_;  // equity under this is a deeper fall than any so far
  double equity_;
  Time next_midnight_;
  Time peak_time_;
  Time last_close_;
  double equity_sum_{0};
  double exposure_sum_{0};
  std::uint64_t bars_{0};
  std::uint64_t bars_in_position_{0};
  bool under_water_{false};
  double flow_{0};
  Drawdown drawdown_;
  std::vector<DailyPoint> daily_;
};

/// Returns the return of each day: (E_i - flow_i) / E_{i-1} - 1; one fewer than there are points. A
/// day that began with nothing or less has no return and ends the series.
std::vector<double> daily_returns(std::span<const DailyPoint> points);

/// How daily equity sat below its own peak; paid in and taken out money is left out of it.
struct UnderWater {
  double ulcer_index{0};  // sqrt(mean(dd^2)), dd a fraction
  double share{0};        // of days with dd > 0
  std::size_t longest_days{0};
  double depth{0};  // deepest daily dd
};

/// Returns nothing when there are no returns.
std::optional<UnderWater> under_water(std::span<const double> returns);

}  // namespace aitrade
