// The causality audit finds planted leaks, each of a kind that people really build, and nothing else.
#include "core/runtime/causality.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "strategies/registry.h"
#include "tests/support/sim_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

using Feature = std::function<double(std::span<const Candle>, std::size_t)>;

constexpr std::size_t leak_warm_up = 80;

double close_of(std::span<const Candle> c, std::size_t i) { return to_double(c[i].close); }

/// The close `ahead` candles later, or the last there is.
double later(std::span<const Candle> c, std::size_t i, std::size_t ahead) {
  return close_of(c, std::min(i + ahead, c.size() - 1));
}

double mean(std::span<const Candle> c, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += close_of(c, i);
  return sum / static_cast<double>(to - from);
}

/// A strategy that goes with the sign of one number.
class OneNumber final : public DecisionSource {
 public:
  explicit OneNumber(Feature feature) : feature_(std::move(feature)) {}

  [[nodiscard]] std::vector<std::string> names() const override { return {"planted"}; }

  [[nodiscard]] std::size_t warm_up() const override { return leak_warm_up; }

  void decide(std::span<const Candle> candles, std::size_t at, std::span<Signal> out) override {
    const double value = feature_(candles, at);
    out[0] = Signal{};
    out[0].direction = value > 0 ? Direction::long_ : value < 0 ? Direction::short_ : Direction::neutral;
    out[0].confidence = value;
    out[0].reason = Reason::none;
  }

 private:
  Feature feature_;
};

CausalityFinding audit(DecisionSource& source, const std::vector<Candle>& candles, std::size_t cuts = 200) {
  CausalityOptions options;
  options.cuts = cuts;
  options.warm_checks = 0;
  return audit_causality(source, candles, draw_cuts(source, candles.size(), options), options).front();
}

struct Plant {
  const char* what;
  Feature feature;
};

/// Twelve ways to see the future.
std::vector<Plant> plants() {
  return {
      {"the next close", [](auto c, auto i) { return later(c, i, 1) - close_of(c, i); }},
      {"an indicator shifted one bar to the left",
       [](auto c, auto i) { return mean(c, i - 3, std::min(i + 2, c.size())) - close_of(c, i); }},
      {"a centred average", [](auto c, auto i) { return mean(c, i - 5, std::min(i + 6, c.size())) - close_of(c, i); }},
      {"normalisation by the mean of all data", [](auto c, auto i) { return close_of(c, i) - mean(c, 0, c.size()); }},
      {"a rank among all data",
       [](auto c, auto i) {
         return static_cast<double>(std::count_if(c.begin(), c.end(), [&](const Candle& x) {
                  return x.close < c[i].close;
                })) / static_cast<double>(c.size()) - 0.5;
       }},
      {"the chikou span of closes to come", [](auto c, auto i) { return later(c, i, 26) - close_of(c, i); }},
      {"a swing high before it is confirmed",
       [](auto c, auto i) {
         const std::size_t last = std::min(i + 5, c.size() - 1);
         for (std::size_t k = i - 5; k <= last; ++k) {
           if (c[k].high > c[i].high) return -1.0;
         }
         return 1.0;
       }},
      {"the higher timeframe's bar before it is closed",
       [](auto c, auto i) {
         const std::size_t rest = 14 - static_cast<std::size_t>(c[i].open_time.seconds_floor() / 60 % 15);
         return later(c, i, rest) - close_of(c, i);
       }},
      {"gaps filled from behind",
       [](auto c, auto i) { return c[i].open_time.seconds_floor() / 60 % 7 == 0 ? later(c, i, 2) - close_of(c, i - 1) : 0.0; }},
      {"the volume of the next bar",
       [](auto c, auto i) { return c[std::min(i + 1, c.size() - 1)].volume - c[i].volume; }},
      {"the label among the features",
       [](auto c, auto i) {
         for (std::size_t k = i + 1; k < std::min(i + 60, c.size()); ++k) {
           if (close_of(c, k) > 1.003 * close_of(c, i)) return 1.0;
           if (close_of(c, k) < 0.997 * close_of(c, i)) return -1.0;
         }
         return 0.0;
       }},
      {"smoothing forward and backward",
       [](auto c, auto i) {
         double y = close_of(c, c.size() - 1);
         for (std::size_t k = c.size() - 1; k-- > i;) y += 0.2 * (close_of(c, k) - y);
         return y - close_of(c, i);
       }},
  };
}

/// Rules of every strategy in the catalog, one timeframe and two.
TradingRules rules_of_all(std::vector<Duration> timeframes) {
  TradingRules rules;
  std::uint16_t id = 0;
  for (const StrategyInfo& info : all_strategies()) {
    rules.strategies.push_back({StrategyId{id++}, &info, Parameters(info.parameters), info.default_weight, info.leaning});
  }
  for (StrategyChoice& choice : rules.strategies) choice.weight = 1.0 / id;
  rules.timeframes = std::move(timeframes);
  rules.primary = rules.timeframes.front();
  return rules;
}

}  // namespace

