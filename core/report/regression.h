// Alpha and beta: how much of a record is the market, and how much is not.
//
// Ordinary least squares of one series on another, with t-statistics that survive serial correlation
// and changing variance (Newey and West 1987), because daily returns have both.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace aitrade {

/// y = alpha + beta x + error. The t-statistics are absent when the errors have no spread.
struct Regression {
  std::size_t count{0};
  std::size_t lags{0};  // of the Bartlett kernel
  double alpha{0}, beta{0};
  std::optional<double> alpha_t, beta_t;
};

/// Returns how many lags Newey and West take for `count` values: floor(4 (n/100)^(2/9)).
std::size_t newey_west_lags(std::size_t count);

/// Regresses `y` on `x`, both per period and of one length; nothing for fewer than three values, for
/// different lengths, or when `x` does not vary. Covariance is (X'X)^-1 S (X'X)^-1 with
/// S = sum_k w_k (G_k + G_k'), w_k = 1 - k/(q+1), no small-sample factor.
std::optional<Regression> regress(std::span<const double> y, std::span<const double> x);

}  // namespace aitrade
