// Made-up candidates with a known relation between a feature and the outcome.
#pragma once

#include "core/base/random.h"
#include "ml/dataset.h"
#include "ml/logistic.h"

namespace aitrade::ml::test {

/// Returns `count` samples, a quarter of an hour apart and alive for up to two hours, whose log-odds of a win are
/// `edge` times the first feature; a win earns 1 R and a loss costs 1 R, costs of 0.1 R taken off both.
inline Dataset planted(std::size_t count, double edge, std::uint64_t seed) {
  Random random(seed);
  Dataset data;
  for (std::size_t i = 0; i < count; ++i) {
    Sample s;
    s.life.from = Time::from_seconds(1'500'000'000 + 900 * static_cast<std::int64_t>(i));
    s.life.to = s.life.from + minutes{1 + static_cast<std::int64_t>(random.below(120))};
    for (double& x : s.features) x = random.normal();
    s.r = (random.uniform() < sigmoid(edge * s.features[0]) ? 1 : -1) - 0.1;
    s.break_even = 0.55;
    data.push_back(s);
  }
  return data;
}

}  // namespace aitrade::ml::test
