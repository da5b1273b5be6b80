#include "core/report/chart_track.h"

#include <utility>

namespace aitrade {

namespace {

constexpr Duration day = hours(24);

/// The end of the bucket of `span` that `at` lies in, when `at` itself counts to the bucket it ends.
Time end_of_bucket(Time at, Duration span) {
  return floor_to(at - Duration{1}, span) + span;
}

}  // namespace

PriceTrack::PriceTrack(std::string symbol, Duration interval, PriceTrackParts parts)
    : interval_(interval), parts_(parts) {
  prices_.symbol = std::move(symbol);
  prices_.span = interval;
  if (parts_.opens) opens_.reserve(opens_max);  // touched only as far as it is filled
}

void PriceTrack::begin_bucket(const Candle& candle) {
  if (prices_.bars > 0) {
    prices_.chart.push_back(now_);
    if (prices_.chart.size() == chart_buckets_max) widen();
  }
  const Time start = floor_to(candle.open_time, prices_.span);
  bucket_end_ = start + prices_.span;
  // After widening, the bar may belong to the bucket that was just closed.
  if (!prices_.chart.empty() && prices_.chart.back().open_time == start) {
    now_ = prices_.chart.back();
    prices_.chart.pop_back();
    return;
  }
  now_ = ChartBar{start, candle.open, candle.high, candle.low, candle.close};
}

/// Doubles the span: buckets that now share their start become one.
void PriceTrack::widen() {
  prices_.span *= 2;
  std::vector<ChartBar> wider;
  wider.reserve(chart_buckets_max);
  for (ChartBar& bar : prices_.chart) {
    bar.open_time = floor_to(bar.open_time, prices_.span);
    if (!wider.empty() && wider.back().open_time == bar.open_time) {
      wider.back().high = std::max(wider.back().high, bar.high);
      wider.back().low = std::min(wider.back().low, bar.low);
      wider.back().close = bar.close;
    } else {
      wider.push_back(bar);
    }
  }
  prices_.chart = std::move(wider);
}

void PriceTrack::roll_days(const Candle& candle) {
  if (prices_.bars == 0) {
    prices_.daily.push_back({candle.open_time, to_double(candle.open)});
  } else {
    prices_.daily.push_back({next_midnight_, to_double(now_.close)});
  }
  next_midnight_ = floor_to(candle.open_time, day) + day;
}

/// Keeps every second open: the stride doubles.
void PriceTrack::thin_out() {
  for (std::size_t i = 0; i < opens_.size() / 2; ++i) opens_[i] = opens_[2 * i];
  opens_.resize(opens_.size() / 2);
  prices_.stride *= 2;
  next_open_ = prices_.stride * opens_.size();
}

PairPrices PriceTrack::finish() const {
  PairPrices result = prices_;
  if (prices_.bars == 0) return result;
  if (parts_.chart) result.chart.push_back(now_);
  result.daily.push_back({last_ + interval_, to_double(now_.close)});
  result.opens.reserve(opens_.size());
  for (const Price open : opens_) result.opens.push_back(to_double(open));
  return result;
}

void CurveTrack::begin_bucket(Time at, double equity) {
  if (begun_) {
    points_.push_back(now_);
    if (points_.size() == chart_buckets_max) {
      span_ *= 2;
      std::vector<CurvePoint> wider;
      wider.reserve(chart_buckets_max);
      for (const CurvePoint& p : points_) {
        if (!wider.empty() && end_of_bucket(wider.back().at, span_) == end_of_bucket(p.at, span_)) {
          CurvePoint& w = wider.back();
          w = CurvePoint{p.at, p.equity, std::min(w.low, p.low), std::max(w.high, p.high)};
        } else {
          wider.push_back(p);
        }
      }
      points_ = std::move(wider);
    }
  }
  begun_ = true;
  bucket_end_ = end_of_bucket(at, span_);
  if (!points_.empty() && end_of_bucket(points_.back().at, span_) == bucket_end_) {
    now_ = points_.back();
    points_.pop_back();
    return;
  }
  now_ = CurvePoint{at, equity, equity, equity};
}

std::vector<CurvePoint> CurveTrack::finish() const {
  std::vector<CurvePoint> result = points_;
  if (begun_) result.push_back(now_);
  return result;
}

}  // namespace aitrade
