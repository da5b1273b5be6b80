// What does the venue charge?
//
// The ladder of AssetPairs by 30-day volume, in per cent, and the two rates in force.
#pragma once

#include "core/domain/instrument.h"

#include <string>
#include <vector>

namespace aitrade::loopback {

class FeeLadder {
 public:
  struct Step {
    Money volume;  // from this 30-day volume on
    Rate taker, maker;
  };

  /// The venue's published ladder.
  FeeLadder();

  /// One step for every volume.
  FeeLadder(Rate maker, Rate taker) : steps_{{Money{}, taker, maker}} {}

  [[nodiscard]] const Step& at(Money volume) const;

  /// The step after the one of `volume`; null when it is the last.
  [[nodiscard]] const Step* after(Money volume) const;

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

  /// Returns `"fees":[[0,0.26],...],"fees_maker":[...]` as AssetPairs has it.
  [[nodiscard]] std::string json() const;

 private:
  std::vector<Step> steps_;
};

/// Returns a rate in per cent with at least `places` decimals: 0.0026 is "0.26".
std::string percent_text(Rate rate, int places);

}  // namespace aitrade::loopback
