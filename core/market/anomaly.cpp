#include "core/market/anomaly.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

constexpr double normal_scale = 1.4826;  // makes the MAD of a normal sample its deviation

using Values = std::array<double, AnomalyWatch::samples_needed>;

double median_of(Values& values) {
  const auto upper = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), upper, values.end());
  return (*upper + *std::max_element(values.begin(), upper)) / 2;
}

}  // namespace

void AnomalyWatch::Baseline::add(std::optional<double> value) {
  if (value && std::isfinite(*value)) values_.push(*value);
}

std::optional<AnomalyWatch::Baseline::Middle> AnomalyWatch::Baseline::middle() const {
  if (values_.size() < samples_needed) return std::nullopt;
  Values values;
  for (std::size_t k = 0; k < samples_needed; ++k) values[k] = values_.back(k);
  Middle out;
  out.median = median_of(values);
  for (double& value : values) value = std::fabs(value - out.median);
  out.deviation = normal_scale * median_of(values);
  return out;
}

Anomalies AnomalyWatch::judge(const MarketSample& sample) {
  const auto is_far = [](double value, const Baseline::Middle& middle) {
    return std::fabs(value - middle.median) > deviations_min * middle.deviation;
  };
  Anomalies found;
  if (const auto usual = spread_.middle(); usual && sample.spread) {
    found.wide_spread = *sample.spread > spread_factor * usual->median && is_far(*sample.spread, *usual);
  }
  if (const auto usual = depth_.middle(); usual && sample.depth) {
    // A depth has no more than its whole below the median: a noisy one may never be five deviations away.
    found.thin_depth = *sample.depth < depth_factor * usual->median;
  }
  if (const auto usual = volume_.middle(); usual && sample.volume) {
    found.odd_volume = *sample.volume > volume_factor * usual->median && is_far(*sample.volume, *usual) &&
                       std::fabs(sample.move) < still;
  }
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
