// trend: a fresh cross of two averages in a market that is really moving.
//
// Long when the fast average crossed above the slow one on this bar, the close is above both, ADX
// says there is a trend and RSI has room. The spread is signed, and its slope is measured in ATR so
// that it means the same at every price. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { ema_fast, ema_slow, adx_threshold, require_fresh_cross };

constexpr std::array<Parameter, 4> parameters{{
    {"ema_fast", 20, 2, 1000, true, "bars of the fast average"},
    {"ema_slow", 50, 2, 1000, true, "bars of the slow average"},
    {"adx_threshold", 30, 0, 100, false, "ADX(14) from which a market counts as trending"},
    {"require_fresh_cross", 1, 0, 1, true,
     "1: only on the bar of the cross; 0: as long as it lasts"},
}};

constexpr int period = 14;  // of ADX, RSI and ATR
constexpr int volume_period = 20;
constexpr double rsi_low = 45;  // as the long rule reads them
constexpr double rsi_high = 75;
constexpr double stop_atr = 2.25;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::trend;

class TrendCross final : public Strategy {
 public:
  explicit TrendCross(const StrategySetup& setup)
      : fast_(setup.indicators.ema(setup.parameters.whole(ema_fast))),
        slow_(setup.indicators.ema(setup.parameters.whole(ema_slow))),
        adx_(setup.indicators.adx(period).adx),
        rsi_(setup.indicators.rsi(period)),
        atr_(setup.indicators.atr(period)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        bracket_(setup.bracket),
        threshold_(setup.parameters[adx_threshold]),
        needs_cross_(setup.parameters.whole(require_fresh_cross) != 0),
        warm_up_(std::max(3 * setup.parameters.whole(ema_slow), 50)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (market.bars_since_break() < static_cast<std::size_t>(warm_up_) || market.bars() < 1) {
      return rules::neutral(place, Reason::warming_up);
    }
    const double spread = fast_.last() - slow_.last();
    const double before = fast_[1] - slow_[1];
    const double adx = adx_.last();
    if (!std::isfinite(spread + before + adx)) return rules::neutral(place, Reason::not_finite);
    if (adx < threshold_ || spread == 0) return rules::neutral(place, Reason::no_setup);
    const int side = spread > 0 ? rules::long_side : rules::short_side;
    const bool is_fresh = side * before <= 0;
    if (needs_cross_ && !is_fresh) return rules::neutral(place, Reason::no_setup);
    return judge_side(market, side, is_fresh);
  }

 private:
  [[nodiscard]] Signal judge_side(const MarketView& market, int side, bool is_fresh) const {
    const Bar& bar = market.bar(0);
    const double atr = atr_.last();
    const double spread = fast_.last() - slow_.last();
    const double slope = side * (spread - (fast_[2] - slow_[2])) / atr;
    if (!rules::is_finite(bar) || !std::isfinite(slope + rsi_.last() + volume_ratio_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const bool is_beyond_both =
        side * (bar.close - fast_.last()) > 0 && side * (bar.close - slow_.last()) > 0;
    const double rsi = rules::mirror_percent(side, rsi_.last());
    if (!is_beyond_both || rsi <= rsi_low || rsi >= rsi_high) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    const Levels levels = plan_levels(bar.close, atr, side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(side, bar.close, levels, is_fresh, slope);
  }

  [[nodiscard]] Signal answer(int side, double entry, const Levels& levels, bool is_fresh,
                              double slope) const {
    const double adx = adx_.last();
    const double volume = volume_ratio_.last();
    const double rsi = rules::mirror_percent(side, rsi_.last());
    const double strength = (is_fresh ? 0.5 : 0.3) + std::min((adx - threshold_) / 50, 0.2) +
                            std::clamp(slope, 0.0, 0.15) + rules::bonus(volume > 1.3, 0.1);
    const double confidence = 0.55 + rules::bonus(adx > 35, 0.15) +
                              rules::bonus(volume > 1.2, 0.10) + rules::bonus(is_fresh, 0.10) +
                              rules::bonus(rsi > 50 && rsi < 70, 0.10);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("ema_fast", fast_.last());
    signal.note("ema_slow", slow_.last());
    signal.note("ema_spread", (fast_.last() - slow_.last()) / slow_.last());
    signal.note("adx", adx);
    signal.note("rsi", rsi_.last());
    signal.note("atr", atr_.last());
    signal.note("volume_ratio", volume);
    signal.note("fresh_cross", is_fresh ? 1 : 0);
    return signal;
  }

  Line fast_, slow_, adx_, rsi_, atr_, volume_ratio_;
  BracketRules bracket_;
  double threshold_;
  bool needs_cross_;
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  return p[ema_fast] >= p[ema_slow] ? "ema_fast must be below ema_slow" : nullptr;
}

}  // namespace

StrategyInfo trend_strategy() {
  return {
      .name = "trend",
      .family = Family::trend_following,
      .default_weight = 0.08,
      .enabled = true,
      .leaning = {.trend = 1.3, .range = 0.8, .high_volatility = 1.0, .low_volatility = 1.0},
      .parameters = parameters,
      .make = [](const StrategySetup& setup) -> std::unique_ptr<Strategy> {
        return std::make_unique<TrendCross>(setup);
      },
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
