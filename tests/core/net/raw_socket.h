// A socket without manners, for tests: sends any bytes and reads with a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace aitrade::test {

using Millis = std::chrono::milliseconds;

class RawSocket {
 public:
  explicit RawSocket(int file) : file_(file) {}

  RawSocket(RawSocket&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

  RawSocket& operator=(RawSocket&&) = delete;

  ~RawSocket() { close(); }

  static RawSocket tcp(std::uint16_t port) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(file, &address, sizeof address);
  }

  static RawSocket unix_path(const std::string& path) {
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return connected(file, &address, sizeof address);
  }

  [[nodiscard]] bool is_open() const { return file_ >= 0; }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Reads until the peer closes or the time is up; `closed()` tells which.
  std::string read_all(Millis limit = Millis{3000}) {
    std::string text;
    const auto end = std::chrono::steady_clock::now() + limit;
    while (read_some(text, end)) {
    }
    return text;
  }

  /// Reads one reply with a Content-Length (or only its head when `head_only`).
  std::string read_reply(Millis limit = Millis{3000}, bool head_only = false) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
      const auto head = kept_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto at = kept_.find("Content-Length: ");
        const bool has_body = !head_only && at != std::string::npos && at < head;
        const std::size_t size = head + 4 + (has_body ? std::stoul(kept_.substr(at + 16)) : 0);
        if (kept_.size() >= size) {
          std::string reply = kept_.substr(0, size);
          kept_.erase(0, size);
          return reply;
        }
      }
      if (!read_some(kept_, end)) return std::exchange(kept_, {});
    }
  }

  [[nodiscard]] bool closed() const { return closed_; }

  [[nodiscard]] int file() const { return file_; }

  /// Closes with a reset instead of a goodbye.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  void close() {
    if (file_ >= 0) ::close(std::exchange(file_, -1));
  }

 private:
  template <class Address>
  static RawSocket connected(int file, const Address* address, socklen_t size) {
    sockaddr_storage bytes{};
    std::memcpy(&bytes, address, size);
    if (::connect(file, reinterpret_cast<const sockaddr*>(&bytes), size) == 0) return RawSocket(file);
    ::close(file);
    return RawSocket(-1);
  }

  bool read_some(std::string& text, std::chrono::steady_clock::time_point end) {
    const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now());
    pollfd wait{file_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
    std::array<char, 65536> chunk{};
    const auto n = ::recv(file_, chunk.data(), chunk.size(), 0);
    closed_ = n <= 0;
    if (n > 0) text.append(chunk.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  int file_;
  bool closed_{false};
  std::string kept_;
};

/// A listening TCP socket on a free loopback port.
class RawListener {
 public:
  RawListener() : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_storage bytes{};
    std::memcpy(&bytes, &address, sizeof address);
    socklen_t size = sizeof address;
    if (::bind(file_, reinterpret_cast<sockaddr*>(&bytes), size) != 0) return;
    ::listen(file_, 16);
    size = sizeof bytes;
    ::getsockname(file_, reinterpret_cast<sockaddr*>(&bytes), &size);
    std::memcpy(&address, &bytes, sizeof address);
    port_ = ntohs(address.sin_port);
  }

  ~RawListener() { ::close(file_); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Waits for a connection; a closed socket when none comes in time.
  [[nodiscard]] RawSocket accept(Millis limit) const {
    pollfd wait{file_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return RawSocket(-1);
    return RawSocket(::accept4(file_, nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  int file_;
  std::uint16_t port_{0};
};

}  // namespace aitrade::test
