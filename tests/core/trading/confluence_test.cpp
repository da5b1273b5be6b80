#include "core/trading/confluence.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr double no_adx = std::numeric_limits<double>::quiet_NaN();
constexpr Direction up = Direction::long_;
constexpr Direction down = Direction::short_;

/// Strategies of the given families, each with one signal to be set.
struct Panel {
  explicit Panel(std::vector<Family> families, ConfluenceRules r = {}, bool single = false,
                 std::string_view name = "panel")
      : rules(r), alone(single) {
    for (const Family family : families) infos.push_back(info_of<Scripted>(name, family));
    for (std::size_t i = 0; i < infos.size(); ++i) {
      choices.push_back(choose(infos[i], static_cast<std::uint16_t>(i)));
      Signal quiet_signal;
      quiet_signal.strategy = StrategyId{static_cast<std::uint16_t>(i)};
      signals.push_back(quiet_signal);
    }
  }

  void vote(std::size_t i, Direction d, double strength, double confidence) {
    Signal s = signal_of(sign(d), 100, choices[i].parameters);
    s.strategy = signals[i].strategy;
    s.strength = strength;
    s.confidence = confidence;
    s.stop = 100 - sign(d) * (1.0 + static_cast<double>(i));  // so that levels name their strategy
    signals[i] = s;
  }

  Opinion combine(Regime regime = {}, double adx = no_adx) const {
    Opinion out;
    Confluence(rules, choices, alone).combine(signals, regime, adx, Time{}, out);
    return out;
  }

  Opinion judge() const {
    Opinion out = combine();
    Confluence(rules, choices, alone).qualify(out);
    return out;
  }

  ConfluenceRules rules;
  bool alone;
  std::vector<StrategyInfo> infos;
  std::vector<StrategyChoice> choices;
  std::vector<Signal> signals;
};

double odds(double p) { return std::log(p / (1 - p)); }

double chance(double o) { return 1 / (1 + std::exp(-o)); }

const std::vector<Family> three{Family::momentum, Family::vwap, Family::structure};

}  // namespace

TEST_CASE("confluence: equal sides are no trade [BT1]", "[trading][confluence]") {
  Panel p(three);
  CHECK(p.combine().reason == Reason::no_votes);
  p.vote(0, up, 0.8, 0.8);
  p.vote(1, down, 0.8, 0.8);
  CHECK(p.combine().reason == Reason::tie);
  CHECK(p.combine().direction == Direction::neutral);
}

TEST_CASE("confluence: the winner must outweigh the loser by a quarter", "[trading][confluence]") {
  Panel p(three);
  p.vote(0, down, 1.0, 0.5);
  p.vote(1, up, 0.8, 0.5);
  CHECK(p.combine().direction == down);  // 0.5 = 1.25 * 0.4
  p.vote(1, up, 0.81, 0.5);
  CHECK(p.combine().reason == Reason::tie);
}

TEST_CASE("confluence: levels come from the winning side", "[trading][confluence]") {
  Panel p(three);  // two weak longs against the strongest signal of all
  p.vote(0, up, 0.5, 0.7);
  p.vote(1, up, 0.55, 0.7);
  p.vote(2, down, 0.95, 0.5);
  const Opinion o = p.combine();
  REQUIRE(o.direction == up);
  CHECK(o.lead == StrategyId{1});
  CHECK(o.stop == 98);
  CHECK(o.agreeing == 2);
  CHECK(o.opposing == 1);
  CHECK(o.families == 2);
}

