// The incremental machinery under the indicators: smoothing, sums, variance and extremes of a
// window.
//
// Each takes one value at a time in O(1) amortised, returns NaN until its window is full, and
// clears itself on a non-finite value. None allocates after construction.
#pragma once

#include "core/base/result.h"
#include "core/indicators/line.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace aitrade {

/// Below this a decaying average is zero: denormal numbers are slow and their ratios are noise.
inline constexpr double flush_below = 1e-290;

inline double flushed(double value) {
  return std::fabs(value) < flush_below ? 0.0 : value;
}

/// Returns max(x, 0), NaN for NaN, without a branch: the sign of a price change is noise, and a branch on
/// noise is mispredicted every second bar. Exact below half of the largest double.
inline double positive_part(double x) {
  return 0.5 * (x + std::fabs(x));
}

/// Returns x where `keep` holds, else +0, without a branch: compilers turn a product with 0 or 1 back into one.
inline double kept_if(double x, bool keep) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & (std::uint64_t{0} - std::uint64_t{keep}));
}

inline std::size_t checked_period(int n) {
  AITRADE_CHECK(n >= 1);
  return static_cast<std::size_t>(n);
}

/// Exponential smoothing seeded with the mean of the first n values: y += alpha (x - y).
/// First valid: n-1 values after the first.
class Smoother {
 public:
  Smoother(int n, double alpha) : period_(checked_period(n)), alpha_(alpha) {}

  static Smoother ema(int n) { return {n, 2.0 / (n + 1)}; }

  static Smoother rma(int n) { return {n, 1.0 / n}; }

  double update(double x) {
    if (count_ < period_) return seed(x);
    value_ += (x - value_) * alpha_;
    if (!std::isfinite(value_)) {
      clear();
      return nan_value;
    }
    value_ = flushed(value_);
    return value_;
  }

  void clear() {
    count_ = 0;
    value_ = 0;
  }

 private:
  double seed(double x) {
    if (!std::isfinite(x)) {
      clear();
      return nan_value;
    }
    value_ += x;
    if (++count_ < period_) return nan_value;
    value_ /= static_cast<double>(period_);
    return value_;
  }

  std::size_t period_;
  double alpha_;
  std::size_t count_{0};
  double value_{0};  // the sum while seeding, the average afterwards
};

/// The last n values, to know which one leaves.
class SlidingWindow {
 public:
  explicit SlidingWindow(int n)
      : size_(checked_period(n)), storage_(std::make_unique<double[]>(size_)) {
    cells_ = storage_.get();
  }

  /// Stores x and returns the value it replaces, which means something only when was_full.
  double replace(double x) {
    const double old = cells_[next_];
    cells_[next_] = x;
    if (++next_ == size_) next_ = 0;
    if (count_ < size_) ++count_;
    return old;
  }

  [[nodiscard]] bool is_full() const { return count_ == size_; }

  /// True when the next value goes to the first cell: once every n values.
  [[nodiscard]] bool is_at_wrap() const { return next_ == 0; }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] double cell(std::size_t i) const { return cells_[i]; }

  /// Returns the i-th oldest value of a full window.
  [[nodiscard]] double oldest(std::size_t i) const {
    const std::size_t at = next_ + i;
    return cells_[at < size_ ? at : at - size_];
  }

  void clear() {
    count_ = 0;
    next_ = 0;
  }

 private:
  std::size_t size_;
  std::unique_ptr<double[]> storage_;
  double* cells_{nullptr};
  std::size_t next_{0}, count_{0};
};

/// Sum of the last n values with Neumaier compensation: a large value that left leaves no trace.
class SlidingSum {
 public:
  explicit SlidingSum(int n) : window_(n) {}

  /// Returns the sum of the window, NaN until there are n values.
  double update(double x) {
    if (!std::isfinite(x)) {
      clear();
      return nan_value;
    }
    const bool was_full = window_.is_full();
    const double old = window_.replace(x);
    add(x);
    if (was_full) add(-old);
    return window_.is_full() ? sum_ + lost_ : nan_value;
  }

  void clear() {
    window_.clear();
    sum_ = 0;
    lost_ = 0;
  }

 private:
  // Knuth's two-sum: the rounding error of each addition is exact and kept.
  void add(double x) {
    const double sum = sum_ + x;
    const double part = sum - sum_;
    lost_ += (sum_ - (sum - part)) + (x - part);
    sum_ = sum;
  }

  SlidingWindow window_;
  double sum_{0}, lost_{0};
};

