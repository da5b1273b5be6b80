// mean_reversion: an overstretched price that shows it has turned.
//
// Long when the close is near or below the lower Bollinger band with RSI oversold, confirmed by a
// divergence of price and RSI at two swing lows, or by volume drying up under a higher close. The
// target is the mid band; when it is too near for the stop there is no signal. Source:
// trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { bb_period, bb_std, rsi_oversold, rsi_overbought };

constexpr std::array<Parameter, 4> parameters{{
    {"bb_period", 50, 2, 1000, true, "bars of the Bollinger bands"},
    {"bb_std", 2.5, 0.01, 20, false, "distance of the bands in standard deviations"},
    {"rsi_oversold", 25, 0, 100, false, "RSI(14) below which a long is allowed"},
    {"rsi_overbought", 75, 0, 100, false, "RSI(14) above which a short is allowed"},
}};

constexpr int period = 14;              // of RSI and ATR
constexpr double near_band = 0.15;      // %B below which price is stretched
constexpr std::size_t width_bars = 20;  // the usual width is their mean
constexpr double squeezed_below = 0.8;  // of the usual width
constexpr int pivot_arm = 2;            // bars on each side that confirm a swing
constexpr double pivot_age_max = 10;    // of the newer swing, in bars: older ones are history
constexpr double pivot_search = 40;     // how far back the older swing may lie
constexpr double stop_atr = 2.25;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::mean_reversion;

class MeanReversion final : public Strategy {
 public:
  explicit MeanReversion(const StrategySetup& setup)
      : bands_(setup.indicators.bollinger(setup.parameters.whole(bb_period),
                                          setup.parameters[bb_std], width_bars)),
        rsi_(setup.indicators.rsi(period, static_cast<std::size_t>(pivot_search) + 1)),
        atr_(setup.indicators.atr(period)),
        swings_(setup.indicators.swings(pivot_arm)),
        bracket_(setup.bracket),
        rsi_limit_{setup.parameters[rsi_oversold], 100.0 - setup.parameters[rsi_overbought]},
        warm_up_(std::max(setup.parameters.whole(bb_period) + 20, 50)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (market.bars_since_break() < static_cast<std::size_t>(warm_up_) || market.bars() < 3) {
      return rules::neutral(place, Reason::warming_up);
    }
    const double rsi = rsi_.last();
    const double position = bands_.position.last();
    if (!rules::is_finite(market.bar(0)) || !std::isfinite(rsi + position)) {
      return rules::neutral(place, Reason::not_finite);
    }
    // The two limits do not overlap (fault_of), so at most one side can apply.
    if (rsi < rsi_limit_[0] && position < near_band) return judge_side(market, rules::long_side);
    if (100.0 - rsi < rsi_limit_[1] && 1.0 - position < near_band) {
      return judge_side(market, rules::short_side);
    }
    return rules::neutral(place, Reason::no_setup);
  }

 private:
  [[nodiscard]] Signal judge_side(const MarketView& market, int side) const {
    const Bar& bar = market.bar(0);
    const Bar& before = market.bar(1);
    const double oldest_volume = market.bar(2).volume;
    if (!std::isfinite(bar.volume + before.volume + oldest_volume + before.close + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const bool is_drying = bar.volume < oldest_volume && before.volume < oldest_volume;
    const bool is_turning = side * (bar.close - before.close) > 0;
    const bool diverges = has_divergence(side);
    if (!diverges && !(is_drying && is_turning)) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    levels.target = bands_.mid.last();
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(side, bar.close, levels, is_drying, diverges);
  }

  [[nodiscard]] Signal answer(int side, double entry, const Levels& levels, bool is_drying,
                              bool diverges) const {
    const double position = rules::mirror_unit(side, bands_.position.last());
    const double rsi = rules::mirror_percent(side, rsi_.last());
    const double limit = side > 0 ? rsi_limit_[0] : rsi_limit_[1];
    const double strength = 0.4 + std::min(2 * (near_band - position), 0.3) +
                            0.2 * std::max(0.0, (limit - rsi) / 30) + rules::bonus(is_drying, 0.1) +
                            rules::bonus(diverges, 0.15);
    const double confidence = 0.35 + rules::bonus(rsi < 25, 0.15) +
                              rules::bonus(position < 0.05, 0.15) + rules::bonus(is_drying, 0.10) +
                              rules::bonus(diverges, 0.15) + rules::bonus(!is_squeezed(), 0.10);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("bb_position", bands_.position.last());
    signal.note("bb_lower", bands_.lower.last());
    signal.note("bb_mid", bands_.mid.last());
    signal.note("bb_upper", bands_.upper.last());
    signal.note("rsi", rsi_.last());
    signal.note("atr", atr_.last());
    signal.note("divergence", diverges ? 1 : 0);
    signal.note("volume_declining", is_drying ? 1 : 0);
    return signal;
  }

  // The width in price, not relative to the mid band, so that a short is exactly a mirrored long.
  [[nodiscard]] bool is_squeezed() const {
    double sum = 0;
    for (std::size_t k = 0; k < width_bars; ++k)
      sum += bands_.upper[k] - bands_.lower[k];
    const double width = bands_.upper.last() - bands_.lower.last();
    return width < squeezed_below * sum / static_cast<double>(width_bars);
  }

  /// Two confirmed swing lows (highs for a short), the newer one recent: price made a lower low
  /// where RSI made a higher one. Swings that are not there are NaN and compare false.
  [[nodiscard]] bool has_divergence(int side) const {
    const double newer = side > 0 ? swings_.low_age.last() : swings_.high_age.last();
    const double older =
        side > 0 ? swings_.previous_low_age.last() : swings_.previous_high_age.last();
    if (!(newer <= pivot_age_max && older <= pivot_search)) return false;
    const double fall = side > 0 ? swings_.low.last() - swings_.previous_low.last()
                                 : swings_.previous_high.last() - swings_.high.last();
    const double rise =
        rsi_[static_cast<std::size_t>(newer)] - rsi_[static_cast<std::size_t>(older)];
    return fall < 0 && side * rise > 0;
  }

  BollingerLines bands_;
  Line rsi_, atr_;
  SwingLines swings_;
  BracketRules bracket_;
  std::array<double, 2> rsi_limit_;  // as the long rule reads them: for long, for short
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  return p[rsi_oversold] >= p[rsi_overbought] ? "rsi_oversold must be below rsi_overbought"
                                              : nullptr;
}

}  // namespace

StrategyInfo mean_reversion_strategy() {
  return {
      .name = "mean_reversion",
      .family = Family::mean_reversion,
      .default_weight = 0.20,
      .enabled = true,
      .leaning = {.trend = 0.8, .range = 1.3, .high_volatility = 0.9, .low_volatility = 1.2},
      .parameters = parameters,
      .make = [](const StrategySetup& setup) -> std::unique_ptr<Strategy> {
        return std::make_unique<MeanReversion>(setup);
      },
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
