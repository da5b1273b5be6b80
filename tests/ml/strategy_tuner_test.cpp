// The tuner of strategies: luck changes nothing, what is not luck changes a little.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/base/random.h"
#include "ml/strategy_tuner.h"

namespace aitrade::ml {
namespace {

std::vector<double> results(double mean, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(mean + random.normal());
  return out;
}

StrategyRecord record(std::string name, double mean, std::size_t count, std::uint64_t seed, double weight = 0.2) {
  return {std::move(name), true, weight, results(mean, count, seed)};
}

TunerStep step_of(const std::vector<TunerVerdict>& all, const std::string& name) {
  return std::find_if(all.begin(), all.end(), [&](const TunerVerdict& v) { return v.name == name; })->step;
}

}  // namespace

TEST_CASE("student: tails as the tables have them", "[ml][tuner]") {
  CHECK(student_tail(0, 5) == Approx(0.5));
  CHECK(student_tail(2.015, 5) == Approx(0.05).epsilon(1e-3));
  CHECK(student_tail(-2.015, 5) == Approx(0.95).epsilon(1e-3));
  CHECK(student_tail(2.764, 10) == Approx(0.01).epsilon(1e-3));
  CHECK(student_tail(12.706, 1) == Approx(0.025).epsilon(1e-3));
  CHECK(student_tail(1.96, 1e6) == Approx(0.025).epsilon(1e-3));
}

TEST_CASE("tuner: of strategies that are all alike hardly any run changes anything", "[ml][tuner]") {
  int changed = 0;
  for (std::uint64_t run = 0; run < 400; ++run) {
    std::vector<StrategyRecord> records;
    for (std::uint64_t i = 0; i < 10; ++i) records.push_back(record("s" + std::to_string(i), 0, 50, run * 100 + i));
    const auto verdicts = judge_strategies(records, {});
    changed += std::any_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.step != TunerStep::keep; });
  }
  CHECK(changed <= 30);   // 5 % of the runs, and their scatter
}

TEST_CASE("tuner: what is better gains a little, what is worse loses a little, what loses money rests", "[ml][tuner]") {
  const std::vector<StrategyRecord> records{record("good", 1, 100, 1), record("plain", 0.3, 100, 2),
                                            record("poor", 0, 100, 3), record("bad", -1, 100, 4),
                                            record("new", -3, 10, 5)};
  const auto verdicts = judge_strategies(records, {});
  CHECK(step_of(verdicts, "good") == TunerStep::raise);
  CHECK(step_of(verdicts, "plain") == TunerStep::keep);
  CHECK(step_of(verdicts, "bad") == TunerStep::disable);
  CHECK(step_of(verdicts, "new") == TunerStep::keep);   // too few
}

TEST_CASE("tuner: no share changes by more than a tenth, or beyond its bounds", "[ml][tuner]") {
  for (const double big : {0.2, 0.46, 0.5}) {
    const double small = (1 - big) / 3;
    const std::vector<StrategyRecord> records{record("a", 2, 60, 1, big), record("b", 0.1, 60, 2, small),
                                              record("c", 0.1, 60, 3, small), record("d", 0.1, 60, 4, small)};
    const auto verdicts = judge_strategies(records, {});
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += records[i].weight * verdicts[i].factor;
    for (std::size_t i = 0; i < 4; ++i) {
      const double change = verdicts[i].factor / sum;
      CHECK(change <= 1.1 + 1e-12);
      CHECK(change >= 0.9);
    }
    CHECK(records[0].weight * verdicts[0].factor <= 0.5 + 1e-12);
  }
}

TEST_CASE("tuner: a disabled strategy comes back on what it did since, and the last one stays", "[ml][tuner]") {
  std::vector<StrategyRecord> records{record("on", 0.2, 60, 1), record("off", 0.8, 60, 2)};
  records[1].is_enabled = false;
  CHECK(step_of(judge_strategies(records, {}), "off") == TunerStep::enable);
  records[1].r.resize(20);   // too little new evidence
  CHECK(step_of(judge_strategies(records, {}), "off") == TunerStep::keep);
  records[0].r = results(-2, 60, 3);
  CHECK(step_of(judge_strategies(records, {}), "on") == TunerStep::keep);
}

}  // namespace aitrade::ml
