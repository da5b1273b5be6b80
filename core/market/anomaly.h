// Is the market of a pair unlike the one of a moment ago?
//
// Compares each sample with the twenty before it, itself excluded, by median and median absolute
// deviation, so that one spike neither hides itself nor raises the bar for the next. The caller decides
// what a sample is (a closed candle with the book at its close) and what to do: entries stop, exits do not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

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
  bool wide_spread{false};   // above 3 medians
  bool thin_depth{false};    // below half the median
  bool odd_volume{false};    // above 5 medians while the price moved less than 0.5 %

  [[nodiscard]] bool any() const { return wide_spread || thin_depth || odd_volume; }

  friend bool operator==(const Anomalies&, const Anomalies&) = default;
};

class AnomalyWatch {
 public:
  static constexpr std::size_t samples_needed = 20;
  static constexpr double spread_factor = 3;
  static constexpr double depth_factor = 0.5;
  static constexpr double volume_factor = 5;
  static constexpr double still = 0.005;      // fraction
  static constexpr double deviations_min = 5; // scaled median absolute deviations, beside the factor

  /// Judges a sample by the ones before it, then remembers it.
  ///
  /// Formula:  x is odd when it is beyond factor * median and more than 5 * 1.4826 * MAD away from it,
  ///           where MAD = median |x_i - median|, over the last twenty samples without x
  /// Cost:     O(20), no allocation
  /// Source:   trading-core.md 10, rewrite; Hampel (1974), The influence curve and its role in robust
  ///           estimation, for the factor 1.4826
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

    [[nodiscard]] std::optional<Middle> middle() const;
    void add(std::optional<double> value);
    void clear() { values_.clear(); }

   private:
    Ring<double> values_{samples_needed};
  };

  Baseline spread_, depth_, volume_;
};

}  // namespace aitrade
