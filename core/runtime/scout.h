// On which bars of a history does a strategy speak?
//
// A strategy keeps no state, so what it says of a bar does not depend on what the desk did before. The scout
// asks the same code as the desk does, on the same columns, and finds the next bar whose signal may become a
// vote; between two of those a flat desk has nothing to do.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/indicators/indicator_set.h"
#include "core/trading/playback.h"
#include "core/trading/rules.h"

namespace aitrade {

class Scout {
 public:
  /// Builds the strategies of `rules`. `playback` is borrowed and must outlive it.
  Scout(const TradingRules& rules, const Playback& playback);

  /// Returns the first bar at or after `from` on which a strategy has an actionable signal; the number of bars
  /// when there is none. Cost: one judgement a bar.
  std::size_t find(std::size_t from);

 private:
  void go_to(std::size_t bar);
  [[nodiscard]] bool speaks(std::size_t bar) const;

  const Playback& playback_;
  IndicatorSet indicators_;
  std::vector<std::unique_ptr<Strategy>> strategies_;
  Series series_;
  std::size_t warm_up_{1};
  std::size_t next_{0};
  std::optional<BookTop> no_book_;
};

}  // namespace aitrade
