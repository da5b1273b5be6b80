// stochastic_divergence: price makes a lower low where the stochastic makes a higher one.
//
// Long when %K is oversold and crosses above %D on this bar, and the last two confirmed swing lows
// diverge: price fell between them, %K rose. The newer swing has to be fresh. Source:
// trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { k_period, smooth, d_period, oversold, overbought, lookback };

constexpr std::array<Parameter, 6> parameters{{
    {"k_period", 14, 2, 1000, true, "bars of the raw %K"},
    {"smooth", 3, 1, 1000, true, "bars %K is smoothed over"},
    {"d_period", 3, 1, 1000, true, "bars of %D"},
    {"oversold", 20, 0, 100, false, "%K below which a long is allowed"},
    {"overbought", 80, 0, 100, false, "%K above which a short is allowed"},
    {"lookback", 20, 5, 1000, true, "bars back the older of the two swings may lie"},
}};

constexpr int period = 14;       // of ATR
constexpr int pivot_arm = 2;     // bars on each side that confirm a swing
constexpr double newer_max = 5;  // bars back the newer swing may lie
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::stochastic_divergence;

class StochasticDivergence final : public Strategy {
 public:
  explicit StochasticDivergence(const StrategySetup& setup)
      : lines_(setup.indicators.stochastic(
            setup.parameters.whole(k_period), setup.parameters.whole(smooth),
            setup.parameters.whole(d_period),
            static_cast<std::size_t>(setup.parameters.whole(lookback)) + 1)),
        swings_(setup.indicators.swings(pivot_arm)),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        limit_{setup.parameters[oversold], 100.0 - setup.parameters[overbought]},
        older_max_(setup.parameters[lookback]),
        warm_up_(setup.parameters.whole(k_period) + setup.parameters.whole(smooth) +
                 setup.parameters.whole(d_period) + setup.parameters.whole(lookback) + 10) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    const double k = lines_.k.last();
    const double gap = k - lines_.d.last();
    const double before = lines_.k[1] - lines_.d[1];
    if (!rules::is_finite(bar) || !std::isfinite(gap + before)) {
      return rules::neutral(place, Reason::not_finite);
    }
    // The two limits do not overlap (fault_of), so at most one side can apply.
    const int side = static_cast<int>(k < limit_[0]) - static_cast<int>(100.0 - k < limit_[1]);
    if (side == 0 || side * gap <= 0 || side * before > 0) {
      return rules::neutral(place, Reason::no_setup);
    }
    return judge_side(bar, side, side * gap);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side, double gap) const {
    if (!has_divergence(side)) return rules::neutral(place, Reason::no_confirmation);
    if (!std::isfinite(atr_.last())) return rules::neutral(place, Reason::not_finite);
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const bool is_deep = rules::mirror_percent(side, lines_.k.last()) < 10;
    // 0.20 in both for the divergence, which is a condition of the entry now.
    const double strength = 0.65 + rules::bonus(is_deep, 0.10);
    const double confidence = 0.60 + rules::bonus(is_deep, 0.08) + rules::bonus(gap > 3, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("stoch_k", lines_.k.last());
    signal.note("stoch_d", lines_.d.last());
    signal.note("swing", side > 0 ? swings_.low.last() : swings_.high.last());
    signal.note("swing_before",
                side > 0 ? swings_.previous_low.last() : swings_.previous_high.last());
    signal.note("atr", atr_.last());
    return signal;
  }

  /// Two confirmed swing lows (highs for a short), the newer one fresh: price lower, %K higher.
  /// Swings that are not there are NaN and compare false.
  [[nodiscard]] bool has_divergence(int side) const {
    const double newer = side > 0 ? swings_.low_age.last() : swings_.high_age.last();
    const double older =
        side > 0 ? swings_.previous_low_age.last() : swings_.previous_high_age.last();
    if (!(newer <= newer_max && older <= older_max_)) return false;
    const double fall = side > 0 ? swings_.low.last() - swings_.previous_low.last()
                                 : swings_.previous_high.last() - swings_.high.last();
    const double rise =
        lines_.k[static_cast<std::size_t>(newer)] - lines_.k[static_cast<std::size_t>(older)];
    return fall < 0 && side * rise > 0;
  }

  StochasticLines lines_;
  SwingLines swings_;
  Line atr_;
  BracketRules bracket_;
  std::array<double, 2> limit_;  // as the long rule reads them: for long, for short
  double older_max_;
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  return p[oversold] >= p[overbought] ? "oversold must be below overbought" : nullptr;
}

}  // namespace

StrategyInfo stochastic_divergence_strategy() {
  return {
      .name = "stochastic_divergence",
      .family = Family::mean_reversion,
      .default_weight = 0.06,
      .enabled = true,
      .leaning = {.trend = 0.8, .range = 1.3, .high_volatility = 0.9, .low_volatility = 1.2},
      .parameters = parameters,
      .make = rules::build<StochasticDivergence>,
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
