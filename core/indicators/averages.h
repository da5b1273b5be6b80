// Plain prices as columns, and moving averages: sma, ema, rma.
#pragma once

#include "core/indicators/node.h"
#include "core/indicators/rolling.h"

namespace aitrade {

/// One price of the bar as it is, for rules that look back on highs or lows.
///
/// Formula:     the field
/// Source:      the candle
/// First valid: 0
/// NaN policy:  what is not finite reads as NaN
class PriceNode final : public NodeOf<1> {
 public:
  explicit PriceNode(double Bar::*field) : field_(field) {}

  void update(const Bar& bar) override {
    const double value = bar.*field_;
    push<0>(std::isfinite(value) ? value : nan_value);
  }

 protected:
  void clear() override {}

 private:
  double Bar::*field_;
};

/// Simple moving average of closes.
///
/// Formula:     mean of the last n closes (compensated sliding sum)
/// Source:      definition
/// First valid: n-1
/// NaN policy:  NaN while a non-finite close is in the window
class SmaNode final : public NodeOf<1> {
 public:
  explicit SmaNode(int n) : sum_(n), period_(n) { first_valid(n - 1); }

  void update(const Bar& bar) override { push<0>(sum_.update(bar.close) / period_); }

 protected:
  void clear() override { sum_.clear(); }

 private:
  SlidingSum sum_;
  double period_;
};

/// Exponential and Wilder moving average of closes.
///
/// Formula:     y = y + alpha (x - y); alpha 2/(n+1) for ema, 1/n for rma; seed: mean of the first
///              n
/// Source:      TA-Lib EMA; Wilder, New Concepts in Technical Trading Systems (1978)
/// First valid: n-1
/// NaN policy:  a non-finite close restarts it with a new seed
class SmoothedNode final : public NodeOf<1> {
 public:
  SmoothedNode(int n, Smoother smoother) : smoother_(smoother) { first_valid(n - 1); }

  void update(const Bar& bar) override { push<0>(smoother_.update(bar.close)); }

 protected:
  void clear() override { smoother_.clear(); }

 private:
  Smoother smoother_;
};

}  // namespace aitrade
