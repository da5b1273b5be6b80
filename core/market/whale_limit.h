// From what size on is a level of the book a whale, for this pair, at this hour?
//
// The larger of a fixed threshold and the 99th percentile of the level sizes of the last hour. Sizes are
// counted in buckets of an eighth of an octave, minute by minute, so that memory is fixed and the
// hour rolls. What is being judged is not in its own baseline: callers ask first, then note.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/time.h"

namespace aitrade {

class WhaleLimit {
 public:
  static constexpr double share = 0.99;               // percentile
  static constexpr std::uint32_t samples_min = 1000;  // fewer say nothing about a tail

  /// `threshold` in quote currency, > 0.
  explicit WhaleLimit(double threshold);

  /// Returns the limit in quote currency; the percentile is rounded up to the edge of its bucket, at most
  /// 9.1 % above. Before samples_min sizes are known it is the threshold.
  [[nodiscard]] double limit() const { return limit_; }

  /// Begins a moment's sizes; times do not run backwards. Forgets what is an hour old.
  void begin(Time at);

  /// Counts one level, in quote currency.
  void note(double notional);

  /// Takes the noted sizes into the limit.
  void finish();

  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  static constexpr std::size_t slices = 60;  // minutes
  static constexpr int steps = 8;            // buckets per octave
  static constexpr int octave_min = -16;     // pairs quoted in a coin have sizes below one
  static constexpr int octave_max = 40;
  static constexpr std::size_t buckets = steps * (octave_max - octave_min);

  double threshold_;
  double limit_;
  std::int64_t minute_{0};
  std::uint64_t samples_{0};
  std::array<std::uint32_t, buckets> total_{};
  std::vector<std::uint32_t> counts_;  // rows = slices by minute modulo, columns = buckets
};

}  // namespace aitrade
