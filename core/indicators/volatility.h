// Volatility: true range, atr, atr_pct, bollinger, keltner, donchian, realized_vol, garman_klass,
// choppiness.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

/// True range of one bar after another: max(H, C_prev) - min(L, C_prev), which equals the greatest
/// of H-L, |H-C_prev| and |L-C_prev|. NaN on the first bar. Quote per base.
class TrueRange {
 public:
  double update(const Bar& bar) {
    const double range = std::max(bar.high, previous_) - std::min(bar.low, previous_);
    // High and low count too: a NaN among them can lose against the previous close.
    const bool is_whole = std::isfinite(range + (bar.high - bar.low) + previous_);
    previous_ = bar.close;
    return is_whole ? range : nan_value;
  }

  void clear() { previous_ = nan_value; }

 private:
  double previous_{nan_value};
};

/// True range.
///
/// Formula:     max(H-L, |H-C_prev|, |L-C_prev|)
/// Source:      Wilder (1978); TA-Lib TRANGE
/// First valid: 1
/// NaN policy:  NaN where high, low or the previous close is not finite
class TrueRangeNode final : public NodeOf<1> {
 public:
  TrueRangeNode() { first_valid(1); }

  void update(const Bar& bar) override { push<0>(range_.update(bar)); }

 protected:
  void clear() override { range_.clear(); }

 private:
  TrueRange range_;
};

/// Average true range, quote per base.
///
/// Formula:     rma(n) of the true range, seeded with the mean of TR_1 .. TR_n
/// Source:      Wilder (1978); TA-Lib ATR
/// First valid: n
/// NaN policy:  a non-finite true range restarts it
class AtrNode final : public NodeOf<1> {
 public:
  explicit AtrNode(int n) : smoother_(Smoother::rma(n)) { first_valid(n); }

  void update(const Bar& bar) override { push<0>(smoother_.update(range_.update(bar))); }

 protected:
  void clear() override {
    range_.clear();
    smoother_.clear();
  }

 private:
  TrueRange range_;
  Smoother smoother_;
};

/// Average true range as a fraction of the close.
///
/// Formula:     atr(n) / C
/// Source:      TA-Lib NATR divided by 100
/// First valid: n
/// NaN policy:  as atr; NaN where the close is not above zero
class AtrPctNode final : public NodeOf<1> {
 public:
  AtrPctNode(int n, Line atr) : atr_(atr) { first_valid(n); }

  void update(const Bar& bar) override {
    const bool is_price = bar.close > 0 && std::isfinite(bar.close);
    push<0>(is_price ? atr_.last() / bar.close : nan_value);
  }

 protected:
  void clear() override {}

 private:
  Line atr_;
};

/// Mean of closes and the sum of their squared distances from it: what bands of any width are made of.
///
/// Formula:     mean and sum of (C - mean)^2 over n closes
/// Source:      definition
/// First valid: n-1
/// NaN policy:  NaN while a non-finite close is in the window
class VarianceNode final : public NodeOf<2> {
 public:
  explicit VarianceNode(int n) : variance_(n) { first_valid(n - 1); }

  void update(const Bar& bar) override {
    if (!variance_.update(bar.close)) return push_nan();
    push<0>(variance_.mean());
    push<1>(variance_.squares());
  }

 protected:
  void clear() override { variance_.clear(); }

 private:
  SlidingVariance variance_;
};

/// Bollinger bands: lower, mid, upper, position (%B, unclipped), width.
///
/// Formula:     mid = sma(n); bands = mid -+ k * population standard deviation; position = (C -
///              lower) / (upper - lower), 0.5 at zero width; width = (upper - lower) / mid
/// Source:      Bollinger on Bollinger Bands (2001); TA-Lib BBANDS
/// First valid: n-1
/// NaN policy:  NaN while a non-finite close is in the window
class BollingerNode final : public NodeOf<5> {
 public:
  struct Window {
    Line mean, squares;   // of a VarianceNode
  };

  BollingerNode(Window window, int n, double k) : window_(window), scale_(k * k / n) {
    first_valid(n - 1);
  }

  void update(const Bar& bar) override {
    const double squares = window_.squares.last();
    if (std::isnan(squares)) return push_nan();
    const double mid = window_.mean.last();
    const double half = std::sqrt(squares * scale_);
    const double lower = mid - half;
    push<0>(lower);
    push<1>(mid);
    push<2>(mid + half);
    push<3>(half > 0 ? (bar.close - lower) / (half + half) : 0.5);
    push<4>((half + half) / mid);
  }

 protected:
  void clear() override {}

 private:
  Window window_;
  double scale_;  // squares * scale = (k * deviation)^2
};

