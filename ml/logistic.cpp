#include "ml/logistic.h"

#include <algorithm>
#include <cmath>

namespace aitrade::ml {
namespace {

constexpr int steps_max = 60;
constexpr int halvings_max = 30;
constexpr double settled = 1e-12;   // relative gain of the loss

/// Solves a symmetric positive definite system in place (Cholesky); a pivot that vanishes gives a zero.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i == j) {
        a[j * n + j] = sum > 1e-300 ? std::sqrt(sum) : 0;
      } else {
        a[i * n + j] = a[j * n + j] > 0 ? sum / a[j * n + j] : 0;
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] = a[i * n + i] > 0 ? b[i] / a[i * n + i] : 0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] = a[i * n + i] > 0 ? b[i] / a[i * n + i] : 0;
  }
}

/// log(1 + exp(z)) without overflow.
double softplus(double z) { return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)); }

struct Problem {
  std::span<const double> x;
  std::size_t columns;
  std::span<const double> y, weights;
  double ridge;

  [[nodiscard]] double score(std::size_t row, const std::vector<double>& b) const {
    double z = b[columns];
    for (std::size_t c = 0; c < columns; ++c) z += x[row * columns + c] * b[c];
    return z;
  }

  [[nodiscard]] double loss(const std::vector<double>& b) const {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double z = score(i, b);
      sum += weights[i] * (softplus(z) - y[i] * z);
    }
    for (std::size_t c = 0; c < columns; ++c) sum += 0.5 * ridge * b[c] * b[c];
    return sum;
  }

  /// The Newton step at `b`.
  [[nodiscard]] std::vector<double> step(const std::vector<double>& b) const {
    const std::size_t n = columns + 1;
    std::vector<double> hessian(n * n, 0.0), gradient(n, 0.0), row(n, 1.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
      std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(i * columns), columns, row.begin());
      const double p = sigmoid(score(i, b));
      const double w = weights[i] * std::max(p * (1 - p), 1e-12);
      for (std::size_t r = 0; r < n; ++r) {
        gradient[r] += weights[i] * (y[i] - p) * row[r];
        for (std::size_t c = 0; c <= r; ++c) hessian[r * n + c] += w * row[r] * row[c];
      }
    }
    for (std::size_t c = 0; c < columns; ++c) {
      gradient[c] -= ridge * b[c];
      hessian[c * n + c] += ridge;
    }
    solve(hessian, gradient);
    return gradient;
  }
};

}  // namespace

double sigmoid(double z) { return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z)); }

double logit(double p) {
  constexpr double edge = 1e-9;
  const double q = std::clamp(p, edge, 1 - edge);
  return std::log(q / (1 - q));
}

std::vector<double> fit_logistic(std::span<const double> x, std::size_t columns, std::span<const double> y,
                                 std::span<const double> weights, double ridge) {
  AITRADE_CHECK(x.size() == y.size() * columns && y.size() == weights.size());
  const Problem problem{x, columns, y, weights, ridge};
  std::vector<double> b(columns + 1, 0.0);
  double loss = problem.loss(b);
  for (int step = 0; step < steps_max; ++step) {
    const std::vector<double> move = problem.step(b);
    double share = 1;
    double better = loss;
    std::vector<double> next = b;
    for (int k = 0; k < halvings_max; ++k, share /= 2) {
      for (std::size_t c = 0; c <= columns; ++c) next[c] = b[c] + share * move[c];
      better = problem.loss(next);
      if (better <= loss) break;
    }
    if (!(better < loss)) break;
    const bool is_done = loss - better <= settled * std::max(1.0, loss);
    b = next;
    loss = better;
    if (is_done) break;
  }
  return b;
}

LogisticModel LogisticModel::fit(const Dataset& data, std::span<const std::size_t> rows, double ridge) {
  LogisticModel model;
  model.scaler = Scaler::fit(data, rows);
  std::vector<double> x, y, weights;
  for (const std::size_t i : rows) {
    for (std::size_t c = 0; c < features_count; ++c) x.push_back(model.scaler.scaled(c, data[i].features[c]));
    y.push_back(data[i].is_win() ? 1 : 0);
    weights.push_back(data[i].weight);
  }
  model.coefficients = fit_logistic(x, features_count, y, weights, ridge);
  return model;
}

double LogisticModel::probability(const FeatureVector& x) const {
  double z = coefficients.back();
  for (std::size_t c = 0; c < features_count; ++c) z += coefficients[c] * scaler.scaled(c, x[c]);
  return sigmoid(z);
}

}  // namespace aitrade::ml
