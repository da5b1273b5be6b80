#include "tests/bench/crowd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "core/threads/priority.h"

namespace aitrade::bench {
namespace {

constexpr int lowest_priority = 19;   // in life the clients are other machines
constexpr int askers = 8;

/// A connection to loopback; -1 when there is none.
int connect_to(std::uint16_t port, int receive_bytes = 0) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_bytes > 0) ::setsockopt(file, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr plain{};
  std::memcpy(&plain, &address, sizeof plain);
  if (::connect(file, &plain, sizeof address) == 0) return file;
  ::close(file);
  return -1;
}

bool send_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string upgrade_text(std::uint16_t port) {
  const std::string host = "127.0.0.1:" + std::to_string(port);
  return "GET /ws/live HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

/// Frames of a server, counted and forgotten.
struct Frames {
  std::string head;               // of the next frame, as far as it came
  std::uint64_t left{0};          // of the payload that passes
  bool has_upgraded{false};

  /// Returns how many frames ended; `is_ping` when one of them asks for an answer.
  int take(std::string_view bytes, bool& is_ping) {
    int ended = 0;
    while (!bytes.empty()) {
      if (left > 0) {
        const auto n = std::min<std::uint64_t>(left, bytes.size());
        left -= n;
        bytes.remove_prefix(static_cast<std::size_t>(n));
        if (left == 0) ++ended;
        continue;
      }
      head += bytes.front();
      bytes.remove_prefix(1);
      if (!has_upgraded) {
        if (head.ends_with("\r\n\r\n")) {
          has_upgraded = true;
          head.clear();
        }
        continue;
      }
      if (head.size() < 2) continue;
      const auto at = [this](std::size_t i) { return static_cast<unsigned char>(head[i]); };
      const std::size_t more = at(1) == 126 ? 2 : at(1) == 127 ? 8 : 0;
      if (head.size() < 2 + more) continue;
      left = more == 0 ? at(1) : 0;
      for (std::size_t i = 0; i < more; ++i) left = left << 8 | at(2 + i);
      is_ping = is_ping || (at(0) & 15U) == 9;
      head.clear();
      if (left == 0) ++ended;
    }
    return ended;
  }
};

/// What a crowd asks for: most of it valid, some not.
constexpr std::array<std::string_view, 16> requests{
    "GET /api/v1/status", "GET /api/v1/view", "GET /api/v1/positions", "GET /api/v1/risk", "GET /api/v1/strategies",
    "GET /api/v1/health", "GET /", "GET /static/style.css", "GET /api/v1/status", "GET /api/v1/performance",
    "GET /api/v1/trades?limit=20", "GET /api/v1/trades?limit=nothing", "GET /no/such/thing", "GET /../../etc/passwd",
    "GET /api/v1/status?api_key=x", "BREW /api/v1/status"};

/// Reads one reply; returns its status, 0 when it broke off.
int read_reply(int file, std::string& in, std::atomic<std::uint64_t>& bytes, bool& stays) {
  std::array<char, 16384> chunk{};
  const auto more = [&] {
    const auto n = ::recv(file, chunk.data(), chunk.size(), 0);
    if (n <= 0) return false;
    bytes += static_cast<std::uint64_t>(n);
    in.append(chunk.data(), static_cast<std::size_t>(n));
    return true;
  };
  std::size_t end = 0;
  while ((end = in.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return 0;
  }
  const std::string head = in.substr(0, end);
  const auto length_at = head.find("Content-Length: ");
  const std::size_t length = length_at == std::string::npos ? 0 : std::strtoull(head.c_str() + length_at + 16, nullptr, 10);
  while (in.size() < end + 4 + length) {
    if (!more()) return 0;
  }
  in.erase(0, end + 4 + length);
  stays = head.find("Connection: close") == std::string::npos;
  return std::atoi(head.c_str() + 9);
}

}  // namespace

Crowd::Crowd(const CrowdPlan& plan) : plan_(plan) {
  if (plan.viewers > 0) threads_.emplace_back([this] { watch(); });
  for (int i = 0; i < askers && plan.requests_per_second > 0; ++i) {
    threads_.emplace_back([this] { ask(plan_.requests_per_second / askers); });
  }
  if (plan.stalled > 0) threads_.emplace_back([this] { stall(); });
  if (plan.slow_heads > 0) threads_.emplace_back([this] { drip(); });
}

Crowd::~Crowd() {
  is_over_ = true;
  for (std::thread& thread : threads_) thread.join();
}

CrowdCounts Crowd::counts() const { return {requests_, refused_, broken_, messages_, bytes_, viewers_}; }

void Crowd::watch() {
  yield_to_others(lowest_priority);
  std::vector<pollfd> sockets;
  std::vector<Frames> frames(plan_.viewers);
  for (std::size_t i = 0; i < plan_.viewers; ++i) {
    sockets.push_back({connect_to(plan_.port), POLLIN, 0});
    if (sockets.back().fd >= 0) send_all(sockets.back().fd, upgrade_text(plan_.port));
  }
  std::vector<char> chunk(1U << 16);
  while (!is_over_) {
    ::poll(sockets.data(), sockets.size(), 100);
    std::size_t open = 0;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      pollfd& one = sockets[i];
      if (one.fd >= 0 && frames[i].has_upgraded) ++open;
      if (one.fd < 0 || one.revents == 0) continue;
      const auto n = ::recv(one.fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (n <= 0) {
        ::close(std::exchange(one.fd, -1));
        continue;
      }
      bytes_ += static_cast<std::uint64_t>(n);
      bool is_ping = false;
      messages_ += static_cast<std::uint64_t>(frames[i].take({chunk.data(), static_cast<std::size_t>(n)}, is_ping));
      if (is_ping) send_all(one.fd, std::string_view("\x8a\x80\0\0\0\0", 6));   // an empty pong
    }
    viewers_ = open;
  }
  for (const pollfd& one : sockets) {
    if (one.fd >= 0) ::close(one.fd);
  }
}

void Crowd::ask(int per_second) {
  yield_to_others(lowest_priority);
  const auto pace = std::chrono::nanoseconds(1'000'000'000 / per_second);
  auto next = std::chrono::steady_clock::now();
  int file = -1;
  std::string in;
  for (std::size_t i = 0; !is_over_; ++i, next += pace) {
    std::this_thread::sleep_until(next);
    if (file < 0) {
      file = connect_to(plan_.port);
      in.clear();
    }
    const std::string text = std::string(requests.at(i % requests.size())) + " HTTP/1.1\r\nHost: 127.0.0.1:" +
                             std::to_string(plan_.port) + "\r\n\r\n";
    bool stays = false;
    const int status = file >= 0 && send_all(file, text) ? read_reply(file, in, bytes_, stays) : 0;
    if (status == 0) ++broken_;
    if (status != 0) ++requests_;
    if (status >= 400) ++refused_;
    if (!stays && file >= 0) ::close(std::exchange(file, -1));
  }
  if (file >= 0) ::close(file);
}

void Crowd::stall() {
  yield_to_others(lowest_priority);
  std::vector<int> files(plan_.stalled, -1);
  while (!is_over_) {
    for (int& file : files) {   // one that was thrown out comes back
      char byte = 0;
      const bool is_gone = file >= 0 && ::send(file, "", 0, MSG_NOSIGNAL) < 0 && ::recv(file, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
      if (is_gone) ::close(std::exchange(file, -1));
      if (file >= 0) continue;
      file = connect_to(plan_.port, 4096);
      if (file >= 0) send_all(file, upgrade_text(plan_.port));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  for (const int file : files) {
    if (file >= 0) ::close(file);
  }
}

void Crowd::drip() {
  yield_to_others(lowest_priority);
  std::vector<int> files(plan_.slow_heads, -1);
  while (!is_over_) {
    for (int& file : files) {
      if (file < 0) file = connect_to(plan_.port);
      if (file >= 0 && ::send(file, "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) ::close(std::exchange(file, -1));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  for (const int file : files) {
    if (file >= 0) ::close(file);
  }
}

}  // namespace aitrade::bench
