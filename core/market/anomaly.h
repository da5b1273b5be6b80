// Is the market of a pair unlike the one of a moment ago?
//
// Compares each sample with the ones before it (twenty, if not told otherwise), itself excluded, by median and median absolute
// deviation, so that one spike neither hides itself nor raises the bar for the next. The caller decides
// what a sample is (a closed candle with the book at its close) and what to do: entries stop, exits do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ring.h"

namespace aitrade {

/// What is known of a pair at one moment. A part that is not known is absent, never zero, and is neither
/// judged nor remembered.
struct MarketSample {
  std::optional<double> spread;  // fraction of the mid
  std::optional<double> depth;   // quote currency of both sides within 50 bps
  std::optional<double> volume;  // base units of the sample's time
  double move{0};                // fraction the price moved in that time, signed
};

struct Anomalies {
  bool wide_spread{false};
  bool thin_depth{false};
  bool odd_volume{false};    // while the price moved less than 0.5 %

  [[nodiscard]] bool any() const { return wide_spread || thin_depth || odd_volume; }

  friend bool operator==(const Anomalies&, const Anomalies&) = default;
};

/// From where on a sample is odd.
struct AnomalyLimits {
  double spread_factor{3};          // of the median, above
  double depth_factor{0.5};         // of the median, below
  double volume_factor{5};          // of the median, above
  std::size_t samples_needed{20};   // before it judges, and what it judges by; at least 2
};

class AnomalyWatch {
 public:
  static constexpr double still = 0.005;      // fraction
  static constexpr double deviations_min = 5; // scaled median absolute deviations, beside the factor

  explicit AnomalyWatch(const AnomalyLimits& limits = {});

  /// Says what is odd of a sample against the ones before it. `share` of the way from the median to the
  /// limits is enough: 1 the limits themselves, 0.5 what has not calmed down yet.
  ///
  /// Formula:  x is odd when it is beyond factor * median and more than 5 * 1.4826 * MAD away from it,
  ///           where MAD = median |x_i - median|, over the last samples without x
  /// Cost:     O(samples_needed), no allocation
  /// Source:   trading-core.md 10, rewrite; Hampel (1974), The influence curve and its role in robust
  ///           estimation, for the factor 1.4826
  [[nodiscard]] Anomalies compare(const MarketSample& sample, double share = 1);

  /// The same at the limits, then remembers the sample.
  Anomalies judge(const MarketSample& sample);

  /// The series broke: judges nothing until twenty new samples came.
  void reset();

 private:
  class Baseline {
   public:
    struct Middle {
      double median{0};
      double deviation{0};  // 1.4826 MAD
    };

    explicit Baseline(std::size_t samples) : values_(samples), scratch_(samples) {}

    [[nodiscard]] std::optional<Middle> middle();
    void add(std::optional<double> value);
    void clear() { values_.clear(); }

   private:
    Ring<double> values_;
    std::vector<double> scratch_;
  };

  AnomalyLimits limits_;
  Baseline spread_, depth_, volume_;
};

}  // namespace aitrade
