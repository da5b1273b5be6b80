// Swings: the last two confirmed swing highs and lows, with their ages.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

namespace aitrade {

/// Finds values that are the extreme of `arm` values on each side: strictly beyond those before,
/// at least as far as those after, so that a plateau counts once, where it begins.
template <bool Highest>
class PivotFinder {
 public:
  explicit PivotFinder(int arm) : after_(arm), center_(arm), before_(arm + 1) {}

  /// Takes x; returns the value of `arm` steps ago when x confirms it as a pivot, else NaN.
  double update(double x) {
    const double after = after_.update(x);
    const double before = before_.update(after);
    const double center = center_.update(x);
    const bool is_pivot =
        Highest ? center > before && center >= after : center < before && center <= after;
    return is_pivot ? center : nan_value;
  }

  void clear() {
    after_.clear();
    center_.clear();
    before_.clear();
  }

 private:
  SlidingExtreme<Highest> after_;
  SlidingDelay center_, before_;
};

/// Swing highs and lows, held until the next one is confirmed.
///
/// Columns:     high, high_age, previous_high, previous_high_age, then the same four for lows. A
///              price is that of the swing bar; an age is in bars back from now, `lookback` when
///              just confirmed.
/// Formula:     a bar whose high (low) is the extreme of +-lookback bars: strict on the left,
///              non-strict on the right, so a plateau is one swing
/// Source:      Williams fractals, generalised
/// First valid: 2 lookback: a swing at bar i is known at i + lookback, never before
/// NaN policy:  a non-finite high or low forgets all swings
class SwingsNode final : public NodeOf<8> {
 public:
  explicit SwingsNode(int lookback) : high_(lookback), low_(lookback), lookback_(lookback) {
    first_valid(2 * lookback);
  }

  void update(const Bar& bar) override {
    if (!std::isfinite(bar.high + bar.low)) {
      clear();
      return push_nan();
    }
    highs_.grow_older();
    lows_.grow_older();
    const double high = high_.update(bar.high);
    if (!std::isnan(high)) highs_.confirm(high, lookback_);
    const double low = low_.update(bar.low);
    if (!std::isnan(low)) lows_.confirm(low, lookback_);
    push<0>(highs_.price);
    push<1>(highs_.age);
    push<2>(highs_.previous_price);
    push<3>(highs_.previous_age);
    push<4>(lows_.price);
    push<5>(lows_.age);
    push<6>(lows_.previous_price);
    push<7>(lows_.previous_age);
  }

 protected:
  void clear() override {
    high_.clear();
    low_.clear();
    highs_ = {};
    lows_ = {};
  }

 private:
  struct Pair {
    double price{nan_value}, age{nan_value};
    double previous_price{nan_value}, previous_age{nan_value};

    void grow_older() {
      age += 1;
      previous_age += 1;
    }

    void confirm(double at, double bars_ago) {
      previous_price = price;
      previous_age = age;
      price = at;
      age = bars_ago;
    }
  };

  PivotFinder<true> high_;
  PivotFinder<false> low_;
  double lookback_;
  Pair highs_, lows_;
};

}  // namespace aitrade
