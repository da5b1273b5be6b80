// Where "now" comes from. Only the shell asks; the core reads time from its events.
#pragma once

#include "core/base/time.h"

namespace aitrade {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Returns the current time, UTC. On a tape this is the loopback exchange's time (decision 24).
  [[nodiscard]] virtual Time now() const = 0;
};

/// A clock that stands where it is put; for tests and replay.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time t = {}) : now_(t) {}

  [[nodiscard]] Time now() const override { return now_; }

  void set(Time t) { now_ = t; }

  void advance(Duration d) { now_ = now_ + d; }

 private:
  Time now_;
};

}  // namespace aitrade
