#include "core/report/returns.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace aitrade;
using Catch::Matchers::WithinAbs;

namespace {

// Four days. mean 0.005; distances +0.005 -0.015 +0.015 -0.005, whose squares sum to 5e-4:
// sample sd = sqrt(5e-4 / 3), so S^2 = 2.5e-5 * 3 / 5e-4 = 0.15.
// Third powers cancel: skew 0. Fourth: (625 + 50625) * 2e-12 / 4 over (1.25e-4)^2 = 1.64.
const std::vector<double> four_days{0.01, -0.01, 0.02, 0.00};
const double daily = std::sqrt(0.15);
const double year = std::sqrt(365.0);

}  // namespace

TEST_CASE("returns: moments of four days worked by hand", "[report][returns]") {
  const Moments m = moments_of(four_days);

  CHECK(m.count == 4);
  CHECK_THAT(m.mean, WithinAbs(0.005, 1e-15));
  CHECK_THAT(m.deviation, WithinAbs(std::sqrt(5e-4 / 3), 1e-15));
  CHECK_THAT(m.skew, WithinAbs(0, 1e-12));
  CHECK_THAT(m.kurtosis, WithinAbs(1.64, 1e-12));
}

TEST_CASE("returns: Sharpe, its error, t and the autocorrelation-adjusted one",
          "[report][returns]") {
  const Moments m = moments_of(four_days);

  CHECK_THAT(*sharpe(m), WithinAbs(daily * year, 1e-12));
  // shape = 1 + (1.64 - 1)/4 * 0.15 = 1.024
  CHECK_THAT(*sharpe_standard_error(m), WithinAbs(std::sqrt(1.024 / 3) * year, 1e-12));
  CHECK_THAT(*t_statistic(m), WithinAbs(daily * 2, 1e-12));
  // q = floor(4 * 0.04^(2/9)) = 1; rho_1 = (-75 - 225 - 75)/500 = -0.75; 1 + 2 * 0.5 * -0.75 = 0.25
  CHECK_THAT(*sharpe_adjusted(four_days), WithinAbs(2 * daily * year, 1e-10));
}

TEST_CASE("returns: Sortino divides by losses over all days", "[report][returns]") {
  // one loss of 0.01 in four days: sqrt(1e-4 / 4) = 0.005 = the mean
  CHECK_THAT(*sortino(four_days), WithinAbs(year, 1e-12));
}

TEST_CASE("returns: tails interpolate between the ranked days", "[report][returns]") {
  const Tails tails = tails_of(four_days);

  // ranked -0.01 0 0.01 0.02; 5 % is place 0.15, 95 % is place 2.85
  CHECK_THAT(*tails.value_at_risk, WithinAbs(-0.0085, 1e-15));
  CHECK_THAT(*tails.conditional_value_at_risk, WithinAbs(-0.01, 1e-15));
  CHECK_THAT(*tails.ratio, WithinAbs(0.0185 / 0.0085, 1e-12));
}

TEST_CASE("returns: omega is gains over losses", "[report][returns]") {
  CHECK_THAT(*omega(four_days), WithinAbs(3, 1e-12));
  CHECK_FALSE(omega(std::vector<double>{0.01, 0.02}).has_value());
}

TEST_CASE("returns: PSR and the record it needs agree with each other", "[report][returns]") {
  const Moments m = moments_of(four_days);

  CHECK_THAT(*probabilistic_sharpe(m, 0),
             WithinAbs(normal_cdf(daily * std::sqrt(3 / 1.024)), 1e-12));
  // 1 + 1.024 * 1.6448536^2 / 0.15
  CHECK_THAT(*minimum_track_record(m, 0), WithinAbs(1 + 1.024 * 2.7055434540954 / 0.15, 1e-9));
  CHECK_THAT(*probabilistic_sharpe(m, daily), WithinAbs(0.5, 1e-12));
  CHECK_FALSE(minimum_track_record(m, daily).has_value());
}

TEST_CASE("returns: nothing where a number is undefined", "[report][returns]") {
  const auto values = GENERATE(std::vector<double>{}, std::vector<double>{0.01},
                               std::vector<double>{0.01, 0.01, 0.01}, std::vector<double>{0, 0, 0});
  const Moments m = moments_of(values);

  CHECK_FALSE(sharpe(m).has_value());
  CHECK_FALSE(sharpe_standard_error(m).has_value());
  CHECK_FALSE(sharpe_adjusted(values).has_value());
  CHECK_FALSE(sortino(values).has_value());
  CHECK_FALSE(omega(values).has_value());
  CHECK_FALSE(probabilistic_sharpe(m, 0).has_value());
  CHECK_FALSE(minimum_track_record(m, 0).has_value());
}

TEST_CASE("returns: the normal distribution matches its tables", "[report][returns]") {
  CHECK_THAT(normal_cdf(0), WithinAbs(0.5, 1e-15));
  CHECK_THAT(normal_cdf(1.96), WithinAbs(0.9750021048517795, 1e-14));
  CHECK_THAT(normal_quantile(0.975), WithinAbs(1.9599639845400545, 1e-12));
  CHECK_THAT(normal_quantile(0.95), WithinAbs(1.6448536269514722, 1e-12));
  CHECK_THAT(normal_quantile(0.05), WithinAbs(-1.6448536269514722, 1e-12));
  CHECK_THAT(normal_quantile(0.999999), WithinAbs(4.753424308822899, 1e-9));
  CHECK_THAT(normal_quantile(0.5), WithinAbs(0, 1e-15));
}

TEST_CASE("returns: a yearly risk-free rate compounds to itself", "[report][returns]") {
  CHECK_THAT(std::pow(1 + daily_rate(0.05), 365), WithinAbs(1.05, 1e-12));
  CHECK_THAT(daily_rate(0), WithinAbs(0, 1e-18));
}
