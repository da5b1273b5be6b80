// What a gate knows of the model it asks, for the next start: the test of its answers and the candidates that are
// still under way.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/signal.h"

namespace aitrade {

/// A candidate that was entered, as the desk's exits had it when that last changed in kind; candles after `seen` bring
/// it up to date.
struct GateWalk {
  Price stop, target, best, worst;
  Quantity left;                     // of 1
  double result{0};                  // of the parts that are closed, fraction of price
  std::uint8_t stages{0};
  bool breakeven_done{false}, trailing_on{false};
  Time seen;                         // close of the newest candle in it
};

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
  double atr{0};                                               // at the decision; 0: not known
  GateWalk walk{};                                             // once it has a fill
  double online{std::numeric_limits<double>::quiet_NaN()};     // what the online learner said; NaN: it was not asked
  std::vector<double> features{};                              // of one that the learner waits for
};

/// What an online learner has learnt (ml/online.h).
struct GateLearner {
  std::vector<double> z, n;          // by column, the intercept last; empty: nothing yet
  std::uint32_t outcomes{0};
  double won{0}, all{0};             // the weight of the base rate included
  double weight{0}, gain{0}, squares{0}, brier{0};   // decayed sums: one, gain in Brier score, its square, base Brier
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
  GateLearner learner;
};

}  // namespace aitrade
