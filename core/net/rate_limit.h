// Token buckets: how many calls are left, and when the next is allowed.
//
// Pure: the time is passed in and may stand still or run backwards without harm. RateTable holds one
// bucket for each client address, with a cap on how many it remembers.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "core/base/time.h"

namespace aitrade {

struct RateLimit {
  double per_second{1.0};
  double burst{1.0};  // capacity of the bucket, in tokens
};

class TokenBucket {
 public:
  explicit TokenBucket(RateLimit limit, Time now = {});

  /// Takes `tokens` if they are there; false leaves the bucket as it was.
  bool take(Time now, double tokens = 1.0);

  /// Returns how long until `tokens` will be there; zero when they are. tokens <= burst.
  [[nodiscard]] Duration wait(Time now, double tokens = 1.0) const;

  /// Returns the tokens at `now`.
  [[nodiscard]] double level(Time now) const;

  /// Empties the bucket and refills from `until` on: a venue told us to stop.
  void freeze(Time until);

  /// Returns when the bucket was last used.
  [[nodiscard]] Time last_used() const { return at_; }

 private:
  RateLimit limit_;
  double level_;
  Time at_;
};

class RateTable {
 public:
  RateTable(RateLimit limit, std::size_t capacity = 10'000) : limit_(limit), capacity_(capacity) {}

  /// Takes a token for `client`; returns zero, or how long it has to wait.
  Duration take(const std::string& client, Time now, double tokens = 1.0);

  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  void make_room();

  RateLimit limit_;
  std::size_t capacity_;
  std::map<std::string, TokenBucket> buckets_;
};

}  // namespace aitrade
