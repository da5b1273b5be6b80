#include "core/report/regression.h"

#include "core/report/returns.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aitrade {

namespace {

/// A symmetric 2 x 2 matrix.
struct Square {
  double a{0}, b{0}, d{0};
};

/// Sum over lags of the weighted products of the scores (e, e x), symmetric by construction.
Square long_run_covariance(std::span<const double> errors, std::span<const double> x,
                           std::size_t lags) {
  Square s;
  const std::size_t n = errors.size();
  for (std::size_t k = 0; k <= lags && k < n; ++k) {
    const double weight =
        k == 0 ? 0.5 : 1 - static_cast<double>(k) / static_cast<double>(lags + 1);
    for (std::size_t t = k; t < n; ++t) {
      const double product = weight * errors[t] * errors[t - k];
      s.a += 2 * product;
      s.b += product * (x[t] + x[t - k]);
      s.d += 2 * product * x[t] * x[t - k];
    }
  }
  return s;
}

}  // namespace

std::size_t newey_west_lags(std::size_t count) {
  return static_cast<std::size_t>(
      std::floor(4 * std::pow(static_cast<double>(count) / 100, 2.0 / 9.0)));
}

std::optional<Regression> regress(std::span<const double> y, std::span<const double> x) {
  if (y.size() != x.size() || y.size() < 3) return std::nullopt;
  const Moments mx = moments_of(x), my = moments_of(y);
  if (!mx.has_spread()) return std::nullopt;
  const std::size_t n = x.size();
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    products += (x[i] - mx.mean) * (y[i] - my.mean);
    squares += (x[i] - mx.mean) * (x[i] - mx.mean);
  }
  Regression r;
  r.count = n;
  r.lags = newey_west_lags(n);
  r.beta = products / squares;
  r.alpha = my.mean - r.beta * mx.mean;

  // With x taken from its mean, X'X is diagonal; alpha is then put back at x = 0.
  std::vector<double> errors(n), centred(n);
  for (std::size_t i = 0; i < n; ++i) {
    errors[i] = y[i] - r.alpha - r.beta * x[i];
    centred[i] = x[i] - mx.mean;
  }
  const Moments of_errors = moments_of(errors);
  if (of_errors.deviation <= 1e-12 * std::max(my.deviation, 1e-300)) return r;
  const Square s = long_run_covariance(errors, centred, r.lags);
  const double count = static_cast<double>(n);
  const double level = s.a / (count * count);
  const double cross = s.b / (count * squares);
  const double slope = s.d / (squares * squares);
  const double alpha_variance = level - 2 * mx.mean * cross + mx.mean * mx.mean * slope;
  if (alpha_variance > 0) r.alpha_t = r.alpha / std::sqrt(alpha_variance);
  if (slope > 0) r.beta_t = r.beta / std::sqrt(slope);
  return r;
}

}  // namespace aitrade
