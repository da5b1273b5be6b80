#include "core/net/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace aitrade {

TokenBucket::TokenBucket(RateLimit limit, Time now) : limit_(limit), level_(limit.burst), at_(now) {}

double TokenBucket::level(Time now) const {
  if (now <= at_) return level_;
  const double elapsed = static_cast<double>((now - at_).count()) / 1e9;
  return std::min(limit_.burst, level_ + elapsed * limit_.per_second);
}

bool TokenBucket::take(Time now, double tokens) {
  if (now < at_) return level_ >= tokens ? (level_ -= tokens, true) : false;
  const double left = level(now) - tokens;
  if (left < 0) return false;
  level_ = left;
  at_ = now;
  return true;
}

Duration TokenBucket::wait(Time now, double tokens) const {
  const double missing = tokens - level(now);
  if (missing <= 0) return Duration{0};
  const Duration refill{static_cast<std::int64_t>(std::ceil(missing / limit_.per_second * 1e9))};
  return now < at_ ? (at_ - now) + refill : refill;
}

void TokenBucket::freeze(Time until) {
  level_ = 0;
  at_ = std::max(at_, until);
}

Duration RateTable::take(const std::string& client, Time now, double tokens) {
  auto found = buckets_.find(client);
  if (found == buckets_.end()) {
    if (buckets_.size() >= capacity_) make_room();
    found = buckets_.emplace(client, TokenBucket(limit_, now)).first;
  }
  return found->second.take(now, tokens) ? Duration{0} : found->second.wait(now, tokens);
}

void RateTable::make_room() {
  // The least recently used goes: turning newcomers away would let an attacker lock out the operator.
  const auto oldest = std::min_element(
      buckets_.begin(), buckets_.end(),
      [](const auto& a, const auto& b) { return a.second.last_used() < b.second.last_used(); });
  if (oldest != buckets_.end()) buckets_.erase(oldest);
}

}  // namespace aitrade
