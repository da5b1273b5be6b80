// Series that the indicator tests share: the golden one of the specification, random walks, flat
// prices.
#pragma once

#include "core/base/random.h"
#include "core/domain/candle.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aitrade::test {

/// The series of trading-core.md 12, t = 0 .. count-1.
inline std::vector<Bar> golden_series(int count = 120) {
  std::vector<Bar> bars;
  double previous = 0;
  for (int t = 0; t < count; ++t) {
    Bar bar;
    bar.open_time = Time::from_seconds(60 * t);
    bar.close = 100 + 8 * std::sin(t / 7.0) + 3 * std::cos(t / 2.3) + 0.05 * t;
    bar.open = t == 0 ? bar.close : previous;
    bar.high = std::max(bar.open, bar.close) + 0.5 + 0.3 * std::fabs(std::sin(1.7 * t));
    bar.low = std::min(bar.open, bar.close) - 0.5 - 0.3 * std::fabs(std::cos(1.3 * t));
    bar.volume = 100 + 40 * std::sin(t / 3.0) + 10 * (t % 5);
    previous = bar.close;
    bars.push_back(bar);
  }
  return bars;
}

/// A seeded random walk with gaps between close and open, and some bars without volume.
inline std::vector<Bar> random_series(int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Bar> bars;
  double price = 20'000;
  for (int t = 0; t < count; ++t) {
    Bar bar;
    bar.open_time = Time::from_seconds(60LL * t);
    bar.open = price * (1 + 0.0004 * (random.uniform() - 0.5));
    bar.close = bar.open * std::exp(0.004 * (random.uniform() - 0.5));
    bar.high = std::max(bar.open, bar.close) * (1 + 0.001 * random.uniform());
    bar.low = std::min(bar.open, bar.close) * (1 - 0.001 * random.uniform());
    bar.volume = random.uniform() < 0.02 ? 0.0 : 1e3 * random.uniform() * random.uniform();
    price = bar.close;
    bars.push_back(bar);
  }
  return bars;
}

inline std::vector<Bar> flat_series(int count, double price, double volume) {
  std::vector<Bar> bars;
  for (int t = 0; t < count; ++t) {
    bars.push_back(Bar{Time::from_seconds(60LL * t), price, price, price, price, volume, false});
  }
  return bars;
}

}  // namespace aitrade::test
