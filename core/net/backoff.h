// How long to wait before connecting again.
//
// Exponential with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): the n-th wait is
// uniform in [0, min(cap, base * 2^n)]. The exponent falls back to zero only after a healthy minute,
// never on connect alone: a link that opens and drops must not be hammered (reliability.md 8.5, EN2).
// Pure: times come from the caller, randomness from a seeded Random.
#pragma once

#include "core/base/random.h"
#include "core/base/time.h"

namespace aitrade {

struct BackoffOptions {
  Duration base{milliseconds{500}};
  Duration cap{seconds{60}};
  Duration healthy_after{seconds{60}};
};

class Backoff {
 public:
  explicit Backoff(Random random, BackoffOptions options = {});

  /// The connection works as of `now`.
  void on_open(Time now);

  /// The connection is gone, or the attempt failed. Returns how long to wait.
  Duration on_closed(Time now);

  /// Returns how many failures in a row count at present.
  [[nodiscard]] int failures() const { return failures_; }

  /// Returns the upper end of the next wait.
  [[nodiscard]] Duration ceiling() const;

 private:
  Random random_;
  BackoffOptions options_;
  int failures_{0};
  bool is_open_{false};
  Time opened_at_;
};

}  // namespace aitrade
