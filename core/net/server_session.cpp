// One HTTP connection of the server: head, body, handler, reply, and again.
//
// A state machine with one timer: each phase arms an absolute deadline, and whatever breaks a rule
// ends the connection after its error reply. Bytes that follow a request before its reply are not
// looked at: the connection closes after that reply.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/net/server_core.h"

namespace aitrade {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t slice_bytes = 64 * 1024;
constexpr std::chrono::seconds slice_time{16};  // 4 KiB/s, the slowest reader of a stream

constexpr std::array<std::string_view, 7> known_methods{"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};

class Session final : public Ending, public std::enable_shared_from_this<Session> {
 public:
  Session(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot)
      : core_(core), socket_(std::move(socket)), slot_(std::move(slot)), deadline_(core.io) {
    core_.endings.insert(this);
  }

  ~Session() override { core_.endings.erase(this); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { read_head(limits().head_time); }

  void shut_down() override {
    // A reply under way is finished; anything else ends here.
    keep_alive_ = false;
    if (phase_ == Phase::head || phase_ == Phase::body) drop();
  }

 private:
  enum class Phase { head, body, handler, reply, over };

  [[nodiscard]] const ServerLimits& limits() const { return core_.options.limits; }

  // ---- reading ------------------------------------------------------------------------------------

  void read_head(Duration limit) {
    phase_ = Phase::head;
    arm(limit);
    on_head_bytes();
  }

  void on_head_bytes() {
    const HeadScan scan = scan_head(in_, limits());
    if (scan.refusal) return refuse(*scan.refusal);
    if (scan.is_complete) return on_head(scan.size);
    read_more([this] {
      // The first byte after an idle time starts the clock of the head.
      if (is_idle_) arm(limits().head_time);
      is_idle_ = false;
      on_head_bytes();
    });
  }

  template <class Next>
  void read_more(Next next) {
    socket_.async_read_some(
        asio::buffer(chunk_),
        [self = shared_from_this(), next](error_code ec, std::size_t n) {
          if (self->phase_ == Phase::over) return;
          if (ec) return self->drop();
          self->in_.append(self->chunk_.data(), n);
          next();
        });
  }

  void on_head(std::size_t size) {
    head_ = in_.substr(0, size);
    in_.erase(0, size);
    ++served_;
    ++core_.requests;
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(head_.size() + 1));
    parser.body_limit(boost::none);
    error_code ec;
    parser.put(asio::buffer(head_), ec);
    if ((ec && ec != http::error::need_more) || !parser.is_header_done()) {
      return refuse({400, "bad_request", "malformed request"});
    }
    const auto& head = parser.get();
    request_ = {};
    request_.method = std::string(head.method_string());
    for (const auto& field : head) {
      request_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    request_.is_local = slot_->peer().is_local;
    request_.peer_uid = slot_->peer().uid;
    request_.peer_address = slot_->peer().address;
    keep_alive_ = head.version() == 11 && head.keep_alive() && !core_.stopping &&
                  served_ < limits().requests_per_connection;
    wants_upgrade_ = boost::beast::websocket::is_upgrade(head);
    if (auto refusal = judge(std::string(head.target()))) return refuse(*refusal);
    ServerLimits own = limits();
    own.body = core_.handler.body_limit(request_, own.body);
    const BodyLength length = body_length(request_.headers, own);
    if (length.refusal) return refuse(*length.refusal);
    if (!request_.header("Expect").empty()) {
      return refuse({417, "expectation_failed", "no expectation can be met"});
    }
    body_bytes_ = length.bytes;
    phase_ = Phase::body;
    if (body_bytes_ > in_.size()) arm(limits().body_time);
    on_body_bytes();
  }

  /// Host before anything else, then target and method.
  std::optional<Refusal> judge(const std::string& raw_target) {
    int hosts = 0;
    for (const HttpHeader& header : request_.headers) {
      hosts += http::string_to_field(header.name) == http::field::host ? 1 : 0;
    }
    const std::string_view host = request_.header("Host");
    const bool strict = core_.options.browser_policy;
    if (hosts > 1 || (strict && host.empty())) {
      return Refusal{400, "bad_request", "exactly one Host header is needed"};
    }
    if (strict && !request_.is_local && !core_.hosts->allows(host)) return Refusal{421, "", ""};
    const auto target = parse_target(raw_target);
    if (!target) return Refusal{400, "bad_request", "malformed request target"};
    if (!target->authority.empty() && target->authority != host) {
      return Refusal{400, "bad_request", "request target and Host differ"};
    }
    const std::string_view origin = request_.header("Origin");
    request_.origin_allowed = !origin.empty() && core_.hosts && core_.hosts->allows_origin(origin);
    request_.path = target->path;
    request_.query = target->query;
    bool is_known = false;
    for (const std::string_view method : known_methods) is_known |= method == request_.method;
    if (!is_known) return Refusal{405, "method_not_allowed", "method is not allowed"};
    request_.is_head = request_.method == "HEAD";
    if (request_.is_head) request_.method = "GET";
    return std::nullopt;
  }

  void on_body_bytes() {
    if (in_.size() < body_bytes_) return read_more([this] { on_body_bytes(); });
    request_.body = in_.substr(0, body_bytes_);
    in_.erase(0, body_bytes_);
    if (!in_.empty()) keep_alive_ = false;  // pipelined bytes are not served
    if (wants_upgrade_ && upgrade()) return;
    dispatch();
  }

  // ---- answering ----------------------------------------------------------------------------------

  /// Returns true when the request was an upgrade that has been dealt with.
  bool upgrade() {
    const std::string_view origin = request_.header("Origin");
    if (core_.options.browser_policy && !origin.empty() && !core_.hosts->allows_origin(origin)) {
      refuse({403, "origin_refused", "this origin may not open a stream"});
      return true;
    }
    auto peer = core_.handler.upgrade(request_);
    if (!peer) return false;
    if (!in_.empty() || core_.websockets >= limits().ws_connections) {
      refuse({503, "too_many_streams", "too many open streams"});
      return true;
    }
    phase_ = Phase::over;
    deadline_.cancel();
    serve_websocket(core_, std::move(socket_), std::move(slot_), head_, std::move(peer));
    return true;
  }

  void dispatch() {
    phase_ = Phase::handler;
    deadline_.cancel();
    if (!core_.handler.may_block(request_)) return reply(core_.handler.handle(request_));
    const std::uint64_t ticket = ++ticket_;
    const bool posted = core_.workers.post([self = shared_from_this(), ticket,
                                            request = request_]() mutable {
      auto response = std::make_shared<ServerResponse>(self->core_.handler.handle(request));
      asio::io_context& io = self->core_.io;
      // The session goes back with its answer, so that it never ends on this thread.
      asio::post(io, [session = std::move(self), ticket, response] {
        if (session->phase_ == Phase::handler && session->ticket_ == ticket) {
          session->reply(std::move(*response));
        }
      });
    });
    if (!posted) {
      ServerResponse busy = error_response(503, "busy", "too many requests are waiting");
      busy.headers.push_back({"Retry-After", "1"});
      return reply(std::move(busy));
    }
    arm(limits().handler_time);
  }

  void refuse(const Refusal& refusal) {
    keep_alive_ = false;
    ServerResponse response = error_response(refusal.status, refusal.code, refusal.message);
    if (refusal.status == 405) response.headers.push_back({"Allow", "GET, HEAD, POST"});
    reply(std::move(response));
  }

  void reply(ServerResponse response) {
    phase_ = Phase::reply;
    ++ticket_;
    if (response.delay > milliseconds{0}) return reply_later(std::move(response));
    if (response.delivery != ServerResponse::Delivery::whole) return lose(std::move(response));
    if (response.status >= 400) ++core_.errors;
    if (!response.error_code.empty()) {
      std::array<char, 24> id{};
      std::snprintf(id.data(), id.size(), "e-%06llx",
                    static_cast<unsigned long long>(++core_.last_error_id));
      response.body = error_body(response.error_code, response.error_message, id.data());
    }
    response_ = std::move(response);
    const std::string& body = response_.shared_body ? *response_.shared_body : response_.body;
    out_ = head_text(body.size());
    // The head and a short body leave in one segment; a long body is not copied.
    const bool has_body = !request_.is_head && response_.status != 304 && response_.status != 204;
    const bool is_stream = static_cast<bool>(response_.stream) && has_body;
    std::array<asio::const_buffer, 2> buffers{asio::buffer(out_), asio::buffer(body)};
    if (!has_body || is_stream) buffers[1] = {};
    arm(limits().write_time);
    asio::async_write(socket_, buffers,
                      [self = shared_from_this(), is_stream](error_code ec, std::size_t) {
                        if (self->phase_ == Phase::over) return;
                        if (ec) return self->drop();
                        if (is_stream) return self->write_slice();
                        self->on_replied();
                      });
  }

  void reply_later(ServerResponse response) {
    const auto timer = std::make_shared<asio::steady_timer>(core_.io, response.delay);
    response.delay = milliseconds{0};
    deadline_.cancel();
    timer->async_wait([self = shared_from_this(), timer,
                       later = std::move(response)](error_code ec) mutable {
      if (!ec && self->phase_ != Phase::over) self->reply(std::move(later));
    });
  }

  /// Ends a request without its whole answer, in the way that was asked for.
  void lose(ServerResponse response) {
    using Delivery = ServerResponse::Delivery;
    keep_alive_ = false;
    if (response.delivery == Delivery::silence) return arm(limits().write_time);
    if (response.delivery == Delivery::reset) {
      error_code ignored;
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
    if (response.delivery == Delivery::drip) {
      response_ = std::move(response);
      out_ = head_text(response_.body.size()) + response_.body;
      return drip(0);
    }
    if (response.delivery != Delivery::truncated) return drop();
    response_ = std::move(response);
    out_ = head_text(response_.body.size());
    out_ += response_.body.substr(0, response_.body.size() / 2);
    arm(limits().write_time);
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](error_code, std::size_t) { self->drop(); });
  }

  /// Writes the byte at `position`, and the next one after a pause, to the end.
  void drip(std::size_t position) {
    if (phase_ == Phase::over) return;
    if (position == out_.size()) return drop();
    arm(slice_time);
    asio::async_write(
        socket_, asio::buffer(out_.data() + position, 1),
        [self = shared_from_this(), position](error_code ec, std::size_t) {
          if (ec) return self->drop();
          const auto timer =
              std::make_shared<asio::steady_timer>(self->core_.io, self->response_.pace);
          timer->async_wait([self, timer, position](error_code) { self->drip(position + 1); });
        });
  }

  std::string head_text(std::size_t body_size) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response_.status));
    std::string text = "HTTP/1.1 " + std::to_string(response_.status) + " " +
                       (response_.status == 421 ? "Misdirected Request" : std::string(reason)) +
                       "\r\n";
    auto add = [&text](std::string_view name, std::string_view value) {
      text.append(name).append(": ").append(value).append("\r\n");
    };
    const bool bare = response_.status == 204 || response_.status == 304;
    if (!bare && !(body_size == 0 && response_.status == 421)) {
      add("Content-Type", response_.content_type);
    }
    if (response_.stream) {
      add("Transfer-Encoding", "chunked");
    } else if (!bare) {
      add("Content-Length", std::to_string(body_size));
    }
    for (const HttpHeader& header : response_.headers) add(header.name, header.value);
    for (const HttpHeader& header : core_.policy_headers) {
      // A response may say itself how it is cached and, a page of its own, what it may do.
      const bool may_differ = header.name == "Cache-Control" || header.name == "Content-Security-Policy";
      if (!may_differ || header_value(response_.headers, header.name).empty()) add(header.name, header.value);
    }
    if (!keep_alive_) add("Connection", "close");
    return text += "\r\n";
  }

  /// Sends the next piece of a streamed body; each has its own deadline, which is its least rate.
  void write_slice() {
    std::string piece;
    bool more = true;
    while (more && piece.size() < slice_bytes) more = response_.stream(piece);
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
    out_ = piece.empty() ? std::string() : size.data() + piece + "\r\n";
    if (!more) out_ += "0\r\n\r\n";
    arm(slice_time);
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this(), more](error_code ec, std::size_t) {
                        if (self->phase_ == Phase::over) return;
                        if (ec) return self->drop();
                        if (more) return self->write_slice();
                        self->on_replied();
                      });
  }

  void on_replied() {
    response_ = {};
    if (!keep_alive_) return linger();
    is_idle_ = true;
    read_head(limits().idle_time);
  }

  /// Ends a connection so that the reply survives: closing with unread bytes would reset it.
  void linger() {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    phase_ = Phase::head;
    arm(seconds{1});
    drain();
  }

  void drain() {
    socket_.async_read_some(asio::buffer(chunk_),
                            [self = shared_from_this()](error_code ec, std::size_t n) {
                              self->drained_ += n;
                              if (ec || self->drained_ > (std::size_t{1} << 20)) return self->drop();
                              self->drain();
                            });
  }

  // ---- deadlines ----------------------------------------------------------------------------------

  void arm(Duration limit) {
    deadline_.expires_after(limit);
    deadline_.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!ec && self) self->on_deadline();
    });
  }

  void on_deadline() {
    // A timer that expired just before it was armed again has been queued already; ask the clock.
    if (deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    if (phase_ == Phase::body) return refuse({408, "timeout", "request body came too slowly"});
    if (phase_ == Phase::handler) {
      return reply(error_response(504, "timeout", "the answer took too long"));
    }
    drop();
  }

  void drop() {
    if (phase_ == Phase::over) return;
    phase_ = Phase::over;
    deadline_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

  ServerCore& core_;
  ServerSocket socket_;
  std::unique_ptr<ConnectionSlot> slot_;
  asio::steady_timer deadline_;
  std::array<char, 8192> chunk_{};
  std::string in_, head_, out_;
  ServerRequest request_;
  ServerResponse response_;
  std::size_t body_bytes_{0}, served_{0}, drained_{0};
  std::uint64_t ticket_{0};
  Phase phase_{Phase::head};
  bool keep_alive_{true}, is_idle_{false}, wants_upgrade_{false};
};

}  // namespace

void serve_http(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot) {
  std::make_shared<Session>(core, std::move(socket), std::move(slot))->start();
}

}  // namespace aitrade
