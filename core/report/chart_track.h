// Prices and equity kept small while millions of bars go by.
//
// A report draws a year of minutes in a thousand pixels. `PriceTrack` and `CurveTrack` take one bar
// at a time in constant time and constant memory: buckets of time that keep the first, the highest,
// the lowest and the last value, and double their span whenever there are too many of them. So the
// extremes are exact, however long the run.
#pragma once

#include "core/base/time.h"
#include "core/domain/candle.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aitrade {

/// Most buckets of a chart; between half of this and this many are kept.
constexpr std::size_t chart_buckets_max = 2048;
/// Most opens kept for random entries: every bar of a year of minutes fits.
constexpr std::size_t opens_max = std::size_t{1} << 20;

struct ChartBar {
  Time open_time;  // of the bucket, a multiple of its span
  Price open, high, low, close;

  friend bool operator==(const ChartBar&, const ChartBar&) = default;
};

struct PricePoint {
  Time at;
  double price{0};

  friend bool operator==(const PricePoint&, const PricePoint&) = default;
};

/// What is kept of one pair.
struct PairPrices {
  std::string symbol;  // BASE/QUOTE
  Duration span{};     // of a chart bucket
  std::vector<ChartBar> chart;
  std::vector<PricePoint> daily;  // first open, last close by each 00:00 UTC, last close
  std::vector<double> opens;      // of every `stride`-th bar, from the first
  std::uint64_t stride{1};
  std::uint64_t bars{0};
};

/// Which of it is wanted; daily prices always are.
struct PriceTrackParts {
  bool chart{true}, opens{true};
};

class PriceTrack {
 public:
  PriceTrack(std::string symbol, Duration interval, PriceTrackParts parts = {});

  /// Takes note of the next bar; times never run backwards.
  void add(const Candle& candle) {
    if (candle.open_time >= next_midnight_) roll_days(candle);
    if (parts_.chart) {
      if (candle.open_time >= bucket_end_) begin_bucket(candle);
      if (candle.high > now_.high) now_.high = candle.high;
      if (candle.low < now_.low) now_.low = candle.low;
    }
    now_.close = candle.close;
    if (prices_.bars++ == next_open_ && parts_.opens) keep_open(candle.open);
    last_ = candle.open_time;
  }

  /// Returns what was kept so far.
  [[nodiscard]] PairPrices finish() const;

 private:
  void begin_bucket(const Candle& candle);
  void widen();
  void roll_days(const Candle& candle);
  void thin_out();

  void keep_open(Price open) {
    opens_.push_back(open);
    next_open_ += prices_.stride;
    if (opens_.size() == opens_max) thin_out();
  }

  PairPrices prices_;      // without its opens
  std::vector<Price> opens_;
  ChartBar now_;           // bucket under construction
  Time bucket_end_, next_midnight_;
  Time last_;              // open of the newest bar
  Duration interval_;
  PriceTrackParts parts_;
  std::uint64_t next_open_{0};
};

/// Equity within a bucket of time.
struct CurvePoint {
  Time at;  // of the last mark in it
  double equity{0}, low{0}, high{0};

  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

class CurveTrack {
 public:
  CurveTrack() = default;

  /// Takes note of a mark; `worst` is the lowest equity inside the bar.
  void mark(Time at, double equity, double worst) {
    if (at > bucket_end_) begin_bucket(at, equity);
    now_.at = at;
    now_.equity = equity;
    now_.high = std::max(now_.high, equity);
    now_.low = std::min(now_.low, std::min(worst, equity));
  }

  [[nodiscard]] std::vector<CurvePoint> finish() const;

 private:
  void begin_bucket(Time at, double equity);

  std::vector<CurvePoint> points_;
  CurvePoint now_;
  Duration span_{minutes{1}};
  Time bucket_end_;
  bool begun_{false};
};

}  // namespace aitrade
