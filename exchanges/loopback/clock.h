// What time is it on the exchange?
//
// Decision 24: when prices come from a tape, time is the exchange's. At a speed above zero it runs
// that much faster than the wall from the moment it is started; at speed zero it stands and is
// moved by hand. RemoteClock is the same clock seen from another process.
#pragma once

#include "core/base/result.h"
#include "core/ports/clock.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace aitrade::loopback {

/// Thread-safe.
class LoopbackClock final : public Clock {
 public:
  /// Stands at `start`. speed >= 0.
  LoopbackClock(Time start, double speed) : base_(start), speed_(speed), hand_(start.ns) {}

  [[nodiscard]] Time now() const override;

  /// Lets the time run; a second call does nothing. At speed 0 it keeps standing.
  void start();

  /// Moves the time forward by hand; never back.
  void advance_to(Time time);

  [[nodiscard]] double speed() const { return speed_; }

  [[nodiscard]] bool is_started() const;

  /// Returns how long the wall needs until the exchange reaches `time`; zero when it is past. speed
  /// > 0.
  [[nodiscard]] Duration wall_until(Time time) const;

 private:
  mutable std::mutex mutex_;
  Time base_;
  double speed_;
  bool is_started_{false};
  std::chrono::steady_clock::time_point started_at_;
  std::atomic<std::int64_t> hand_;  // ns; a floor under the running time
};

/// What `GET /_sim/clock` says.
struct ClockReading {
  Time now;
  double speed{1};
  bool is_running{false};
  bool is_finished{false};
};

/// Reads the answer of `GET /_sim/clock`; errors: invalid.
Result<ClockReading> parse_clock_reading(std::string_view body);

/// What one asking told of a clock elsewhere: that moment of it, at that moment of ours, so many ns of ours uncertain.
struct ClockFix {
  ClockReading reading;
  std::chrono::steady_clock::time_point at;
  Duration uncertainty{0};   // half of what the asking took
};

/// Says whether a fresh fix is better than the one in use: the clock was started or stopped since, the fresh one is no
/// less certain than what the old one has become, or the two contradict each other. Otherwise every slow answer would
/// be a step of the time that is read off.
bool is_better(const ClockFix& fresh, const ClockFix& used);

/// The clock of an exchange in another process: asks now and then, and extrapolates with the speed
/// in between. Never runs backwards. Thread-safe.
class RemoteClock final : public Clock {
 public:
  /// Asks once before it returns. Errors: network, timeout, invalid.
  static Result<std::unique_ptr<RemoteClock>> connect(const std::string& rest_url);
  ~RemoteClock() override;

  [[nodiscard]] Time now() const override;

  /// Whether the tape has ended.
  [[nodiscard]] bool is_finished() const;

  [[nodiscard]] double speed() const;

  /// Tells the exchange that everything up to this close time is handled (speed 0).
  Status acknowledge(Time candle_close);

 private:
  struct State;
  explicit RemoteClock(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace aitrade::loopback
