// The online learner: no influence without skill, and skill where there is a signal.
#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <deque>

#include "core/base/random.h"
#include "ml/logistic.h"
#include "ml/online.h"

namespace aitrade::ml {
namespace {

Scaler unit_scaler() {
  Scaler scaler;
  scaler.mean.assign(features_count, 0);
  scaler.deviation.assign(features_count, 1);
  scaler.always_known.assign(features_count, true);
  return scaler;
}

struct Run {
  double weight_max{0};     // at any time
  double weight{0};         // at the end
  OnlineLearner learner;
};

/// Outcomes come `delay` candidates after they were decided; their log-odds are `edge` times the first feature.
Run run(double edge, int count, std::uint64_t seed, std::size_t delay = 3) {
  Random random(seed);
  Run out{0, 0, OnlineLearner(unit_scaler(), 0.45)};
  struct Waiting {
    FeatureVector x;
    double told;
    bool won;
  };
  std::deque<Waiting> waiting;
  for (int i = 0; i < count; ++i) {
    Waiting w{};
    for (double& x : w.x) x = random.normal();
    w.told = out.learner.probability(w.x);
    w.won = random.uniform() < sigmoid(logit(0.45) + edge * w.x[0]);
    waiting.push_back(w);
    if (waiting.size() <= delay) continue;
    out.learner.learn(waiting.front().x, waiting.front().told, waiting.front().won);
    waiting.pop_front();
    out.weight_max = std::max(out.weight_max, out.learner.weight());
  }
  out.weight = out.learner.weight();
  return out;
}

}  // namespace

TEST_CASE("online learner: before it has learnt anything it says the base rate and weighs nothing", "[ml][online]") {
  const OnlineLearner learner(unit_scaler(), 0.3);
  const FeatureVector x{1, 2, 3};
  CHECK(learner.probability(x) == Approx(0.3));
  CHECK(learner.weight() == 0);
}

TEST_CASE("online learner: noise never gets a word in", "[ml][online]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO(seed);
    CHECK(run(0, 2000, seed).weight_max == 0);
  }
}

TEST_CASE("online learner: a planted signal is found, and its word grows to the most it may have", "[ml][online]") {
  int early = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO(seed);
    const Run out = run(1.5, 3000, seed);
    CHECK(out.weight > 0.1);
    CHECK(out.weight <= 0.3);
    FeatureVector good{3}, bad{-3};
    CHECK(out.learner.probability(good) > out.learner.probability(bad) + 0.4);
    early += run(1.5, 500, seed).weight > 0 ? 1 : 0;
  }
  CHECK(early >= 15);
}

TEST_CASE("online learner: a signal that turned round loses its word", "[ml][online]") {
  Run out = run(1.5, 3000, 5);
  Random random(6);
  for (int i = 0; i < 600; ++i) {
    FeatureVector x{};
    for (double& value : x) value = random.normal();
    const bool won = random.uniform() < sigmoid(logit(0.45) - 3 * x[0]);
    out.learner.learn(x, out.learner.probability(x), won);
    if (out.learner.weight() == 0) break;
  }
  CHECK(out.learner.weight() == 0);
}

TEST_CASE("online learner: starting again from its state changes nothing, to the bit", "[ml][online]") {
  OnlineLearner whole(unit_scaler(), 0.45), again(unit_scaler(), 0.45);
  Random random(9);
  for (int i = 0; i < 300; ++i) {
    FeatureVector x{};
    for (double& value : x) value = random.normal();
    const double told = whole.probability(x);
    REQUIRE(std::bit_cast<std::uint64_t>(told) == std::bit_cast<std::uint64_t>(again.probability(x)));
    const bool won = random.uniform() < 0.5;
    whole.learn(x, told, won);
    again.learn(x, told, won);
    const GateLearner state = again.state();
    again = OnlineLearner(unit_scaler(), 0.45);
    again.restore(state);
    REQUIRE(whole.weight() == again.weight());
  }
  GateLearner other = whole.state();
  other.z.pop_back();
  again.restore(other);   // of other columns
  CHECK(again.outcomes() == whole.outcomes());
}

TEST_CASE("online learner: what is missing or far counts as the mean or as the edge", "[ml][online]") {
  const Run out = run(1.5, 1000, 3);
  FeatureVector missing{}, far{}, edge{};
  missing[0] = std::numeric_limits<double>::quiet_NaN();
  far[0] = 1e9;
  edge[0] = 4;
  CHECK(out.learner.probability(missing) == out.learner.probability(FeatureVector{}));
  CHECK(out.learner.probability(far) == out.learner.probability(edge));
}

}  // namespace aitrade::ml
