#include "core/report/selection.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace aitrade {

namespace {

constexpr double euler = 0.57721566490153286;

double as_double(std::size_t n) {
  return static_cast<double>(n);
}

bool of_one_length(std::span<const std::vector<double>> trials) {
  for (const auto& trial : trials) {
    if (trial.size() != trials.front().size()) return false;
  }
  return true;
}

/// Returns each value less the mean over the norm, so that a product of two is their correlation.
std::vector<double> normalised(const std::vector<double>& values, const Moments& m) {
  std::vector<double> out;
  out.reserve(values.size());
  const double norm = m.deviation * std::sqrt(as_double(values.size()) - 1);
  for (const double v : values) out.push_back((v - m.mean) / norm);
  return out;
}

/// Sum and sum of squares of one trial in each block.
struct Blocks {
  std::array<double, pbo_blocks> sum{}, squares{};
};

Blocks blocks_of(const std::vector<double>& returns, std::size_t rows) {
  Blocks blocks;
  const std::size_t first = returns.size() - rows * pbo_blocks;
  for (std::size_t b = 0; b < pbo_blocks; ++b) {
    for (std::size_t i = 0; i < rows; ++i) {
      const double r = returns[first + b * rows + i];
      blocks.sum[b] += r;
      blocks.squares[b] += r * r;
    }
  }
  return blocks;
}

struct Half {
  double mean{0}, sharpe{0};  // a half without spread has a Sharpe of 0
};

Half half_of(const Blocks& blocks, std::uint32_t chosen, double days) {
  double sum = 0, squares = 0;
  for (std::size_t b = 0; b < pbo_blocks; ++b) {
    if ((chosen >> b & 1U) == 0) continue;
    sum += blocks.sum[b];
    squares += blocks.squares[b];
  }
  Half half;
  half.mean = sum / days;
  const double variance = (squares - sum * half.mean) / (days - 1);
  // Sums of squares lose digits: a spread this far below the values is rounding.
  if (variance > 1e-14 * squares / days) half.sharpe = half.mean / std::sqrt(variance);
  return half;
}

/// Relative rank of the winner among all, in (0, 1); ties share the middle.
double relative_rank(const std::vector<double>& sharpes, std::size_t winner) {
  double rank = 0.5;
  for (const double other : sharpes) {
    if (other < sharpes[winner]) {
      rank += 1;
    } else if (!(other > sharpes[winner])) {
      rank += 0.5;
    }
  }
  return rank / (as_double(sharpes.size()) + 1);
}

/// Least squares slope, collected one point at a time.
class Slope {
 public:
  void add(double x, double y) {
    n_ += 1, x_ += x, y_ += y, xx_ += x * x, xy_ += x * y;
  }

  [[nodiscard]] std::optional<double> value() const {
    const double spread = xx_ - x_ * x_ / n_;
    if (!(spread > 1e-12 * xx_)) return std::nullopt;
    return (xy_ - x_ * y_ / n_) / spread;
  }

 private:
  double n_{0}, x_{0}, y_{0}, xx_{0}, xy_{0};
};

}  // namespace

std::optional<double> expected_best_sharpe(double variance, double trials) {
  if (!(variance >= 0) || !(trials >= 1)) return std::nullopt;
  if (trials < 2) return 0;  // nothing was picked
  const double best = (1 - euler) * normal_quantile(1 - 1 / trials) +
                      euler * normal_quantile(1 - 1 / (trials * std::numbers::e));
  return std::sqrt(variance) * best;
}

std::optional<double> deflated_sharpe(const Moments& excess, double variance, double trials) {
  const auto by_luck = expected_best_sharpe(variance, trials);
  if (!by_luck) return std::nullopt;
  return probabilistic_sharpe(excess, *by_luck);
}

std::vector<double> sharpes_of(std::span<const std::vector<double>> trials) {
  std::vector<double> sharpes;
  for (const auto& trial : trials) {
    if (const auto s = daily_sharpe(moments_of(trial))) sharpes.push_back(*s);
  }
  return sharpes;
}

std::size_t effective_trials(std::span<const std::vector<double>> trials, double threshold) {
  if (trials.empty() || !of_one_length(trials)) return 0;
  std::vector<std::vector<double>> leaders;
  for (const auto& trial : trials) {
    const Moments m = moments_of(trial);
    if (!m.has_spread()) continue;
    std::vector<double> candidate = normalised(trial, m);
    bool joins = false;
    for (const auto& leader : leaders) {
      double correlation = 0;
      for (std::size_t i = 0; i < leader.size(); ++i) correlation += leader[i] * candidate[i];
      if (correlation >= threshold) {
        joins = true;
        break;
      }
    }
    if (!joins) leaders.push_back(std::move(candidate));
  }
  return leaders.size();
}

std::optional<Overfitting> overfitting(std::span<const std::vector<double>> trials) {
  if (trials.size() < 2 || !of_one_length(trials)) return std::nullopt;
  const std::size_t rows = trials.front().size() / pbo_blocks;
  if (rows < 2) return std::nullopt;
  std::vector<Blocks> blocks;
  for (const auto& trial : trials) blocks.push_back(blocks_of(trial, rows));

  constexpr std::uint32_t all = (1U << pbo_blocks) - 1;
  const double days = as_double(rows * pbo_blocks / 2);
  std::vector<double> elsewhere(trials.size());
  std::vector<double> means(trials.size());
  std::size_t combinations = 0, overfitted = 0, lost = 0;
  Slope slope;
  for (std::uint32_t chosen = 0; chosen <= all; ++chosen) {
    if (std::popcount(chosen) != static_cast<int>(pbo_blocks / 2)) continue;
    ++combinations;
    std::size_t winner = 0;
    double best = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const double here = half_of(blocks[i], chosen, days).sharpe;
      if (i == 0 || here > best) winner = i, best = here;
      const Half other = half_of(blocks[i], all & ~chosen, days);
      elsewhere[i] = other.sharpe;
      means[i] = other.mean;
    }
    const double w = relative_rank(elsewhere, winner);
    if (std::log(w / (1 - w)) <= 0) ++overfitted;
    if (means[winner] < 0) ++lost;
    slope.add(best, elsewhere[winner]);
  }
  Overfitting result;
  result.combinations = combinations;
  result.probability = as_double(overfitted) / as_double(combinations);
  result.loss_probability = as_double(lost) / as_double(combinations);
  result.slope = slope.value();
  return result;
}

std::optional<WalkForward> walk_forward(std::span<const Fold> folds) {
  if (folds.empty()) return std::nullopt;
  double inside = 0, outside = 0;
  std::size_t profitable = 0;
  for (const Fold& fold : folds) {
    inside += fold.in_sample;
    outside += fold.out_of_sample;
    if (fold.out_of_sample > 0) ++profitable;
  }
  WalkForward result;
  if (inside > 0) result.efficiency = outside / inside;
  result.profitable_share = as_double(profitable) / as_double(folds.size());
  return result;
}

}  // namespace aitrade