TEST_CASE("causality: every planted leak is found") {
  const std::vector<Candle> candles = random_walk(4, 2'000);
  CHECK(plants().size() >= 10);
  for (const Plant& plant : plants()) {
    INFO(plant.what);
    OneNumber source(plant.feature);
    const CausalityFinding found = audit(source, candles);
    CHECK(found.leaks());
    CHECK(found.noise > 0);
  }
}

TEST_CASE("causality: honest rules of the same kind raise no alarm") {
  const std::vector<Candle> candles = random_walk(4, 2'000);
  const std::vector<Plant> honest{
      {"the last close", [](auto c, auto i) { return close_of(c, i) - close_of(c, i - 1); }},
      {"an average", [](auto c, auto i) { return mean(c, i - 20, i + 1) - close_of(c, i); }},
      {"a confirmed swing", [](auto c, auto i) {
         for (std::size_t k = i - 10; k <= i; ++k) {
           if (c[k].high > c[i - 5].high) return -1.0;
         }
         return 1.0;
       }}};
  for (const Plant& plant : honest) {
    INFO(plant.what);
    OneNumber source(plant.feature);
    const CausalityFinding found = audit(source, candles);
    CHECK_FALSE(found.leaks());
    CHECK(found.cuts > 150);
  }
}

TEST_CASE("causality: none of the fifteen strategies sees the future, on one timeframe or several") {
  const std::vector<Candle> candles = random_walk(9, 4'000, 0.3);
  for (const auto& timeframes : {std::vector<Duration>{minutes{1}}, std::vector<Duration>{minutes{1}, minutes{5}}}) {
    const TradingRules rules = rules_of_all(timeframes);
    StrategyDecisions source(rules);
    CausalityOptions options;
    options.cuts = 60;
    options.warm_checks = 10;
    const auto cuts = draw_cuts(source, candles.size(), options);
    REQUIRE(cuts.size() > 40);
    const auto findings = audit_causality(source, candles, cuts, options);
    CHECK(findings.size() == 15 * timeframes.size() + 1);
    std::uint64_t signals = 0;
    for (const CausalityFinding& finding : findings) {
      INFO(finding.name);
      CHECK_FALSE(finding.leaks());
      signals += finding.signals;
    }
    CHECK(signals > 0);
  }
}

TEST_CASE("causality: cuts and findings are the same for the same seed, and parts add up") {
  const std::vector<Candle> candles = random_walk(2, 1'500);
  OneNumber source(plants().front().feature);
  CausalityOptions options;
  options.cuts = 100;
  options.warm_checks = 0;
  const auto cuts = draw_cuts(source, candles.size(), options);
  CHECK(cuts == draw_cuts(source, candles.size(), options));
  const auto whole = audit_causality(source, candles, cuts, options);
  auto parts = audit_causality(source, candles, cuts, options, {50});
  merge_findings(parts, audit_causality(source, candles, cuts, options, {0, 50}));
  CHECK(parts[0].noise == whole[0].noise);
  CHECK(parts[0].absent == whole[0].absent);
  CHECK(parts[0].first_cut == whole[0].first_cut);
}

TEST_CASE("causality: the warm-up is looked at at the same cuts, in however many parts they are audited") {
  const std::vector<Candle> candles = random_walk(2, 3'000);
  // What it says depends on how much history it was given, and differs from cut to cut.
  OneNumber source([](auto c, auto i) { return mean(c, 0, i + 1) - close_of(c, i - 40); });
  CausalityOptions options;
  options.cuts = 200;
  options.warm_checks = 30;
  const auto cuts = draw_cuts(source, candles.size(), options);
  const auto whole = audit_causality(source, candles, cuts, options);
  REQUIRE(whole[0].warm_checks >= 20);
  REQUIRE(whole[0].warm_differs > 0);
  REQUIRE(whole[0].warm_differs < whole[0].warm_checks);
  for (const std::size_t count : {std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{64}}) {
    INFO(count);
    std::vector<CausalityFinding> merged = audit_causality(source, candles, cuts, options, {0, cuts.size() / count});
    for (std::size_t i = 1; i < count; ++i) {
      const CutRange part{cuts.size() * i / count, cuts.size() * (i + 1) / count};
      merge_findings(merged, audit_causality(source, candles, cuts, options, part));
    }
    CHECK(merged[0].cuts == whole[0].cuts);
    CHECK(merged[0].warm_checks == whole[0].warm_checks);
    CHECK(merged[0].warm_differs == whole[0].warm_differs);
    CHECK(merged[0].noise == whole[0].noise);
  }
}
