// ichimoku: the fast line crosses the slow one while price is above the cloud.
//
// Long when the close is above the cloud as it is drawn at this bar, tenkan crosses above kijun on
// this bar, and the close is above that of `kijun` bars ago (chikou). Nothing reads the cloud drawn
// ahead. The stop lies beyond the far side of the cloud. Source: trading-core.md 2.3, rewrite.
#include "strategies/registry.h"
#include "strategies/rules.h"

namespace aitrade {
namespace {

enum Index : std::size_t { tenkan, kijun, senkou };

constexpr std::array<Parameter, 3> parameters{{
    {"tenkan", 9, 2, 1000, true, "bars of the fast line"},
    {"kijun", 26, 2, 1000, true, "bars of the slow line and of the displacement"},
    {"senkou", 52, 2, 1000, true, "bars of the slow side of the cloud"},
}};

constexpr int period = 14;            // of ATR
constexpr double wide_cloud = 0.005;  // of price
constexpr double near_cloud = 0.01;   // of price
constexpr double stop_atr = 2.0;
constexpr double target_atr = 3.0;
constexpr auto place = CatalogPlace::ichimoku;

class Ichimoku final : public Strategy {
 public:
  explicit Ichimoku(const StrategySetup& setup)
      : lines_(setup.indicators.ichimoku(setup.parameters.whole(tenkan),
                                         setup.parameters.whole(kijun),
                                         setup.parameters.whole(senkou))),
        atr_(setup.indicators.atr(period)),
        bracket_(setup.bracket),
        warm_up_(setup.parameters.whole(senkou) + setup.parameters.whole(kijun) + 10) {}

  [[nodiscard]] int warm_up() const override { return warm_up_; }

  [[nodiscard]] Signal judge(const MarketView& market) const override {
    if (rules::is_cold(market, warm_up_, 1)) return rules::neutral(place, Reason::warming_up);
    const Bar& bar = market.bar(0);
    const double gap = lines_.tenkan[0] - lines_.kijun[0];
    const double before = lines_.tenkan[1] - lines_.kijun[1];
    if (!rules::is_finite(bar) || !std::isfinite(gap + before)) {
      return rules::neutral(place, Reason::not_finite);
    }
    if (static_cast<int>(gap == 0) | static_cast<int>(gap * before > 0))
      return rules::neutral(place, Reason::no_setup);
    return judge_side(bar, gap > 0 ? rules::long_side : rules::short_side);
  }

 private:
  [[nodiscard]] Signal judge_side(const Bar& bar, int side) const {
    const double a = lines_.cloud_a.last();
    const double b = lines_.cloud_b.last();
    const double chikou = lines_.chikou.last();
    if (!std::isfinite(a + b + chikou + atr_.last())) {
      return rules::neutral(place, Reason::not_finite);
    }
    // The near edge is the one price has left behind, as the long rule reads it the top.
    const double near = side > 0 ? std::max(a, b) : std::min(a, b);
    const double far = side > 0 ? std::min(a, b) : std::max(a, b);
    if (side * (bar.close - near) <= 0) return rules::neutral(place, Reason::no_setup);
    if (side * chikou <= 0) return rules::neutral(place, Reason::no_confirmation);
    Levels levels = plan_levels(bar.close, atr_.last(), side, stop_atr, target_atr, bracket_);
    const double distance = std::max(
        {side * (bar.close - far), stop_atr * atr_.last(), side * (bar.close - levels.stop)});
    levels.stop = bar.close - side * distance;
    if (!rules::pays(side, bar.close, levels, bracket_)) {
      return rules::neutral(place, Reason::reward_too_small);
    }
    const double width = std::fabs(a - b) / bar.close;
    const bool is_wide = width > wide_cloud;
    const bool is_near = side * (bar.close - near) <= near_cloud * bar.close;
    // 0.15 in both for chikou and 0.05 for the cross, which are conditions of the entry.
    const double strength = 0.65 + rules::bonus(is_wide, 0.10);
    const double confidence = 0.65 + rules::bonus(is_wide, 0.05) + rules::bonus(is_near, 0.05);
    Signal signal = rules::directed(place, side, strength, confidence, bar.close, levels);
    signal.note("tenkan", lines_.tenkan.last());
    signal.note("kijun", lines_.kijun.last());
    signal.note("cloud_a", a);
    signal.note("cloud_b", b);
    signal.note("cloud_width", width);
    signal.note("chikou", chikou);
    signal.note("atr", atr_.last());
    return signal;
  }

  IchimokuLines lines_;
  Line atr_;
  BracketRules bracket_;
  int warm_up_;
};

const char* fault_of(const Parameters& p) {
  if (p[tenkan] >= p[kijun]) return "tenkan must be below kijun";
  if (p[kijun] >= p[senkou]) return "kijun must be below senkou";
  return nullptr;
}

}  // namespace

StrategyInfo ichimoku_strategy() {
  return {
      .name = "ichimoku",
      .family = Family::trend_following,
      .default_weight = 0.08,
      .enabled = true,
      .leaning = {.trend = 1.2, .range = 0.8, .high_volatility = 1.0, .low_volatility = 0.9},
      .parameters = parameters,
      .make = rules::build<Ichimoku>,
      .fault_of = fault_of,
  };
}

}  // namespace aitrade
