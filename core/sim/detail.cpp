#include "core/sim/detail.h"

#include <algorithm>

namespace aitrade {

/// Loads the stretch that begins with `bar`; what lies before it is not needed any more.
void DetailSeries::load(const Candle& bar) {
  loaded_.clear();
  at_ = 0;
  loaded_to_ = bar.open_time + std::max(stretch_, bar.interval);
  if (Status status = load_(bar.open_time, loaded_to_, loaded_); !status && status_) status_ = std::move(status);
}

std::span<const Candle> DetailSeries::inside(const Candle& bar) {
  if (load_ && bar.close_time() > loaded_to_) load(bar);
  const std::vector<Candle>& candles = all_ != nullptr ? *all_ : loaded_;
  const auto opens_before = [](const Candle& c, Time t) { return c.open_time < t; };
  const auto from = candles.begin() + static_cast<std::ptrdiff_t>(at_);
  const auto first = std::lower_bound(from, candles.end(), bar.open_time, opens_before);
  at_ = static_cast<std::size_t>(first - candles.begin());
  auto last = first;
  Price high, low;
  while (last != candles.end() && last->close_time() <= bar.close_time()) {
    high = last == first ? last->high : std::max(high, last->high);
    low = last == first ? last->low : std::min(low, last->low);
    ++last;
  }
  if (first == last || bar.synthetic) {
    ++counts_.absent;
    return {};
  }
  if (high != bar.high || low != bar.low) {
    ++counts_.differing;
    return {};
  }
  ++counts_.detailed;
  return {candles.data() + at_, static_cast<std::size_t>(last - first)};
}

}  // namespace aitrade
