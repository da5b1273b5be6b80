// funding_rate: the crowd pays dearly to be on one side, and price starts to turn against it.
//
// Long when the funding of the perpetual contract is extremely negative (shorts pay) and RSI
// crosses its middle upwards or momentum is positive and growing, unless a strong trend goes the
// other way. The rate is a fraction per eight hours. Without funding it has no opinion and says so;
// on spot a short of it can only close. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { extreme };

constexpr std::array<Parameter, 1> parameters{{
    {"extreme", 0.0005, 0, 1, false,
     "least funding per 8 h that counts; the 95th percentile of 30 days where that is more"},
}};

constexpr int period = 14;  // of RSI, ADX and ATR
constexpr int roc_period = 10;
constexpr int ema_fast = 12;
constexpr int ema_slow = 26;
constexpr double strong_trend = 40;  // ADX above which one does not stand in the way
constexpr double weak_trend = 25;
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::funding_rate;

class FundingRate final : public Strategy {
 public:
  explicit FundingRate(const StrategySetup& setup)
      : rsi_(setup.indicators.rsi(period)),
        roc_(setup.indicators.roc_pct(roc_period)),
        adx_(setup.indicators.adx(period).adx),
        fast_(setup.indicators.ema(ema_fast)),
        slow_(setup.indicators.ema(ema_slow)),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        extreme_(setup.parameters[extreme]) {}

  [[nodiscard]] int warm_up() const override { return 50; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up(), 1)) return rules::neutral(place, Reason::warming_up);
    const Funding* funding = market.funding();
    if (funding == nullptr) return rules::neutral(place, Reason::stale_feed);
    const Bar& bar = market.bar(0);
    if (!rules::is_finite(bar) || !std::isfinite(funding->rate + funding->extreme)) {
      return rules::neutral(place, Reason::not_finite);
    }
    const double excess = std::fabs(funding->rate) - std::max(extreme_, funding->extreme);
    if (excess <= 0) return rules::neutral(place, Reason::no_setup);
    // Who pays is crowded: a negative rate speaks for a long.
    return judge_side(bar, funding->rate < 0 ? rules::long_side : rules::short_side, *funding,
                      excess);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side, const Funding& funding,
                                  double excess) const {
    const double rsi = rules::mirror_percent(side, rsi_[0]);
    const double rsi_before = rules::mirror_percent(side, rsi_[1]);
    const double rate = side * roc_[0];
    const double adx = adx_.last();
    const double lead = side * (fast_.last() - slow_.last());
    if (!std::isfinite(rsi + rsi_before + rate + roc_[1] + adx + lead + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    const bool crosses = rsi_before <= 50 && rsi > 50;
    const bool has_momentum = rate > 0 && rate > side * roc_[1];
    const bool is_against = adx > strong_trend && lead < 0;
    if ((!crosses && !has_momentum) || is_against) {
      return rules::neutral(place, Reason::no_confirmation);
    }
    const Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const double strength = 0.40 + std::min(50 * excess, 0.20);
    const double confidence = 0.40 + rules::bonus(crosses, 0.10) +
                              rules::bonus(has_momentum, 0.10) +
                              rules::bonus(adx < weak_trend, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("funding_8h", funding.rate);
    signal.note("funding_extreme", std::max(extreme_, funding.extreme));
    signal.note("rsi", rsi_[0]);
    signal.note("roc_10", roc_[0]);
    signal.note("adx", adx);
    signal.note("atr", atr_.last());
    return signal;
  }

  Line rsi_, roc_, adx_, fast_, slow_, atr_;
  BracketRules bracket_;
  double extreme_;
};

}  // namespace

StrategyInfo funding_rate_strategy() {
  return {
      .name = "funding_rate",
      .family = Family::sentiment,
      .default_weight = 0.10,
      .enabled = true,
      .leaning = {.trend = 0.9, .range = 1.2, .high_volatility = 1.1, .low_volatility = 0.9},
      .parameters = parameters,
      .make = rules::build<FundingRate>,
      .fault_of = rules::no_fault,
  };
}

}  // namespace aitrade
