// Tells a service manager how the daemon is: the datagrams of sd_notify(3), without its library.
//
// systemd names a socket in NOTIFY_SOCKET and, with WatchdogSec, a limit in WATCHDOG_USEC. Without the
// first every call does nothing. The watchdog is fed only while the engine moves, so a daemon that
// hangs is ended and started again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace aitrade::cli {

class Supervisor {
 public:
  /// Reads NOTIFY_SOCKET, an absolute path or an abstract name with @ in front, and WATCHDOG_USEC where
  /// WATCHDOG_PID is absent or `pid`. What cannot be understood is as if it were not there.
  Supervisor(const std::map<std::string, std::string>& environment, std::int64_t pid);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Says that the daemon trades.
  void ready(std::string_view status) const;

  /// Feeds the watchdog when `progress` differs from the last time it was fed, every half limit.
  void alive(std::uint64_t progress, Time now);

  /// Says that the daemon drains.
  void stopping() const;

  [[nodiscard]] bool is_there() const { return socket_ >= 0; }

 private:
  void send(const std::string& text) const;

  std::string address_;   // as sockaddr_un wants it
  int socket_{-1};
  Duration feed_every_{0};  // zero: no watchdog
  Time next_feed_;
  std::uint64_t fed_at_{0};
};

}  // namespace aitrade::cli
