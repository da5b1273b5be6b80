// The seams between protocol objects and sockets: one for HTTP, one for WebSocket.
//
// Venue code speaks to these interfaces; http_client.h and ws_client.h implement them over real
// sockets, tests and the simulator in memory. The outcome of a request is one of four facts
// (reliability.md 2.3), because "did the order leave?" must never be guessed from an error text.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace aitrade {

struct HttpHeader {
  std::string name, value;
};

/// Returns the value of the first header with that name (ASCII case ignored), or empty text.
std::string_view header_value(const std::vector<HttpHeader>& headers, std::string_view name);

// ---- HTTP -------------------------------------------------------------------------------------------

struct HttpTimeouts {
  milliseconds connect{5'000};  // name resolution, TCP and TLS handshake
  milliseconds total{15'000};   // the whole call
};

struct HttpRequest {
  std::string method{"GET"};
  std::string url;  // https, or http toward a loopback host
  std::vector<HttpHeader> headers;
  std::string body;
  bool idempotent{true};    // false: at most one copy reaches the wire (orders)
  HttpTimeouts timeouts;
  std::size_t max_reply_bytes{std::size_t{16} << 20};
  std::string unix_socket;  // when set, the connection goes to this socket instead of the host
};

struct HttpReply {
  int status{0};
  std::vector<HttpHeader> headers;
  std::string body;
};

enum class TransportFact : std::uint8_t {
  not_sent,       // proved: failed before the first byte of the request
  sent_no_reply,  // a byte may have left, and no status came back
  reply,          // status and the whole body
  reply_partial,  // status, but the body is incomplete
};

std::string_view to_string(TransportFact fact);

struct HttpOutcome {
  TransportFact fact{TransportFact::not_sent};
  HttpReply reply;  // meaningful for reply and reply_partial
  Error error;      // meaningful for everything but reply: network, timeout, invalid or rejected (TLS)

  [[nodiscard]] bool is_reply() const { return fact == TransportFact::reply; }
};

/// What a caller of the service is told of a call without a reply. A handshake that proved nothing is "rejected"
/// for the transport; for who wanted an answer the service is out of reach (network), and nobody refused him.
Error unreached(Error error);

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  /// Performs one request and returns within its total timeout. Never retries, never redirects.
  virtual HttpOutcome perform(const HttpRequest& request) = 0;
};

// ---- WebSocket --------------------------------------------------------------------------------------

struct WsConnect {
  std::string url;  // wss, or ws toward a loopback host
  std::vector<HttpHeader> headers;
  milliseconds connect_timeout{10'000};  // name to finished upgrade
  milliseconds ping_after{20'000};       // of silence; closed when twice that passes without a byte
  std::size_t max_message_bytes{std::size_t{16} << 20};
};

struct WsClosed {
  std::uint16_t code{0};  // close code of the peer; 0 when the connection broke or never opened
  Error reason;
  bool was_open{false};
};

/// What a transport tells its owner, always on the transport's own thread. A callback must not
/// block; it may call `connect`, `send`, `close` and `wake_after`.
struct WsEvents {
  std::function<void()> on_open;
  std::function<void(std::string_view text, Time receipt)> on_text;
  std::function<void(const WsClosed& closed)> on_closed;  // exactly once for each connect
  std::function<void()> on_written;                       // once for each frame of send(), in their order
  std::function<void()> on_wake;                          // see wake_after
};

class WsTransport {
 public:
  virtual ~WsTransport() = default;

  /// Starts to connect; an open connection is dropped first (with its on_closed). Any thread.
  virtual void connect(const WsConnect& target) = 0;

  /// Queues a text frame. Errors: network when not open, full when the queue is. Any thread.
  virtual Status send(std::string text) = 0;

  /// Starts the closing handshake; on_closed follows, within 2 s whatever the peer does.
  virtual void close(std::uint16_t code = 1000) = 0;

  /// Calls on_wake once after `delay`; a later call replaces an earlier one. Any thread.
  virtual void wake_after(Duration delay) = 0;
};

}  // namespace aitrade
