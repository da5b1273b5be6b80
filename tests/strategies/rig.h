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
               BracketRules rules = bare_bracket(), Duration timeframe = minutes(1))
      : set(timeframe), series(timeframe, 128), bracket(rules) {
    const StrategyInfo* info = find_strategy(name);
    AITRADE_CHECK(info != nullptr);
    Parameters parameters(info->parameters);
    for (const auto& [key, value] : settings)
      AITRADE_CHECK(parameters.set(key, value));
    AITRADE_CHECK(info->fault_of(parameters) == nullptr);
    strategy = info->make(StrategySetup{set, parameters, bracket, timeframe});
  }

  Signal feed(const Bar& bar) {
    series.bars.push(bar);
    ++series.since_break;
    set.update(bar);
    return judge();
  }

  [[nodiscard]] Signal judge() const {
    return strategy->judge(
        MarketView(series, regime, book)
            .with(analysis ? &*analysis : nullptr, funding ? &*funding : nullptr));
  }

  IndicatorSet set;
  Series series;
  BracketRules bracket;
  Regime regime;
  std::optional<BookTop> book;
  std::optional<BookAnalysis> analysis;
  std::optional<Funding> funding;
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

/// What a strategy may know beyond candles.
struct Surroundings {
  Regime regime;
  BookAnalysis book;
  Funding funding;
};

/// Random surroundings: the book leans in spells of some bars, funding is extreme now and then.
class SurroundingsFeed {
 public:
  explicit SurroundingsFeed(std::uint64_t seed) : random_(seed) {}

  Surroundings next() {
    if (bar_++ % 20 == 0) {
      lean_ = 1.6 * random_.uniform() - 0.8;
      rate_ = 0.003 * random_.uniform() - 0.0015;
      regime_ = Regime{static_cast<Trend>(3 * random_.uniform()),
                       static_cast<Volatility>(4 * random_.uniform())};
    }
    Surroundings out;
    out.regime = regime_;
    out.book.score = std::clamp(lean_ + 0.2 * random_.normal(), -1.0, 1.0);
    out.book.imbalance_5 = std::clamp(lean_ + 0.3 * random_.normal(), -1.0, 1.0);
    out.book.imbalance_25 = std::clamp(lean_ + 0.3 * random_.normal(), -1.0, 1.0);
    out.book.imbalance_50 = std::clamp(lean_ + 0.3 * random_.normal(), -1.0, 1.0);
    out.book.spread = 0.002 * random_.uniform();
    out.book.depth_bid = 150'000 * random_.uniform();
    out.book.depth_ask = 150'000 * random_.uniform();
    out.book.whale_bias = std::clamp(lean_ + 0.3 * random_.normal(), -1.0, 1.0);
    out.funding.rate = rate_;
    return out;
  }

 private:
  Random random_;
  int bar_{0};
  double lean_{0}, rate_{0};
  Regime regime_;
};

inline void surround(Rig& rig, const Surroundings& with) {
  rig.regime = with.regime;
  rig.analysis = with.book;
  rig.funding = with.funding;
}

/// The same surroundings of the market upside down.
inline Surroundings mirrored(const Surroundings& x, double center = 1000) {
  Surroundings out = x;
  out.book.score = -x.book.score;
  out.book.imbalance_5 = -x.book.imbalance_5;
  out.book.imbalance_25 = -x.book.imbalance_25;
  out.book.imbalance_50 = -x.book.imbalance_50;
  out.book.micro_price = 2 * center - x.book.micro_price;
  out.book.depth_bid = x.book.depth_ask;
  out.book.depth_ask = x.book.depth_bid;
  out.book.whale_bias = -x.book.whale_bias;
  out.funding.rate = -x.funding.rate;
  return out;
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
