// rsi_mean_reversion: RSI turns up out of oversold, with a threshold that follows the regime.
//
// Long when the RSI of the bar before was at or below the threshold and the newest one is at least
// a point higher. A trend asks for a deeper extreme, a range for less; high volatility for a deeper
// one, low for less. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t {
  rsi_period,
  rsi_oversold,
  rsi_overbought,
  trend_adjust,
  range_adjust,
  high_vol_adjust,
  low_vol_adjust,
};

constexpr std::array<Parameter, 7> parameters{{
    {"rsi_period", 14, 2, 1000, true, "bars of the RSI"},
    {"rsi_oversold", 30, 5, 45, false, "RSI up to which a market is oversold"},
    {"rsi_overbought", 70, 55, 95, false, "RSI from which a market is overbought"},
    {"trend_adjust", 5, 0, 40, false, "points the thresholds are stricter in a trend"},
    {"range_adjust", 5, 0, 40, false, "points they are looser in a range"},
    {"high_vol_adjust", 3, 0, 40, false, "points they are stricter in high volatility"},
    {"low_vol_adjust", 2, 0, 40, false, "points they are looser in low volatility"},
}};

constexpr int period = 14;        // of ATR
constexpr double turn_least = 1;  // points of RSI
constexpr double stop_atr = 2.0;
constexpr double target_atr = 2.6;
constexpr auto place = CatalogPlace::rsi_mean_reversion;

class RsiMeanReversion final : public Strategy {
 public:
  explicit RsiMeanReversion(const StrategySetup& setup)
      : rsi_(setup.indicators.rsi(setup.parameters.whole(rsi_period))),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        limit_{setup.parameters[rsi_oversold], 100.0 - setup.parameters[rsi_overbought]},
        by_trend_{0.0, -setup.parameters[trend_adjust], setup.parameters[range_adjust]},
        by_volatility_{0.0, setup.parameters[low_vol_adjust], 0.0,
                       -setup.parameters[high_vol_adjust]},
        warm_up_(std::max(setup.parameters.whole(rsi_period) + 10, 50)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const double before = rsi_[1];
    if (!rules::is_finite(market.bar(0)) || !std::isfinite(rsi_.last() + before)) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double wider = by_trend_[static_cast<std::size_t>(market.regime().trend)] +
                         by_volatility_[static_cast<std::size_t>(market.regime().volatility)];
    // Both limits stay at or below 45, so at most one side can apply.
    if (before <= limit(0, wider))
      return judge_side(market.bar(0), rules::long_side, limit(0, wider));
    if (100.0 - before <= limit(1, wider)) {
      return judge_side(market.bar(0), rules::short_side, limit(1, wider));
    }
    return rules::neutral(place, Reason::no_setup);
  }

 private:
  [[nodiscard]] double limit(std::size_t which, double wider) const {
    return std::clamp(limit_[which] + wider, 5.0, 45.0);
  }

  [[nodiscard]] Signal judge_side(const Bar& bar, int side, double limit) const {
    if (side * (rsi_[0] - rsi_[1]) < turn_least) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    if (!std::isfinite(atr_.last())) return rules::neutral(place, Reason::not_finite);
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const double rsi = rules::mirror_percent(side, rsi_.last());
    // RSI may have left the zone on this bar; that takes nothing from the strength.
    const double strength =
        0.35 + std::clamp((limit - rsi) / 30, 0.0, 0.3) + rules::bonus(rsi < 20, 0.1);
    // 0.35, and 0.10 for turning, which is a condition of the entry now.
    const double confidence = 0.45 + rules::bonus(rsi < 25, 0.15);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("rsi", rsi_[0]);
    signal.note("rsi_prev", rsi_[1]);
    signal.note("threshold", rules::mirror_percent(side, limit));
    signal.note("atr", atr_.last());
    return signal;
  }

  Line rsi_, atr_;
  BracketRules bracket_;
  std::array<double, 2> limit_;          // as the long rule reads them: for long, for short
  std::array<double, 3> by_trend_;       // by Trend, points
  std::array<double, 4> by_volatility_;  // by Volatility, points
  int warm_up_;
};

}  // namespace

StrategyInfo rsi_mean_reversion_strategy() {
  return {
      .name = "rsi_mean_reversion",
      .family = Family::mean_reversion,
      .default_weight = 0.12,
      .enabled = false,
      .leaning = {.trend = 0.8, .range = 1.3, .high_volatility = 0.9, .low_volatility = 1.2},
      .parameters = parameters,
      .make = rules::build<RsiMeanReversion>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
