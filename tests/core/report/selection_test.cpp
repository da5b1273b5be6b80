#include "core/report/selection.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace aitrade;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Trials = std::vector<std::vector<double>>;

std::vector<double> noise(std::uint64_t seed, std::size_t days, double mean = 0) {
  Random random(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < days; ++i) values.push_back(mean + 0.01 * random.normal());
  return values;
}

/// Up two, down one in turn, scaled by +1 or -1 for each block of `rows` days.
std::vector<double> in_blocks(std::size_t rows, double (*sign)(std::size_t block)) {
  std::vector<double> values;
  for (std::size_t b = 0; b < pbo_blocks; ++b) {
    for (std::size_t i = 0; i < rows; ++i) values.push_back(sign(b) * (i % 2 == 0 ? 0.02 : -0.01));
  }
  return values;
}

}  // namespace

TEST_CASE("selection: the best of many worthless trials", "[report][selection]") {
  // With another program's inverse normal: (1 - g) z(1 - 1/N) + g z(1 - 1/(N e)) is 0.519755 for
  // N = 2, 1.574598 for 10 and 3.315802 for 1,240. A variance of 0.04 is a deviation of 0.2.
  CHECK_THAT(*expected_best_sharpe(1, 2), WithinRel(0.5197553442805939, 1e-9));
  CHECK_THAT(*expected_best_sharpe(1, 10), WithinRel(1.57459830134575, 1e-9));
  CHECK_THAT(*expected_best_sharpe(0.04, 1240), WithinRel(0.2 * 3.315801834150304, 1e-9));
  CHECK_THAT(*expected_best_sharpe(0.04, 1), WithinAbs(0, 0));
  CHECK_FALSE(expected_best_sharpe(-1, 10));
  CHECK_FALSE(expected_best_sharpe(1, 0));
}

TEST_CASE("selection: DSR is PSR against that best, and falls with every trial",
          "[report][selection]") {
  const Moments m = moments_of(noise(7, 500, 0.002));

  CHECK_THAT(*deflated_sharpe(m, 0.003, 1), WithinRel(*probabilistic_sharpe(m, 0), 1e-12));
  CHECK_THAT(*deflated_sharpe(m, 0.003, 10),
             WithinRel(*probabilistic_sharpe(m, std::sqrt(0.003) * 1.57459830134575), 1e-9));
  CHECK(*deflated_sharpe(m, 0.003, 1000) < *deflated_sharpe(m, 0.003, 10));
}

TEST_CASE("selection: copies of a trial are one idea", "[report][selection]") {
  Trials trials{noise(1, 300), noise(2, 300), noise(3, 300)};
  trials.push_back(trials[0]);
  for (double& r : trials.back()) r = 2 * r + 0.001;  // correlation 1
  trials.emplace_back(300, 0.0);                      // never moved

  CHECK(effective_trials(trials) == 3);
  CHECK(effective_trials(Trials{}) == 0);
  CHECK(sharpes_of(trials).size() == 4);
}

TEST_CASE("selection: a trial that is better everywhere is not overfitted", "[report][selection]") {
  const Trials trials{in_blocks(4, [](std::size_t) { return 1.0; }),
                      in_blocks(4, [](std::size_t) { return -1.0; })};

  const auto pbo = overfitting(trials);

  REQUIRE(pbo);
  CHECK(pbo->combinations == 12870);  // 16! / (8! 8!)
  CHECK(pbo->probability == 0);
  CHECK(pbo->loss_probability == 0);
}

TEST_CASE("selection: trials that are good in opposite halves are overfitted always",
          "[report][selection]") {
  // With j of its eight good blocks chosen, the first trial wins for j > 4 and then has 8 - j < 4
  // good ones elsewhere: the winner is always the loser of the other half; j = 4 is a tie, lambda 0.
  const Trials trials{in_blocks(4, [](std::size_t b) { return b < 8 ? 1.0 : -1.0; }),
                      in_blocks(4, [](std::size_t b) { return b < 8 ? -1.0 : 1.0; })};

  const auto pbo = overfitting(trials);

  REQUIRE(pbo);
  CHECK_THAT(pbo->probability, WithinAbs(1, 1e-12));
  // Lost elsewhere for all but the ties: C(8,4)^2 = 4,900 halves of 12,870 end at zero, not below.
  CHECK_THAT(pbo->loss_probability, WithinAbs((12870.0 - 4900.0) / 12870.0, 1e-12));
  REQUIRE(pbo->slope);
  CHECK(*pbo->slope < -0.9);
}

TEST_CASE("selection: noise is overfitted about as often as not", "[report][selection]") {
  double sum = 0;
  constexpr int repeats = 12;
  for (std::uint64_t repeat = 0; repeat < repeats; ++repeat) {
    Trials trials;
    for (std::uint64_t i = 0; i < 10; ++i) trials.push_back(noise(100 * repeat + i, 320));
    sum += overfitting(trials)->probability;
  }
  CHECK_THAT(sum / repeats, WithinAbs(0.5, 0.15));
}

TEST_CASE("selection: nothing for too little or uneven data", "[report][selection]") {
  CHECK_FALSE(overfitting(Trials{noise(1, 100)}));
  CHECK_FALSE(overfitting(Trials{noise(1, 31), noise(2, 31)}));
  CHECK_FALSE(overfitting(Trials{noise(1, 100), noise(2, 99)}));
}

TEST_CASE("selection: what walk-forward folds kept", "[report][selection]") {
  // Inside 0.4, 0.2, 0.6: mean 0.4. Outside 0.2, -0.1, 0.2: mean 0.1. Two of three made money.
  const std::vector<Fold> folds{{0.4, 0.2}, {0.2, -0.1}, {0.6, 0.2}};
  const std::vector<Fold> lost{{-0.1, 0.2}};

  const auto result = walk_forward(folds);

  REQUIRE(result);
  CHECK_THAT(*result->efficiency, WithinRel(0.25, 1e-12));
  CHECK_THAT(result->profitable_share, WithinRel(2.0 / 3.0, 1e-12));
  CHECK_FALSE(walk_forward(lost)->efficiency);
  CHECK_FALSE(walk_forward(std::vector<Fold>{}));
}
