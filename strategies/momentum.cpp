// momentum: a burst of volume behind a move that already has strength.
//
// Long when RSI is above the threshold and rising, volume bursts over what is usual, and the bar
// itself went that way: green and closed above its fast average. Source: trading-core.md 2.3,
// rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { rsi_threshold, volume_multiplier };

constexpr std::array<Parameter, 2> parameters{{
    {"rsi_threshold", 55, 50, 100, false,
     "RSI(14) above which a long is allowed; mirrored for short"},
    {"volume_multiplier", 2.0, 0, 100, false, "volume over the mean of 20 bars that is a burst"},
}};

constexpr int period = 14;  // of RSI and ATR
constexpr int volume_period = 20;
constexpr int ema_period = 8;
constexpr std::size_t run_max = 5;
constexpr double stop_atr = 2.25;
constexpr double target_atr = 3.5;
constexpr auto place = CatalogPlace::momentum;

class Momentum final : public Strategy {
 public:
  explicit Momentum(const StrategySetup& setup)
      : rsi_(setup.indicators.rsi(period)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        ema_(setup.indicators.ema(ema_period)),
        atr_(setup.indicators.atr(period)),
        roc5_(setup.indicators.roc_pct(5)),
        roc10_(setup.indicators.roc_pct(10)),
        bracket_(setup.bracket),
        threshold_(setup.parameters[rsi_threshold]),
        burst_(setup.parameters[volume_multiplier]) {}

  [[nodiscard]] int warm_up() const override { return 50; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up(), run_max + 1)) {
      return rules::neutral(place, Reason::warming_up);
    }
    const double rsi = rsi_.last();
    if (!rules::is_finite(market.bar(0)) || !std::isfinite(rsi)) {
      return rules::neutral(place, Reason::not_finite);
    }
    const int side =
        static_cast<int>(rsi > threshold_) - static_cast<int>(100.0 - rsi > threshold_);
    // Negated, so that a volume ratio that is no number goes on to be named. One branch for both:
    // each alone is noise, together they are rare.
    const bool bursts = !(volume_ratio_.last() < burst_);
    if (!(static_cast<int>(side != 0) & static_cast<int>(bursts))) {
      return rules::neutral(place, Reason::no_setup);
    }
    return judge_side(market, side);
  }

 private:
  [[nodiscard]] Signal judge_side(const MarketView& market, int side) const {
    const Bar& bar = market.bar(0);
    const double volume = volume_ratio_.last();
    if (!std::isfinite(volume + rsi_[1] + ema_.last() + atr_.last() + roc5_.last() +
                       roc10_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const bool is_rising = side * (rsi_[0] - rsi_[1]) > 0;
    const bool is_green = side * (bar.close - bar.open) > 0;
    const bool is_above = side * (bar.close - ema_.last()) > 0;
    if (!is_rising || !is_green || !is_above) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(market, side, levels);
  }

  [[nodiscard]] Signal answer(const MarketView& market, int side, const Levels& levels) const {
    const double entry = market.bar(0).close;
    const double rsi = rules::mirror_percent(side, rsi_.last());
    const double volume = volume_ratio_.last();
    const double rate = side * roc10_.last();
    const int run = run_length(market, side);
    const double strength = 0.3 + std::min((rsi - threshold_) / 50, 0.2) +
                            std::min(0.15 * (volume - burst_), 0.2) +
                            std::clamp(5 * rate, 0.0, 0.15) + rules::bonus(run >= 3, 0.1);
    // 0.35, and 0.15 and 0.10 for burst and average, which are conditions of the entry now.
    const double confidence =
        0.60 + rules::bonus(side * roc5_.last() > 0.01, 0.10) + rules::bonus(run >= 3, 0.10) +
        rules::bonus(rsi > 55 && rsi < 75, 0.10) + rules::bonus(volume > 2, 0.10);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("rsi", rsi_.last());
    signal.note("rsi_prev", rsi_[1]);
    signal.note("volume_ratio", volume);
    signal.note("ema", ema_.last());
    signal.note("roc_5", roc5_.last());
    signal.note("roc_10", roc10_.last());
    signal.note("consecutive", run);
    signal.note("atr", atr_.last());
    return signal;
  }

  /// The unbroken run of higher closes (lower ones for a short) that ends at the newest bar; equal
  /// closes break it.
  static int run_length(const MarketView& market, int side) {
    std::size_t run = 0;
    while (run < run_max && side * (market.bar(run).close - market.bar(run + 1).close) > 0)
      ++run;
    return static_cast<int>(run);
  }

  Line rsi_, volume_ratio_, ema_, atr_, roc5_, roc10_;
  BracketRules bracket_;
  double threshold_, burst_;
};

}  // namespace

StrategyInfo momentum_strategy() {
  return {
      .name = "momentum",
      .family = Family::momentum,
      .default_weight = 0.20,
      .enabled = false,
      .leaning = {.trend = 1.2, .range = 0.8, .high_volatility = 1.1, .low_volatility = 0.9},
      .parameters = parameters,
      .make = rules::build<Momentum>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
