#include "ml/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ml/logistic.h"

namespace aitrade::ml {

double Calibration::operator()(double score) const {
  switch (method) {
    case Method::none:
      return score;
    case Method::platt:
      return sigmoid(slope * logit(score) + intercept);
    case Method::isotonic:
      break;
  }
  if (scores.empty()) return score;
  if (score <= scores.front()) return values.front();
  if (score >= scores.back()) return values.back();
  const auto k = static_cast<std::size_t>(std::upper_bound(scores.begin(), scores.end(), score) - scores.begin());
  const double way = (score - scores[k - 1]) / (scores[k] - scores[k - 1]);
  return values[k - 1] + way * (values[k] - values[k - 1]);
}

Calibration fit_platt(std::span<const double> scores, std::span<const double> wins,
                      std::span<const double> weights) {
  constexpr double ridge = 1e-6;   // only so that equal scores have an answer
  double won = 0, lost = 0;
  for (std::size_t i = 0; i < wins.size(); ++i) (wins[i] > 0.5 ? won : lost) += weights[i];
  const double high = (won + 1) / (won + 2), low = 1 / (lost + 2);
  std::vector<double> x, y;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    x.push_back(logit(scores[i]));
    y.push_back(wins[i] > 0.5 ? high : low);
  }
  const std::vector<double> b = fit_logistic(x, 1, y, weights, ridge);
  Calibration out;
  out.method = Calibration::Method::platt;
  out.slope = std::max(0.0, b[0]);   // a score that ranks backwards is worth nothing, not its opposite
  out.intercept = b[1];
  if (b[0] < 0) out.intercept = logit((won + 1) / (won + lost + 2));
  return out;
}

namespace {

struct Block {
  double weight, win, score;   // sums; of weight times each

  [[nodiscard]] double value(double prior, double base) const { return (win + prior * base) / (weight + prior); }
};

/// Puts a block on top, and pools it with those below while they do not ascend.
void pool(std::vector<Block>& blocks, const Block& next, double prior, double base) {
  blocks.push_back(next);
  while (blocks.size() > 1 && blocks[blocks.size() - 2].value(prior, base) >= blocks.back().value(prior, base)) {
    const Block last = blocks.back();
    blocks.pop_back();
    blocks.back().weight += last.weight;
    blocks.back().win += last.win;
    blocks.back().score += last.score;
  }
}

}  // namespace

Calibration fit_isotonic(std::span<const double> scores, std::span<const double> wins,
                         std::span<const double> weights, double prior) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<Block> blocks;
  double weight = 0, won = 0;
  for (std::size_t k = 0; k < order.size();) {
    Block block{0, 0, 0};
    const double score = scores[order[k]];
    for (; k < order.size() && scores[order[k]] == score; ++k) {   // ties are one point
      const std::size_t i = order[k];
      block.weight += weights[i];
      block.win += weights[i] * wins[i];
      block.score += weights[i] * score;
    }
    weight += block.weight;
    won += block.win;
    pool(blocks, block, 0, 0);
  }
  const double base = weight > 0 ? won / weight : 0;
  std::vector<Block> steps;   // mixing may bring neighbours of different size out of order
  for (const Block& block : blocks) pool(steps, block, prior, base);
  Calibration out;
  out.method = Calibration::Method::isotonic;
  for (const Block& step : steps) {
    out.scores.push_back(step.score / step.weight);
    out.values.push_back(step.value(prior, base));
  }
  return out;
}

Calibration fit_calibration(std::span<const double> scores, std::span<const double> wins,
                            std::span<const double> weights) {
  return scores.size() < isotonic_rows_min ? fit_platt(scores, wins, weights)
                                           : fit_isotonic(scores, wins, weights, isotonic_prior);
}

}  // namespace aitrade::ml
