#include "ml/strategy_tuner.h"

#include <algorithm>
#include <cmath>

namespace aitrade::ml {
namespace {

struct Moments {
  double n{0}, mean{0}, variance{0};
};

Moments moments(std::span<const double> values) {
  Moments out;
  out.n = static_cast<double>(values.size());
  for (const double x : values) out.mean += x / out.n;
  for (const double x : values) out.variance += (x - out.mean) * (x - out.mean) / std::max(1.0, out.n - 1);
  return out;
}

/// The regularised incomplete beta function by its continued fraction, for x below the point of symmetry.
double beta_fraction(double a, double b, double x) {
  constexpr int rounds_max = 300;
  constexpr double tiny = 1e-300, enough = 1e-14;
  const auto away = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double c = 1, d = 1 / away(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m <= rounds_max; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (std::abs(d * c - 1) < enough) break;
  }
  return h;
}

double beta_share(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  const bool is_low = x < (a + 1) / (a + b + 2);
  return is_low ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// The chance that a difference of means above zero is luck.
double p_above(double difference, double variance, double freedom) {
  if (!(variance > 0)) return difference > 0 ? 0 : 1;   // all results alike
  return student_tail(difference / std::sqrt(variance), freedom);
}

/// Of the mean of `a` being no higher than that of `b`.
double p_higher(const Moments& a, const Moments& b) {
  const double va = a.variance / a.n, vb = b.variance / b.n;
  const double below = va * va / (a.n - 1) + vb * vb / (b.n - 1);
  return p_above(a.mean - b.mean, va + vb, below > 0 ? (va + vb) * (va + vb) / below : a.n + b.n - 2);
}

double p_positive(const Moments& a, double sign) { return p_above(sign * a.mean, a.variance / a.n, a.n - 1); }

/// The results of all other enabled strategies.
std::vector<double> others_of(std::span<const StrategyRecord> records, const StrategyRecord& one) {
  std::vector<double> out;
  for (const StrategyRecord& other : records) {
    if (&other != &one && other.is_enabled) out.insert(out.end(), other.r.begin(), other.r.end());
  }
  return out;
}

struct Question {
  TunerStep step;
  double p;
};

/// What is asked of a strategy, the weightiest first; nothing where there are too few trades.
std::vector<Question> questions_of(std::span<const StrategyRecord> records, const StrategyRecord& one,
                                   const TunerRules& rules) {
  std::vector<Question> out;
  const Moments own = moments(one.r);
  if (!one.is_enabled) {
    if (one.r.size() >= rules.switch_min) out.push_back({TunerStep::enable, p_positive(own, 1)});
    return out;
  }
  if (one.r.size() >= rules.switch_min) out.push_back({TunerStep::disable, p_positive(own, -1)});
  const std::vector<double> rest = others_of(records, one);
  if (one.r.size() < rules.trades_min || rest.size() < rules.trades_min) return out;
  const Moments others = moments(rest);
  out.push_back({TunerStep::lower, p_higher(others, own)});
  out.push_back({TunerStep::raise, p_higher(own, others)});
  return out;
}

/// Keeps a share within its bounds.
double bounded_factor(double factor, double weight, const TunerRules& rules) {
  if (!(weight > 0)) return 1;
  if (factor > 1) return std::clamp(rules.weight_max / weight, 1.0, factor);
  return std::clamp(rules.weight_min / weight, factor, 1.0);
}

}  // namespace

std::string_view to_string(TunerStep step) {
  switch (step) {
    case TunerStep::keep:
      return "keep";
    case TunerStep::raise:
      return "raise";
    case TunerStep::lower:
      return "lower";
    case TunerStep::disable:
      return "disable";
    case TunerStep::enable:
      return "enable";
  }
  return "";
}

double student_tail(double t, double freedom) {
  const double half = 0.5 * beta_share(freedom / 2, 0.5, freedom / (freedom + t * t));
  return t >= 0 ? half : 1 - half;
}

std::vector<TunerVerdict> judge_strategies(std::span<const StrategyRecord> records, const TunerRules& rules) {
  std::vector<std::vector<Question>> asked;
  double questions = 0;
  std::size_t enabled = 0;
  for (const StrategyRecord& one : records) {
    asked.push_back(questions_of(records, one, rules));
    questions += static_cast<double>(asked.back().size());
    enabled += one.is_enabled ? 1 : 0;
  }
  std::vector<TunerVerdict> out;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const StrategyRecord& one = records[i];
    TunerVerdict v;
    v.name = one.name;
    v.trades = one.r.size();
    v.mean_r = moments(one.r).mean;
    v.others_r = moments(others_of(records, one)).mean;
    v.needed = questions > 0 ? rules.alpha / questions : 0;
    for (const Question& q : asked[i]) {
      v.p = std::min(v.p, q.p);
      const bool is_last = q.step == TunerStep::disable && enabled == 1;
      if (q.p >= v.needed || is_last || v.step != TunerStep::keep) continue;
      v.step = q.step;
      if (q.step == TunerStep::raise) v.factor = bounded_factor(1 + rules.step, one.weight, rules);
      if (q.step == TunerStep::lower) v.factor = bounded_factor(1 - rules.step, one.weight, rules);
      enabled -= q.step == TunerStep::disable ? 1 : 0;
      const bool is_weight = q.step == TunerStep::raise || q.step == TunerStep::lower;
      if (is_weight && !(v.factor > 1 || v.factor < 1)) v.step = TunerStep::keep;   // at its bound
    }
    out.push_back(std::move(v));
  }
  return out;
}

}  // namespace aitrade::ml
