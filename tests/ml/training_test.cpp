// The whole of training on made-up data: it finds what is planted, finds nothing in noise, and leaks nothing.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>

#include <xgboost/c_api.h>

#include "ml/bundle.h"
#include "ml/training.h"
#include "tests/ml/samples.h"

namespace aitrade::ml {
namespace {

using test::planted;

TrainRules quick() {
  TrainRules rules;
  rules.model.boost.rounds_max = 60;
  rules.rounds = 300;
  rules.embargo = hours{2};
  return rules;
}

Dataset prepared(std::size_t count, double edge, std::uint64_t seed) {
  Dataset data = planted(count, edge, seed);
  prepare(data);
  return data;
}

struct Trained {
  Development development;
  TestFigures test;
};

Trained train(const Dataset& data, const TrainRules& rules) {
  auto development = develop(data, rules);
  REQUIRE(development);
  TestFigures test = judge(data, *development, nullptr, rules);
  return {std::move(*development), std::move(test)};
}

std::string bytes_of(const Dataset& data, const TrainRules& rules) {
  Bundle bundle;
  bundle.model = train(data, rules).development.model;
  bundle.schema = feature_schema();
  return to_bytes(bundle);
}

}  // namespace

TEST_CASE("training: finds a planted edge and says that it helps", "[ml]") {
  const Dataset data = prepared(4000, 1.2, 41);
  const Trained out = train(data, quick());
  CHECK(*out.test.auc > 0.7);
  CHECK(out.test.gain.p < 0.01);
  CHECK(out.test.accepted_r > out.test.all_r);
  CHECK(std::max_element(out.test.importance.begin(), out.test.importance.end()) == out.test.importance.begin());
  CHECK(out.test.line->slope == Approx(1).margin(0.3));
  const Verdict verdict = verdict_of(out.test, quick());
  CHECK(verdict.helps);
  CHECK(out.development.paths.splits == 15);
  CHECK(out.development.paths.lowest > 0.6);
}

TEST_CASE("training: noise is no edge, and shuffled labels give an area of one half within error", "[ml]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Dataset data = prepared(2000, 1.2, 50 + seed);
    std::vector<std::size_t> order(data.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random random(seed);
    shuffle(order, random);
    const Dataset before = data;
    for (std::size_t i = 0; i < data.size(); ++i) data[i].r = before[order[i]].r;
    const Trained out = train(data, quick());
    INFO("seed " << seed << ", area " << *out.test.auc << " +- " << out.test.auc_error);
    CHECK(std::abs(*out.test.auc - 0.5) < 3 * out.test.auc_error);
    CHECK(std::abs(out.development.paths.mean - 0.5) < 3 * out.test.auc_error);
    CHECK_FALSE(verdict_of(out.test, quick()).helps);
  }
}

TEST_CASE("training: a planted feature of the future is caught and named", "[ml]") {
  Dataset data = prepared(1500, 0, 61);
  Random random(61);
  for (Sample& s : data) s.features[5] = s.r + 0.3 * random.normal();   // tells what will be, not even exactly
  const Trained out = train(data, quick());
  CHECK(*out.test.auc > 0.95);
  CHECK(out.test.importance[5] > 0.3);
  const Verdict verdict = verdict_of(out.test, quick());
  CHECK_FALSE(verdict.helps);
  CHECK(verdict.text.find("too good to be true") != std::string::npos);
  CHECK(verdict.text.find(feature_table()[5].name) != std::string::npos);
}

TEST_CASE("[HARD4] training: what only leaks through overlapping labels is purged", "[ml]") {
  // Rows of two hours share one outcome and one number that stands for it. Who has seen a neighbour knows the outcome;
  // who has not, knows nothing.
  Dataset data = planted(2000, 0, 62);
  Random random(62);
  double mark = 0, r = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i % 8 == 0) {
      mark = random.uniform();
      r = random.uniform() < 0.5 ? 1 : -1;
    }
    data[i].features.fill(0);
    data[i].features[5] = mark;
    data[i].r = r;
    data[i].life.to = data[i - i % 8].life.from + hours{2};
  }
  prepare(data);
  TrainRules rules = quick();
  rules.model.boost = {.rounds_max = 300, .patience = 300, .depth = 8, .rate = 0.3, .child_weight_min = 0, .ridge = 0, .bins = 256};
  std::vector<std::size_t> even, odd, before;
  for (std::size_t i = 0; i < 1200; ++i) (i % 2 == 0 ? even : odd).push_back(i);
  const auto leaky = XgboostModel::fit(data, even, {}, rules.model.boost);
  REQUIRE(leaky);
  const auto area_of = [&](const XgboostModel& model, const std::vector<std::size_t>& rows) {
    Forecasts f;
    for (const std::size_t i : rows) {
      f.p.push_back(model.probability(data[i].features));
      f.wins.push_back(data[i].is_win() ? 1 : 0);
      f.weights.push_back(data[i].weight);
    }
    return *auc(f);
  };
  CHECK(area_of(*leaky, odd) > 0.9);
  std::vector<Span> spans;
  for (const Sample& s : data) spans.push_back(s.life);
  const ThreeWay parts = three_way(spans, minutes{1});
  const auto honest = XgboostModel::fit(data, parts.train, {}, rules.model.boost);
  REQUIRE(honest);
  CHECK(std::abs(area_of(*honest, parts.test) - 0.5) < 0.2);
}

