#include "core/market/candle_aligner.h"

#include <algorithm>

namespace aitrade {

void CandleAligner::release(std::vector<AlignedOutput>& out) {
  if (settled_.empty()) return;
  const Time limit = *std::min_element(settled_.begin(), settled_.end());
  for (;;) {
    std::size_t first = queues_.size();
    for (std::size_t pair = 0; pair < queues_.size(); ++pair) {
      if (queues_[pair].empty() || queues_[pair].front().when > limit) continue;
      if (first == queues_.size() || queues_[pair].front().when < queues_[first].front().when) {
        first = pair;
      }
    }
    if (first == queues_.size()) return;
    out.push_back({first, queues_[first].front()});
    queues_[first].pop_front();
  }
}

std::size_t CandleAligner::waiting() const {
  std::size_t sum = 0;
  for (const auto& queue : queues_)
    sum += queue.size();
  return sum;
}

}  // namespace aitrade
