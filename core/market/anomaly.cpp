#include "core/market/anomaly.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr double normal_scale = 1.4826;  // makes the MAD of a normal sample its deviation

/// The upper of the two middle values where their number is even counts half with the lower.
double median_of(std::vector<double>& values) {
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  if (values.size() % 2 == 1) return *upper;
  return (*upper + *std::max_element(values.begin(), upper)) / 2;
}

}  // namespace

AnomalyWatch::AnomalyWatch(const AnomalyLimits& limits)
    : limits_(limits),
      spread_(limits.samples_needed),
      depth_(limits.samples_needed),
      volume_(limits.samples_needed) {}

void AnomalyWatch::Baseline::add(std::optional<double> value) {
  if (value && std::isfinite(*value)) values_.push(*value);
}

std::optional<AnomalyWatch::Baseline::Middle> AnomalyWatch::Baseline::middle() {
  if (values_.size() < scratch_.size()) return std::nullopt;
  for (std::size_t k = 0; k < scratch_.size(); ++k) scratch_[k] = values_.back(k);
  Middle out;
  out.median = median_of(scratch_);
  for (double& value : scratch_) value = std::fabs(value - out.median);
  out.deviation = normal_scale * median_of(scratch_);
  return out;
}

Anomalies AnomalyWatch::compare(const MarketSample& sample, double share) {
  const auto part = [share](double factor) { return 1 + (factor - 1) * share; };
  const auto is_far = [share](double value, const Baseline::Middle& middle) {
    return std::fabs(value - middle.median) > share * deviations_min * middle.deviation;
  };
  Anomalies found;
  if (const auto usual = spread_.middle(); usual && sample.spread) {
    found.wide_spread =
        *sample.spread > part(limits_.spread_factor) * usual->median && is_far(*sample.spread, *usual);
  }
  if (const auto usual = depth_.middle(); usual && sample.depth) {
    // A depth has no more than its whole below the median: a noisy one may never be five deviations away.
    found.thin_depth = *sample.depth < part(limits_.depth_factor) * usual->median;
  }
  if (const auto usual = volume_.middle(); usual && sample.volume) {
    found.odd_volume = *sample.volume > part(limits_.volume_factor) * usual->median &&
                       is_far(*sample.volume, *usual) && std::fabs(sample.move) < still;
  }
  return found;
}

Anomalies AnomalyWatch::judge(const MarketSample& sample) {
  const Anomalies found = compare(sample);
  spread_.add(sample.spread);
  depth_.add(sample.depth);
  volume_.add(sample.volume);
  return found;
}

void AnomalyWatch::reset() {
  spread_.clear();
  depth_.clear();
  volume_.clear();
}

}  // namespace aitrade
