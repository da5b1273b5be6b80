#include "core/auth/login_guard.h"

#include <algorithm>

namespace aitrade {

Duration LoginGuard::wait_in(std::deque<Time>& times, std::size_t most, Duration window, Time now) {
  while (!times.empty() && now - times.front() >= window) times.pop_front();
  if (times.size() < most) return Duration{0};
  return std::max(Duration{1}, times[times.size() - most] + window - now);
}

Duration LoginGuard::wait_of_address(const std::string& address, Time now) {
  const auto found = failures_.find(address);
  if (found == failures_.end()) return Duration{0};
  const Duration wait = wait_in(found->second, limits_.per_address, limits_.address_window, now);
  if (found->second.empty()) failures_.erase(found);
  return wait;
}

Duration LoginGuard::wait(const std::string& address, Time now) {
  return std::max(wait_of_address(address, now), wait_in(all_, limits_.in_all, limits_.all_window, now));
}

Duration LoginGuard::failed(const std::string& address, Time now) {
  if (!failures_.contains(address) && failures_.size() >= limits_.addresses) {
    failures_.erase(std::min_element(failures_.begin(), failures_.end(), [](const auto& a, const auto& b) {
      return a.second.back() < b.second.back();
    }));
  }
  std::deque<Time>& times = failures_[address];
  times.push_back(now);
  all_.push_back(now);
  while (times.size() > limits_.per_address) times.pop_front();
  while (all_.size() > limits_.in_all) all_.pop_front();
  Duration delay = limits_.first_delay;
  for (std::size_t i = 1; i < times.size() && delay < limits_.last_delay; ++i) delay *= 2;
  return std::min(delay, limits_.last_delay);
}

}  // namespace aitrade
