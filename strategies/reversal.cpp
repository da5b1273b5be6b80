// reversal: an extreme that has already turned for several bars.
//
// Long when RSI was at its low extreme a few bars ago and since then all lows or all closes rose,
// in a market that moves enough to be worth it. Candlestick patterns add to the scores; a bar
// without a real open has none, and the rest of the rule goes on without them. Source:
// trading-core.md 2.3, rewrite.
#include "core/indicators/candlesticks.h"
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { rsi_low, rsi_high, confirmation_bars, min_atr_pct };

constexpr std::array<Parameter, 4> parameters{{
    {"rsi_low", 15, 0, 100, false, "RSI(14) below which a low was extreme"},
    {"rsi_high", 85, 0, 100, false, "RSI(14) above which a high was extreme"},
    {"confirmation_bars", 5, 1, 20, true, "bars in a row that have to confirm the turn"},
    {"min_atr_pct", 0.005, 0, 1, false,
     "least ATR(14) as a fraction of price on 1h bars; scaled with the root of the timeframe"},
}};

constexpr int period = 14;  // of RSI and ATR
constexpr int volume_period = 20;
constexpr int ema_period = 20;
constexpr std::size_t before_turn = 3;  // bars the extreme may lie before the confirmation
constexpr std::size_t deep_bars = 10;
constexpr double quiet_volume = 0.8;
constexpr double overextended = -0.02;  // distance to the average, fraction of it
constexpr double stop_atr = 1.5;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::reversal;

class Reversal final : public Strategy {
 public:
  explicit Reversal(const StrategySetup& setup)
      : confirmation_(static_cast<std::size_t>(setup.parameters.whole(confirmation_bars))),
        rsi_(setup.indicators.rsi(period, std::max(confirmation_ + before_turn + 1, deep_bars))),
        atr_(setup.indicators.atr(period)),
        ema_(setup.indicators.ema(ema_period)),
        volume_ratio_(setup.indicators.volume_ratio(volume_period)),
        bracket_(setup.bracket),
        limit_{setup.parameters[rsi_low], 100.0 - setup.parameters[rsi_high]},
        atr_floor_(setup.parameters[min_atr_pct] * rules::share_of_hour(setup.timeframe)) {}

  [[nodiscard]] int warm_up() const override { return 50; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up(), confirmation_ + 1)) {
      return rules::neutral(place, Reason::warming_up);
    }
    const Bar& bar = market.bar(0);
    const double oldest = rsi_[confirmation_ + before_turn];
    if (!std::isfinite(bar.high + bar.low + bar.close + rsi_.last() + oldest + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    // The cheaper test first: a market that hardly moves does so for long.
    if (atr_.last() < atr_floor_ * bar.close) return rules::neutral(place, Reason::no_setup);
    double lowest = oldest;
    double highest = oldest;
    for (std::size_t k = 1; k < confirmation_ + before_turn; ++k) {
      lowest = std::min(lowest, rsi_[k]);
      highest = std::max(highest, rsi_[k]);
    }
    const bool was_low = lowest < limit_[0];
    const bool was_high = 100.0 - highest < limit_[1];
    // Both within so few bars: no side to take.
    if (was_low == was_high) return rules::neutral(place, Reason::no_setup);
    return judge_side(market, was_low ? rules::long_side : rules::short_side);
  }

 private:
  struct Turn {
    bool by_extremes{true}, by_closes{true};  // lows (highs for a short), closes
    double extension{0};                      // distance to the average as the long rule reads it
    bool has_opens{false}, is_hammer{false}, is_engulfing{false};
  };

  [[nodiscard]] Signal judge_side(const MarketView& market, int side) const {
    const Bar& bar = market.bar(0);
    Turn turn;
    for (std::size_t k = 0; k < confirmation_; ++k) {
      const Bar& newer = market.bar(k);
      const Bar& older = market.bar(k + 1);
      const double change = side > 0 ? newer.low - older.low : older.high - newer.high;
      turn.by_extremes = turn.by_extremes && change > 0;
      turn.by_closes = turn.by_closes && side * (newer.close - older.close) > 0;
    }
    if (!turn.by_extremes && !turn.by_closes) return rules::neutral(place, Reason::no_confirmation);
    turn.extension = side * (bar.close - ema_.last()) / ema_.last();
    if (!std::isfinite(turn.extension + volume_ratio_.last() + deepest(side))) {
      return rules::neutral(place, Reason::not_finite);
    }
    const Bar& before = market.bar(1);
    turn.has_opens = candlesticks::has_prices(bar) && candlesticks::has_prices(before);
    turn.is_hammer = turn.has_opens && candlesticks::is_hammer(bar, side);
    turn.is_engulfing = turn.has_opens && candlesticks::is_engulfing(before, bar, side);
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    return answer(side, bar.close, levels, turn);
  }

  [[nodiscard]] Signal answer(int side, double entry, const Levels& levels,
                              const Turn& turn) const {
    const double rsi = rules::mirror_percent(side, rsi_.last());
    const double limit = side > 0 ? limit_[0] : limit_[1];
    const bool both = turn.by_extremes && turn.by_closes;
    const bool is_quiet = volume_ratio_.last() < quiet_volume;
    const bool is_stretched = turn.extension < overextended;
    const double strength = 0.35 + std::min((rsi - limit) / 30, 0.2) + (both ? 0.15 : 0.08) +
                            rules::bonus(turn.is_hammer, 0.12) +
                            rules::bonus(turn.is_engulfing, 0.15) + rules::bonus(is_quiet, 0.08) +
                            rules::bonus(is_stretched, 0.1);
    const double confidence =
        0.3 + rules::bonus(turn.is_hammer || turn.is_engulfing, 0.15) + rules::bonus(both, 0.15) +
        rules::bonus(is_quiet, 0.10) + rules::bonus(rsi > limit + 5, 0.10) +
        rules::bonus(is_stretched, 0.10) + rules::bonus(deepest(side) < 15, 0.10);
    Signal signal = rules::directed(place, side, strength, confidence, entry, levels);
    signal.note("rsi", rsi_.last());
    signal.note("rsi_extreme", side > 0 ? deepest(side) : 100.0 - deepest(side));
    signal.note("patterns",
                turn.has_opens ? int{turn.is_hammer} + 2 * int{turn.is_engulfing} : nan_value);
    signal.note("both", both ? 1 : 0);
    signal.note("volume_ratio", volume_ratio_.last());
    signal.note("ema_distance", side * turn.extension);
    signal.note("atr", atr_.last());
    return signal;
  }

  /// The most extreme RSI of the last bars, as the long rule reads it.
  [[nodiscard]] double deepest(int side) const {
    double value = rules::mirror_percent(side, rsi_[0]);
    for (std::size_t k = 1; k < deep_bars; ++k)
      value = std::min(value, rules::mirror_percent(side, rsi_[k]));
    return value;
  }

  std::size_t confirmation_;
  Line rsi_, atr_, ema_, volume_ratio_;
  BracketRules bracket_;
  std::array<double, 2> limit_;  // as the long rule reads them: for long, for short
  double atr_floor_;             // fraction of price
};

const char* fault_of(const Parameters& p) {
  return p[rsi_low] >= p[rsi_high] ? "rsi_low must be below rsi_high" : nullptr;
}

}  // namespace

StrategyInfo reversal_strategy() {
  return {
      .name = "reversal",
      .family = Family::mean_reversion,
      .default_weight = 0.06,
      .enabled = true,
      .leaning = {.trend = 0.7, .range = 1.1, .high_volatility = 0.9, .low_volatility = 1.0},
      .parameters = parameters,
      .make = rules::build<Reversal>,
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
