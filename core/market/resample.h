// Which candle of a longer timeframe do these closed base candles make?
//
// Incremental and O(1): one candle in, at most one out per call. A bucket starts at floor(time / target)
// counted from 1970 and is emitted as soon as its end is not after the close of the latest base candle
// (trading-core.md 8.5), never while it is still forming. Used by the desk and by `data cat --tf`, so
// that both see the same candles.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"
#include "core/domain/candle.h"

namespace aitrade {

class Resampler {
 public:
  /// A bucket with fewer real base candles than this share of its length is thin (trading-core.md 8.5).
  static constexpr int real_percent_min = 80;

  /// Makes a resampler; target must be a positive multiple of base, else the process stops.
  explicit Resampler(Duration base, Duration target);

  /// Takes the next closed base candle and returns a bucket that is now complete.
  ///
  /// Formula:  open of the first, highest high, lowest low, close of the last, sum of volume and trades;
  ///           synthetic when every base candle in it is
  /// Shape:    at most one candle per call. When base candles are missing, one candle can complete two
  ///           buckets: its own and the one before; drain with next():
  ///           for (auto bar = resampler.push(c); bar; bar = resampler.next()) ...
  ///           A caller that does not drain gets the second one from the following push.
  /// Errors:   none; a candle not after the one before it is ignored
  /// Cost:     O(1), no allocation
  std::optional<Candle> push(const Candle& base_candle);

  /// Returns the second bucket that the last push completed, if there was one.
  std::optional<Candle> next();

  /// Forgets the forming bucket and all before it (the series broke).
  void reset();

  /// How many base candles in the most recently returned bucket came from trades.
  [[nodiscard]] std::int64_t last_real() const { return last_real_; }

  /// Whether the most recently returned bucket has less than 80 % real base candles.
  [[nodiscard]] bool last_is_thin() const {
    return last_real_ * 100 < per_bucket_ * real_percent_min;
  }

 private:
  struct Bucket {
    Candle candle;
    std::int64_t real{0};
  };

  void emit(std::optional<Candle>& out);
  std::optional<Candle> give(const Bucket& bucket);
  void merge(const Candle& base_candle);

  Duration base_;
  Duration target_;
  std::int64_t per_bucket_;
  Bucket forming_{};
  Bucket ready_{};
  Time newest_{};          // open time of the latest base candle
  bool has_newest_{false};
  bool has_forming_{false};
  bool has_ready_{false};
  std::int64_t last_real_{0};
};

}  // namespace aitrade
