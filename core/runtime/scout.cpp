#include "core/runtime/scout.h"

#include <algorithm>

namespace aitrade {
namespace {

constexpr std::size_t bars_kept_min = 128;   // as the desk's frame keeps

}  // namespace

Scout::Scout(const TradingRules& rules, const Playback& playback)
    : playback_(playback), indicators_(rules.primary), series_(rules.primary, bars_kept_min) {
  int longest = 1;
  for (const StrategyChoice& choice : rules.strategies) {
    strategies_.push_back(
        choice.info->make(StrategySetup{indicators_, choice.parameters, rules.bracket, rules.primary}));
    longest = std::max(longest, strategies_.back()->warm_up());
  }
  // The frame waits for the columns of the regime too: it may be warm later than this, never earlier.
  warm_up_ = static_cast<std::size_t>(std::max(longest, indicators_.warm_up()));
  series_.bars.reserve(std::max(warm_up_, bars_kept_min));
  indicators_.play(playback.tape, *playback.tapes);
}

/// Stands before `bar`.
void Scout::go_to(std::size_t bar) {
  if (bar == next_) return;
  catch_up(series_, playback_.tape, next_, bar);
  indicators_.seek(playback_.tape, bar - 1);
  next_ = bar;
}

std::size_t Scout::find(std::size_t from) {
  const BarTape& tape = playback_.tape;
  const std::size_t end = tape.bars.size();
  if (from >= end) return end;
  go_to(from);
  auto next_start = std::lower_bound(tape.starts.begin(), tape.starts.end(), std::max<std::size_t>(from, 1));
  while (next_ < end) {
    const std::size_t bar = next_++;
    if (next_start != tape.starts.end() && *next_start == bar) {
      ++next_start;
      series_.bars.clear();
      series_.since_break = 0;
      indicators_.reset();
    }
    series_.bars.grow() = tape.bars[bar];
    ++series_.since_break;
    indicators_.update(tape.bars[bar]);
    if (series_.since_break >= warm_up_ && speaks(bar)) return bar;
  }
  return end;
}

bool Scout::speaks(std::size_t bar) const {
  const MarketView market(series_, playback_.regimes[bar], no_book_);
  for (const auto& strategy : strategies_) {
    if (strategy->judge(market).is_actionable()) return true;
  }
  return false;
}

}  // namespace aitrade
