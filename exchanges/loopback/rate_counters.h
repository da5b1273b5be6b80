// May the client still ask?
//
// The venue's two private limiters (kraken.md 7): one counter per key for calls, one per pair for
// trading, each with a tier's maximum and decay. In hundredths, as integers. Off by default.
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace aitrade::loopback {

enum class RateTier : std::uint8_t { none, starter, intermediate, pro };

std::optional<RateTier> rate_tier_of(std::string_view text);

/// What an order-changing call costs, in whole points, by the age of the order.
std::int64_t amend_cost(Duration age);
std::int64_t edit_cost(Duration age);
std::int64_t cancel_cost(Duration age);

class RateCounters {
 public:
  explicit RateCounters(RateTier tier) : tier_(tier) {}

  void set_tier(RateTier tier) { tier_ = tier; }

  /// Refuses every call and every change until then, as if the counters were full: a fault.
  void exhaust(Time until) { full_until_ = until; }

  /// Counts a call of a key; false when it is refused: then it does not count.
  bool call(const std::string& key, std::int64_t cost, Time now);

  /// Counts an add, amend or edit on a pair; false when refused.
  bool trade(std::size_t pair, std::int64_t hundredths, Time now);

  /// Counts a cancel: always taken.
  void cancel(std::size_t pair, std::int64_t cost, Time now);

  /// The trading counter of a pair, rounded up; what `ratecounter` shows.
  [[nodiscard]] std::int64_t trading(std::size_t pair, Time now) const;

  [[nodiscard]] std::int64_t trading_max() const;

 private:
  struct Counter {
    std::int64_t hundredths{0};
    Time at;

    [[nodiscard]] std::int64_t value(Time now, std::int64_t decay) const;
  };

  RateTier tier_;
  Time full_until_;
  std::map<std::string, Counter> calls_;
  std::map<std::size_t, Counter> trades_;
};

}  // namespace aitrade::loopback
