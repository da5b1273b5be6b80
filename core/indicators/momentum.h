// Momentum: rsi, macd, stochastic, roc_pct.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

#include <algorithm>

namespace aitrade {

/// Relative strength index, 0 to 100.
///
/// Formula:     U, D = rma(n) of rises and falls of the close; 100 U / (U + D); both 0 -> 50
/// Source:      Wilder (1978); TA-Lib RSI except for the flat market
/// First valid: n
/// NaN policy:  a non-finite close restarts it
class RsiNode final : public NodeOf<1> {
 public:
  explicit RsiNode(int n) : rises_(Smoother::rma(n)), falls_(Smoother::rma(n)) { first_valid(n); }

  void update(const Bar& bar) override {
    const double change = bar.close - previous_;
    previous_ = bar.close;
    const double up = rises_.update(positive_part(change));
    const double down = falls_.update(positive_part(-change));
    const double total = up + down;
    push<0>(total > 0 ? 100.0 * up / total : total == 0 ? 50.0 : nan_value);
  }

 protected:
  void clear() override {
    previous_ = nan_value;
    rises_.clear();
    falls_.clear();
  }

 private:
  Smoother rises_, falls_;
  double previous_{nan_value};
};

/// Moving average convergence divergence: line, signal, histogram; quote per base.
///
/// Formula:     line = ema(fast) - ema(slow); signal = ema(signal) of line; histogram = line -
///              signal. The fast average is seeded with the bars slow-fast .. slow-1, so both start
///              together.
/// Source:      TA-Lib MACD
/// First valid: line slow-1, signal and histogram slow+signal-2
/// NaN policy:  a non-finite close restarts all of it
class MacdNode final : public NodeOf<3> {
 public:
  MacdNode(int fast, int slow, int signal)
      : fast_(Smoother::ema(fast)),
        slow_(Smoother::ema(slow)),
        signal_(Smoother::ema(signal)),
        skip_(slow - fast) {
    AITRADE_CHECK(fast < slow);
    first_valid(slow + signal - 2);
    column<0>().first_valid(slow - 1);
  }

  void update(const Bar& bar) override {
    double fast = nan_value;
    if (!std::isfinite(bar.close)) {
      clear();
    } else if (skipped_ < skip_) {
      ++skipped_;
    } else {
      fast = fast_.update(bar.close);
    }
    const double line = fast - slow_.update(bar.close);
    const double signal = signal_.update(line);
    push<0>(line);
    push<1>(signal);
    push<2>(line - signal);
  }

 protected:
  void clear() override {
    fast_.clear();
    slow_.clear();
    signal_.clear();
    skipped_ = 0;
  }

 private:
  Smoother fast_, slow_, signal_;
  int skip_, skipped_{0};
};

/// Slow stochastic: %K and %D, 0 to 100. With smooth 1 it is the fast stochastic.
///
/// Formula:     raw = 100 (C - lowest) / (highest - lowest) over n bars, 50 at zero range; %K =
///              sma(smooth) of raw; %D = sma(d) of %K
/// Source:      TA-Lib STOCH with simple averages
/// First valid: %K n+smooth-2, %D n+smooth+d-3
/// NaN policy:  NaN while a non-finite high, low or close is in a window
class StochasticNode final : public NodeOf<2> {
 public:
  StochasticNode(int n, int smooth, int d)
      : high_(n), low_(n), k_(smooth), d_(d), smooth_period_(smooth), d_period_(d) {
    first_valid(n + smooth + d - 3);
    column<0>().first_valid(n + smooth - 2);
  }

  void update(const Bar& bar) override {
    const double high = high_.update(bar.high);
    const double low = low_.update(bar.low);
    const double range = high - low;
    const double raw = range == 0 ? 50.0 : 100.0 * (bar.close - low) / range;
    const double k = k_.update(raw) / smooth_period_;
    push<0>(k);
    push<1>(d_.update(k) / d_period_);
  }

 protected:
  void clear() override {
    high_.clear();
    low_.clear();
    k_.clear();
    d_.clear();
  }

 private:
  SlidingMax high_;
  SlidingMin low_;
  SlidingSum k_, d_;
  double smooth_period_, d_period_;
};

/// Rate of change as a fraction.
///
/// Formula:     (C_t - C_{t-n}) / C_{t-n}
/// Source:      TA-Lib ROCP
/// First valid: n
/// NaN policy:  NaN where either close is not finite, or the old one is 0
class RocNode final : public NodeOf<1> {
 public:
  explicit RocNode(int n) : delay_(n) { first_valid(n); }

  void update(const Bar& bar) override {
    const double old = delay_.update(bar.close);
    const double value = (bar.close - old) / old;
    push<0>(std::isfinite(value) ? value : nan_value);
  }

 protected:
  void clear() override { delay_.clear(); }

 private:
  SlidingDelay delay_;
};

}  // namespace aitrade
