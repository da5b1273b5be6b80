// On which bars of a history does a strategy speak?
//
// A strategy keeps no state, so what it says of a bar does not depend on what the desk did before. The scout
// asks the same code as the desk does, on the same columns, and notes the bars whose signal may become a vote;
// between two of those a flat desk has nothing to do. It goes over the history once, while the columns are
// computed: what a strategy reads was written a moment ago.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/trading/playback.h"
#include "core/trading/rules.h"

namespace aitrade {

class Scout {
 public:
  /// Asks the strategies of `rules` about every bar of `playback`, whose tapes then hold their columns.
  /// Cost: one judgement a bar
  Scout(const TradingRules& rules, const Playback& playback);

  /// Returns the first bar at or after `from` on which a strategy has an actionable signal; the number of bars
  /// when there is none. Cost: O(log signals)
  [[nodiscard]] std::size_t find(std::size_t from) const;

 private:
  std::vector<std::uint32_t> spoken_;   // ascending
  std::size_t end_;
};

}  // namespace aitrade
