// The gate switches itself off when it does not help, and stays when it does: by simulation, seeded.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/store/recording_codec.h"
#include "ml/logistic.h"
#include "ml/shadow.h"

namespace aitrade::ml {
namespace {

/// How many of `runs` models are off after `signals` outcomes. A signal's score is normal, d apart between wins and
/// losses, which is an area of Phi(d / sqrt 2); the model tells logit(base) + its log-likelihood ratio, which is the
/// truth when `tells_truth`, and about nothing otherwise.
int off_after(int signals, double d, bool tells_truth, int runs, std::uint64_t seed) {
  constexpr double base = 0.45;
  int off = 0;
  for (int k = 0; k < runs; ++k) {
    Random random = Random(seed).fork("run " + std::to_string(k));
    SkillTest test(base, {});
    for (int i = 0; i < signals; ++i) {
      const bool won = random.uniform() < base;
      const bool shown = tells_truth ? won : random.uniform() < base;
      const double score = random.normal() + (shown ? d / 2 : -d / 2);
      test.add(sigmoid(logit(base) + d * score), won);
    }
    off += test.is_off() ? 1 : 0;
  }
  return off;
}

constexpr double d_of_65 = 0.5449;   // sqrt 2 * Phi^-1(0.65)
constexpr double d_of_58 = 0.2855;

Candle bar(std::int64_t i, const char* open, const char* high, const char* low) {
  Candle c;
  c.open_time = Time::from_seconds(1'500'000'000 + 60 * i);
  c.interval = minutes{1};
  c.open = c.close = Price::parse_or_die(open);
  c.high = Price::parse_or_die(high);
  c.low = Price::parse_or_die(low);
  return c;
}

Candidate candidate(std::int64_t i) {
  return {Time::from_seconds(1'500'000'000 + 60 * i), Direction::long_, 100, 99, 102, Duration{}, 0.001};
}

}  // namespace

TEST_CASE("gate: a useless model turns itself off in at least 95 of 100 runs within 300 signals", "[ml]") {
  CHECK(off_after(300, d_of_65, false, 400, 1) >= 380);
  CHECK(off_after(1000, d_of_58, false, 400, 2) >= 380);
}

TEST_CASE("gate: with an area of 0.65 it stays on in at least 90 of 100 runs, with 0.58 within 1,000 signals", "[ml]") {
  CHECK(off_after(300, d_of_65, true, 400, 3) <= 40);
  CHECK(off_after(3000, d_of_65, true, 400, 4) <= 40);
  CHECK(off_after(1000, d_of_58, true, 400, 5) <= 40);
}

TEST_CASE("gate: a model that helped and no longer does is found out", "[ml]") {
  int off = 0;
  for (int k = 0; k < 100; ++k) {
    Random random = Random(6).fork("run " + std::to_string(k));
    SkillTest test(0.45, {});
    for (int i = 0; i < 1500; ++i) {
      const bool won = random.uniform() < 0.45;
      const bool shown = i < 1000 ? won : random.uniform() < 0.45;
      test.add(sigmoid(logit(0.45) + d_of_65 * (random.normal() + (shown ? d_of_65 / 2 : -d_of_65 / 2))), won);
    }
    off += test.is_off() ? 1 : 0;
  }
  CHECK(off >= 90);
}

TEST_CASE("gate: a model that says the same of everything has a thousand signals, then it is off", "[ml]") {
  SkillTest test(0.5, {});
  Random random(8);
  int outcomes = 0;
  for (; outcomes < 1000 && !test.is_off(); ++outcomes) test.add(0.55, random.uniform() < 0.5);
  CHECK(test.is_off());
}

TEST_CASE("shadow ledger: follows what was rejected as well as what was accepted", "[ml]") {
  ShadowLedger ledger(0.4, {});
  const InstrumentId btc{0}, eth{1};
  ledger.add(btc, candidate(1), {0.6, false});
  ledger.add(btc, candidate(1), {0.2, true});
  ledger.add(eth, candidate(1), {0.3, true});
  ledger.on_candle(btc, bar(1, "100", "102.5", "100"));
  CHECK(ledger.accepted().count == 1);
  CHECK(ledger.rejected().count == 1);
  CHECK(*ledger.accepted().mean_r() == Approx(1.9));
  CHECK(ledger.skill().outcomes() == 1);   // two that were alive together are one outcome
  ledger.on_candle(eth, bar(1, "100", "100", "98"));
  CHECK(ledger.rejected().count == 2);
  CHECK(ledger.skill().outcomes() == 2);
}

TEST_CASE("shadow ledger: what is alive is bounded", "[ml]") {
  ShadowLedger ledger(0.4, {});
  for (std::size_t i = 0; i < ShadowLedger::alive_max + 100; ++i) ledger.add(InstrumentId{0}, candidate(1), {0.5, true});
  ledger.on_candle(InstrumentId{0}, bar(1, "100", "103", "100"));
  CHECK(ledger.rejected().count == ShadowLedger::alive_max);
}

TEST_CASE("shadow ledger: with the desk's exits, a restart that sees the candles again ends where it would have",
          "[ml]") {
  ExitPlan plan;   // trails, and moves to breakeven
  plan.rules.stagnation = true;
  plan.rules.tiers = {{0.5, 0.5}, {1.0, 1.0}};
  plan.cost = Rate::parse_or_die("0.002");
  Random random(12);
  for (int round = 0; round < 20; ++round) {
    ShadowLedger whole(0.4, {}, plan);
    Candidate one = candidate(0);
    one.atr = 0.5;
    one.stop = 97;
    one.target = 106;
    whole.add(InstrumentId{0}, one, {0.6, false});
    std::vector<Candle> seen;
    double price = 100;
    for (std::int64_t i = 0; whole.state().accepted == 0 && i < 400; ++i) {
      const double open = price;
      price *= 1 + 0.004 * random.normal();
      seen.push_back(bar(i, std::to_string(open).c_str(), std::to_string(std::max(open, price) * 1.001).c_str(),
                         std::to_string(std::min(open, price) * 0.999).c_str()));
      const GateState before = whole.state();
      whole.on_candle(InstrumentId{0}, seen.back());
      ShadowLedger again(0.4, {}, plan);
      again.restore(before);
      for (const Candle& candle : seen) again.on_candle(InstrumentId{0}, candle);   // those it knows change nothing
      REQUIRE(again.accepted().r == whole.accepted().r);
      REQUIRE(again.accepted().count == whole.accepted().count);
    }
    CHECK(whole.accepted().count == 1);
  }
}

TEST_CASE("shadow ledger: starting again between any two events changes nothing", "[ml]") {
  Random random(11);
  ShadowLedger whole(0.4, {});
  auto restarted = std::make_unique<ShadowLedger>(0.4, SkillRules{});
  const auto packed = [](const ShadowLedger& ledger) { return encode_action(GateChanged{DeskId{0}, ledger.state()}); };
  const auto start_again = [&] {
    const GateState state = restarted->state();
    restarted = std::make_unique<ShadowLedger>(0.4, SkillRules{});
    restarted->restore(state);
  };
  int changes = 0;
  for (std::int64_t i = 1; i < 2000; ++i) {
    const InstrumentId instrument{static_cast<std::uint32_t>(random.below(3))};
    if (random.uniform() < 0.3) {
      const double p = random.uniform();
      const bool rejected = random.uniform() < 0.5;
      whole.add(instrument, candidate(i), {p, rejected});
      restarted->add(instrument, candidate(i), {p, rejected});
      start_again();
    }
    const double low = 98.5 + random.uniform(), high = 100.5 + 2 * random.uniform();
    const Candle next = bar(i, "100", std::to_string(high).c_str(), std::to_string(low).c_str());
    const std::string before = packed(whole);
    const bool is_changed = whole.on_candle(instrument, next);
    changes += is_changed ? 1 : 0;
    REQUIRE(is_changed == (packed(whole) != before));   // the ledger is told of every change
    restarted->on_candle(instrument, next);
    start_again();
    REQUIRE(packed(*restarted) == packed(whole));
  }
  CHECK(changes > 500);
  CHECK(whole.skill().outcomes() > 100);
  CHECK(whole.skill().is_off());   // it said anything
}

}  // namespace aitrade::ml
