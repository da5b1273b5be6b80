// May this closed bar be believed?
//
// Takes closed bars of one series from any source and answers with one of five explicit results
// (reliability.md 7.3, trading-core.md 8.2 and 8.6). A bar whose close is too far from the last accepted
// one waits; the next bar at its level, or a reference price beside it, confirms both; a single spike is
// dropped; the third suspect in a row is accepted with the two before it, so the series can never lock up.
//
// Invariants:
//   1. Accepted bars have strictly increasing times and are sound (fault_of).
//   2. At most two bars wait.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/domain/candle.h"

namespace aitrade {

enum class BarOutcome : std::uint8_t {
  applied,      // it is in the series, with the bars that waited for it
  duplicate,    // equal to the bar at its time; nothing to do
  late,         // older than the newest bar; closed bars do not change
  quarantined,  // it waits for confirmation
  rejected,     // it breaks a rule and is gone
};

/// Returns "applied", "duplicate", "late", "quarantined" or "rejected".
std::string_view to_string(BarOutcome outcome);

struct BarResult {
  BarOutcome outcome{BarOutcome::rejected};
  std::string_view reason;  // "outlier", or what is wrong; empty when applied. Static text.
};

struct OutlierSettings {
  double threshold{0.20};      // least suspicious |close / last close - 1|; 0 accepts all valid bars
  double atr_multiple{8.0};    // a move of fewer average true ranges is not suspicious
  int atr_period{14};          // bars; before that many were seen only `threshold` counts
  double confirm_within{0.03}; // how near a reference price must be, as a fraction of the waiting close
};

/// How often each thing happened.
struct BarCounts {
  std::uint64_t applied{0};      // accepted bars, confirmed ones included
  std::uint64_t duplicate{0};
  std::uint64_t late{0};
  std::uint64_t quarantined{0};  // bars that had to wait
  std::uint64_t rejected{0};
  std::uint64_t confirmed{0};    // of the quarantined: accepted afterwards
  std::uint64_t dropped{0};      // of the quarantined: never confirmed
};

class OutlierFilter {
 public:
  explicit OutlierFilter(const OutlierSettings& settings = {}) : settings_(settings) {}

  /// Takes the next closed bar; accepted() then holds the bars that may be used, oldest first.
  ///
  /// Formula: suspect when |close / last - 1| > max(threshold, atr_multiple * atr / last), last = close of
  ///          the newest accepted bar, atr = Wilder's average over atr_period accepted bars
  /// Errors:  none; see BarOutcome
  /// Cost:    O(1), no allocation
  BarResult push(const Candle& candle) {
    if (is_plain(candle)) {
      accepted_count_ = 0;
      accept(candle);
      return {BarOutcome::applied, {}};
    }
    return push_carefully(candle);
  }

  /// Accepts the waiting bars when the newest is within confirm_within of `reference` (the mid of a valid
  /// book, or of a second venue); returns whether it did, and accepted() holds them.
  bool confirm(Price reference);

  /// The bars that the last push or confirm let through; valid until the next call.
  [[nodiscard]] std::span<const Candle> accepted() const {
    if (accepted_count_ == 1) return {&last_, 1};   // almost always, and it spares a copy
    return {accepted_.data(), accepted_count_};
  }

  /// Whether a bar waits; entries in the instrument stop meanwhile.
  [[nodiscard]] bool is_pending() const { return pending_count_ > 0; }

  [[nodiscard]] const BarCounts& counts() const { return counts_; }

 private:
  static constexpr std::size_t suspects_max = 3;  // trading-core.md 8.6: accept after three in a row

  /// A price in the units it is kept in: ratios are the same, and nothing is divided.
  [[nodiscard]] static double units(Price price) { return static_cast<double>(price.raw()); }

  /// Whether the bar is what almost every bar is: sound, newer than the last one, near it, nothing waits.
  [[nodiscard]] bool is_plain(const Candle& c) const {
    return has_last_ && pending_count_ == 0 && c.closed && c.open_time > last_.open_time &&
           fault_of(c) == nullptr && !is_far(c, last_.close);
  }

  [[nodiscard]] bool is_far(const Candle& candle, Price from) const {
    if (settings_.threshold <= 0) return false;
    const double base = units(from);
    double limit = settings_.threshold * base;
    if (atr_bars_ >= settings_.atr_period) {
      const double range = settings_.atr_multiple * atr_;
      limit = std::max(limit, from == last_.close ? range : range * base / units(last_.close));
    }
    return std::fabs(units(candle.close - from)) > limit;   // no branch on the sign of a change
  }

  void accept(const Candle& candle) {
    if (has_last_) {
      const double range =
          units(std::max(candle.high, last_.close) - std::min(candle.low, last_.close));
      if (atr_bars_ < settings_.atr_period) weight_ = 1.0 / static_cast<double>(++atr_bars_);
      atr_ += (range - atr_) * weight_;   // mean while warming, then Wilder's
    }
    last_ = candle;
    has_last_ = true;
    ++accepted_count_;
    ++counts_.applied;
  }

  BarResult push_carefully(const Candle& candle);
  [[nodiscard]] BarResult refuse_known_time(const Candle& candle);
  void accept_pending();

  OutlierSettings settings_;
  std::array<Candle, suspects_max> accepted_{};
  std::array<Candle, suspects_max - 1> pending_{};
  std::size_t accepted_count_{0};
  std::size_t pending_count_{0};
  Candle last_;            // newest accepted
  bool has_last_{false};
  double atr_{0};          // in the units of a price
  int atr_bars_{0};        // true ranges seen, up to atr_period
  double weight_{0};       // of the newest true range: 1 / atr_bars_
  BarCounts counts_;
};

}  // namespace aitrade
