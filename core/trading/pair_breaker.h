// Stops the entries of one pair whose market turns strange, until it has calmed down.
//
// Trips at the limits of AnomalyWatch and is armed again when the pause is over and a sample lies within half
// of those limits: a market that stays odd keeps its pair closed. Exits never ask it. Fed with a sample per
// closed base candle; all time is event time, so replay trips where the run did.
#pragma once

#include <string>

#include "core/base/time.h"
#include "core/market/anomaly.h"

namespace aitrade {

struct AnomalyRules {
  bool is_on{false};
  AnomalyLimits limits;
  Duration pause{minutes{5}};   // at least, after the newest anomaly
};

class PairBreaker {
 public:
  explicit PairBreaker(const AnomalyRules& rules) : rules_(rules), watch_(rules.limits) {}

  /// Takes a sample of the pair; returns true when it trips with this one.
  bool judge(const MarketSample& sample, Time now);

  /// Whether entries of the pair must wait.
  [[nodiscard]] bool is_tripped() const { return tripped_; }

  /// What it tripped for, in words: "spread, depth".
  [[nodiscard]] const std::string& cause() const { return cause_; }

  /// The series broke: nothing is judged until there are samples again.
  void reset() { watch_.reset(); }

 private:
  AnomalyRules rules_;
  AnomalyWatch watch_;
  Time until_;
  bool tripped_{false};
  std::string cause_;
};

}  // namespace aitrade
