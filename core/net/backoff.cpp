#include "core/net/backoff.h"

#include <algorithm>
#include <cstdint>

namespace aitrade {

Backoff::Backoff(Random random, BackoffOptions options) : random_(random), options_(options) {}

void Backoff::on_open(Time now) {
  is_open_ = true;
  opened_at_ = now;
}

Duration Backoff::on_closed(Time now) {
  if (is_open_ && now - opened_at_ >= options_.healthy_after) failures_ = 0;
  is_open_ = false;
  const auto most = static_cast<std::uint64_t>(ceiling().count());
  ++failures_;
  return Duration{static_cast<std::int64_t>(random_.below(most + 1))};
}

Duration Backoff::ceiling() const {
  Duration wait = options_.base;
  for (int i = 0; i < failures_ && wait < options_.cap; ++i) wait *= 2;
  return std::min(wait, options_.cap);
}

}  // namespace aitrade
