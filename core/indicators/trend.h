// Trend: adx, trend_strength, supertrend, ichimoku.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"
#include "core/indicators/volatility.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

/// Average directional index: adx, plus_di, minus_di, all 0 to 100.
///
/// Formula:     sums of TR, +DM, -DM over bars 1..n-1, from bar n on S = S - S/n + x; DI = 100 DM /
///              TR; DX = 100 |+DI - -DI| / (+DI + -DI), 0 when the sum is 0; adx = mean of the
///              first n DX, then rma(n)
/// Source:      Wilder (1978); TA-Lib ADX, PLUS_DI, MINUS_DI
/// First valid: DI n, adx 2n-1
/// NaN policy:  a non-finite price restarts it
class AdxNode final : public NodeOf<3> {
 public:
  explicit AdxNode(int n) : adx_(Smoother::rma(n)), seeds_(n - 1), inverse_(1.0 / n) {
    first_valid(n);
    column<0>().first_valid(2 * n - 1);
  }

  void update(const Bar& bar) override {
    const double up = bar.high - high_;
    const double down = low_ - bar.low;
    const double range = range_.update(bar);
    high_ = bar.high;
    low_ = bar.low;
    if (!std::isfinite(up + down + range)) {
      restart();
      return push_nan();
    }
    const double rise = positive_part(up);
    const double fall = positive_part(down);
    const double plus = kept_if(rise, rise > fall);   // which of the two is larger is noise
    const double minus = kept_if(fall, fall > rise);
    if (seeded_ < seeds_) {
      ++seeded_;
      sum_range_ += range;
      sum_plus_ += plus;
      sum_minus_ += minus;
      return push_nan();
    }
    sum_range_ = flushed(sum_range_ + (range - sum_range_ * inverse_));
    sum_plus_ = flushed(sum_plus_ + (plus - sum_plus_ * inverse_));
    sum_minus_ = flushed(sum_minus_ + (minus - sum_minus_ * inverse_));
    const double per_range = sum_range_ > 0 ? 100.0 / sum_range_ : 0.0;
    const double total = sum_plus_ + sum_minus_;
    const double dx = total > 0 ? 100.0 * std::fabs(sum_plus_ - sum_minus_) / total : 0.0;
    push<0>(adx_.update(dx));
    push<1>(sum_plus_ * per_range);
    push<2>(sum_minus_ * per_range);
  }

 protected:
  void clear() override {
    high_ = nan_value;
    low_ = nan_value;
    range_.clear();
    restart();
  }

 private:
  void restart() {
    seeded_ = 0;
    sum_range_ = 0;
    sum_plus_ = 0;
    sum_minus_ = 0;
    adx_.clear();
  }

  // High and low of the previous bar, apart on purpose: side by side they would be copied from the bar in one
  // load, which has to wait until the two stores that wrote them are done.
  double high_{nan_value};
  TrueRange range_;
  Smoother adx_;
  int seeds_, seeded_{0};
  double inverse_;
  double low_{nan_value};
  double sum_range_{0}, sum_plus_{0}, sum_minus_{0};
};

/// Distance of two averages as a fraction of the slow one, signed.
///
/// Formula:     (ema(fast) - ema(slow)) / ema(slow)
/// Source:      definition
/// First valid: slow-1
/// NaN policy:  as ema; NaN when the slow average is 0
class TrendStrengthNode final : public NodeOf<1> {
 public:
  TrendStrengthNode(Line fast, Line slow) : fast_(fast), slow_(slow) {
    first_valid(std::max(fast.first_valid(), slow.first_valid()));
  }

  void update(const Bar&) override {
    const double slow = slow_.last();
    push<0>(slow != 0 ? (fast_.last() - slow) / slow : nan_value);
  }

 protected:
  void clear() override {}

 private:
  Line fast_, slow_;
};

