// What the connections of one HttpServer share; internal to core/net.
//
// Everything here lives on the io thread except the counters, the workers' queue and what says
// otherwise.
#pragma once

#include <boost/asio.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/net/http_guard.h"
#include "core/net/http_server.h"

namespace aitrade {

/// TCP and Unix sockets alike.
using ServerSocket = boost::asio::generic::stream_protocol::socket;

/// Two threads for handlers that may wait. Thread-safe.
class Workers {
 public:
  Workers(std::size_t capacity, int nice) : capacity_(capacity), nice_(nice) {}

  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Returns false when the queue is full.
  bool post(std::function<void()> job);

  /// Finishes what runs, forgets what waits.
  void stop();

 private:
  void run();

  std::size_t capacity_;
  int nice_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  bool stopping_{false};
};

/// Something that the server can end: a connection in HTTP, or one turned WebSocket.
class Ending {
 public:
  virtual ~Ending() = default;

  /// The server stops: say goodbye and go. Io thread.
  virtual void shut_down() = 0;
};

struct PeerInfo {
  bool is_local{false};
  std::uint32_t uid{0};
  std::string address;  // empty for a local peer
};

struct ServerCore {
  ServerCore(const ServerOptions& chosen, HttpHandler& serving)
      : options(chosen), handler(serving), workers(chosen.limits.waiting_requests, chosen.nice) {}

  ServerOptions options;
  HttpHandler& handler;
  std::unique_ptr<HostList> hosts;          // set once the port is known
  std::vector<HttpHeader> policy_headers;   // empty when the browser policy is off
  std::atomic<std::uint64_t> accepted{0}, refused{0}, requests{0}, errors{0};
  std::atomic<std::size_t> open{0}, websockets{0};
  std::map<std::string, std::size_t> open_by_address;
  std::set<Ending*> endings;
  std::uint64_t last_error_id{0};
  bool stopping{false};
  boost::asio::io_context io{1};
  Workers workers;
};

/// Counts a connection for as long as it lives, in whatever shape.
class ConnectionSlot {
 public:
  ConnectionSlot(ServerCore& core, PeerInfo peer);
  ~ConnectionSlot();
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

  [[nodiscard]] const PeerInfo& peer() const { return peer_; }

 private:
  ServerCore& core_;
  PeerInfo peer_;
};

/// Serves HTTP on an accepted connection until it ends or becomes a WebSocket.
void serve_http(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot);

/// Finishes the upgrade that `head` (the request as received) asks for, and serves the WebSocket.
void serve_websocket(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot,
                     const std::string& head, std::unique_ptr<WsPeer> peer);

}  // namespace aitrade
