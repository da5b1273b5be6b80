// In which order do candles of several pairs reach the core?
//
// A backtest sees all pairs of one close time together, in the order they were configured. Live,
// they arrive whenever the venue sends them. This holds them back until every pair has settled that
// time, so that both roads see one order of events. How long it may wait is decided by what settles
// a pair: the watermark of its CandleCloser.
#pragma once

#include "core/market/candle_closer.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace aitrade {

/// An output together with the position of its pair in the configured order.
struct AlignedOutput {
  std::size_t pair{0};
  CloserOutput output;
};

class CandleAligner {
 public:
  explicit CandleAligner(std::size_t pairs) : queues_(pairs), settled_(pairs) {}

  /// Takes an output of one pair; per pair they must rise in time.
  void push(std::size_t pair, const CloserOutput& output) { queues_[pair].push_back(output); }

  /// Says that the pair will output nothing more that closes at or before `time`.
  void settle(std::size_t pair, Time time) {
    if (time > settled_[pair]) settled_[pair] = time;
  }

  /// Appends everything that no pair can precede any more, by time, then by configured order.
  void release(std::vector<AlignedOutput>& out);

  /// How many outputs wait.
  [[nodiscard]] std::size_t waiting() const;

 private:
  std::vector<std::deque<CloserOutput>> queues_;
  std::vector<Time> settled_;
};

}  // namespace aitrade
