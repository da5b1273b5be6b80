// The baseline: it finds what generated the data, and sees nothing but the rows that train.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/ml/samples.h"
#include "ml/logistic.h"

namespace aitrade::ml {

TEST_CASE("logistic: finds the coefficients that made the data", "[ml]") {
  Random random(2);
  std::vector<double> x, y;
  for (int i = 0; i < 20000; ++i) {
    const double a = random.normal(), b = random.normal();
    x.push_back(a);
    x.push_back(b);
    y.push_back(random.uniform() < sigmoid(0.8 * a - 0.5 * b + 0.3) ? 1 : 0);
  }
  const std::vector<double> weights(y.size(), 1.0);
  const auto found = fit_logistic(x, 2, y, weights, 1e-6);
  CHECK(found[0] == Approx(0.8).margin(0.05));
  CHECK(found[1] == Approx(-0.5).margin(0.05));
  CHECK(found[2] == Approx(0.3).margin(0.05));
  CHECK(std::abs(fit_logistic(x, 2, y, weights, 1e5)[0]) < 0.1);   // a ridge shrinks
}

TEST_CASE("logistic: a separable set ends, with the ridge", "[ml]") {
  const auto found = fit_logistic(std::vector{-1., -2., 1., 2.}, 1, std::vector{0., 0., 1., 1.},
                                  std::vector(4, 1.0), 0.1);
  CHECK(std::isfinite(found[0]));
  CHECK(found[0] > 0);
}

TEST_CASE("[TR2] the scaler is of the training rows alone, and scaling on all would have changed the model", "[ml]") {
  Dataset data = test::planted(600, 0.8, 17);
  std::vector<std::size_t> train(360), all(600);
  std::iota(train.begin(), train.end(), std::size_t{0});
  std::iota(all.begin(), all.end(), std::size_t{0});
  const LogisticModel before = LogisticModel::fit(data, train, 1);
  for (std::size_t i = 360; i < data.size(); ++i) {
    for (double& x : data[i].features) x *= 1000;
  }
  const LogisticModel after = LogisticModel::fit(data, train, 1);
  CHECK(before.coefficients == after.coefficients);
  CHECK(before.scaler.mean == after.scaler.mean);
  CHECK(before.scaler.deviation == after.scaler.deviation);
  CHECK(Scaler::fit(data, all).deviation != after.scaler.deviation);
}

TEST_CASE("[X25] rows in any order give the same data set", "[ml]") {
  Dataset sorted = test::planted(200, 0.8, 5);
  Dataset reversed(sorted.rbegin(), sorted.rend());
  prepare(sorted);
  prepare(reversed);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    REQUIRE(sorted[i].life.from == reversed[i].life.from);
    REQUIRE(sorted[i].weight == reversed[i].weight);
  }
}

TEST_CASE("dataset: break-even by hand", "[ml]") {
  CHECK(break_even(2, 0.01, 0.002) == Approx(0.4));
  CHECK(break_even(1, 0.01, 0) == Approx(0.5));
}

TEST_CASE("dataset: a column that is never known scales to nothing", "[ml]") {
  Dataset data = test::planted(50, 0, 1);
  for (Sample& s : data) s.features[3] = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::size_t> rows(50);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const Scaler scaler = Scaler::fit(data, rows);
  CHECK_FALSE(scaler.always_known[3]);
  CHECK(scaler.always_known[2]);
  CHECK(scaler.scaled(3, std::numeric_limits<double>::quiet_NaN()) == 0);
}

}  // namespace aitrade::ml
