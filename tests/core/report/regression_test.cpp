#include "core/report/regression.h"

#include "core/base/random.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace aitrade;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("regression: alpha, beta and HAC t-statistics of eight days", "[report][regression]") {
  const std::vector<double> y{0.02, -0.01, 0.03, 0.00, -0.02, 0.01, 0.04, -0.03};
  const std::vector<double> x{0.01, -0.02, 0.02, 0.01, -0.01, 0.00, 0.03, -0.02};

  const auto r = regress(y, x);

  // Worked apart from this program with the full matrix form (X'X)^-1 S (X'X)^-1; S from the scores
  // (e, e x) at lags 0, 1 and 2 with weights 1, 2/3 and 1/3. sum xy = 0.0030, sum x^2 = 0.0024,
  // sum x = 0.02, sum y = 0.04: beta = (0.0030 - 0.0001) / (0.0024 - 0.00005) = 58 / 47.
  REQUIRE(r);
  CHECK(r->lags == 2);  // floor(4 * 0.08^(2/9)) = floor(2.28)
  CHECK_THAT(r->beta, WithinRel(58.0 / 47.0, 1e-12));
  CHECK_THAT(r->alpha, WithinRel(0.005 - 0.0025 * 58.0 / 47.0, 1e-9));
  CHECK_THAT(*r->alpha_t, WithinRel(0.6163222720384202, 1e-9));
  CHECK_THAT(*r->beta_t, WithinRel(8.848838364763662, 1e-9));
}

TEST_CASE("regression: a series on itself has beta one, alpha zero and no error",
          "[report][regression]") {
  const std::vector<double> x{0.01, -0.02, 0.02, 0.01, -0.01};

  const auto r = regress(x, x);

  REQUIRE(r);
  CHECK_THAT(r->beta, WithinRel(1.0, 1e-12));
  CHECK_THAT(r->alpha, WithinAbs(0, 1e-15));
  CHECK_FALSE(r->alpha_t);
}

TEST_CASE("regression: nothing where it is undefined", "[report][regression]") {
  const std::vector<double> flat(10, 0.01), two{0.01, 0.02}, three{0.01, 0.02, 0.03};

  CHECK_FALSE(regress(flat, flat));
  CHECK_FALSE(regress(two, two));
  CHECK_FALSE(regress(three, two));
}

TEST_CASE("regression: serial correlation widens the error, as simulation shows",
          "[report][regression]") {
  // An AR(1) error with 0.7: the naive t-statistic of a true alpha of zero has a deviation of about
  // sqrt(1.7 / 0.3) = 2.4; the HAC one is much nearer to 1.
  double squares = 0;
  constexpr int repeats = 300;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    Random random(static_cast<std::uint64_t>(repeat) + 1);
    std::vector<double> x, y;
    double error = 0;
    for (int i = 0; i < 1000; ++i) {
      error = 0.7 * error + random.normal();
      x.push_back(random.normal());
      y.push_back(x.back() + error);
    }
    const double t = *regress(y, x)->alpha_t;
    squares += t * t;
  }
  const double deviation = std::sqrt(squares / repeats);
  CHECK(deviation > 1.0);
  CHECK(deviation < 1.6);
}
