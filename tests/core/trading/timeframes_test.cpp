// The other timeframes' word on an opinion, and the regime it is judged in.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "core/trading/confluence.h"
#include "core/trading/regime.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

double odds(double p) { return std::log(p / (1 - p)); }

/// The opinion of one vote.
Opinion of(Direction d, double confidence = 0.7) {
  Opinion o;
  o.votes_count = 1;
  o.votes[0].log_odds = odds(confidence);
  o.direction = d;
  o.reason = d == Direction::neutral ? Reason::no_votes : Reason::none;
  o.confidence = confidence;
  return o;
}

Opinion confirmed(const std::vector<std::pair<Opinion, bool>>& others, int agreeing_min = 1) {
  ConfluenceRules rules;
  rules.timeframes_agreeing_min = agreeing_min;
  const std::vector<StrategyChoice> none;
  const Confluence confluence(rules, none, false);
  std::vector<Confluence::OtherTimeframe> list;
  for (const auto& [opinion, is_higher] : others) list.push_back({&opinion, is_higher});
  Opinion primary = of(Direction::long_);
  confluence.confirm(primary, list);
  return primary;
}

}  // namespace

TEST_CASE("timeframes: a higher one that disagrees vetoes, a lower or silent one does not [X30]",
          "[trading][confluence]") {
  CHECK(confirmed({{of(Direction::short_), true}}).reason == Reason::vetoed_by_timeframe);
  CHECK(confirmed({{of(Direction::short_), false}}).reason == Reason::none);
  CHECK(confirmed({{of(Direction::neutral), true}}).reason == Reason::none);
  CHECK(confirmed({}).reason == Reason::none);
}

TEST_CASE("timeframes: agreement adds a bounded bonus and can be demanded", "[trading][confluence]") {
  const Opinion agree = of(Direction::long_);
  const Opinion one = confirmed({{agree, true}});
  CHECK(odds(one.confidence) == Approx(odds(0.7) + 0.10));
  const Opinion many = confirmed({{agree, true}, {agree, true}, {agree, true}, {agree, true}, {agree, false}});
  CHECK(odds(many.confidence) == Approx(odds(0.7) + 0.30));
  CHECK(confirmed({{of(Direction::neutral), true}}, 2).reason == Reason::vetoed_by_timeframe);
  CHECK(confirmed({{agree, true}}, 2).reason == Reason::none);
}

TEST_CASE("regime: a trend begins at 25 and ends below 20", "[trading][regime]") {
  RegimeTracker tracker(RegimeRules{}, hours{24});
  const auto trend = [&](double adx) {
    tracker.update(adx, 0.01);
    return tracker.regime().trend;
  };
  CHECK(trend(24.9) == Trend::range);
  CHECK(trend(25) == Trend::trend);
  CHECK(trend(20) == Trend::trend);
  CHECK(trend(19.9) == Trend::range);
  CHECK(trend(24) == Trend::range);
  CHECK(trend(not_a_number) == Trend::unknown);
  CHECK(trend(24) == Trend::range);
}

TEST_CASE("regime: a leaning is the product of its parts, at most 2", "[trading][regime]") {
  const Leaning leaning{1.3, 0.8, 1.1, 0.9};
  CHECK(leaning_factor(leaning, {Trend::trend, Volatility::high}) == Approx(1.43));
  CHECK(leaning_factor(leaning, {Trend::range, Volatility::low}) == Approx(0.72));
  CHECK(leaning_factor(leaning, {Trend::unknown, Volatility::unknown}) == 1);
  CHECK(leaning_factor({5, 1, 5, 1}, {Trend::trend, Volatility::high}) == 2);
}

TEST_CASE("regime: volatility is left only beyond its border, scaled to the timeframe", "[trading][regime]") {
  RegimeTracker day(RegimeRules{}, hours{24});
  const auto of_day = [&](double atr_pct) {
    day.update(30, atr_pct);
    return day.regime().volatility;
  };
  CHECK(of_day(0.0199) == Volatility::mid);
  CHECK(of_day(0.02) == Volatility::high);
  CHECK(of_day(0.0181) == Volatility::high);
  CHECK(of_day(0.0179) == Volatility::mid);
  CHECK(of_day(0.008) == Volatility::low);
  CHECK(of_day(0.0088) == Volatility::low);
  CHECK(of_day(0.0090) == Volatility::mid);
  CHECK(of_day(not_a_number) == Volatility::unknown);

  RegimeTracker quarter_day(RegimeRules{}, hours{6});  // sqrt(1/4): half the borders
  quarter_day.update(30, 0.01);
  CHECK(quarter_day.regime().volatility == Volatility::high);
}

TEST_CASE("regime: what is not known leans nowhere", "[trading][regime]") {
  const Leaning leaning{1.3, 0.8, 1.2, 0.9};
  CHECK(leaning_factor(leaning, Regime{}) == 1.0);
  CHECK(leaning_factor(leaning, {Trend::trend, Volatility::unknown}) == Approx(1.3));
  CHECK(leaning_factor(leaning, {Trend::range, Volatility::high}) == Approx(0.96));
  CHECK(leaning_factor(leaning, {Trend::trend, Volatility::mid}) == Approx(1.3));
  RegimeTracker tracker(RegimeRules{}, hours{24});
  tracker.update(30, 0.05);
  tracker.reset();
  CHECK(tracker.regime() == Regime{});
}
