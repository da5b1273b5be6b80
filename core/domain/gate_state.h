// What a gate knows of the model it asks, for the next start: the test of its answers and the candidates that are
// still under way.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/signal.h"

namespace aitrade {

/// A candidate that was judged and has not ended, traded or not.
struct GateCandidate {
  InstrumentId instrument{};
  Direction direction{Direction::long_};
  Time decided;
  double entry{0}, stop{0}, target{0};
  Duration limit{};                                            // 0: no limit
  double cost{0};                                              // round trip, fraction of price
  double fill{std::numeric_limits<double>::quiet_NaN()};       // NaN: the bar it enters on has not closed
  double probability{0};
  bool rejected{false};
  bool counts{false};                                          // in the test
};

struct GateState {
  std::uint64_t model{0};           // first eight bytes of its hash
  double won{0}, all{0};            // outcomes, the weight of the base rate included
  double evidence{0}, uncapped{0}, claimed{0};   // nats
  std::uint32_t outcomes{0};
  bool is_off{false};
  std::uint64_t accepted{0}, rejected{0};        // candidates that ended
  double accepted_r{0}, rejected_r{0};           // sums of net R
  std::vector<GateCandidate> alive;              // in order of their decision
};

}  // namespace aitrade
