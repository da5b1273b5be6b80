// market_structure: a pullback to the last swing low of a market that makes higher highs and lows.
//
// Long when the last two swing highs and the last two swing lows rise, and the close is back at the
// last swing low with RSI not collapsed. "At" is half a per cent of an hour's bars and less on shorter ones:
// what is a touch there is the whole range of a minute. The stop lies below that low: it is where the structure is
// wrong. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { swing_lookback, tolerance, rsi_low, rsi_high };

constexpr std::array<Parameter, 4> parameters{{
    {"swing_lookback", 5, 1, 100, true, "bars on each side that make a swing"},
    {"tolerance", 0.005, 0, 1, false,
     "how near to the swing the close has to be on 1h bars, fraction of it; scaled with the root of the timeframe"},
    {"rsi_low", 35, 0, 100, false, "RSI(14) a long has to be above"},
    {"rsi_high", 65, 0, 100, false, "RSI(14) a short has to be below"},
}};

constexpr int period = 14;  // of RSI and ATR
constexpr int volume_period = 20;
constexpr int roc_period = 5;
constexpr double beyond_atr = 0.5;  // of the stop, beyond the swing
constexpr double wide_spread = 0.01;
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.5;
constexpr auto place = CatalogPlace::market_structure;

class MarketStructure final : public Strategy {
 public:
  explicit MarketStructure(const StrategySetup& setup)
      : swings_(setup.indicators.swings(setup.parameters.whole(swing_lookback))),
        rsi_(setup.indicators.rsi(period)),
        atr_(setup.indicators.atr(period)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        roc_(setup.indicators.roc_pct(roc_period)),
        bracket_(setup.bracket),
        tolerance_(setup.parameters[tolerance] * rules::share_of_hour(setup.timeframe)),
        rsi_limit_{setup.parameters[rsi_low], 100.0 - setup.parameters[rsi_high]},
        warm_up_(std::max(6 * setup.parameters.whole(swing_lookback) + 10, 50)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    if (!rules::is_finite(bar) || !std::isfinite(rsi_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    // A swing that is not there yet is NaN and compares false: no structure, no setup.
    const double highs = swings_.high.last() - swings_.previous_high.last();
    const double lows = swings_.low.last() - swings_.previous_low.last();
    const int side = static_cast<int>(highs > 0) * static_cast<int>(lows > 0) -
                     static_cast<int>(highs < 0) * static_cast<int>(lows < 0);
    if (side == 0) return rules::neutral(place, Reason::no_setup);
    const double swing = side > 0 ? swings_.low.last() : swings_.high.last();
    const double distance = std::fabs(bar.close - swing) / swing;
    if (distance > tolerance_) return rules::neutral(place, Reason::no_setup);
    return judge_side(bar, side, swing, distance);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side, double swing, double distance) const {
    const double improving = side * (roc_[0] - roc_[1]);
    if (!std::isfinite(improving + volume_ratio_.last() + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double limit = side > 0 ? rsi_limit_[0] : rsi_limit_[1];
    const double wanted = swing - side * beyond_atr * atr_.last();
    const bool has_broken = side * (bar.close - wanted) <= 0;
    if (rules::mirror_percent(side, rsi_.last()) <= limit || has_broken) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    levels.stop = rules::floored_stop(side, bar.close, wanted, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const bool is_near = distance < 0.5 * tolerance_;
    const bool has_volume = volume_ratio_.last() > 1;
    const double spread = leading_spread(side);
    const double strength = 0.40 + rules::bonus(is_near, 0.10) + rules::bonus(has_volume, 0.10) +
                            rules::bonus(improving > 0, 0.10);
    const double confidence = 0.40 + rules::bonus(is_near, 0.08) + rules::bonus(has_volume, 0.08) +
                              rules::bonus(improving > 0, 0.08) +
                              rules::bonus(spread > wide_spread, 0.10);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("swing", swing);
    signal.note("swing_distance", distance);
    signal.note("leading_spread", spread);
    signal.note("volume_ratio", volume_ratio_.last());
    signal.note("roc_5", roc_[0]);
    signal.note("rsi", rsi_.last());
    signal.note("atr", atr_.last());
    return signal;
  }

  /// How far the trend's newer extreme went beyond the one before: highs for a long, lows for a
  /// short; a fraction.
  [[nodiscard]] double leading_spread(int side) const {
    const double newer = side > 0 ? swings_.high.last() : swings_.low.last();
    const double older = side > 0 ? swings_.previous_high.last() : swings_.previous_low.last();
    return side * (newer - older) / older;
  }

  SwingLines swings_;
  Line rsi_, atr_, volume_ratio_, roc_;
  BracketRules bracket_;
  double tolerance_;
  std::array<double, 2> rsi_limit_;  // as the long rule reads them: for long, for short
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  return p[rsi_low] >= p[rsi_high] ? "rsi_low must be below rsi_high" : nullptr;
}

}  // namespace

StrategyInfo market_structure_strategy() {
  return {
      .name = "market_structure",
      .family = Family::structure,
      .default_weight = 0.12,
      .enabled = true,
      .leaning = {.trend = 1.1, .range = 0.9, .high_volatility = 1.0, .low_volatility = 1.0},
      .parameters = parameters,
      .make = rules::build<MarketStructure>,
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
