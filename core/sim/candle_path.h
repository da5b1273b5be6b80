// How the price is assumed to move inside one candle.
//
// Nobody knows; we walk open, nearer extreme, other extreme, close, a third of the interval each, in
// straight lines. Where that choice would decide between a stop and a target, the venue takes the stop
// and counts the candle as ambiguous.
#pragma once

#include <array>
#include <cstdint>

#include "core/domain/candle.h"

namespace aitrade {

class CandlePath {
 public:
  static constexpr std::size_t points_count = 4;

  explicit CandlePath(const Candle& candle);

  struct Point {
    Time at;
    Price price;
  };

  [[nodiscard]] const Point& point(std::size_t i) const { return points_[i]; }

  /// Returns the price at `t`, on the line between two points; t inside the candle.
  [[nodiscard]] Price price_at(Time t) const;

  /// Returns when segment `i` (from point i to i + 1) reaches `price`; the price must be on it.
  [[nodiscard]] Time time_of(std::size_t segment, Price price) const;

 private:
  std::array<Point, points_count> points_;
};

}  // namespace aitrade
