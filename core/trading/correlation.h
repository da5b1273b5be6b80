// How much do the instruments of a desk move together?
//
// Exponentially weighted correlation of 15-minute log returns on aligned bars (trading-core.md 7.3,
// rewrite), and from it the heat of a set of positions. Fed by every closed base candle, history included,
// so that a restart knows what a run of weeks knew as far as its warm-up reaches.
//
// Invariants:
//   1. Only returns of the same fifteen minutes are compared: both ends must be there.
//   2. Until there are enough of them two instruments count as moving together entirely.
#pragma once

#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace aitrade {

class ReturnCorrelation {
 public:
  explicit ReturnCorrelation(std::size_t instruments);

  /// Takes the close of a base candle; closes on a boundary of fifteen minutes count. O(1), O(n^2) once
  /// per boundary; no allocation.
  void on_close(InstrumentId instrument, Time close_time, double close);

  /// Correlation of returns in [-1, 1]; 1 until twenty pairs of returns were seen.
  [[nodiscard]] double between(InstrumentId a, InstrumentId b) const;

  /// Pairs of returns seen of both.
  [[nodiscard]] int samples(InstrumentId a, InstrumentId b) const;

  /// Combined risk of positions: sqrt(r' C r), r = risk fractions signed by side.
  [[nodiscard]] double heat(std::span<const double> risks) const;

  /// Largest risk fraction, of the sign of `side`, that instrument `i` may take so that heat() of all stays
  /// within `limit`; zero when there is no room.
  [[nodiscard]] double room(std::span<const double> risks, InstrumentId i, int side, double limit) const;

 private:
  struct Moment {
    double sum_xx{0}, sum_yy{0}, sum_xy{0};
    int samples{0};
  };

  void settle();
  [[nodiscard]] std::size_t index(std::size_t a, std::size_t b) const;

  std::size_t count_;
  std::vector<double> last_, now_;   // close at the boundary before, and at the present one; 0 = none
  std::vector<Moment> moments_;      // upper triangle
  Time boundary_;
};

}  // namespace aitrade
