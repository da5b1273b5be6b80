// An HTTP/1.1 and WebSocket server on a TCP port, a Unix-domain socket, or both.
//
// One thread owns every socket; handlers that may wait run on two worker threads behind a bounded
// queue. Everything a peer can make grow has a cap and every phase an absolute deadline
// (reliability.md 8.3), so a hostile client costs itself a connection and nobody else anything.
// The Host check and the security headers (security.md 2.6, 3) apply to every reply; they are one
// switch, off only for the loopback exchange, which speaks for somebody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/transport.h"

namespace aitrade {

/// A request whose head has passed every check and whose body is complete.
struct ServerRequest {
  std::string method;   // upper case; HEAD arrives as GET with is_head set
  bool is_head{false};
  std::string path;     // percent-decoded once, no "..", no control characters
  std::string query;    // after "?", as sent
  std::vector<HttpHeader> headers;
  std::string body;
  bool is_local{false};        // came over the Unix socket from an allowed user
  std::uint32_t peer_uid{0};   // of a local peer
  std::string peer_address;    // of a TCP peer, without the port
  bool origin_allowed{false};  // there is an Origin, and it is one of ours

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return header_value(headers, name);
  }
};

struct ServerResponse {
  int status{200};
  std::string content_type{"application/json; charset=utf-8"};
  std::vector<HttpHeader> headers;             // further ones; a Cache-Control or Content-Security-Policy here wins
  std::string error_code, error_message;       // when set, the body is made of them, see error_body
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // sent instead of `body` when set
  /// How the reply reaches the peer. Anything but `whole` is for the loopback exchange, which has to
  /// show a client every way in which an answer can be lost.
  enum class Delivery { whole, truncated, none, reset, silence, drip };
  Delivery delivery{Delivery::whole};
  milliseconds pace{0};                        // of a drip: between two bytes
  milliseconds delay{0};                       // before the first byte
  /// Appends the next piece of a streamed body (sent chunked) and returns false after the last.
  std::function<bool(std::string& piece)> stream;
};

/// Returns a failure; the server gives it an id and the body of error_body.
ServerResponse error_response(int status, std::string_view code, std::string_view message);

/// Returns the body that every failure has: {"error":{"code","message","id"}}.
std::string error_body(std::string_view code, std::string_view message, std::string_view id);

/// The server's end of one WebSocket. Thread-safe; may outlive the connection.
class WsChannel {
 public:
  virtual ~WsChannel() = default;

  /// Queues a text frame. False when closed, or when the queue is full: the connection is then
  /// closed with 1013.
  virtual bool send(std::shared_ptr<const std::string> text) = 0;

  bool send_text(std::string text) {
    return send(std::make_shared<const std::string>(std::move(text)));
  }

  /// Writes bytes in place of a frame, in the order of the queue. For the loopback exchange, which
  /// has to show a client what no honest server writes. False when it cannot be done.
  virtual bool send_raw(std::string bytes) = 0;

  virtual void ping() = 0;

  /// Starts the closing handshake.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Ends the connection at once, without a close frame.
  virtual void cut() = 0;

  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;

  [[nodiscard]] virtual std::size_t queued_frames() const = 0;
};

/// What one WebSocket client is served by; called on the server's io thread, must not block.
class WsPeer {
 public:
  virtual ~WsPeer() = default;
  virtual void on_open(std::shared_ptr<WsChannel> channel) = 0;
  virtual void on_text(std::string_view text) = 0;

  /// The queue is empty again: a producer that paced itself may go on.
  virtual void on_drained() {}

  virtual void on_closed(std::uint16_t code) = 0;

  /// What the answer to the upgrade names as Sec-WebSocket-Protocol; empty: nothing.
  [[nodiscard]] virtual std::string subprotocol() const { return {}; }
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  /// Answers a request. On the io thread, unless may_block says otherwise.
  virtual ServerResponse handle(const ServerRequest& request) = 0;

  /// Returns how large a body may be, from the head alone; `usual` is that of the limits.
  [[nodiscard]] virtual std::size_t body_limit(const ServerRequest&, std::size_t usual) const { return usual; }

  /// True moves the request to a worker thread; `handle` may then be called concurrently.
  [[nodiscard]] virtual bool may_block(const ServerRequest&) const { return false; }

  /// Returns who serves this WebSocket upgrade (any path), or nothing: then `handle` answers.
  virtual std::unique_ptr<WsPeer> upgrade(const ServerRequest&) { return nullptr; }
};

/// The numbers of reliability.md 8.3. Tests shorten the times.
struct ServerLimits {
  std::size_t request_line{4096}, target{2048};
  std::size_t headers_total{16384}, header_count{64}, one_header{8192};
  std::size_t body{65536};
  milliseconds head_time{5'000}, body_time{10'000}, write_time{30'000}, idle_time{30'000};
  milliseconds handler_time{5'000};
  std::size_t requests_per_connection{100};
  std::size_t connections{256}, connections_per_address{32};
  std::size_t waiting_requests{128};         // for a worker; beyond: 503
  std::size_t ws_connections{64};
  std::size_t ws_queue_frames{256}, ws_queue_bytes{1U << 20};  // per connection
  std::size_t ws_incoming_bytes{4096};       // one message from a client
  double ws_incoming_per_second{20};         // messages from a client, with a burst of twice that
  milliseconds ws_ping_every{20'000};        // closed when a ping stays unanswered that long
  milliseconds ws_write_time{10'000};        // without progress
};

struct ServerOptions {
  bool tcp{true};
  std::string address{"127.0.0.1"};
  std::uint16_t port{0};                     // 0: any free one, see HttpServer::port
  std::string unix_path;                     // empty: no Unix socket
  bool browser_policy{true};                 // Host check and security headers
  std::vector<std::string> allowed_hosts;    // authorities besides the loopback names
  std::function<bool(std::uint32_t uid)> peer_allowed;  // empty: our own user and root
  int nice{0};                               // of its threads: above 0 they yield to the rest of the process
  ServerLimits limits;
};

class HttpServer {
 public:
  /// Binds and starts to serve. `handler` is borrowed and must outlive the server.
  ///
  /// Errors:  busy when the port or the socket is taken (the text names it), invalid for a bad
  ///          address or a path too long for a socket, io for anything else
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options, HttpHandler& handler);

  /// Stops and joins: WebSockets are closed with 1001, the Unix socket is removed.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Returns the TCP port in use; 0 without TCP.
  [[nodiscard]] std::uint16_t port() const;

  struct Counts {
    std::uint64_t accepted{0}, refused{0}, requests{0}, errors{0};
    std::size_t open{0}, websockets{0};
  };

  /// Any thread.
  [[nodiscard]] Counts counts() const;

 private:
  class State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace aitrade
