// supertrend: the bar on which the Supertrend changes sides, on more than usual volume.
//
// Long on a flip from down to up. The stop is the line itself when it is wider than the planned
// one: above the line the trend stands. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t {
  st_period,
  st_multiplier,
  volume_period,
  volume_multiplier,
  require_volume
};

constexpr std::array<Parameter, 5> parameters{{
    {"st_period", 10, 2, 1000, true, "bars of the ATR of the line"},
    {"st_multiplier", 3.0, 0.01, 20, false, "distance of the line in ATR"},
    {"volume_period", 20, 1, 1000, true, "bars of the usual volume"},
    {"volume_multiplier", 1.2, 0, 100, false, "volume over the usual that confirms a flip"},
    {"require_volume", 1, 0, 1, true, "1: no signal without it; 0: a weaker one"},
}};

constexpr int period = 14;          // of ATR
constexpr double near_line = 0.02;  // of price
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.5;
constexpr auto place = CatalogPlace::supertrend;

class Supertrend final : public Strategy {
 public:
  explicit Supertrend(const StrategySetup& setup)
      : lines_(setup.indicators.supertrend(setup.parameters.whole(st_period),
                                           setup.parameters[st_multiplier])),
        volume_ratio_(setup.indicators.volume_ratio(setup.parameters.whole(volume_period))),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        burst_(setup.parameters[volume_multiplier]),
        needs_volume_(setup.parameters.whole(require_volume) != 0),
        warm_up_(
            std::max(setup.parameters.whole(st_period), setup.parameters.whole(volume_period)) +
            20) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    if (!rules::is_finite(bar) || !std::isfinite(lines_.line.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double flip = lines_.flip.last();
    if (flip == 0) return rules::neutral(place, Reason::no_setup);
    return judge_side(bar, flip > 0 ? rules::long_side : rules::short_side);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side) const {
    const double volume = volume_ratio_.last();
    const double line = lines_.line.last();
    if (!std::isfinite(volume + atr_.last())) return rules::neutral(place, Reason::not_finite);
    const bool has_volume = volume >= burst_;
    if (needs_volume_ && !has_volume) return rules::neutral(place, Reason::no_confirmation);
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (side * (line - levels.stop) < 0) levels.stop = line;
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const bool is_near = std::fabs(bar.close - line) < near_line * bar.close;
    const double strength = 0.50 + rules::bonus(has_volume, 0.15) + rules::bonus(volume > 2, 0.10);
    const double confidence = 0.40 + (has_volume ? 0.15 : -0.05) + rules::bonus(is_near, 0.08) +
                              rules::bonus(volume > 2, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("supertrend", line);
    signal.note("volume_ratio", volume);
    signal.note("line_distance", (bar.close - line) / bar.close);
    signal.note("atr", atr_.last());
    return signal;
  }

  SupertrendLines lines_;
  Line volume_ratio_, atr_;
  BracketRules bracket_;
  double burst_;
  bool needs_volume_;
  int warm_up_;
};

}  // namespace

StrategyInfo supertrend_strategy() {
  return {
      .name = "supertrend",
      .family = Family::trend_following,
      .default_weight = 0.12,
      .enabled = true,
      .leaning = {.trend = 1.2, .range = 0.8, .high_volatility = 1.1, .low_volatility = 0.9},
      .parameters = parameters,
      .make = rules::build<Supertrend>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
