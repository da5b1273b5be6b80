#include "cmd/supervisor.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace aitrade::cli {
namespace {

std::string value_of(const std::map<std::string, std::string>& environment, const char* name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string{} : at->second;
}

/// Zero when the text is no number.
std::int64_t number_in(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

}  // namespace

Supervisor::Supervisor(const std::map<std::string, std::string>& environment, std::int64_t pid)
    : address_(value_of(environment, "NOTIFY_SOCKET")) {
  if (address_.size() < 2 || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_.front() != '/' && address_.front() != '@') return;
  if (address_.front() == '@') address_.front() = '\0';  // an abstract name
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const std::string meant = value_of(environment, "WATCHDOG_PID");
  if (!meant.empty() && number_in(meant) != pid) return;
  constexpr std::int64_t limit_max = 1'000'000LL * 86'400;  // a day; more is no watchdog
  const std::int64_t microseconds = std::min(number_in(value_of(environment, "WATCHDOG_USEC")), limit_max);
  if (microseconds > 0) feed_every_ = Duration{microseconds * 1'000 / 2};
}

Supervisor::~Supervisor() {
  if (socket_ >= 0) ::close(socket_);
}

void Supervisor::ready(std::string_view status) const { send("READY=1\nSTATUS=" + std::string(status)); }

void Supervisor::alive(std::uint64_t progress, Time now) {
  if (feed_every_.count() == 0 || now < next_feed_ || progress == fed_at_) return;
  fed_at_ = progress;
  next_feed_ = now + feed_every_;
  send("WATCHDOG=1");
}

void Supervisor::stopping() const { send("STOPPING=1"); }

void Supervisor::send(const std::string& text) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::copy(address_.begin(), address_.end(), to.sun_path);
  // An abstract name is as long as it says; a path may be without its final zero.
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // A manager that does not listen is its own problem: trading goes on.
  static_cast<void>(::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), length));
}

}  // namespace aitrade::cli
