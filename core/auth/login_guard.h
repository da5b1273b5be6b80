// How often somebody may be wrong (security.md 4). Pure: the time is passed in.
//
// Five failures in a quarter of an hour from one address, twenty in a minute from all; each failure answers
// later than the one before. What is refused is not counted, so a limit always ends by itself.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "core/base/time.h"

namespace aitrade {

struct GuardLimits {
  std::size_t per_address{5};
  Duration address_window{minutes{15}};
  std::size_t in_all{20};
  Duration all_window{minutes{1}};
  Duration first_delay{milliseconds{250}};
  Duration last_delay{seconds{30}};
  std::size_t addresses{4096};   // remembered; the one that failed longest ago is forgotten
};

class LoginGuard {
 public:
  explicit LoginGuard(GuardLimits limits = {}) : limits_(limits) {}

  /// Returns how long this address has to wait; zero: it may try.
  [[nodiscard]] Duration wait(const std::string& address, Time now);

  /// The same without the limit over all addresses.
  [[nodiscard]] Duration wait_of_address(const std::string& address, Time now);

  /// Counts a failure. Returns how long its answer is to be held back.
  Duration failed(const std::string& address, Time now);

  void succeeded(const std::string& address) { failures_.erase(address); }

  [[nodiscard]] std::size_t size() const { return failures_.size(); }

 private:
  static Duration wait_in(std::deque<Time>& times, std::size_t most, Duration window, Time now);

  GuardLimits limits_;
  std::map<std::string, std::deque<Time>> failures_;
  std::deque<Time> all_;
};

}  // namespace aitrade
