#include "ml/online.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/logistic.h"

namespace aitrade::ml {

OnlineLearner::OnlineLearner(Scaler scaler, double base_rate, OnlineRules rules)
    : scaler_(std::move(scaler)), start_(logit(base_rate)), rules_(rules) {
  state_.z.assign(features_count + 1, 0);
  state_.n.assign(features_count + 1, 0);
  state_.won = base_rate * rules_.base_weight;
  state_.all = rules_.base_weight;
}

OnlineLearner::Columns OnlineLearner::scaled(std::span<const double> features) const {
  Columns x{};
  x.back() = 1;
  for (std::size_t i = 0; i < features_count; ++i) {
    x[i] = std::clamp(scaler_.scaled(i, features[i]), -rules_.far, rules_.far);
  }
  return x;
}

double OnlineLearner::coefficient(std::size_t i) const {
  return -state_.z[i] / ((rules_.smoothing + std::sqrt(state_.n[i])) / rules_.rate + rules_.ridge);
}

double OnlineLearner::answer(const Columns& x) const {
  double sum = start_;
  for (std::size_t i = 0; i < x.size(); ++i) sum += coefficient(i) * x[i];
  return sigmoid(sum);
}

double OnlineLearner::probability(std::span<const double> features) const { return answer(scaled(features)); }

void OnlineLearner::learn(std::span<const double> features, double told, bool won) {
  GateLearner& s = state_;
  const double y = won ? 1 : 0;
  const double base = s.won / s.all;
  const double gain = (base - y) * (base - y) - (told - y) * (told - y);
  const double kept = 1 - 1 / rules_.memory;
  s.weight = s.weight * kept + 1;
  s.gain = s.gain * kept + gain;
  s.squares = s.squares * kept + gain * gain;
  s.brier = s.brier * kept + (base - y) * (base - y);
  s.won += y;
  s.all += 1;
  ++s.outcomes;

  const Columns x = scaled(features);
  const double error = answer(x) - y;   // by what it knows now; what it said is judged, not taught
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double g = error * x[i], w = coefficient(i);
    s.z[i] += g - (std::sqrt(s.n[i] + g * g) - std::sqrt(s.n[i])) / rules_.rate * w;
    s.n[i] += g * g;
  }
}

double OnlineLearner::weight() const {
  const GateLearner& s = state_;
  if (s.outcomes < rules_.outcomes_min || !(s.brier > 0)) return 0;
  const double mean = s.gain / s.weight;
  const double variance = std::max(0.0, s.squares / s.weight - mean * mean);
  const double sure = mean - rules_.doubt * std::sqrt(variance / s.weight);
  return std::clamp(sure / (s.brier / s.weight), 0.0, rules_.weight_max);
}

void OnlineLearner::restore(const GateLearner& state) {
  if (state.z.size() == state_.z.size() && state.n.size() == state_.n.size()) state_ = state;
}

}  // namespace aitrade::ml
