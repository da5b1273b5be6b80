// One WebSocket of the server: a bounded queue out, small text frames in.
//
// The channel that handlers hold may be used from any thread and may outlive the connection; all
// socket work happens on the io thread. A client that does not read is closed with 1013 when its
// queue is full, or cut when a frame makes no progress (reliability.md 8.2).

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "core/net/rate_limit.h"
#include "core/net/server_core.h"

namespace aitrade {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::chrono::seconds close_limit{2};

Time steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

class Stream;

// What waits to be written: the text of a frame, or bytes in place of one.
struct Outgoing {
  std::shared_ptr<const std::string> text;
  bool is_raw{false};
};

/// The thread-safe side. Knows the stream only while that lives.
class Channel final : public WsChannel {
 public:
  Channel(ServerCore& core, std::weak_ptr<Stream> stream)
      : in_turn_(core.io.get_executor()), most_frames_(core.options.limits.ws_queue_frames),
        most_bytes_(core.options.limits.ws_queue_bytes), stream_(std::move(stream)) {}

  bool send(std::shared_ptr<const std::string> text) override {
    return enqueue({std::move(text), false});
  }

  bool send_raw(std::string bytes) override {
    return enqueue({std::make_shared<const std::string>(std::move(bytes)), true});
  }

  void ping() override;
  void close(std::uint16_t code, std::string_view reason) override;
  void cut() override;

  [[nodiscard]] std::size_t queued_bytes() const override { return bytes_; }

  [[nodiscard]] std::size_t queued_frames() const override { return frames_; }

  void sent(std::size_t size) {
    bytes_ -= size;
    --frames_;
  }

  void end() { open_ = false; }

 private:
  bool enqueue(Outgoing out);

  // What is posted to a context from its own thread may be overtaken by what another thread posts later.
  asio::strand<asio::io_context::executor_type> in_turn_;
  std::size_t most_frames_, most_bytes_;
  std::weak_ptr<Stream> stream_;
  std::atomic<bool> open_{true};
  std::atomic<std::size_t> bytes_{0}, frames_{0};
};

class Stream final : public Ending, public std::enable_shared_from_this<Stream> {
 public:
  Stream(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot,
         std::unique_ptr<WsPeer> peer)
      : core_(core), slot_(std::move(slot)), peer_(std::move(peer)), ws_(std::move(socket)),
        limit_(core.io),
        incoming_({core.options.limits.ws_incoming_per_second,
                   2 * core.options.limits.ws_incoming_per_second}, steady_now()) {
    core_.endings.insert(this);
    ++core_.websockets;
  }

