#include "core/runtime/scout.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "core/indicators/indicator_set.h"

namespace aitrade {
namespace {

constexpr std::size_t bars_kept_min = 128;   // as the desk's frame keeps

using Strategies = std::vector<std::unique_ptr<Strategy>>;

bool speaks(const Strategies& strategies, const MarketView& market) {
  return std::any_of(strategies.begin(), strategies.end(),
                     [&](const auto& strategy) { return strategy->judge(market).is_actionable(); });
}

}  // namespace

Scout::Scout(const TradingRules& rules, const Playback& playback) : end_(playback.tape.bars.size()) {
  AITRADE_CHECK(end_ <= std::numeric_limits<std::uint32_t>::max());
  IndicatorSet indicators(rules.primary);
  Strategies strategies;
  int longest = 1;
  for (const StrategyChoice& choice : rules.strategies) {
    strategies.push_back(
        choice.info->make(StrategySetup{indicators, choice.parameters, rules.bracket, rules.primary}));
    longest = std::max(longest, strategies.back()->warm_up());
  }
  // The frame waits for the columns of the regime too: it may be warm later than this, never earlier.
  const auto warm_up = static_cast<std::size_t>(std::max(longest, indicators.warm_up()));
  Series series(rules.primary, bars_kept_min);
  series.bars.reserve(std::max(warm_up, bars_kept_min));
  const std::optional<BookTop> no_book;
  const auto on_bar = [&](std::size_t bar) {
    series.bars.grow() = playback.tape.bars[bar];
    if (++series.since_break < warm_up) return;
    if (speaks(strategies, MarketView(series, playback.regimes[bar], no_book))) {
      spoken_.push_back(static_cast<std::uint32_t>(bar));
    }
  };
  const auto on_break = [&] {
    series.bars.clear();
    series.since_break = 0;
  };
  indicators.play(playback.tape, *playback.tapes, on_bar, on_break);
}

std::size_t Scout::find(std::size_t from) const {
  const auto found = std::lower_bound(spoken_.begin(), spoken_.end(), from);
  return found == spoken_.end() ? end_ : *found;
}

}  // namespace aitrade
