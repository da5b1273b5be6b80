// Open, high, low, close and volume over one interval.
//
// `Candle` is exact and is what venues, files and the matching engine deal in. `Bar` is the same as
// doubles and is what indicators read. A strategy only ever sees closed ones.
#pragma once

#include <cstdint>

#include "core/base/fixed.h"
#include "core/base/time.h"

namespace aitrade {

struct Candle {
  Time open_time;
  Duration interval{};
  Price open, high, low, close;
  double volume{0};          // in base units; a statistic, so a double
  std::uint32_t trades{0};   // 0 when the source does not count them
  bool closed{true};         // false while the interval is still running
  bool synthetic{false};     // made by the gap policy: no trade happened, o = h = l = c
  std::uint16_t spare{0};    // fills the last word: a copy is then four whole moves, which follow each other fast

  [[nodiscard]] Time close_time() const { return open_time + interval; }

  friend bool operator==(const Candle&, const Candle&) = default;
};

/// Says what is wrong with a candle, or nothing when it is sound: prices above zero, low at or below
/// open and close, high at or above them, volume finite and not negative.
inline const char* fault_of(const Candle& c) {
  if (!c.open.is_positive() || !c.high.is_positive() || !c.low.is_positive() ||
      !c.close.is_positive()) {
    return "a price is not above zero";
  }
  if (c.high < c.low) return "high is below low";
  if (c.low > c.open || c.low > c.close) return "low is above open or close";
  if (c.high < c.open || c.high < c.close) return "high is below open or close";
  if (!(c.volume >= 0) || c.volume > 1e300) return "volume is negative or not finite";
  return nullptr;
}

/// A candle for statistics.
struct Bar {
  Time open_time;
  double open{0}, high{0}, low{0}, close{0};
  double volume{0};
  bool synthetic{false};
};

/// Writes a candle as a bar. Field by field where it is kept: a copy of a fresh bar would wait for its stores.
inline void write_bar(const Candle& c, Bar& out) {
  out.open_time = c.open_time;
  out.open = to_double(c.open);
  out.high = to_double(c.high);
  out.low = to_double(c.low);
  out.close = to_double(c.close);
  out.volume = c.volume;
  out.synthetic = c.synthetic;
}

inline Bar to_bar(const Candle& c) {
  Bar bar;
  write_bar(c, bar);
  return bar;
}

}  // namespace aitrade
