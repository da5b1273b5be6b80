#include "ml/dataset.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace aitrade::ml {

void prepare(Dataset& samples) {
  std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    return std::tie(a.life.from, a.stratum, a.life.to) < std::tie(b.life.from, b.stratum, b.life.to);
  });
  std::vector<Span> spans;
  for (const Sample& s : samples) spans.push_back(s.life);
  const std::vector<double> weights = uniqueness(spans);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i].weight = weights[i];
}

Time seen_by(const Dataset& samples) {
  Time seen;
  for (const Sample& s : samples) seen = std::max(seen, s.life.to);
  return seen;
}

double break_even(double reward_to_risk, double stop_fraction, double cost_fraction) {
  return (1 + cost_fraction / stop_fraction) / (1 + reward_to_risk);
}

Scaler Scaler::fit(const Dataset& data, std::span<const std::size_t> rows) {
  Scaler out;
  for (std::size_t c = 0; c < features_count; ++c) {
    double weight = 0, sum = 0;
    bool known = true;
    for (const std::size_t i : rows) {
      const double x = data[i].features[c];
      if (std::isfinite(x)) {
        weight += data[i].weight;
        sum += data[i].weight * x;
      } else {
        known = false;
      }
    }
    const double mean = weight > 0 ? sum / weight : 0;
    double squares = 0;
    for (const std::size_t i : rows) {
      const double x = data[i].features[c];
      if (std::isfinite(x)) squares += data[i].weight * (x - mean) * (x - mean);
    }
    const double deviation = weight > 0 ? std::sqrt(squares / weight) : 0;
    out.mean.push_back(mean);
    out.deviation.push_back(deviation > 1e-12 * std::max(1.0, std::abs(mean)) ? deviation : 1);
    out.always_known.push_back(known);
  }
  return out;
}

double Scaler::scaled(std::size_t column, double x) const {
  return std::isfinite(x) ? (x - mean[column]) / deviation[column] : 0;
}

}  // namespace aitrade::ml
