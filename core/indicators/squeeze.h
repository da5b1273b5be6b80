// The volatility squeeze: how long the Bollinger bands have been inside the Keltner channel, and
// where price is heading when they come out.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

namespace aitrade {

/// Length of the squeeze: bars in a row, the current included, with both Bollinger bands inside the
/// Keltner channel; 0 outside of one.
///
/// Formula:     run length of lower_bb > lower_kc and upper_bb < upper_kc
/// Source:      Carter, Mastering the Trade (2005), TTM squeeze
/// First valid: that of the later channel
/// NaN policy:  NaN while a band is missing; the run starts again
class SqueezeNode final : public NodeOf<1> {
 public:
  struct Bands {
    Line lower, upper;
  };

  SqueezeNode(Bands bollinger, Bands keltner) : bollinger_(bollinger), keltner_(keltner) {
    first_valid(std::max(bollinger.lower.first_valid(), keltner.lower.first_valid()));
  }

  void update(const Bar&) override {
    const double below = bollinger_.lower.last() - keltner_.lower.last();
    const double above = keltner_.upper.last() - bollinger_.upper.last();
    if (!std::isfinite(below + above)) {
      run_ = 0;
      return push_nan();
    }
    run_ = below > 0 && above > 0 ? run_ + 1 : 0;
    push<0>(run_);
  }

 protected:
  void clear() override { run_ = 0; }

 private:
  Bands bollinger_, keltner_;
  double run_{0};
};

/// End value of the straight line fitted to the last n values, in O(1).
///
/// Formula:  least squares over x = 0 .. n-1; the line at n-1
/// The sums are taken again from the window once every n values, and when a value left that was so
/// large that digits of the rest were lost.
class SlidingRegression {
 public:
  explicit SlidingRegression(int n)
      : window_(n), last_(n - 1), inverse_(1.0 / n), scale_(12.0 / (double(n) * n * n - n)) {
    AITRADE_CHECK(n >= 2);
  }

  /// Returns the end value of the line, NaN until there are n values.
  double update(double x) {
    if (!std::isfinite(x)) {
      clear();
      return nan_value;
    }
    const bool was_full = window_.is_full();
    const double old = window_.replace(x);
    if (!window_.is_full()) return nan_value;
    if (!was_full || window_.is_at_wrap()) {
      recompute();
    } else {
      // All others move one place to the left: each loses its value once from the weighted sum.
      weighted_ += last_ * x - (sum_ - old);
      sum_ += x - old;
      if (std::fabs(old) > 1e6 * (std::fabs(sum_) + std::fabs(weighted_))) recompute();
    }
    const double middle = 0.5 * last_;
    const double slope = (weighted_ - middle * sum_) * scale_;
    return sum_ * inverse_ + slope * middle;
  }

  void clear() { window_.clear(); }

 private:
  void recompute() {
    sum_ = 0;
    weighted_ = 0;
    const std::size_t size = window_.size();
    for (std::size_t i = 0; i < size; ++i) {
      const double value = window_.oldest(i);
      sum_ += value;
      weighted_ += static_cast<double>(i) * value;
    }
  }

  SlidingWindow window_;
  double last_, inverse_, scale_;  // n - 1, 1 / n, 1 / sum of squared distances of x from its mean
  double sum_{0}, weighted_{0};    // of values; of values by place, the oldest at place 0
};

/// Momentum of the squeeze, quote per base.
///
/// Formula:     end value of the regression line over n values of C - ((H_n + L_n) / 2 + sma(n)) /
/// 2,
///              H_n and L_n the extremes of n bars
/// Source:      LazyBear, Squeeze Momentum Indicator, after Carter
/// First valid: 2n-2
/// NaN policy:  NaN while a non-finite price is in the windows
class SqueezeMomentumNode final : public NodeOf<1> {
 public:
  SqueezeMomentumNode(int n, Line midrange, Line mean)
      : midrange_(midrange), mean_(mean), regression_(n) {
    first_valid(2 * n - 2);
  }

  void update(const Bar& bar) override {
    push<0>(regression_.update(bar.close - 0.5 * (midrange_.last() + mean_.last())));
  }

 protected:
  void clear() override { regression_.clear(); }

 private:
  Line midrange_, mean_;
  SlidingRegression regression_;
};

}  // namespace aitrade
