// breakout: a close beyond the range of the last bars, with volume behind it.
//
// Long when a green bar closes above the highest high of the bars before it on more than usual
// volume, and at least one of: a large body, widening Bollinger bands, RSI with room. The stop lies
// just inside the broken range when that is nearer: back inside, the break has failed. Source:
// trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { lookback, volume_confirmation };

constexpr std::array<Parameter, 2> parameters{{
    {"lookback", 60, 2, 1000, true, "bars whose range has to break, the current one left out"},
    {"volume_confirmation", 1.8, 0, 100, false, "volume over the mean of 20 bars a break needs"},
}};

constexpr int period = 14;  // of RSI and ATR
constexpr int volume_period = 20;
constexpr int bands_period = 20;
constexpr double bands_width = 2.0;
constexpr double large_body = 0.6;         // of the bar's range
constexpr double touch_tolerance = 0.003;  // of the level
constexpr double rsi_room = 70;
constexpr double inside_atr = 0.25;  // how far inside the broken range the stop lies
constexpr double stop_atr = 2.5;
constexpr double target_atr = 4.0;
constexpr auto place = CatalogPlace::breakout;

class Breakout final : public Strategy {
 public:
  explicit Breakout(const StrategySetup& setup)
      : bars_(static_cast<std::size_t>(setup.parameters.whole(lookback))),
        range_(setup.indicators.donchian(setup.parameters.whole(lookback))),
        high_(setup.indicators.high(bars_ + 1)),
        low_(setup.indicators.low(bars_ + 1)),
        bands_(setup.indicators.bollinger(bands_period, bands_width)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        rsi_(setup.indicators.rsi(period)),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        confirmation_(setup.parameters[volume_confirmation]) {}

  [[nodiscard]] int warm_up() const override { return static_cast<int>(bars_) + 20; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up(), 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    const double ceiling = range_.upper[1];
    const double floor = range_.lower[1];
    if (!rules::is_finite(bar) || !std::isfinite(ceiling + floor)) {
      return rules::neutral(place, Reason::not_finite);
    }
    if (bar.close > ceiling) return judge_side(bar, rules::long_side, ceiling);
    if (bar.close < floor) return judge_side(bar, rules::short_side, floor);
    return rules::neutral(place, Reason::no_setup);
  }

 private:
  struct Evidence {
    double distance;  // fraction of the level
    bool is_large, is_expanding, has_room;
  };

  [[nodiscard]] Signal judge_side(const Bar& bar, int side, double level) const {
    const double volume = volume_ratio_.last();
    const double widening =
        (bands_.upper[0] - bands_.lower[0]) - (bands_.upper[1] - bands_.lower[1]);
    if (!std::isfinite(volume + widening + rsi_.last() + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double body = side * (bar.close - bar.open);
    if (body <= 0) return rules::neutral(place, Reason::no_setup);
    const Evidence evidence{.distance = side * (bar.close - level) / level,
                            .is_large = body > large_body * (bar.high - bar.low),
                            .is_expanding = widening > 0,
                            .has_room = rules::mirror_percent(side, rsi_.last()) < rsi_room};
    const bool has_second = evidence.is_large || evidence.is_expanding || evidence.has_room;
    if (volume < confirmation_ || !has_second) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    const double inside =
        rules::floored_stop(side, bar.close, level - side * inside_atr * atr_.last(), bracket_);
    if (side * (inside - levels.stop) > 0) levels.stop = inside;
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(side, bar.close, levels, level, evidence);
  }

  [[nodiscard]] Signal answer(int side, double entry, const Levels& levels, double level,
                              const Evidence& evidence) const {
    const int touches = touches_of(side, level);
    // 0.15 and 0.2 of the volume are in the first number of each: without it there is no entry.
    const double strength = 0.50 + std::min(20 * evidence.distance, 0.25) +
                            rules::bonus(evidence.is_large, 0.1) + std::min(0.05 * touches, 0.15);
    const double confidence =
        0.50 + rules::bonus(evidence.is_large, 0.1) + rules::bonus(evidence.is_expanding, 0.1) +
        rules::bonus(evidence.has_room, 0.1) + rules::bonus(touches >= 2, 0.1) +
        rules::bonus(evidence.distance > 0.002, 0.1);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("level", level);
    signal.note("distance", evidence.distance);
    signal.note("touches", touches);
    signal.note("volume_ratio", volume_ratio_.last());
    signal.note("large_body", evidence.is_large ? 1 : 0);
    signal.note("expanding", evidence.is_expanding ? 1 : 0);
    signal.note("rsi", rsi_.last());
    signal.note("atr", atr_.last());
    return signal;
  }

  /// How many bars of the range came near its edge, besides the one that made it. Counted only for
  /// a signal.
  [[nodiscard]] int touches_of(int side, double level) const {
    const Line& extreme = side > 0 ? high_ : low_;
    int near = 0;
    for (std::size_t k = 1; k <= bars_; ++k) {
      if (std::fabs(extreme[k] - level) <= touch_tolerance * level) ++near;
    }
    return std::max(near - 1, 0);
  }

  std::size_t bars_;
  DonchianLines range_;
  Line high_, low_;
  BollingerLines bands_;
  Line volume_ratio_, rsi_, atr_;
  BracketRules bracket_;
  double confirmation_;
};

}  // namespace

StrategyInfo breakout_strategy() {
  return {
      .name = "breakout",
      .family = Family::momentum,
      .default_weight = 0.20,
      .enabled = false,
      .leaning = {.trend = 1.1, .range = 0.8, .high_volatility = 1.2, .low_volatility = 0.9},
      .parameters = parameters,
      .make = rules::build<Breakout>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
