// What happens where a candle is missing?
//
// A pass-through filter for one series, alike for files, the store and live: it fills short gaps with flat
// candles, reports long ones as a break after which indicators warm up again, or refuses
// (data-formats.md, trading-core.md 8.4). `GapCounter` only counts; it is what `import` and `data check` print.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/candle.h"

namespace aitrade {

/// How missing candles are treated; part of a run's identity.
enum class GapRule : std::uint8_t {
  flat,    // short gaps become candles with o = h = l = c = the close before and volume 0
  none,    // the hole stays, and nothing is reported
  refuse,  // the first gap is an error
};

/// Returns "flat", "none" or "refuse".
constexpr const char* to_string(GapRule rule) {
  switch (rule) {
    case GapRule::flat:
      return "flat";
    case GapRule::none:
      return "none";
    case GapRule::refuse:
      return "refuse";
  }
  return "";
}

/// How long a gap may be and still be filled: 30 minutes, or one candle where a candle is longer.
///
/// The specification names 30 minutes for one-minute data; without the second half every single missing
/// candle of an hourly or daily series would start its warm-up again.
constexpr Duration gap_fill_limit(Duration interval) {
  return std::max<Duration>(minutes(30), interval);
}

/// Returns how many whole candles are missing between one that closes at `close` and one that opens at `open`.
constexpr std::int64_t missing_between(Time close, Time open, Duration interval) {
  return interval.count() > 0 && open > close ? (open - close).count() / interval.count() : 0;
}

/// Counts the gaps of a series. A gap is a step longer than the interval.
struct GapCounter {
  std::int64_t rows{0};
  std::int64_t gaps{0};
  std::int64_t missing{0};  // candles that the gaps could hold
  std::int64_t longest{0};  // missing candles of the longest gap
  Time first, last;         // open times; valid when rows > 0

  /// Takes the next candle; times must increase.
  void add(const Candle& candle) {
    if (rows++ == 0) {
      first = candle.open_time;
    } else if (const std::int64_t holes =
                   missing_between(last + candle.interval, candle.open_time, candle.interval);
               holes > 0) {
      ++gaps;
      missing += holes;
      longest = std::max(longest, holes);
    }
    last = candle.open_time;
  }
};

class GapFiller {
 public:
  /// Makes a filter for one series; `limit` empty means gap_fill_limit of the candles' interval.
  explicit GapFiller(GapRule rule, std::optional<Duration> limit = std::nullopt)
      : rule_(rule), limit_(limit) {}

  /// Takes the next candle and calls `on_candle(const Candle&)` for each candle that results, in order, and
  /// `on_broken()` before the candle that begins a new series after a long gap.
  ///
  /// Errors: invalid under `refuse` at a gap; invalid when the candle is not after the one before it
  /// Cost:   a comparison when nothing is missing; at most limit / interval calls otherwise; no allocation
  template <class OnCandle, class OnBroken>
  Status push(const Candle& candle, OnCandle&& on_candle, OnBroken&& on_broken) {
    if (has_last_ && candle.open_time != last_.close_time()) {
      if (candle.open_time <= last_.open_time) return disorder(candle);
      if (missing_between(last_.close_time(), candle.open_time, candle.interval) > 0) {
        if (rule_ == GapRule::refuse) return refusal(candle);
        if (rule_ == GapRule::flat) bridge(candle, on_candle, on_broken);
      }
    }
    last_ = candle;
    has_last_ = true;
    on_candle(candle);
    return ok();
  }

  /// The candle before; meaningless until there was one.
  [[nodiscard]] const Candle& newest() const { return last_; }

  /// Forgets the candle before; the next one begins a series and no gap precedes it.
  void reset() { has_last_ = false; }

  /// How many candles were made up.
  [[nodiscard]] std::int64_t filled() const { return filled_; }

  /// How often the series broke.
  [[nodiscard]] std::int64_t breaks() const { return breaks_; }

 private:
  template <class OnCandle, class OnBroken>
  void bridge(const Candle& candle, OnCandle& on_candle, OnBroken& on_broken) {
    const Duration limit = limit_.value_or(gap_fill_limit(candle.interval));
    if (candle.open_time - last_.close_time() > limit) {
      ++breaks_;
      on_broken();
      return;
    }
    Candle flat = last_;
    flat.open = flat.high = flat.low = flat.close;
    flat.volume = 0;
    flat.trades = 0;
    flat.closed = true;
    flat.synthetic = true;
    for (flat.open_time = last_.close_time(); flat.close_time() <= candle.open_time;
         flat.open_time = flat.close_time()) {
      ++filled_;
      on_candle(std::as_const(flat));
    }
  }

  [[nodiscard]] Error refusal(const Candle& candle) const;
  [[nodiscard]] Error disorder(const Candle& candle) const;

  GapRule rule_;
  std::optional<Duration> limit_;
  Candle last_;
  bool has_last_{false};
  std::int64_t filled_{0};
  std::int64_t breaks_{0};
};

}  // namespace aitrade