/// Keltner channel: lower, mid, upper, position.
///
/// Formula:     ema(n) -+ k * atr(m); position = (C - lower) / (upper - lower), 0.5 at zero width
/// Source:      Keltner's channel in Raschke's form (EMA and ATR)
/// First valid: max(n-1, m)
/// NaN policy:  as ema and atr
class KeltnerNode final : public NodeOf<4> {
 public:
  KeltnerNode(Line ema, Line atr, double k) : ema_(ema), atr_(atr), k_(k) {
    first_valid(std::max(ema.first_valid(), atr.first_valid()));
  }

  void update(const Bar& bar) override {
    const double half = k_ * atr_.last();
    const double mid = half * 0 + ema_.last();  // NaN until both are there
    const double lower = mid - half;
    push<0>(lower);
    push<1>(mid);
    push<2>(mid + half);
    const double position = (bar.close - lower) / (half + half);
    push<3>(half == 0 ? mid * 0 + 0.5 : std::isfinite(position) ? position : nan_value);
  }

 protected:
  void clear() override {}

 private:
  Line ema_, atr_;
  double k_;
};

/// Donchian channel: lower, mid, upper.
///
/// Formula:     lowest low and highest high of the last n bars, the current one included; their
///              mean
/// Source:      Donchian's rule
/// First valid: n-1
/// NaN policy:  NaN while a non-finite high or low is in the window
class DonchianNode final : public NodeOf<3> {
 public:
  explicit DonchianNode(int n) : high_(n), low_(n) { first_valid(n - 1); }

  void update(const Bar& bar) override {
    const double high = high_.update(bar.high);
    const double low = low_.update(bar.low);
    push<0>(low);
    push<1>(0.5 * (high + low));
    push<2>(high);
  }

 protected:
  void clear() override {
    high_.clear();
    low_.clear();
  }

 private:
  SlidingMax high_;
  SlidingMin low_;
};

/// Realised volatility, annualised, as a fraction.
///
/// Formula:     sample standard deviation (ddof 1) of the last n log returns * sqrt(bars a year)
/// Source:      definition; a year is 525,600 minutes
/// First valid: n
/// NaN policy:  NaN while a return that is not finite is in the window
class RealizedVolNode final : public NodeOf<1> {
 public:
  RealizedVolNode(int n, double bars_a_year) : variance_(n), scale_(bars_a_year / (n - 1)) {
    AITRADE_CHECK(n >= 2);
    first_valid(n);
  }

  void update(const Bar& bar) override {
    const double change = std::log(bar.close / previous_);
    previous_ = bar.close;
    push<0>(variance_.update(change) ? std::sqrt(variance_.squares() * scale_) : nan_value);
  }

 protected:
  void clear() override {
    variance_.clear();
    previous_ = nan_value;
  }

 private:
  SlidingVariance variance_;
  double scale_;
  double previous_{nan_value};
};

/// Garman-Klass volatility, annualised, as a fraction.
///
/// Formula:     v = 0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2; sqrt(max(mean of n v, 0) * bars a year)
/// Source:      Garman and Klass, On the Estimation of Security Price Volatilities (1980)
/// First valid: n-1
/// NaN policy:  NaN while a bar with a price that is not finite or not positive is in the window
class GarmanKlassNode final : public NodeOf<1> {
 public:
  GarmanKlassNode(int n, double bars_a_year) : sum_(n), scale_(bars_a_year / n) {
    first_valid(n - 1);
  }

  void update(const Bar& bar) override {
    const double range = std::log(bar.high / bar.low);
    const double body = std::log(bar.close / bar.open);
    const double sum = sum_.update(0.5 * range * range - body_factor * body * body);
    // The NaN comes first: std::max returns its first argument when they do not compare.
    push<0>(std::sqrt(std::max(sum, 0.0) * scale_));
  }

 protected:
  void clear() override { sum_.clear(); }

 private:
  static constexpr double body_factor = 0.38629436111989061883;  // 2 ln 2 - 1

  SlidingSum sum_;
  double scale_;
};

/// Choppiness index, 0 (straight) to 100 (all noise).
///
/// Formula:     100 log10(sum of n true ranges / (highest high - lowest low of n bars)) / log10(n)
/// Source:      Dreiss, Choppiness Index
/// First valid: n
/// NaN policy:  NaN at zero range and while a non-finite price is in the window
class ChoppinessNode final : public NodeOf<1> {
 public:
  explicit ChoppinessNode(int n) : sum_(n), high_(n), low_(n), scale_(100.0 / std::log10(n)) {
    AITRADE_CHECK(n >= 2);
    first_valid(n);
  }

  void update(const Bar& bar) override {
    const double sum = sum_.update(range_.update(bar));
    const double range = high_.update(bar.high) - low_.update(bar.low);
    push<0>(range > 0 ? scale_ * std::log10(sum / range) : nan_value);
  }

 protected:
  void clear() override {
    range_.clear();
    sum_.clear();
    high_.clear();
    low_.clear();
  }

 private:
  TrueRange range_;
  SlidingSum sum_;
  SlidingMax high_;
  SlidingMin low_;
  double scale_;
};

}  // namespace aitrade
