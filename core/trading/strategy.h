// The interface of a strategy, and what the catalog knows of each.
//
// A strategy keeps no state: what it knows is in the view and in the columns it asked for when it was
// built. So there is nothing to save, restore or share, and the same lines run in backtest, paper, live
// and replay. Rules are written once over a side sign (+1 long, -1 short).
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/domain/signal.h"
#include "core/indicators/indicator_set.h"
#include "core/market/market_view.h"

namespace aitrade {

class Strategy {
 public:
  virtual ~Strategy() = default;

  /// Closed candles needed before judge() may be called.
  [[nodiscard]] virtual int warm_up() const = 0;

  /// Returns this strategy's view of the newest closed candle; neutral is a normal answer.
  /// Cost: O(1), no allocation. Thread: engine only.
  [[nodiscard]] virtual Signal judge(const MarketView& market) const = 0;
};

/// One parameter of a strategy: its name in the configuration, default and bounds (inclusive).
struct Parameter {
  std::string_view name;
  double fallback;
  double minimum, maximum;
  bool is_integer;
  std::string_view help;
};

/// Values for a strategy's parameters, in the order of its list.
class Parameters {
 public:
  explicit Parameters(std::span<const Parameter> list) : list_(list) {
    for (const Parameter& p : list) values_.push_back(p.fallback);
  }

  /// Sets by name; returns false when there is no such parameter or the value is out of bounds.
  bool set(std::string_view name, double value) {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (list_[i].name != name) continue;
      if (!(value >= list_[i].minimum && value <= list_[i].maximum)) return false;
      if (list_[i].is_integer && value != std::floor(value)) return false;
      values_[i] = value;
      return true;
    }
    return false;
  }

  [[nodiscard]] double operator[](std::size_t i) const { return values_[i]; }

  [[nodiscard]] int whole(std::size_t i) const { return static_cast<int>(values_[i]); }

  [[nodiscard]] std::span<const Parameter> list() const { return list_; }

 private:
  std::span<const Parameter> list_;
  std::vector<double> values_;
};

/// Floors of a bracket, from the configuration (trading-core.md 2.2).
struct BracketRules {
  double stop_min_fraction{0.004};     // of price
  double target_min_fraction{0.008};   // of price
  double target_fee_multiple{3.0};     // target at least this many round-trip fees away
  double round_trip_fee{0.0052};       // both sides, fraction of price
  double reward_to_risk_min{1.2};      // before costs (decision 20)
};

struct Levels {
  double stop{0}, target{0};
};

/// Returns stop and target `stop_atr` and `target_atr` ATRs from price. When a floor binds, both
/// distances grow by the same factor, so that the intended reward to risk is kept.
///
/// Units:  price and atr in quote per base; side +1 long, -1 short
/// Errors: none; a price or atr that is not positive gives zero levels
inline Levels plan_levels(double price, double atr, int side, double stop_atr, double target_atr,
                          const BracketRules& rules) {
  if (!(price > 0) || !(atr > 0)) return {};
  double stop = atr * stop_atr;
  double target = atr * target_atr;
  const double stop_floor = price * rules.stop_min_fraction;
  const double target_floor =
      price * std::max(rules.target_min_fraction, rules.target_fee_multiple * rules.round_trip_fee);
  const double grow = std::max({1.0, stop_floor / stop, target_floor / target});
  stop *= grow;
  target *= grow;
  return Levels{price - side * stop, price + side * target};
}

/// What a strategy is built from. `indicators` is borrowed and must outlive the strategy.
struct StrategySetup {
  IndicatorSet& indicators;
  const Parameters& parameters;
  BracketRules bracket;
  Duration timeframe;
};

/// Leaning per regime: the factors of trading-core.md 3.2.
struct Leaning {
  double trend{1}, range{1}, high_volatility{1}, low_volatility{1};
};

/// What the catalog knows of a strategy. All text has static storage.
struct StrategyInfo {
  std::string_view name;
  Family family;
  double default_weight;
  bool enabled;                             // by default
  Leaning leaning;
  std::span<const Parameter> parameters;
  std::unique_ptr<Strategy> (*make)(const StrategySetup&);
  /// Says what is wrong with a combination (fast >= slow), or nothing.
  const char* (*fault_of)(const Parameters&);
  /// How long its idea lasts; a trade that led nowhere by then is over. Zero: no limit of its own.
  Duration time_stop{0};
};

}  // namespace aitrade
