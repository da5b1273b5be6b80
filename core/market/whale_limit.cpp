#include "core/market/whale_limit.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;

}  // namespace

WhaleLimit::WhaleLimit(double threshold)
    : threshold_(threshold), limit_(threshold), counts_(slices * buckets) {}

void WhaleLimit::begin(Time at) {
  const std::int64_t minute = at.ns / minute_ns;
  const std::int64_t passed = std::clamp<std::int64_t>(minute - minute_, 0, slices);
  for (std::int64_t k = 1; k <= passed; ++k) {
    // The slice that the newest minute takes over is the one that is an hour old.
    const auto slice = static_cast<std::size_t>(minute - passed + k) % slices;
    const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(slice * buckets);
    for (std::size_t b = 0; b < buckets; ++b) {
      std::uint32_t& count = *(first + static_cast<std::ptrdiff_t>(b));
      total_[b] -= count;
      samples_ -= count;
      count = 0;
    }
  }
  minute_ = std::max(minute_, minute);
}

void WhaleLimit::note(double notional) {
  if (!(notional > 0)) return;
  const double step = std::floor(std::log2(notional) * steps) - octave_min * steps;
  const auto bucket = static_cast<std::size_t>(std::clamp(step, 0.0, static_cast<double>(buckets - 1)));
  ++counts_[static_cast<std::size_t>(minute_) % slices * buckets + bucket];
  ++total_[bucket];
  ++samples_;
}

void WhaleLimit::finish() {
  limit_ = threshold_;
  if (samples_ < samples_min) return;
  const auto above_max = static_cast<std::uint64_t>((1 - share) * static_cast<double>(samples_));
  std::uint64_t above = 0;
  for (std::size_t b = buckets; b-- > 0;) {
    above += total_[b];
    if (above <= above_max) continue;
    const double edge = std::exp2(static_cast<double>(b + 1) / steps + octave_min);
    limit_ = std::max(threshold_, edge);
    return;
  }
}

}  // namespace aitrade
