// keltner: a rebound from the outer Keltner band back to its middle.
//
// Long when the bar reached the lower band and closed above it, with RSI low but not collapsed, the
// MACD histogram rising and a green or higher close. The target is the mid band: a reversion trade
// has no business beyond the mean. When the mid band is too near for the stop (minimum reward to
// risk) there is no signal: the classic bands of 2 ATR leave room for a stop of 1.5, tight ones of
// 1.5 never do. Source: trading-core.md 2.3, rewrite; 1.1 for the bands.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t {
  ema_period,
  atr_period,
  kc_multiplier,
  macd_fast,
  macd_slow,
  macd_signal,
  rsi_period,
  rsi_long_max,
  rsi_short_min,
};

constexpr std::array<Parameter, 9> parameters{{
    {"ema_period", 20, 2, 1000, true, "bars of the mid band's average"},
    {"atr_period", 14, 2, 1000, true, "bars of the average true range"},
    {"kc_multiplier", 2.0, 0.01, 20, false,
     "distance of the bands from the mid band, in ATR; above 1.5 ATR of stop times the least reward to risk"},
    {"macd_fast", 12, 2, 1000, true, "bars of the fast average of the MACD"},
    {"macd_slow", 26, 2, 1000, true, "bars of the slow average of the MACD"},
    {"macd_signal", 9, 2, 1000, true, "bars of the signal line of the MACD"},
    {"rsi_period", 14, 2, 1000, true, "bars of the RSI"},
    {"rsi_long_max", 45, 0, 100, false, "RSI below which a long is allowed"},
    {"rsi_short_min", 55, 0, 100, false, "RSI above which a short is allowed"},
}};

constexpr double touch_tolerance = 0.001;  // of the band: how near counts as reached
constexpr double rsi_collapse = 15;        // below it the fall is not over
constexpr double stop_atr = 1.5;
constexpr double target_atr = 2.5;
constexpr auto place = CatalogPlace::keltner;

class Keltner final : public Strategy {
 public:
  explicit Keltner(const StrategySetup& setup)
      : channel_(setup.indicators.keltner(setup.parameters.whole(ema_period),
                                          setup.parameters.whole(atr_period),
                                          setup.parameters[kc_multiplier])),
        histogram_(setup.indicators
                       .macd(setup.parameters.whole(macd_fast), setup.parameters.whole(macd_slow),
                             setup.parameters.whole(macd_signal))
                       .histogram),
        rsi_(setup.indicators.rsi(setup.parameters.whole(rsi_period))),
        atr_(setup.indicators.atr(setup.parameters.whole(atr_period))),
        bracket_(setup.bracket),
        rsi_limit_{setup.parameters[rsi_long_max], 100.0 - setup.parameters[rsi_short_min]},
        warm_up_(bars_needed(setup.parameters)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (market.bars_since_break() < static_cast<std::size_t>(warm_up_) || market.bars() < 2) {
      return rules::neutral(place, Reason::warming_up);
    }
    const Bar& bar = market.bar(0);
    const double rsi = rsi_.last();
    const double rising = histogram_[0] - histogram_[1];
    if (!rules::is_finite(bar) || !std::isfinite(rsi + rising + channel_.upper.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    // The two limits do not overlap (fault_of), so at most one side can apply.
    const int side = static_cast<int>(rsi < rsi_limit_[0]) - static_cast<int>(100.0 - rsi < rsi_limit_[1]);
    const double band = side > 0 ? channel_.lower.last() : channel_.upper.last();
    const double extreme = side > 0 ? bar.low : bar.high;
    const bool reached = side * (extreme - band) <= touch_tolerance * band;
    const bool came_back = side * (bar.close - band) > 0;   // false without a side
    // One branch for all of it: each part alone is noise, together they are rare.
    if (!(static_cast<int>(reached) & static_cast<int>(came_back))) return rules::neutral(place, Reason::no_setup);
    return judge_side(market, side);
  }

 private:
  static int bars_needed(const Parameters& p) {
    return std::max({p.whole(macd_slow) + p.whole(macd_signal) + 10, 3 * p.whole(ema_period), 100,
                     p.whole(atr_period) + 1, p.whole(rsi_period) + 1});
  }

  /// The bar touched the band of this side and came back.
  [[nodiscard]] Signal judge_side(const MarketView& market, int side) const {
    const Bar& bar = market.bar(0);
    if (rules::mirror_percent(side, rsi_.last()) <= rsi_collapse) return rules::neutral(place, Reason::no_setup);
    const double before = market.bar(1).close;
    if (!std::isfinite(before)) return rules::neutral(place, Reason::not_finite);
    const bool is_rising = side * (histogram_[0] - histogram_[1]) > 0;
    const bool is_green = side * (bar.close - bar.open) > 0;
    const bool is_higher = side * (bar.close - before) > 0;
    if (!is_rising || (!is_green && !is_higher)) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    levels.target = channel_.mid.last();
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(side, bar.close, levels, is_green, is_higher);
  }

  [[nodiscard]] Signal answer(int side, double entry, const Levels& levels, bool is_green,
                              bool is_higher) const {
    const double position = rules::mirror_unit(side, channel_.position.last());
    const double rsi = rules::mirror_percent(side, rsi_.last());
    const double h0 = side * histogram_[0];
    const double h1 = side * histogram_[1];
    const double h2 = side * histogram_[2];
    const double strength = 0.4 + std::min(2 * std::max(0.0, 0.5 - position), 0.3) +
                            rules::bonus(h1 < 0, 0.15) + rules::bonus(is_green && is_higher, 0.1);
    const double confidence = 0.45 + rules::bonus(is_green, 0.10) + rules::bonus(is_higher, 0.08) +
                              rules::bonus(h1 < 0, 0.12) + rules::bonus(rsi < 30, 0.10) +
                              rules::bonus(position < 0.1, 0.10) +
                              rules::bonus(h0 > h1 && h1 > h2, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("kc_position", channel_.position.last());
    signal.note("kc_lower", channel_.lower.last());
    signal.note("kc_mid", channel_.mid.last());
    signal.note("kc_upper", channel_.upper.last());
    signal.note("macd_hist", histogram_[0]);
    signal.note("macd_hist_prev", histogram_[1]);
    signal.note("rsi", rsi_.last());
    signal.note("atr", atr_.last());
    return signal;
  }

  KeltnerLines channel_;
  Line histogram_, rsi_, atr_;
  BracketRules bracket_;
  std::array<double, 2> rsi_limit_;  // as the long rule reads them: for long, for short
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  if (p[macd_fast] >= p[macd_slow]) return "macd_fast must be below macd_slow";
  if (p[rsi_long_max] >= p[rsi_short_min]) return "rsi_long_max must be below rsi_short_min";
  return nullptr;
}

}  // namespace

StrategyInfo keltner_strategy() {
  return {
      .name = "keltner",
      .family = Family::mean_reversion,
      .default_weight = 0.25,
      .enabled = true,
      .leaning = {.trend = 0.9, .range = 1.2, .high_volatility = 1.0, .low_volatility = 1.1},
      .parameters = parameters,
      .make = [](const StrategySetup& setup) -> std::unique_ptr<Strategy> {
        return std::make_unique<Keltner>(setup);
      },
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
