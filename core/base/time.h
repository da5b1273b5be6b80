// Points in time and spans between them, in nanoseconds UTC.
//
// `Time` counts from 1970-01-01T00:00:00Z. Nothing here asks what time it is: the time in hand comes
// with the event, or from the Clock port in the shell.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

using Duration = std::chrono::nanoseconds;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A point in time, UTC.
struct Time {
  std::int64_t ns{0};  // since 1970-01-01T00:00:00Z

  friend constexpr auto operator<=>(Time, Time) = default;

  friend constexpr Time operator+(Time t, Duration d) { return Time{t.ns + d.count()}; }

  friend constexpr Time operator-(Time t, Duration d) { return Time{t.ns - d.count()}; }

  friend constexpr Duration operator-(Time a, Time b) { return Duration{a.ns - b.ns}; }

  static constexpr Time from_seconds(std::int64_t s) { return Time{s * 1'000'000'000}; }

  [[nodiscard]] constexpr std::int64_t seconds_floor() const {
    const std::int64_t s = ns / 1'000'000'000;
    return ns % 1'000'000'000 < 0 ? s - 1 : s;
  }
};

/// Returns the largest multiple of `step` (counted from 1970) that is not after `t`; step > 0.
constexpr Time floor_to(Time t, Duration step) {
  const std::int64_t rest = t.ns % step.count();
  return Time{t.ns - (rest < 0 ? rest + step.count() : rest)};
}

/// Returns RFC 3339 with millisecond precision: "2022-01-25T11:03:00.000Z".
std::string to_string(Time t);

/// Returns "2022-01-25T11:03:00Z": no fraction, for tables.
std::string to_string_seconds(Time t);

/// Returns the UTC day as "2022-01-25".
std::string day_text(Time t);

/// Reads RFC 3339 / ISO 8601 ("2022-01-25", "2022-01-25T11:03:00Z", with offset or fraction; no
/// offset means UTC), "20220125", or an epoch number in s, ms, us or ns told apart by magnitude.
Result<Time> parse_time(std::string_view text);

/// Reads "90s", "15m", "4h", "30d", "2w", "250ms"; a bare number is minutes.
Result<Duration> parse_duration(std::string_view text);

/// Returns the timeframe as people write it: "1m", "15m", "4h", "1d"; other spans in seconds.
std::string timeframe_text(Duration interval);

}  // namespace aitrade
