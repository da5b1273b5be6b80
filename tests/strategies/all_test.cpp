// Laws that hold for all strategies: a mirrored market gives the mirrored signal, levels lie on the
// right side and pay, scores are scores, and each one does fire.
#include "core/trading/exits.h"
#include "tests/strategies/rig.h"
#include "tests/support/trading.h"

#include <catch2/catch.hpp>

#include <string>

namespace aitrade::test {
namespace {

/// A strategy with parameters under which random markets give it much to say.
struct Busy {
  std::string name;
  Rig::Settings settings;
  int entries_least;
};

const std::vector<Busy>& busy() {
  static const std::vector<Busy> all{
      {"keltner", {{"kc_multiplier", 2.5}}, 50},
      {"trend", {{"ema_fast", 8}, {"ema_slow", 21}, {"adx_threshold", 25}}, 20},
      {"mean_reversion",
       {{"bb_period", 30}, {"bb_std", 2.0}, {"rsi_oversold", 35}, {"rsi_overbought", 65}},
       20},
      {"momentum", {{"volume_multiplier", 1.2}}, 200},
      {"breakout", {{"lookback", 10}, {"volume_confirmation", 1.2}}, 200},
      {"reversal",
       {{"rsi_low", 32}, {"rsi_high", 68}, {"confirmation_bars", 3}, {"min_atr_pct", 0}},
       200},
      {"rsi_mean_reversion", {}, 200},
      {"vwap_momentum_alpha", {{"slope_min_pct", 0}}, 200},
      {"supertrend", {{"st_multiplier", 2.0}}, 100},
      {"ichimoku", {}, 20},
      {"market_structure", {{"tolerance", 0.04}}, 50},
      {"order_flow", {}, 200},
      {"volatility_squeeze", {}, 10},
      {"stochastic_divergence", {{"oversold", 35}, {"overbought", 65}}, 50},
      {"funding_rate", {}, 200},
  };
  return all;
}

/// How alike a signal and its mirror image have to be.
struct Likeness {
  double score_margin;
  bool same_reason;  // of a neutral one
};

bool is_mirror(const Signal& a, const Signal& b, double center, Likeness likeness) {
  if (static_cast<int>(a.direction) != -static_cast<int>(b.direction)) return false;
  if (a.direction == Direction::neutral) return a.reason == b.reason || !likeness.same_reason;
  const auto near = [](double x, double y, double margin) { return std::fabs(x - y) <= margin; };
  return near(a.strength, b.strength, likeness.score_margin) &&
         near(a.confidence, b.confidence, likeness.score_margin) &&
         near(a.stop, 2 * center - b.stop, 1e-4) && near(a.target, 2 * center - b.target, 1e-4);
}

struct MirrorRun {
  int entries{0}, longs{0}, differ{0};
};

/// Feeds a market and its mirror image, surroundings included, and compares every signal.
MirrorRun compare_with_mirror(const Busy& which, double center, Likeness likeness) {
  Rig rig(which.name, which.settings);
  Rig mirror(which.name, which.settings);
  SurroundingsFeed feed(71);
  MirrorRun run;
  for (const Bar& bar : spells(30'000, 72, center)) {
    const Surroundings around = feed.next();
    surround(rig, around);
    surround(mirror, mirrored(around, center));
    const Signal signal = rig.feed(bar);
    const Signal flipped = mirror.feed(mirrored(bar, center));
    if (!is_mirror(signal, flipped, center, likeness)) ++run.differ;
    if (signal.direction != Direction::neutral) ++run.entries;
    if (signal.direction == Direction::long_) ++run.longs;
  }
  return run;
}

void check_sound(const Signal& signal, const Bar& bar, double reward_least) {
  CHECK(std::isfinite(signal.strength + signal.confidence + signal.entry + signal.stop +
                      signal.target));
  CHECK((signal.strength >= 0 && signal.strength <= 1));
  CHECK((signal.confidence >= 0 && signal.confidence <= 1));
  for (std::size_t i = 0; i < signal.notes_count; ++i) {
    INFO(signal.notes[i].name);
    CHECK(std::isfinite(signal.notes[i].value));
  }
  CHECK(signal.notes_count > 0);
  CHECK(signal.reason == Reason::none);
  CHECK(signal.entry == bar.close);
  const int side = static_cast<int>(signal.direction);
  const double risk = side * (signal.entry - signal.stop);
  const double reward = side * (signal.target - signal.entry);
  CHECK(risk > 0);
  CHECK(reward > 0);
  CHECK(reward >= reward_least * risk * (1 - 1e-12));
}

}  // namespace

TEST_CASE("strategies: the mirrored market gives the mirrored signal, scores and levels") {
  CHECK(busy().size() == all_strategies().size());
  for (const Busy& which : busy()) {
    INFO(which.name);
    // So far from zero that a fraction of the price is the same in both markets.
    const MirrorRun run = compare_with_mirror(which, 1e6, {1e-4, true});
    CHECK(run.entries >= which.entries_least);
    CHECK(run.longs > 0);
    CHECK(run.longs < run.entries);
    CHECK(run.differ == 0);
  }
}

TEST_CASE("strategies: near zero only rules in fractions of the price see a difference") {
  for (const Busy& which : busy()) {
    INFO(which.name);
    // Prices stay within some percent of the center, so fractions differ by as much.
    const MirrorRun run = compare_with_mirror(which, 1000, {0.02, false});
    CHECK(run.entries >= which.entries_least);
    CHECK(run.differ <= run.entries / 10);
  }
}

TEST_CASE("strategies: with shipped parameters each one fires, and every signal is sound") {
  const bool with_floors = GENERATE(false, true);
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    int entries = 0;
    int unexplained = 0;
    for (const std::uint64_t seed : {73U, 74U, 75U, 76U}) {
      Rig rig(info.name, {}, with_floors ? BracketRules{} : bare_bracket());
      SurroundingsFeed feed(seed);
      for (const Bar& bar : spells(50'000, seed)) {
        surround(rig, feed.next());
        const Signal signal = rig.feed(bar);
        if (signal.direction == Direction::neutral) {
          if (signal.reason == Reason::none) ++unexplained;
          continue;
        }
        ++entries;
        check_sound(signal, bar, 1.2);
      }
    }
    CHECK(unexplained == 0);
    if (!with_floors) CHECK(entries > 0);   // floors bind in this market: its ATR is 0.2 % of price
  }
}

TEST_CASE("strategies: each of the fifteen fires as shipped, floors included, with a bracket the desk takes") {
  CHECK(all_strategies().size() == 15);
  const Instrument pair = shortable();
  const double reward_least = RiskRules{}.reward_to_risk_min;
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    int longs = 0;
    int shorts = 0;
    for (const std::uint64_t seed : {83U, 84U, 85U, 86U}) {
      // Hours of a lively market: an ATR of about 0.7 % of price, where the floors leave the intended distances.
      Rig rig(info.name, {}, BracketRules{}, minutes{60});
      SurroundingsFeed feed(seed);
      for (const Bar& bar : spells(50'000, seed, 300)) {
        surround(rig, feed.next());
        const Signal signal = rig.feed(bar);
        if (!signal.is_actionable()) continue;
        Opinion opinion;
        opinion.direction = signal.direction;
        opinion.entry = signal.entry;
        opinion.stop = signal.stop;
        opinion.target = signal.target;
        const auto bracket = plan_bracket(opinion, pair);
        if (!bracket || bracket->reward_to_risk < reward_least) continue;
        ++(signal.direction == Direction::long_ ? longs : shorts);
      }
    }
    CHECK(longs > 0);
    CHECK(shorts > 0);
  }
}

TEST_CASE("strategies: what does not pay the minimum reward to risk is no signal, and says so") {
  for (const Busy& which : busy()) {
    INFO(which.name);
    BracketRules strict = bare_bracket();
    strict.reward_to_risk_min = 1000;
    Rig rig(which.name, which.settings, strict);
    SurroundingsFeed feed(77);
    int too_small = 0;
    for (const Bar& bar : spells(20'000, 78)) {
      surround(rig, feed.next());
      const Signal signal = rig.feed(bar);
      // A stop at the edge of a structure can be so near that even this pays.
      if (signal.direction != Direction::neutral) check_sound(signal, bar, 1000);
      if (signal.reason == Reason::reward_too_small) ++too_small;
    }
    CHECK(too_small > 0);
  }
}

TEST_CASE(
    "strategies: any allowed parameters are warm when they say so, and every signal is sound") {
  Random random(79);
  const auto market = spells(1500, 80);
  for (const StrategyInfo& info : all_strategies()) {
    INFO(info.name);
    int tried = 0;
    for (int round = 0; round < 60; ++round) {
      Parameters parameters(info.parameters);
      for (const Parameter& p : info.parameters) {
        if (random.below(2) == 0) continue;
        // Whole numbers are lengths: up to 40, and now and then a long one.
        const double ceiling = random.below(8) == 0 ? 300.0 : 40.0;
        const double top =
            p.is_integer ? std::min(p.maximum, std::max(ceiling, p.minimum)) : p.maximum;
        const double value = p.minimum + (top - p.minimum) * random.uniform();
        REQUIRE(parameters.set(p.name, p.is_integer ? std::floor(value) : value));
      }
      if (info.fault_of(parameters) != nullptr) continue;
      ++tried;
      Rig rig(info.name);
      IndicatorSet set(minutes(1));
      rig.strategy = info.make(StrategySetup{set, parameters, rig.bracket, minutes(1)});
      CHECK(set.warm_up() <= rig.strategy->warm_up());
      SurroundingsFeed feed(81);
      for (const Bar& bar : market) {
        surround(rig, feed.next());
        set.update(bar);
        const Signal signal = rig.feed(bar);
        if (signal.direction != Direction::neutral) check_sound(signal, bar, 1.2);
      }
    }
    CHECK(tried > 10);
  }
}

}  // namespace aitrade::test
