// volatility_squeeze: volatility was pressed together and is let go in one direction.
//
// Long on the first bar on which the Bollinger bands are no longer inside the Keltner channel after
// at least five bars inside, when momentum is positive and rises over three bars, and price is out
// of both bands or momentum was positive before. Momentum is the regression value of the classic
// squeeze, or the rate of change by choice. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t {
  bb_period,
  bb_std,
  kc_period,
  kc_atr,
  kc_multiplier,
  momentum_period,
  min_squeeze_bars,
  use_roc,
};

constexpr std::array<Parameter, 8> parameters{{
    {"bb_period", 20, 2, 1000, true, "bars of the Bollinger bands"},
    {"bb_std", 2.0, 0.01, 20, false, "their distance in standard deviations"},
    {"kc_period", 20, 2, 1000, true, "bars of the Keltner channel's average"},
    {"kc_atr", 14, 2, 1000, true, "bars of its average true range"},
    {"kc_multiplier", 1.5, 0.01, 20, false, "its distance in ATR"},
    {"momentum_period", 12, 2, 1000, true, "bars of the momentum"},
    {"min_squeeze_bars", 5, 1, 1000, true, "bars in a row the squeeze has to have lasted"},
    {"use_roc", 0, 0, 1, true, "0: regression momentum of the classic squeeze; 1: rate of change"},
}};

constexpr int period = 14;  // of ATR
constexpr double stop_atr = 2.5;
constexpr double target_atr = 4.0;
constexpr auto place = CatalogPlace::volatility_squeeze;

Line momentum_of(const StrategySetup& setup) {
  const int n = setup.parameters.whole(momentum_period);
  if (setup.parameters.whole(use_roc) != 0) return setup.indicators.roc_pct(n);
  return setup.indicators.squeeze_momentum(n);
}

class VolatilitySqueeze final : public Strategy {
 public:
  explicit VolatilitySqueeze(const StrategySetup& setup)
      : bands_(setup.indicators.bollinger(setup.parameters.whole(bb_period),
                                          setup.parameters[bb_std])),
        channel_(setup.indicators.keltner(setup.parameters.whole(kc_period),
                                          setup.parameters.whole(kc_atr),
                                          setup.parameters[kc_multiplier])),
        squeeze_(setup.indicators.squeeze(
            setup.parameters.whole(bb_period), setup.parameters[bb_std],
            setup.parameters.whole(kc_period), setup.parameters.whole(kc_atr),
            setup.parameters[kc_multiplier])),
        momentum_(momentum_of(setup)),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        bars_least_(setup.parameters[min_squeeze_bars]),
        warm_up_(bars_needed(setup.parameters)) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    const double now = squeeze_[0];
    const double before = squeeze_[1];
    if (!rules::is_finite(bar) || !std::isfinite(now + before)) {
      return rules::neutral(place, Reason::not_finite);
    }
    // One branch: the bars of a squeeze and those between are each many, a release is rare.
    if (static_cast<int>(now != 0) | static_cast<int>(before < bars_least_))
      return rules::neutral(place, Reason::no_setup);
    return judge_release(bar, before);
  }

 private:
  static int bars_needed(const Parameters& p) {
    const int bands = std::max({p.whole(bb_period), p.whole(kc_period), p.whole(kc_atr)});
    const int momentum = p.whole(momentum_period);
    return std::max(bands + momentum + 20, 2 * momentum + 2);  // the latter for three values of it
  }

  [[nodiscard]] Signal judge_release(const Bar& bar, double length) const {
    const double m0 = momentum_[0];
    const double m1 = momentum_[1];
    const double m2 = momentum_[2];
    if (!std::isfinite(m0 + m1 + m2 + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const int side = m0 > 0 ? rules::long_side : rules::short_side;
    const bool is_rising = side * (m0 - m1) > 0 && side * (m1 - m2) > 0;
    const double edge = side > 0 ? std::max(bands_.upper.last(), channel_.upper.last())
                                 : std::min(bands_.lower.last(), channel_.lower.last());
    const bool is_out = side * (bar.close - edge) > 0;
    if (m0 == 0 || !is_rising || !(is_out || side * m1 > 0)) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const bool accelerates = side * ((m0 - m1) - (m1 - m2)) > 0;
    const bool is_above = side * (bar.close - bands_.mid.last()) > 0;
    const double strength = 0.50 + (length >= 8 ? 0.15 : rules::bonus(length >= 5, 0.08)) +
                            rules::bonus(accelerates, 0.10);
    const double confidence = 0.45 + (length >= 8 ? 0.10 : rules::bonus(length >= 5, 0.05)) +
                              rules::bonus(accelerates, 0.08) + rules::bonus(is_above, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("squeeze_bars", length);
    signal.note("momentum", m0);
    signal.note("momentum_prev", m1);
    signal.note("bb_upper", bands_.upper.last());
    signal.note("bb_lower", bands_.lower.last());
    signal.note("kc_upper", channel_.upper.last());
    signal.note("kc_lower", channel_.lower.last());
    signal.note("atr", atr_.last());
    return signal;
  }

  BollingerLines bands_;
  KeltnerLines channel_;
  Line squeeze_, momentum_, atr_;
  BracketRules bracket_;
  double bars_least_;
  int warm_up_;
};

}  // namespace

StrategyInfo volatility_squeeze_strategy() {
  return {
      .name = "volatility_squeeze",
      .family = Family::momentum,
      .default_weight = 0.18,
      .enabled = true,
      .leaning = {.trend = 1.1, .range = 0.9, .high_volatility = 1.3, .low_volatility = 0.8},
      .parameters = parameters,
      .make = rules::build<VolatilitySqueeze>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
