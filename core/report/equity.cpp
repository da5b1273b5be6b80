#include "core/report/equity.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

EquityTracker::EquityTracker(Time start, double initial)
    : peak_(initial),
      deeper_below_(initial),
      equity_(initial),
      next_midnight_(floor_to(start, day_span) + day_span),
      peak_time_(start),
      last_close_(start) {
  drawdown_.peak = drawdown_.trough = start;
  drawdown_.peak_equity = drawdown_.trough_equity = initial;
  daily_.push_back(DailyPoint{start, initial, 0});
}

void EquityTracker::roll_days(Time close) {
  while (next_midnight_ < close) {
    daily_.push_back(DailyPoint{next_midnight_, equity_, flow_});
    flow_ = 0;
    next_midnight_ = next_midnight_ + day_span;
  }
}

void EquityTracker::deepen(Time close, double low) {
  if (!(peak_ > 0)) return;
  const double depth = 1 - low / peak_;
  if (!(depth > drawdown_.depth)) return;  // a rounding of the limit, not a deeper fall
  drawdown_.depth = depth;
  drawdown_.peak = peak_time_;
  drawdown_.peak_equity = peak_;
  drawdown_.trough = close;
  drawdown_.trough_equity = low;
  drawdown_.recovery.reset();
  deeper_below_ = low;
  under_water_ = true;  // a fall inside a bar whose close regained the peak recovers at that close
}

void EquityTracker::end_spell(Time close) {
  under_water_ = false;
  drawdown_.longest_under_water = std::max(drawdown_.longest_under_water, close - peak_time_);
  if (drawdown_.depth > 0 && !drawdown_.recovery) drawdown_.recovery = close;
}

EquitySummary EquityTracker::finish() const {
  EquitySummary summary;
  summary.drawdown = drawdown_;
  if (under_water_) {
    summary.drawdown.longest_under_water =
        std::max(summary.drawdown.longest_under_water, last_close_ - peak_time_);
  }
  summary.bars = bars_;
  summary.bars_in_position = bars_in_position_;
  if (bars_ > 0) {
    summary.mean_equity = equity_sum_ / static_cast<double>(bars_);
    summary.mean_gross_exposure = exposure_sum_ / static_cast<double>(bars_);
  }

  summary.daily = daily_;
  auto& daily = summary.daily;
  constexpr Duration half_day = day_span / 2;
  if (last_close_ > daily.back().at) {
    const bool is_sliver = daily.size() > 1 && last_close_ - daily.back().at < half_day;
    if (is_sliver) {
      daily.back() = DailyPoint{last_close_, equity_, daily.back().flow + flow_};
    } else {
      daily.push_back(DailyPoint{last_close_, equity_, flow_});
    }
  }
  if (daily.size() > 2 && daily[1].at - daily[0].at < half_day) {
    daily[2].flow += daily[1].flow;
    daily.erase(daily.begin() + 1);
  }
  return summary;
}

std::vector<double> daily_returns(std::span<const DailyPoint> points) {
  std::vector<double> returns;
  if (points.empty()) return returns;
  returns.reserve(points.size() - 1);
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (!(points[i - 1].equity > 0)) break;
    returns.push_back((points[i].equity - points[i].flow) / points[i - 1].equity - 1);
  }
  return returns;
}

std::optional<UnderWater> under_water(std::span<const double> returns) {
  if (returns.empty()) return std::nullopt;
  UnderWater result;
  double wealth = 1, peak = 1, squares = 0;
  std::size_t days = 0, spell = 0;
  for (const double r : returns) {
    wealth *= 1 + r;
    peak = std::max(peak, wealth);
    // Multiplying returns back loses a few bits: a fall that small is rounding, not a loss.
    const double raw = 1 - wealth / peak;
    const double depth = raw > 1e-12 ? raw : 0;
    squares += depth * depth;
    result.depth = std::max(result.depth, depth);
    spell = depth > 0 ? spell + 1 : 0;
    if (depth > 0) ++days;
    result.longest_days = std::max(result.longest_days, spell);
  }
  const auto n = static_cast<double>(returns.size());
  result.ulcer_index = std::sqrt(squares / n);
  result.share = static_cast<double>(days) / n;
  return result;
}

}  // namespace aitrade
