// A strategy with the columns and bars it reads, fed bar by bar, for the tests of strategies.
#pragma once

#include "core/base/random.h"
#include "strategies/registry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace aitrade::test {

/// A bracket without floors: distances are ATR multiples only, so they can be checked by hand.
inline BracketRules bare_bracket() {
  BracketRules rules;
  rules.stop_min_fraction = 0;
  rules.target_min_fraction = 0;
  rules.round_trip_fee = 0;
  return rules;
}

class Rig {
 public:
  using Settings = std::vector<std::pair<std::string_view, double>>;

  explicit Rig(std::string_view name, const Settings& settings = {},
               BracketRules rules = bare_bracket())
      : set(minutes(1)), series(minutes(1), 64), bracket(rules) {
    const StrategyInfo* info = find_strategy(name);
    AITRADE_CHECK(info != nullptr);
    Parameters parameters(info->parameters);
    for (const auto& [key, value] : settings)
      AITRADE_CHECK(parameters.set(key, value));
    AITRADE_CHECK(info->fault_of(parameters) == nullptr);
    strategy = info->make(StrategySetup{set, parameters, bracket, minutes(1)});
  }

  Signal feed(const Bar& bar) {
    series.bars.push(bar);
    ++series.since_break;
    set.update(bar);
    return judge();
  }

  [[nodiscard]] Signal judge() const { return strategy->judge(MarketView(series, Regime{}, book)); }

  IndicatorSet set;
  Series series;
  BracketRules bracket;
  std::optional<BookTop> book;
  std::unique_ptr<Strategy> strategy;
};

/// A walk of absolute steps around `center`: drifting spells, quiet spells and reversals, seeded.
inline std::vector<Bar> spells(int count, std::uint64_t seed, double center = 1000) {
  Random random(seed);
  std::vector<Bar> bars;
  double price = center;
  double drift = 0;
  double size = 1;
  for (int t = 0; t < count; ++t) {
    if (t % 40 == 0) {
      drift = 0.5 * random.normal() - 0.01 * (price - center);
      size = 0.5 + random.uniform();
    }
    Bar bar;
    bar.open_time = Time::from_seconds(60LL * t);
    bar.open = price + 0.05 * random.normal();
    bar.close = bar.open + drift + size * random.normal();
    bar.high = std::max(bar.open, bar.close) + size * random.uniform();
    bar.low = std::min(bar.open, bar.close) - size * random.uniform();
    bar.volume = 1 + 99 * random.uniform();
    price = bar.close;
    bars.push_back(bar);
  }
  return bars;
}

/// The same market upside down: x becomes 2c - x.
inline Bar mirrored(const Bar& bar, double center = 1000) {
  Bar out = bar;
  out.open = 2 * center - bar.open;
  out.close = 2 * center - bar.close;
  out.high = 2 * center - bar.low;
  out.low = 2 * center - bar.high;
  return out;
}

/// How often each of N conditions was the only one that failed, and how often none did.
template <std::size_t N>
struct NearMisses {
  std::array<int, N> only_failure{};
  int entries{0};

  void count(const std::array<bool, N>& holds) {
    std::size_t failures = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < N; ++i) {
      if (!holds[i]) {
        ++failures;
        last = i;
      }
    }
    if (failures == 0) ++entries;
    if (failures == 1) ++only_failure[last];
  }
};

template <std::size_t N>
bool all_hold(const std::array<bool, N>& holds) {
  return std::all_of(holds.begin(), holds.end(), [](bool b) { return b; });
}

}  // namespace aitrade::test
