// How long something took, many times over, in constant memory.
//
// Counts durations in buckets of a sixteenth of an octave, so a percentile is right to 7 % whatever its size. Recording
// is one atomic addition: any thread may record, any other may read.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "core/base/time.h"

namespace aitrade {

struct LatencySummary {
  std::uint64_t count{0};
  Duration p50{0}, p95{0}, p99{0}, p999{0};
};

/// When somebody waited for the disk, in ns of the monotonic clock; equal where nobody did.
struct FlushSpan {
  std::int64_t began_ns{0}, ended_ns{0};
};

/// The newest waits for the disk, so that a latency can be told without them. Of one thread.
class FlushSpans {
 public:
  void add(const FlushSpan& span) { spans_[next_++ % spans_.size()] = span; }

  /// Returns how much of the time since `since_ns` (monotonic) went by in them; of the last sixteen.
  [[nodiscard]] Duration waited_since(std::int64_t since_ns) const {
    std::int64_t sum = 0;
    for (const FlushSpan& span : spans_) sum += std::max<std::int64_t>(0, span.ended_ns - std::max(span.began_ns, since_ns));
    return Duration{sum};
  }

 private:
  std::array<FlushSpan, 16> spans_{};
  std::size_t next_{0};
};

class LatencyHistogram {
 public:
  /// Counts one duration; a negative one counts as zero.
  void record(Duration took) {
    const auto ns = static_cast<std::uint64_t>(took.count() > 0 ? took.count() : 0);
    counts_[bucket_of(ns)].fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const auto& n : counts_) sum += n.load(std::memory_order_relaxed);
    return sum;
  }

  [[nodiscard]] LatencySummary summary() const {
    return {count(), percentile(0.5), percentile(0.95), percentile(0.99), percentile(0.999)};
  }

  /// Returns the duration that a share of at least `part` in (0, 1] did not exceed, rounded up to its bucket's
  /// end; zero before anything was recorded. Formula: nearest rank.
  [[nodiscard]] Duration percentile(double part) const {
    const auto total = static_cast<double>(count());
    double seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
      seen += static_cast<double>(counts_[i].load(std::memory_order_relaxed));
      if (seen > 0 && seen >= part * total) return Duration{static_cast<std::int64_t>(end_of(i))};
    }
    return Duration{0};
  }

 private:
  static constexpr unsigned steps_log2 = 4;                  // sixteen buckets an octave
  static constexpr std::uint64_t steps = 1U << steps_log2;
  static constexpr std::size_t buckets = (64 - steps_log2) * steps;

  static std::size_t bucket_of(std::uint64_t ns) {
    if (ns < steps) return static_cast<std::size_t>(ns);
    const auto octave = static_cast<unsigned>(std::bit_width(ns)) - 1 - steps_log2;
    return static_cast<std::size_t>((octave + 1) * steps + ((ns >> octave) - steps));
  }

  /// The largest number of nanoseconds that falls into a bucket.
  static std::uint64_t end_of(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const std::uint64_t octave = bucket / steps - 1;
    return ((bucket % steps + steps + 1) << octave) - 1;
  }

  std::array<std::atomic<std::uint64_t>, buckets> counts_{};
};

}  // namespace aitrade
