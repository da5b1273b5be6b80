#include "core/report/bootstrap.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

using namespace aitrade;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

std::vector<double> normal_days(std::uint64_t seed, std::size_t days, double mean, double deviation) {
  Random random(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < days; ++i) values.push_back(mean + deviation * random.normal());
  return values;
}

std::vector<double> autoregressive(std::uint64_t seed, std::size_t days, double rho) {
  Random random(seed);
  std::vector<double> values;
  double last = 0;
  for (std::size_t i = 0; i < days; ++i) {
    last = rho * last + random.normal();
    values.push_back(last);
  }
  return values;
}

}  // namespace

TEST_CASE("bootstrap: profits of +10, -5 and +3 do not always end at 10008 (X22)",
          "[report][bootstrap]") {
  // The order of a sum does not matter: 10,000 + 10 - 5 + 3 = 10,008 for each of the six
  // permutations. Drawn with replacement the same profits end anywhere from 9,985 to 10,030.
  std::vector<double> profits{10, -5, 3};
  std::sort(profits.begin(), profits.end());
  std::set<double> by_permutation;
  do {
    by_permutation.insert(std::accumulate(profits.begin(), profits.end(), 10'000.0));
  } while (std::next_permutation(profits.begin(), profits.end()));
  REQUIRE(by_permutation.size() == 1);

  const std::vector<double> returns{10.0 / 10'000, -5.0 / 10'000, 3.0 / 10'000};
  const auto mc = monte_carlo(returns, 10'000, {.runs = 1000, .seed = 1, .ruin_drawdown = 0.3});

  REQUIRE(mc);
  CHECK(mc->final_equity.front() < 10'000);
  CHECK(mc->final_equity.back() > 10'015);
  // Of 27 equal draws these end below the start: -5 -5 -5 (1), -5 -5 +3 (3 orders), and -5 -5 +10
  // (3 orders), whose sum is 0 but whose product is 1 - 7.5e-7: 7 / 27.
  CHECK_THAT(mc->loss_probability, WithinAbs(7.0 / 27.0, 0.045));
}

TEST_CASE("bootstrap: the same seed draws the same paths, another one others",
          "[report][bootstrap]") {
  const auto days = normal_days(3, 200, 0.001, 0.02);

  const auto a = monte_carlo(days, 1000, {.runs = 200, .seed = 5, .ruin_drawdown = 0.3});
  const auto b = monte_carlo(days, 1000, {.runs = 200, .seed = 5, .ruin_drawdown = 0.3});
  const auto c = monte_carlo(days, 1000, {.runs = 200, .seed = 6, .ruin_drawdown = 0.3});

  CHECK(a->final_equity == b->final_equity);
  CHECK(a->drawdown == b->drawdown);
  CHECK(a->final_equity != c->final_equity);
}

TEST_CASE("bootstrap: ninety per cent of the intervals hold the truth", "[report][bootstrap]") {
  // 250 days of known mean and deviation: the median final equity of the true process lies at
  // exp(n (m - s^2 / 2)). The interval from 5 to 95 % has to hold it in about 90 % of 300 samples.
  constexpr double mean = 0.0005, deviation = 0.02;
  constexpr std::size_t n = 250;
  const double truth = 1000 * std::exp(n * (mean - deviation * deviation / 2));
  int held = 0;
  constexpr int samples = 300;
  for (int i = 0; i < samples; ++i) {
    const auto days = normal_days(static_cast<std::uint64_t>(i) + 1000, n, mean, deviation);
    const auto mc = monte_carlo(days, 1000, {.runs = 200, .seed = 9, .ruin_drawdown = 0.3});
    if (mc->final_equity.front() <= truth && truth <= mc->final_equity.back()) ++held;
  }
  const double coverage = static_cast<double>(held) / samples;
  CHECK(coverage > 0.82);  // 0.90 less four deviations of a share of 300, and block noise
  CHECK(coverage < 0.97);
}

TEST_CASE("bootstrap: drawn values keep their mean and come in runs of the block length",
          "[report][bootstrap]") {
  std::vector<double> values(1000);
  std::iota(values.begin(), values.end(), 0.0);
  std::vector<double> drawn(200'000);
  Random random(11);

  draw_stationary(values, 20, random, drawn);

  const double sum = std::accumulate(drawn.begin(), drawn.end(), 0.0);
  CHECK_THAT(sum / 200'000, WithinAbs(499.5, 15));  // 10,000 blocks: deviation 289 / 100
  std::size_t breaks = 0;
  for (std::size_t i = 1; i < drawn.size(); ++i) {
    const bool follows = std::abs(drawn[i] - (drawn[i - 1] + 1)) < 0.5 ||
                         (drawn[i] < 0.5 && drawn[i - 1] > 998.5);
    if (!follows) ++breaks;
  }
  CHECK_THAT(static_cast<double>(breaks), WithinAbs(10'000, 400));
}

TEST_CASE("bootstrap: block length follows the correlation", "[report][bootstrap]") {
  // For an AR(1) with coefficient r the optimum is (2 r / (1 - r^2))^(2/3) n^(1/3): 26.1 for r = 0.5
  // and n = 10,000. Without correlation it is near 1.
  double sum = 0, quiet = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    sum += automatic_block(autoregressive(seed, 10'000, 0.5));
    quiet += automatic_block(normal_days(seed, 10'000, 0, 1));
  }
  CHECK_THAT(sum / 10, WithinAbs(26.1, 6));
  CHECK(quiet / 10 < 6);
  CHECK(automatic_block(std::vector<double>(100, 0.01)) == 1);
  CHECK(automatic_block(std::vector<double>{1, 2}) == 1);
}

TEST_CASE("bootstrap: ruin by hand", "[report][bootstrap]") {
  // Every day is either -50 % or +100 % with equal odds: a fall of 30 % is nearly sure within a year.
  // Days of -1 % and +2 % instead never fall by 30 % in ten days: at most 1 - 0.99^10 = 9.6 %.
  std::vector<double> wild, mild;
  for (int i = 0; i < 10; ++i) {
    wild.push_back(i % 2 == 0 ? -0.5 : 1.0);
    mild.push_back(i % 2 == 0 ? -0.01 : 0.02);
  }

  const auto ruin = monte_carlo(wild, 1000, {.runs = 500, .seed = 1, .ruin_drawdown = 0.3});
  const auto safe = monte_carlo(mild, 1000, {.runs = 500, .seed = 1, .ruin_drawdown = 0.3});

  CHECK(ruin->ruin_year > 0.999);
  CHECK(safe->ruin_probability == 0);
  CHECK(safe->drawdown.back() < 0.0962);
}

TEST_CASE("bootstrap: nothing without runs or without movement", "[report][bootstrap]") {
  CHECK_FALSE(monte_carlo(std::vector<double>(50, 0.0), 1000, {}));
  CHECK_FALSE(monte_carlo(std::vector<double>{}, 1000, {}));
  CHECK_FALSE(monte_carlo(normal_days(1, 50, 0, 1), 1000, {.runs = 0, .seed = 0, .ruin_drawdown = 0.3}));
}