TEST_CASE("confluence: random votes never pair a side with the other's levels [X16] [BT1]",
          "[trading][confluence][property]") {
  Random random(16);
  int traded = 0;
  for (int run = 0; run < 20'000; ++run) {
    Panel p({Family::momentum, Family::vwap, Family::structure, Family::momentum, Family::sentiment,
             Family::mean_reversion, Family::trend_following});
    for (std::size_t i = 0; i < p.signals.size(); ++i) {
      if (random.below(3) == 0) continue;
      p.vote(i, random.below(2) == 0 ? up : down, random.uniform(), random.uniform());
    }
    const Opinion o = p.combine({Trend::trend, Volatility::low}, 30);
    if (o.direction == Direction::neutral) {
      REQUIRE((o.reason == Reason::tie || o.reason == Reason::no_votes));
      continue;
    }
    ++traded;
    if (o.direction == up) REQUIRE((o.stop < o.entry && o.entry < o.target));
    if (o.direction == down) REQUIRE((o.target < o.entry && o.entry < o.stop));
    REQUIRE(p.signals[number(o.lead)].direction == o.direction);
    REQUIRE((o.confidence >= 0.05 && o.confidence <= 0.90));
    REQUIRE((o.strength >= 0.3 && o.strength <= 1));
    REQUIRE(o.agreeing + o.opposing == o.votes_count);
  }
  CHECK(traded > 5'000);
}

TEST_CASE("confluence: a further vote of a family counts half, then a quarter", "[trading][confluence]") {
  Panel p({Family::momentum, Family::momentum, Family::momentum});
  for (std::size_t i = 0; i < 3; ++i) p.vote(i, up, 0.8, 0.6);
  const Opinion o = p.combine();
  CHECK(o.votes[0].weight == Approx(1));
  CHECK(o.votes[1].weight == Approx(0.5));
  CHECK(o.votes[2].weight == Approx(0.25));
  CHECK(o.families == 1);
  CHECK(o.confidence == Approx(chance(1.75 * odds(0.6) - 0.20)));
}

TEST_CASE("confluence: three mediocre signals are not certainty", "[trading][confluence]") {
  Panel p(three);
  for (std::size_t i = 0; i < 3; ++i) p.vote(i, up, 0.6, 0.6);
  CHECK(p.combine().confidence == Approx(chance(3 * odds(0.6) + 0.20)));
  CHECK(p.combine().confidence < 0.81);
  for (std::size_t i = 0; i < 3; ++i) p.vote(i, up, 1, 1);
  CHECK(p.combine().confidence == 0.90);
}

TEST_CASE("confluence: an opposing vote takes away, a doubtful one nothing", "[trading][confluence]") {
  Panel p(three);
  p.vote(0, up, 1.0, 0.8);
  const double alone = p.combine().confidence;
  p.vote(1, down, 0.4, 0.6);
  CHECK(p.combine().confidence == Approx(chance(odds(0.8) - odds(0.6))));
  CHECK(p.combine().confidence < alone);
  p.vote(1, down, 0.4, 0.4);  // against, but it doubts itself: must not help the long
  CHECK(p.combine().confidence == Approx(alone));
}

TEST_CASE("confluence: a vote under the action floor does not count [X35]", "[trading][confluence]") {
  Panel p(three);
  p.vote(0, up, 0.8, 0.8);
  p.vote(1, up, 0.29, 0.9);
  p.vote(2, up, 0.9, 0.29);
  CHECK(p.combine().votes_count == 1);
  CHECK(p.combine().families == 1);
}

TEST_CASE("confluence: weights are relative to their mean and lean with the regime", "[trading][confluence]") {
  Panel p(three);
  p.choices[0].weight = 2;
  p.choices[0].leaning.trend = 1.5;
  p.choices[0].leaning.low_volatility = 0.5;
  p.vote(0, up, 0.8, 0.8);
  CHECK(p.combine({Trend::unknown, Volatility::unknown}).votes[0].weight == Approx(1.5));  // 2 / (4/3)
  CHECK(p.combine({Trend::trend, Volatility::mid}).votes[0].weight == Approx(2.25));
  CHECK(p.combine({Trend::trend, Volatility::low}).votes[0].weight == Approx(1.125));
  CHECK(p.combine({Trend::trend, Volatility::mid}).confidence ==
        Approx(std::min(0.90, chance(2.25 * odds(0.8) + 0.12))));  // momentum goes with a trend
}

TEST_CASE("confluence: an opinion remembers nothing of the candle before", "[trading][confluence]") {
  Panel p(three);
  p.vote(1, up, 0.8, 0.8);
  Opinion used = p.combine();
  REQUIRE(used.lead == StrategyId{1});
  p.vote(1, up, 0.1, 0.1);
  Confluence(p.rules, p.choices, false).combine(p.signals, {}, no_adx, Time{}, used);
  CHECK(used.lead == p.combine().lead);
  CHECK(used.votes_count == 0);
  CHECK(used.stop == 0);
}

TEST_CASE("confluence: strategies that the regime makes useless are not asked", "[trading][confluence]") {
  Panel p({Family::trend_following, Family::mean_reversion});
  p.choices[0].leaning.range = 0.8;
  p.choices[1].leaning.trend = 0.8;
  p.vote(0, up, 0.8, 0.8);
  p.vote(1, up, 0.8, 0.8);
  CHECK(p.combine({Trend::range, Volatility::mid}, 15).votes_count == 1);
  CHECK(p.combine({Trend::range, Volatility::mid}, 15).lead == StrategyId{1});
  CHECK(p.combine({Trend::range, Volatility::mid}, 22).votes_count == 2);
  CHECK(p.combine({Trend::trend, Volatility::mid}, 40).lead == StrategyId{0});
  CHECK(p.combine({Trend::trend, Volatility::mid}, 30).votes_count == 2);
  CHECK(p.combine({Trend::unknown, Volatility::mid}, no_adx).votes_count == 2);
  p.choices[0].leaning.range = p.choices[1].leaning.trend = 0.9;  // leans, but is asked
  CHECK(p.combine({Trend::range, Volatility::mid}, 15).votes_count == 2);
}

TEST_CASE("confluence: too few families do not trade, unless a solo rule says so", "[trading][confluence]") {
  Panel p({Family::momentum, Family::momentum});
  p.vote(0, up, 0.9, 0.85);
  CHECK(p.judge().reason == Reason::too_few_families);
  SECTION("any strategy, when sure enough") {
    p.rules.any_solo = true;
    CHECK(p.judge().reason == Reason::none);
    p.vote(0, up, 0.9, 0.67);
    CHECK(p.judge().reason == Reason::low_confidence);
  }
  SECTION("the keltner rule is for keltner only") {
    p.rules.keltner_solo = true;
    CHECK(p.judge().reason == Reason::too_few_families);
    Panel k({Family::mean_reversion}, p.rules, false, "keltner");
    k.vote(0, up, 0.9, 0.63);
    CHECK(k.judge().reason == Reason::none);
    k.vote(0, up, 0.9, 0.61);
    CHECK(k.judge().reason == Reason::too_few_families);
  }
  SECTION("a strategy that runs alone needs the common confidence") {
    Panel alone({Family::momentum}, {}, true);
    alone.vote(0, up, 0.9, 0.61);
    CHECK(alone.judge().reason == Reason::none);
    alone.vote(0, up, 0.9, 0.59);
    CHECK(alone.judge().reason == Reason::low_confidence);
  }
}
