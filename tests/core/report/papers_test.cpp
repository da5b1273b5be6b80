// The worked examples of the papers that the statistics of selection come from, with their own numbers.
#include "core/base/random.h"
#include "core/report/selection.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace aitrade;
using Catch::Matchers::WithinAbs;

namespace {

/// Moments of `count` returns with this Sharpe ratio per period.
Moments moments(std::size_t count, double sharpe, double skew, double kurtosis) {
  return {count, sharpe * 0.01, 0.01, skew, kurtosis};
}

/// A thousand days of `trials` strategies of noise, each shifted to a Sharpe ratio of zero over all days but the
/// first, which has `sharpe` a year; a year of the paper has 250 days.
std::vector<std::vector<double>> strategies(std::uint64_t seed, std::size_t trials, double sharpe) {
  constexpr std::size_t days = 1000;
  std::vector<std::vector<double>> out;
  Random random(seed);
  for (std::size_t i = 0; i < trials; ++i) {
    std::vector<double> r;
    for (std::size_t t = 0; t < days; ++t) r.push_back(random.normal());
    const Moments m = moments_of(r);
    const double wanted = i == 0 ? sharpe / std::sqrt(250) : 0;
    for (double& x : r) x = (x - m.mean) / m.deviation + wanted;
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace

TEST_CASE("PSR of Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier", "[report][papers]") {
  // Two years of months: mean 3.6 %, deviation 7.9 %, skew -2.448, kurtosis 10.164. A Sharpe ratio above zero is
  // certain to 98.2 % if the returns are taken for normal, and only to 91.3 % as they are.
  const double monthly = 0.036 / 0.079;
  CHECK_THAT(*probabilistic_sharpe(moments(24, monthly, 0, 3), 0), WithinAbs(0.982, 0.001));
  CHECK_THAT(*probabilistic_sharpe(moments(24, monthly, -2.448, 10.164), 0), WithinAbs(0.913, 0.001));
}

TEST_CASE("MinTRL of Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier", "[report][papers]") {
  // Years until a Sharpe ratio of 2 is told from 1 at 95 %: 2.73 of normal days, 2.83 of weeks, 3.24 of months, and
  // 4.99 of months with a skew of -0.72 and a kurtosis of 5.78.
  const auto years = [](double periods, double skew, double kurtosis) {
    const Moments m = moments(100, 2 / std::sqrt(periods), skew, kurtosis);
    return *minimum_track_record(m, 1 / std::sqrt(periods)) / periods;
  };
  CHECK_THAT(years(252, 0, 3), WithinAbs(2.73, 0.005));
  CHECK_THAT(years(52, 0, 3), WithinAbs(2.83, 0.005));
  CHECK_THAT(years(12, 0, 3), WithinAbs(3.24, 0.005));
  CHECK_THAT(years(12, -0.72, 5.78), WithinAbs(4.99, 0.005));
}

TEST_CASE("DSR of Bailey and Lopez de Prado (2014), The deflated Sharpe ratio", "[report][papers]") {
  // Five years of 250 days, a Sharpe ratio of 2.5 a year, skew -3, kurtosis 10; the trials' yearly ratios have a
  // variance of one half. The best of 100 is expected to show 0.1132 a day: DSR 0.9004. Of 46 it would be 0.9505.
  const Moments m = moments(1250, 2.5 / std::sqrt(250), -3, 10);
  constexpr double variance = 0.5 / 250;
  CHECK_THAT(*expected_best_sharpe(variance, 100), WithinAbs(0.1132, 0.00005));
  CHECK_THAT(*deflated_sharpe(m, variance, 100), WithinAbs(0.9004, 0.00005));
  CHECK_THAT(*deflated_sharpe(m, variance, 46), WithinAbs(0.9505, 0.00005));
}

TEST_CASE("PBO of Bailey, Borwein, Lopez de Prado and Zhu (2015), The probability of backtest overfitting",
          "[report][papers]") {
  // Their first test: a hundred strategies whose Sharpe ratio over all days is zero, so that what wins on one half
  // must lose on the other: PBO is 1. Their others: one with a true edge among them, the greater the edge the less.
  CHECK(overfitting(strategies(1, 100, 0))->probability > 0.99);
  double last = 1;
  for (const double edge : {1.0, 2.0, 3.0}) {
    const double pbo = overfitting(strategies(1, 100, edge))->probability;
    CHECK(pbo < last);
    last = pbo;
  }
  CHECK(last < 0.1);
}
