// vwap_momentum_alpha: a pullback in the direction the volume-weighted average is heading.
//
// Long when the VWAP rises, price has fallen some deviations below it, and momentum improves again.
// How deep the pullback has to be follows the regime. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t {
  window,
  slope_period,
  pullback_z,
  slope_min_pct,
  volume_multiplier,
  trend_z_adjust,
  range_z_adjust,
  high_vol_z_adjust,
  low_vol_z_adjust,
};

constexpr std::array<Parameter, 9> parameters{{
    {"window", 20, 2, 1000, true, "bars of the VWAP"},
    {"slope_period", 5, 1, 1000, true, "bars over which its slope is taken"},
    {"pullback_z", 0.6, 0, 10, false, "depth of the pullback in deviations"},
    {"slope_min_pct", 0.0005, 0, 1, false, "least slope, as a fraction of the VWAP"},
    {"volume_multiplier", 1.0, 0, 100, false,
     "volume over the mean of 20 bars that adds to the scores"},
    {"trend_z_adjust", -0.12, -10, 10, false, "added to the depth in a trend"},
    {"range_z_adjust", 0.12, -10, 10, false, "added to the depth in a range"},
    {"high_vol_z_adjust", 0.10, -10, 10, false, "added to the depth in high volatility"},
    {"low_vol_z_adjust", -0.05, -10, 10, false, "added to the depth in low volatility"},
}};

constexpr int period = 14;  // of ATR
constexpr int volume_period = 20;
constexpr int roc_period = 5;
constexpr double depth_least = 0.2;
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::vwap_momentum_alpha;

class VwapMomentum final : public Strategy {
 public:
  explicit VwapMomentum(const StrategySetup& setup)
      : slope_bars_(static_cast<std::size_t>(setup.parameters.whole(slope_period))),
        vwap_(setup.indicators.rolling_vwap(setup.parameters.whole(window), slope_bars_ + 1)),
        roc_(setup.indicators.roc_pct(roc_period)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        depth_(setup.parameters[pullback_z]),
        slope_least_(setup.parameters[slope_min_pct]),
        burst_(setup.parameters[volume_multiplier]),
        by_trend_{0.0, setup.parameters[trend_z_adjust], setup.parameters[range_z_adjust]},
        by_volatility_{0.0, setup.parameters[low_vol_z_adjust], 0.0,
                       setup.parameters[high_vol_z_adjust]},
        warm_up_(std::max(setup.parameters.whole(window) + setup.parameters.whole(slope_period) + 5,
                          50)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    const double vwap = vwap_.vwap.last();
    const double old = vwap_.vwap[slope_bars_];
    const double deviation = vwap_.deviation.last();
    if (!rules::is_finite(bar) || !std::isfinite(vwap + old + deviation)) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double depth =
        std::max(depth_ + by_trend_[static_cast<std::size_t>(market.regime().trend)] +
                     by_volatility_[static_cast<std::size_t>(market.regime().volatility)],
                 depth_least);
    // Compared without a division, in one branch: slope and distance are each noise alone.
    const double rise = vwap - old;
    const int side = static_cast<int>(rise > 0) - static_cast<int>(rise < 0);
    const bool is_steep = side * rise >= slope_least_ * old;
    const bool is_deep = side * (vwap - bar.close) >= depth * deviation;
    if (!(static_cast<int>(side != 0) & static_cast<int>(deviation > 0) &
          static_cast<int>(is_steep) & static_cast<int>(is_deep))) {
      return rules::neutral(place, Reason::no_setup);
    }
    return judge_side(bar, side);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side) const {
    const double improving = side * (roc_[0] - roc_[1]);
    if (!std::isfinite(improving + volume_ratio_.last() + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    if (improving <= 0) return rules::neutral(place, Reason::no_confirmation);
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const double vwap = vwap_.vwap.last();
    const double z = (bar.close - vwap) / vwap_.deviation.last();
    const double slope = (vwap - vwap_.vwap[slope_bars_]) / vwap_.vwap[slope_bars_];
    const bool has_volume = volume_ratio_.last() >= burst_;
    // 0.1 in both for improving momentum, which is a condition of the entry now.
    const double strength =
        0.45 + 0.3 * std::min(std::fabs(z) / 3, 1.0) + rules::bonus(has_volume, 0.1);
    const double confidence = 0.45 + rules::bonus(has_volume, 0.1) +
                              rules::bonus(std::fabs(slope) > 0.001, 0.1) +
                              rules::bonus(std::fabs(z) > 1, 0.1);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("vwap", vwap);
    signal.note("vwap_z", z);
    signal.note("vwap_slope", slope);
    signal.note("volume_ratio", volume_ratio_.last());
    signal.note("roc_5", roc_[0]);
    signal.note("roc_5_prev", roc_[1]);
    signal.note("atr", atr_.last());
    return signal;
  }

  std::size_t slope_bars_;
  VwapLines vwap_;
  Line roc_, volume_ratio_, atr_;
  BracketRules bracket_;
  double depth_, slope_least_, burst_;
  std::array<double, 3> by_trend_;       // by Trend, deviations
  std::array<double, 4> by_volatility_;  // by Volatility, deviations
  int warm_up_;
};

}  // namespace

StrategyInfo vwap_momentum_alpha_strategy() {
  return {
      .name = "vwap_momentum_alpha",
      .family = Family::vwap,
      .default_weight = 0.15,
      .enabled = true,
      .leaning = {.trend = 1.2, .range = 1.0, .high_volatility = 0.9, .low_volatility = 1.1},
      .parameters = parameters,
      .make = rules::build<VwapMomentum>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