  ~Stream() override {
    if (channel_) channel_->end();
    core_.endings.erase(this);
    --core_.websockets;
  }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void start(const std::string& head) {
    beast::http::request_parser<beast::http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
    error_code ec;
    parser.put(asio::buffer(head), ec);
    request_ = parser.release();
    const ServerLimits& limits = core_.options.limits;
    websocket::stream_base::timeout times{};
    times.handshake_timeout = limits.head_time;
    times.idle_timeout = 2 * limits.ws_ping_every;  // Beast pings when half of it was silent
    times.keep_alive_pings = true;
    ws_.set_option(times);
    ws_.set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
      response.erase(beast::http::field::server);
      for (const HttpHeader& header : core_.policy_headers) response.set(header.name, header.value);
      const std::string protocol = peer_->subprotocol();
      if (!protocol.empty()) response.set(beast::http::field::sec_websocket_protocol, protocol);
    }));
    ws_.read_message_max(limits.ws_incoming_bytes);
    ws_.text(true);
    ws_.async_accept(request_, [self = shared_from_this()](error_code failed) {
      if (failed) return self->cut();
      self->on_accepted();
    });
  }

  void enqueue(Outgoing out) {
    if (closing_) return channel_->sent(out.text->size());
    queue_.push_back(std::move(out));
    if (queue_.size() == 1) write_next();
  }

  void ping() {
    if (pinging_ || closing_) return;
    pinging_ = true;
    ws_.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
  }

  void close(std::uint16_t code, const std::string& reason) {
    if (closing_) return;
    if (!channel_) {  // the answer to the upgrade is on its way, and the peer may have it already
      early_close_ = code;
      return arm(close_limit);
    }
    closing_ = true;
    channel_->end();
    code_ = code;
    arm(close_limit);
    websocket::close_reason why(code);
    why.reason.assign(reason.data(), std::min(reason.size(), std::size_t{120}));
    ws_.async_close(why, [self = shared_from_this()](error_code) { self->cut(); });
  }

  void shut_down() override { close(1001, "the server stops"); }

  /// The end, once.
  void cut() {
    if (is_over_) return;
    is_over_ = closing_ = true;
    limit_.cancel();
    if (channel_) channel_->end();
    error_code ignored;
    beast::get_lowest_layer(ws_).close(ignored);
    if (channel_) peer_->on_closed(code_);
  }

 private:
  void on_accepted() {
    if (is_over_) return;
    channel_ = std::make_shared<Channel>(core_, weak_from_this());
    peer_->on_open(channel_);
    read_next();
    if (early_close_ != 0) close(early_close_, "the server stops");
  }

  void read_next() {
    ws_.async_read(in_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->on_read_error(ec);
      self->on_message();
    });
  }

  void on_message() {
    if (!closing_) {
      if (!ws_.got_text()) {
        close(1003, "text frames only");
      } else if (!incoming_.take(steady_now())) {
        close(1008, "too many messages");
      } else {
        const auto bytes = in_.cdata();
        peer_->on_text({static_cast<const char*>(bytes.data()), bytes.size()});
      }
    }
    in_.consume(in_.size());
    read_next();  // also while closing: the peer's close frame ends the read
  }

  void on_read_error(error_code ec) {
    if (closing_) return;  // the closing handshake, or its time limit, ends it
    code_ = ec == websocket::error::closed ? static_cast<std::uint16_t>(ws_.reason().code)
                                           : std::uint16_t{1006};
    cut();
  }

  void write_next() {
    arm(core_.options.limits.ws_write_time);
    auto done = [self = shared_from_this()](error_code ec, std::size_t) {
      self->channel_->sent(self->queue_.front().text->size());
      self->queue_.pop_front();
      if (ec) return self->closing_ ? void() : self->cut();
      self->on_written();
    };
    const auto bytes = asio::buffer(*queue_.front().text);
    if (queue_.front().is_raw) {
      asio::async_write(ws_.next_layer(), bytes, std::move(done));
    } else {
      ws_.async_write(bytes, std::move(done));
    }
  }

  void on_written() {
    if (closing_) {  // what still waits will not be sent
      for (const Outgoing& out : queue_) channel_->sent(out.text->size());
      queue_.clear();
      return;
    }
    if (!queue_.empty()) return write_next();
    limit_.expires_at(asio::steady_timer::time_point::max());  // also outdates one that has fired
    peer_->on_drained();
  }

  void arm(Duration limit) {
    limit_.expires_after(limit);
    limit_.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (ec || !self || self->limit_.expiry() > asio::steady_timer::clock_type::now()) return;
      self->cut();
    });
  }

  ServerCore& core_;
  std::unique_ptr<ConnectionSlot> slot_;
  std::unique_ptr<WsPeer> peer_;
  std::shared_ptr<Channel> channel_;
  websocket::stream<ServerSocket> ws_;
  beast::http::request<beast::http::empty_body> request_;
  beast::flat_buffer in_;
  std::deque<Outgoing> queue_;  // front is being written
  asio::steady_timer limit_;
  TokenBucket incoming_;
  std::uint16_t code_{1006};
  std::uint16_t early_close_{0};   // asked for before the upgrade was answered
  bool closing_{false}, pinging_{false}, is_over_{false};
};

bool Channel::enqueue(Outgoing out) {
  if (!open_) return false;
  const std::size_t size = out.text->size();
  if (frames_ >= most_frames_ || bytes_ + size > most_bytes_) {
    close(1013, "reading too slowly");
    return false;
  }
  ++frames_;
  bytes_ += size;
  asio::post(in_turn_, [weak = stream_, out = std::move(out)]() mutable {
    if (const auto stream = weak.lock()) stream->enqueue(std::move(out));
  });
  return true;
}

void Channel::ping() {
  asio::post(in_turn_, [weak = stream_] {
    if (const auto stream = weak.lock()) stream->ping();
  });
}

void Channel::close(std::uint16_t code, std::string_view reason) {
  if (!open_.exchange(false)) return;
  asio::post(in_turn_, [weak = stream_, code, why = std::string(reason)] {
    if (const auto stream = weak.lock()) stream->close(code, why);
  });
}

void Channel::cut() {
  if (!open_.exchange(false)) return;
  asio::post(in_turn_, [weak = stream_] {
    if (const auto stream = weak.lock()) stream->cut();
  });
}

}  // namespace

void serve_websocket(ServerCore& core, ServerSocket socket, std::unique_ptr<ConnectionSlot> slot,
                     const std::string& head, std::unique_ptr<WsPeer> peer) {
  std::make_shared<Stream>(core, std::move(socket), std::move(slot), std::move(peer))->start(head);
}

}  // namespace aitrade
