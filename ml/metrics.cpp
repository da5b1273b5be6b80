#include "ml/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ml/logistic.h"

namespace aitrade::ml {
namespace {

std::vector<std::size_t> by_probability(const Forecasts& f) {
  std::vector<std::size_t> order(f.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return f.p[a] < f.p[b]; });
  return order;
}

double weight_of(const Forecasts& f) { return std::accumulate(f.weights.begin(), f.weights.end(), 0.0); }

/// Rows of each bin of reliability(), ascending.
std::vector<std::vector<std::size_t>> bin_rows(const Forecasts& f, std::size_t bins) {
  const std::vector<std::size_t> order = by_probability(f);
  std::vector<std::vector<std::size_t>> out;
  std::size_t at = 0;
  for (std::size_t b = 0; b < bins && at < order.size(); ++b) {
    std::size_t end = std::max(at + 1, order.size() * (b + 1) / bins);
    while (end < order.size() && f.p[order[end]] == f.p[order[end - 1]]) ++end;
    if (order.size() * (b + 1) / bins <= at) continue;   // ties took the whole of this bin
    out.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(at), order.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return out;
}

ReliabilityBin summary(const Forecasts& f, const std::vector<std::size_t>& rows) {
  ReliabilityBin bin;
  bin.count = rows.size();
  for (const std::size_t i : rows) {
    bin.weight += f.weights[i];
    bin.p += f.weights[i] * f.p[i];
    bin.win_rate += f.weights[i] * f.wins[i];
    bin.mean_r += f.weights[i] * f.r[i];
  }
  bin.p /= bin.weight;
  bin.win_rate /= bin.weight;
  bin.mean_r /= bin.weight;
  return bin;
}

}  // namespace

std::optional<double> auc(const Forecasts& f) {
  const std::vector<std::size_t> order = by_probability(f);
  double won = 0, lost = 0, pairs = 0;
  for (std::size_t k = 0; k < order.size();) {
    double tied_won = 0, tied_lost = 0;
    const double p = f.p[order[k]];
    for (; k < order.size() && f.p[order[k]] == p; ++k) {
      (f.wins[order[k]] > 0.5 ? tied_won : tied_lost) += f.weights[order[k]];
    }
    pairs += tied_won * (lost + 0.5 * tied_lost);
    won += tied_won;
    lost += tied_lost;
  }
  if (!(won > 0) || !(lost > 0)) return std::nullopt;
  return pairs / (won * lost);
}

double auc_error(double area, double wins, double losses) {
  const double q1 = area / (2 - area), q2 = 2 * area * area / (1 + area);
  const double square = area * (1 - area) + (wins - 1) * (q1 - area * area) + (losses - 1) * (q2 - area * area);
  return std::sqrt(std::max(0.0, square) / (wins * losses));
}

double log_loss(double p, double win) {
  constexpr double edge = 1e-9;
  const double q = std::clamp(p, edge, 1 - edge);
  return -(win * std::log(q) + (1 - win) * std::log1p(-q));
}

double mean_log_loss(const Forecasts& f) {
  double sum = 0;
  for (std::size_t i = 0; i < f.size(); ++i) sum += f.weights[i] * log_loss(f.p[i], f.wins[i]);
  return sum / weight_of(f);
}

double brier(const Forecasts& f) {
  double sum = 0;
  for (std::size_t i = 0; i < f.size(); ++i) sum += f.weights[i] * (f.p[i] - f.wins[i]) * (f.p[i] - f.wins[i]);
  return sum / weight_of(f);
}

std::vector<ReliabilityBin> reliability(const Forecasts& f, std::size_t bins) {
  std::vector<ReliabilityBin> out;
  for (const auto& rows : bin_rows(f, bins)) out.push_back(summary(f, rows));
  return out;
}

BrierParts brier_parts(const Forecasts& f, std::size_t bins) {
  const double total = weight_of(f);
  double base = 0;
  for (std::size_t i = 0; i < f.size(); ++i) base += f.weights[i] * f.wins[i] / total;
  BrierParts parts;
  parts.uncertainty = base * (1 - base);
  for (const auto& rows : bin_rows(f, bins)) {
    const ReliabilityBin bin = summary(f, rows);
    const double share = bin.weight / total;
    parts.reliability += share * (bin.p - bin.win_rate) * (bin.p - bin.win_rate);
    parts.resolution += share * (bin.win_rate - base) * (bin.win_rate - base);
    for (const std::size_t i : rows) {
      const double dp = f.p[i] - bin.p, dy = f.wins[i] - bin.win_rate;
      parts.within += f.weights[i] * (dp * dp - 2 * dp * dy) / total;
    }
  }
  return parts;
}

std::optional<CalibrationLine> calibration_line(const Forecasts& f) {
  constexpr double ridge = 1e-9;
  if (!auc(f)) return std::nullopt;
  std::vector<double> x;
  for (const double p : f.p) x.push_back(logit(p));
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  if (!(*high > *low)) return std::nullopt;
  const std::vector<double> b = fit_logistic(x, 1, f.wins, f.weights, ridge);
  return CalibrationLine{b[0], b[1]};
}

Difference paired_bootstrap(std::span<const double> gains, std::span<const double> weights, std::size_t rounds,
                            Random& random) {
  Difference out;
  const std::size_t n = gains.size();
  if (n == 0 || rounds == 0) return out;
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    total += weights[i];
    sum += weights[i] * gains[i];
  }
  out.mean = sum / total;
  const auto block = std::min(n, static_cast<std::size_t>(std::ceil(std::cbrt(static_cast<double>(n)))));
  std::vector<double> means;
  for (std::size_t k = 0; k < rounds; ++k) {
    double w = 0, s = 0;
    for (std::size_t taken = 0; taken < n;) {
      const std::size_t start = random.below(n);   // circular, so that every row is as likely as any other
      for (std::size_t j = 0; j < block && taken < n; ++j, ++taken) {
        const std::size_t i = (start + j) % n;
        w += weights[i];
        s += weights[i] * gains[i];
      }
    }
    means.push_back(s / w);
  }
  std::sort(means.begin(), means.end());
  const auto at = [&](double share) { return means[static_cast<std::size_t>(share * static_cast<double>(rounds - 1))]; };
  out.low = at(0.05);
  out.high = at(0.95);
  const auto above = std::upper_bound(means.begin(), means.end(), 0.0);
  out.p = static_cast<double>(above - means.begin()) / static_cast<double>(rounds);
  return out;
}

void shuffle(std::span<std::size_t> items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

std::vector<double> permutation_importance(
    std::size_t columns, std::size_t rows, double loss,
    const std::function<double(std::size_t column, std::span<const std::size_t> permutation)>& loss_of,
    Random& random) {
  std::vector<double> out;
  std::vector<std::size_t> order(rows);
  for (std::size_t c = 0; c < columns; ++c) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, random);
    out.push_back(loss_of(c, order) - loss);
  }
  return out;
}

}  // namespace aitrade::ml