/// Mean and variance of the last n values, about an anchor near them so that nothing cancels.
///
/// Sums are taken again from the window, with a new anchor, once every n values and whenever what
/// left was so large, or the anchor so far, that digits were lost. A flat window has variance
/// exactly 0.
class SlidingVariance {
 public:
  explicit SlidingVariance(int n) : window_(n), inverse_(1.0 / n) {}

  /// Takes x; returns whether mean() and squares() mean something now.
  bool update(double x) {
    if (!std::isfinite(x)) {
      clear();
      return false;
    }
    const bool was_full = window_.is_full();
    const double old = window_.replace(x);
    if (!window_.is_full()) return false;
    if (!was_full || window_.is_at_wrap()) {
      recompute(x);
      return true;
    }
    const double gone = old - anchor_;
    const double come = x - anchor_;
    sum_ += come - gone;
    squares_ += come * come - gone * gone;
    offset_ = sum_ * inverse_;
    spread_ = squares_ - sum_ * offset_;
    // 1e6 costs at most six of sixteen digits before the sums are taken again.
    const double limit = spread_ * 1e6;
    if (gone * gone > limit || sum_ * offset_ > limit) recompute(x);
    return true;
  }

  [[nodiscard]] double mean() const { return anchor_ + offset_; }

  /// Sum of squared distances from the mean; >= 0.
  [[nodiscard]] double squares() const { return spread_; }

  void clear() { window_.clear(); }

 private:
  void recompute(double anchor) {
    anchor_ = anchor;
    sum_ = 0;
    squares_ = 0;
    for (std::size_t i = 0; i < window_.size(); ++i) {
      const double d = window_.cell(i) - anchor;
      sum_ += d;
      squares_ += d * d;
    }
    offset_ = sum_ * inverse_;
    spread_ = std::max(squares_ - sum_ * offset_, 0.0);
  }

  SlidingWindow window_;
  double inverse_;
  double anchor_{0};
  double sum_{0}, squares_{0};  // of distances from the anchor
  double offset_{0};            // mean minus anchor
  double spread_{0};
};

/// Highest or lowest of the last n values, without a branch on how they go.
///
/// Values fill a block of n. When it is full, each of its cells is replaced by the extreme from there
/// to the block's end; the window of a later value is then the rest of that block and the start of
/// the next one, whose extreme is carried along. So it is one pass over n values every n values.
/// Source: van Herk (1992), Gil and Werman (1993), one value at a time.
template <bool Highest>
class SlidingExtreme {
 public:
  explicit SlidingExtreme(int n)
      : size_(checked_period(n)), storage_(std::make_unique<double[]>(size_)) {
    cells_ = storage_.get();
  }

  /// Returns the extreme of the window, NaN until there are n values.
  double update(double x) {
    if (!std::isfinite(x)) {
      clear();
      return nan_value;
    }
    start_ = better(start_, x);
    cells_[next_] = x;
    if (++next_ == size_) return close_block();
    return has_block_ ? better(cells_[next_], start_) : nan_value;
  }

  void clear() {
    next_ = 0;
    has_block_ = false;
    start_ = none;
  }

 private:
  static constexpr double none = Highest ? -std::numeric_limits<double>::infinity()
                                         : std::numeric_limits<double>::infinity();

  static double better(double a, double b) { return Highest ? std::max(a, b) : std::min(a, b); }

  double close_block() {
    const double extreme = start_;
    for (std::size_t i = size_ - 1; i > 0; --i)
      cells_[i - 1] = better(cells_[i - 1], cells_[i]);
    next_ = 0;
    has_block_ = true;
    start_ = none;
    return extreme;
  }

  std::size_t size_;
  std::unique_ptr<double[]> storage_;
  double* cells_{nullptr};
  std::size_t next_{0};      // place of the next value in its block
  bool has_block_{false};    // cells_[next_ ..] belong to a full block before this one
  double start_{none};       // extreme of this block so far
};

using SlidingMax = SlidingExtreme<true>;
using SlidingMin = SlidingExtreme<false>;

/// Hands back the value that came n values ago, NaN before.
class SlidingDelay {
 public:
  explicit SlidingDelay(int n) : window_(n) {}

  double update(double x) {
    const bool was_full = window_.is_full();
    const double old = window_.replace(x);
    return was_full ? old : nan_value;
  }

  void clear() { window_.clear(); }

 private:
  SlidingWindow window_;
};

}  // namespace aitrade