/// Supertrend: line, direction (+1, -1; 0 until warm), flip (+1 or -1 on the bar of a change, else
/// 0).
///
/// Formula:     (H+L)/2 -+ k * atr(n); the upper band only falls while the previous close is at or
///              below it, the lower only rises while it is at or above; a close beyond the active
///              band flips. The first direction is up when close > (H+L)/2; the first bar is never
///              a flip.
/// Source:      Seban's Supertrend
/// First valid: n
/// NaN policy:  a non-finite price restarts it; direction and flip are 0 then
class SupertrendNode final : public NodeOf<3> {
 public:
  SupertrendNode(Line atr, double k) : atr_(atr), k_(k) { first_valid(atr.first_valid()); }

  void update(const Bar& bar) override {
    const double middle = 0.5 * (bar.high + bar.low);
    const double half = k_ * atr_.last();
    if (!std::isfinite(middle + half + bar.close)) {
      clear();
      push<0>(nan_value);
      push<1>(0);
      push<2>(0);
      return;
    }
    double flip = 0;
    if (direction_ == 0) {
      upper_ = middle + half;
      lower_ = middle - half;
      direction_ = bar.close > middle ? 1 : -1;
    } else {
      const double upper = middle + half;
      const double lower = middle - half;
      if (upper < upper_ || close_ > upper_) upper_ = upper;
      if (lower > lower_ || close_ < lower_) lower_ = lower;
      if (direction_ < 0 && bar.close > upper_) flip = 1;
      if (direction_ > 0 && bar.close < lower_) flip = -1;
      if (flip != 0) direction_ = flip;
    }
    close_ = bar.close;
    push<0>(direction_ > 0 ? lower_ : upper_);
    push<1>(direction_);
    push<2>(flip);
  }

 protected:
  void clear() override { direction_ = 0; }

 private:
  Line atr_;
  double k_;
  double upper_{0}, lower_{0}, close_{0};  // close_ of the previous bar
  double direction_{0};
};

/// Ichimoku: tenkan, kijun, cloud_a, cloud_b (as drawn at this bar), chikou.
///
/// Formula:     tenkan, kijun, B = midpoint of highest high and lowest low over n bars; A = (tenkan
///              + kijun) / 2; cloud_a and cloud_b are A and B of `kijun` bars ago; chikou = C_t -
///              C_{t-kijun}
/// Source:      Hosoda, Ichimoku Kinko Hyo (1969); nothing is shifted into the future
/// First valid: tenkan t-1, kijun k-1, cloud_a 2k-1, cloud_b b+k-1, chikou k (9, 26, 52: 8 25 51 77
///              26)
/// NaN policy:  NaN while a non-finite price is in a window
class IchimokuNode final : public NodeOf<5> {
 public:
  IchimokuNode(int tenkan, int kijun, int span)
      : tenkan_(tenkan), kijun_(kijun), span_(span), a_(kijun), b_(kijun), close_(kijun) {
    column<0>().first_valid(tenkan - 1);
    column<1>().first_valid(kijun - 1);
    column<2>().first_valid(std::max(tenkan, kijun) - 1 + kijun);
    column<3>().first_valid(span - 1 + kijun);
    column<4>().first_valid(kijun);
  }

  void update(const Bar& bar) override {
    const double tenkan = tenkan_.update(bar);
    const double kijun = kijun_.update(bar);
    push<0>(tenkan);
    push<1>(kijun);
    push<2>(a_.update(0.5 * (tenkan + kijun)));
    push<3>(b_.update(span_.update(bar)));
    const double change = bar.close - close_.update(bar.close);
    push<4>(std::isfinite(change) ? change : nan_value);
  }

 protected:
  void clear() override {
    tenkan_.clear();
    kijun_.clear();
    span_.clear();
    a_.clear();
    b_.clear();
    close_.clear();
  }

 private:
  struct Midpoint {
    explicit Midpoint(int n) : high(n), low(n) {}

    double update(const Bar& bar) { return 0.5 * (high.update(bar.high) + low.update(bar.low)); }

    void clear() {
      high.clear();
      low.clear();
    }

    SlidingMax high;
    SlidingMin low;
  };

  Midpoint tenkan_, kijun_, span_;
  SlidingDelay a_, b_, close_;
};

}  // namespace aitrade
