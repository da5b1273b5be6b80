#include "core/sim/candle_path.h"

namespace aitrade {

CandlePath::CandlePath(const Candle& c) {
  const bool high_first = c.high - c.open <= c.open - c.low;
  const Duration third = c.interval / 3;
  points_[0] = {c.open_time, c.open};
  points_[1] = {c.open_time + third, high_first ? c.high : c.low};
  points_[2] = {c.open_time + third * 2, high_first ? c.low : c.high};
  points_[3] = {c.close_time(), c.close};
}

Price CandlePath::price_at(Time t) const {
  std::size_t i = 0;
  while (i + 2 < points_count && t >= points_[i + 1].at) ++i;
  const Point& a = points_[i];
  const Point& b = points_[i + 1];
  if (t <= a.at) return a.price;
  if (t >= b.at) return b.price;
  const Int128 move = static_cast<Int128>((b.price - a.price).raw()) * (t - a.at).count();
  return a.price +
         Price::from_raw(fixed_detail::divide(move, (b.at - a.at).count(), Rounding::half_even));
}

Time CandlePath::time_of(std::size_t segment, Price price) const {
  const Point& a = points_[segment];
  const Point& b = points_[segment + 1];
  const std::int64_t span = (b.price - a.price).abs().raw();
  if (span == 0) return a.at;
  const Int128 part = static_cast<Int128>((price - a.price).abs().raw()) * (b.at - a.at).count();
  return a.at + Duration{fixed_detail::divide(part, span, Rounding::ceil)};
}

}  // namespace aitrade