TEST_CASE("training: nothing of the development depends on the test part", "[ml]") {
  Dataset data = prepared(1200, 1, 63);
  const auto before = develop(data, quick());
  REQUIRE(before);
  for (const std::size_t i : before->parts.test) {
    data[i].r = -data[i].r;
    for (double& x : data[i].features) x = 1000 - x;
  }
  const auto after = develop(data, quick());
  REQUIRE(after);
  CHECK(before->base_rate == after->base_rate);
  CHECK(before->validated[0].log_loss == after->validated[0].log_loss);
  CHECK(before->validated[1].log_loss == after->validated[1].log_loss);
  CHECK(before->model.kind == after->model.kind);
  for (const Sample& s : planted(50, 1, 64)) {
    CHECK(before->model.probability(s.features) == after->model.probability(s.features));
  }
}

TEST_CASE("training: the same bytes with one thread and two", "[ml]") {
  const Dataset data = prepared(900, 1, 65);
  TrainRules rules = quick();
  const std::string one = bytes_of(data, rules);
  rules.threads = 2;
  CHECK(bytes_of(data, rules) == one);
  CHECK(bytes_of(data, rules) == one);
}

TEST_CASE("training: too little is refused, not guessed at", "[ml]") {
  CHECK_FALSE(develop(prepared(samples_min - 1, 1, 66), quick()));
  Dataset only_losses = prepared(600, 0, 67);
  for (Sample& s : only_losses) s.r = -1;
  CHECK_FALSE(develop(only_losses, quick()));
}

TEST_CASE("xgboost: finds what a line cannot, stops early, and comes back from its bytes", "[ml]") {
  Dataset data = planted(3000, 0, 71);
  Random random(71);
  for (Sample& s : data) {
    const bool is_likely = std::abs(s.features[0]) > 0.67;   // no line separates this
    s.r = random.uniform() < (is_likely ? 0.8 : 0.2) ? 1 : -1;
  }
  prepare(data);
  for (Sample& s : data) s.weight = 1;
  std::vector<std::size_t> train(2000), rest(1000);
  std::iota(train.begin(), train.end(), std::size_t{0});
  std::iota(rest.begin(), rest.end(), std::size_t{2000});
  BoostRules rules;
  const auto model = XgboostModel::fit(data, train, rest, rules);
  REQUIRE(model);
  CHECK(model->rounds() > 10);
  CHECK(model->rounds() < rules.rounds_max);
  const auto again = XgboostModel::from_bytes(model->bytes());
  REQUIRE(again);
  Forecasts f;
  for (const std::size_t i : rest) {
    f.p.push_back(model->probability(data[i].features));
    CHECK(f.p.back() == again->probability(data[i].features));
    f.wins.push_back(data[i].is_win() ? 1 : 0);
    f.weights.push_back(1);
  }
  CHECK(*auc(f) > 0.72);
  FeatureVector holes = data[0].features;
  holes[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isfinite(model->probability(holes)));
  CHECK_FALSE(XgboostModel::from_bytes("nothing"));
}

TEST_CASE("xgboost: our walk through the trees says what the library says, missing values too", "[ml]") {
  Dataset data = planted(1500, 1, 73);
  Random random(73);
  for (Sample& s : data) {
    for (double& x : s.features) x = random.below(10) == 0 ? std::numeric_limits<double>::quiet_NaN() : x;
  }
  prepare(data);
  std::vector<std::size_t> all(data.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto model = XgboostModel::fit(data, all, {}, {.rounds_max = 80, .depth = 5});
  REQUIRE(model);
  std::vector<float> x;
  for (const Sample& s : data) {
    for (const double value : s.features) x.push_back(static_cast<float>(value));
  }
  BoosterHandle booster = nullptr;
  DMatrixHandle matrix = nullptr;
  REQUIRE(XGBoosterCreate(nullptr, 0, &booster) == 0);
  REQUIRE(XGBoosterLoadModelFromBuffer(booster, model->bytes().data(), model->bytes().size()) == 0);
  REQUIRE(XGDMatrixCreateFromMat(x.data(), data.size(), features_count, std::nanf(""), &matrix) == 0);
  const char* config = R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* p = nullptr;
  REQUIRE(XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, &p) == 0);
  double worst = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    worst = std::max(worst, std::abs(model->probability(data[i].features) - static_cast<double>(p[i])));
  }
  CHECK(worst < 1e-6);
  XGDMatrixFree(matrix);
  XGBoosterFree(booster);
}

}  // namespace aitrade::ml
