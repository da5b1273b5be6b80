// Volume: volume_ratio, rolling_vwap.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

/// Volume relative to what was usual.
///
/// Formula:     V_t / mean volume of the n bars before t
/// Source:      definition; the current bar is left out so that a burst is not understated
/// First valid: n
/// NaN policy:  NaN while a non-finite volume is among them, and when their mean is 0
class VolumeRatioNode final : public NodeOf<1> {
 public:
  explicit VolumeRatioNode(int n) : sum_(n), period_(n) { first_valid(n); }

  void update(const Bar& bar) override {
    const double ratio = before_ > 0 ? bar.volume * period_ / before_ : nan_value;
    push<0>(std::isfinite(ratio) ? ratio : nan_value);
    before_ = sum_.update(bar.volume);
    // A window of zeros sums to exactly zero, whatever rounding the volumes before it left.
    quiet_ = bar.volume == 0 ? quiet_ + 1 : 0;
    if (quiet_ >= period_) before_ = 0;
  }

 protected:
  void clear() override {
    sum_.clear();
    before_ = nan_value;
    quiet_ = 0;
  }

 private:
  SlidingSum sum_;
  double period_;
  double before_{nan_value};  // sum of the n volumes before the next bar
  double quiet_{0};           // bars without volume in a row
};

/// Volume-weighted average price of the last n bars: vwap and the deviation around it.
///
/// Formula:     P = (H+L+C)/3; vwap = sum PV / sum V; std = sqrt(sum V (P - vwap)^2 / sum V), taken
///              about an anchor inside the window so that nothing cancels
/// Source:      definition
/// First valid: n-1
/// NaN policy:  NaN while a non-finite price or volume is in the window, and without volume
class VwapNode final : public NodeOf<2> {
 public:
  explicit VwapNode(int n) : prices_(n), volumes_(n) { first_valid(n - 1); }

  void update(const Bar& bar) override {
    const double price = (bar.high + bar.low + bar.close) / 3.0;
    if (!std::isfinite(price + bar.volume)) {
      clear();
      return push_nan();
    }
    quiet_ = bar.volume == 0 ? quiet_ + 1 : 0;
    const bool was_full = prices_.is_full();
    const double old_price = prices_.replace(price);
    const double old_volume = volumes_.replace(bar.volume);
    if (!prices_.is_full()) return push_nan();
    if (!was_full || prices_.is_at_wrap()) {
      recompute(price);
    } else {
      const double come = price - anchor_;
      const double gone = old_price - anchor_;
      const double lost = old_volume * gone * gone;
      volume_ += bar.volume - old_volume;
      first_ += bar.volume * come - old_volume * gone;
      second_ += bar.volume * come * come - lost;
      // A giant that left would take the digits of the rest with it.
      if (old_volume > 1e6 * volume_ || lost > 1e6 * second_) recompute(price);
    }
    publish();
  }

 protected:
  void clear() override {
    prices_.clear();
    volumes_.clear();
    quiet_ = 0;
  }

 private:
  void recompute(double anchor) {
    anchor_ = anchor;
    volume_ = 0;
    first_ = 0;
    second_ = 0;
    for (std::size_t i = 0; i < prices_.size(); ++i) {
      const double d = prices_.cell(i) - anchor;
      volume_ += volumes_.cell(i);
      first_ += volumes_.cell(i) * d;
      second_ += volumes_.cell(i) * d * d;
    }
  }

  void publish() {
    if (quiet_ >= prices_.size() || !(volume_ > 0)) return push_nan();
    const double offset = first_ / volume_;
    push<0>(anchor_ + offset);
    push<1>(std::sqrt(std::max(second_ / volume_ - offset * offset, 0.0)));
  }

  SlidingWindow prices_, volumes_;
  double anchor_{0};
  double volume_{0}, first_{0}, second_{0};  // sums of V, V d, V d^2; d = P - anchor
  std::size_t quiet_{0};                     // bars without volume in a row
};

}  // namespace aitrade
