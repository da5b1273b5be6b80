#include "core/net/ws_client.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "core/net/url.h"
#include "core/threads/priority.h"

namespace aitrade {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = websocket::stream<tcp::socket>;
using TlsStream = websocket::stream<beast::ssl_stream<tcp::socket>>;

constexpr std::chrono::seconds close_limit{2};

Time system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

/// What the links share with the client that owns them.
struct Shared {
  WsEvents events;
  WsClientOptions options;
  std::atomic<bool> open{false};
  std::atomic<std::size_t> queued{0};
};

/// One connection, from the name to its end. Lives on the io thread.
class Link {
 public:
  virtual ~Link() = default;
  virtual void start() = 0;
  virtual void send(std::string text) = 0;
  virtual void close(std::uint16_t code) = 0;

  /// Cuts the connection; `silently` suppresses on_closed.
  virtual void drop(bool silently) = 0;
};

template <class Stream>
class LinkOf final : public Link, public std::enable_shared_from_this<LinkOf<Stream>> {
 public:
  LinkOf(asio::io_context& io, asio::ssl::context& tls, Shared& shared, WsConnect target, Url url)
      : shared_(shared), target_(std::move(target)), url_(std::move(url)), resolver_(io),
        limit_(io), stream_(make(io, tls)) {}

  void start() override {
    arm(target_.connect_timeout, "no connection within the time limit");
    resolver_.async_resolve(url_.host, std::to_string(url_.port),
                            [self = this->shared_from_this()](error_code ec, const auto& found) {
                              self->on_resolved(ec, found);
                            });
  }

  void send(std::string text) override {
    if (!open_) {
      shared_.queued -= text.size();
      return;
    }
    waiting_.push_back(std::move(text));
    if (waiting_.size() == 1) write_next();
  }

  void close(std::uint16_t code) override {
    if (closing_) return;
    if (!open_) return drop(false);
    closing_ = true;
    shared_.open = false;
    arm(close_limit, "peer did not finish the closing handshake");
    stream_.async_close(websocket::close_reason(code), [self = this->shared_from_this()](
                                                           error_code ec) { self->on_error(ec); });
  }

  void drop(bool silently) override {
    if (silently) finished_ = true;
    finish({ErrorCode::network, "connection dropped"});
  }

 private:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

  static Stream make(asio::io_context& io, [[maybe_unused]] asio::ssl::context& tls) {
    if constexpr (is_tls) {
      return Stream(io, tls);
    } else {
      return Stream(io);
    }
  }

  tcp::socket& socket() { return beast::get_lowest_layer(stream_); }

  void arm(Duration limit, const char* why) {
    limit_.expires_after(limit);
    limit_.async_wait([weak = this->weak_from_this(), why](error_code ec) {
      const auto self = weak.lock();
      if (ec || !self || self->limit_.expiry() > asio::steady_timer::clock_type::now()) return;
      self->finish({ErrorCode::timeout, why});
    });
  }

  void on_resolved(error_code ec, const tcp::resolver::results_type& found) {
    if (ec) return fail_with("resolving '" + url_.host + "'", ec);
    if constexpr (!is_tls) {
      // A hosts file may send even "localhost" elsewhere; plain text stays on this machine.
      for (const auto& entry : found) {
        if (!entry.endpoint().address().is_loopback()) {
          return finish({ErrorCode::invalid, "'" + url_.host + "' is not this machine"});
        }
      }
    }
    asio::async_connect(socket(), found,
                        [self = this->shared_from_this()](error_code failed, const tcp::endpoint&) {
                          self->on_connected(failed);
                        });
  }

  void on_connected(error_code ec) {
    if (ec) return fail_with("connecting to '" + authority(url_) + "'", ec);
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (is_tls) {
      auto& tls = stream_.next_layer();
      error_code literal;
      asio::ip::make_address(url_.host, literal);
      std::string name = url_.host;
      // SSL_set_tlsext_host_name, spelled out: the macro holds an old-style cast.
      if (literal && SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                              TLSEXT_NAMETYPE_host_name, name.data()) != 1) {
        return finish({ErrorCode::io, "cannot name the server in the TLS handshake"});
      }
      tls.set_verify_callback(asio::ssl::host_name_verification(url_.host));
      tls.async_handshake(asio::ssl::stream_base::client,
                          [self = this->shared_from_this()](error_code failed) {
                            if (failed) return self->fail_with("TLS handshake", failed);
                            self->upgrade();
                          });
    } else {
      upgrade();
    }
  }

  void upgrade() {
    websocket::stream_base::timeout times{};
    times.handshake_timeout = target_.connect_timeout;
    times.idle_timeout = 2 * target_.ping_after;  // Beast pings when half of it was silent
    times.keep_alive_pings = true;
    stream_.set_option(times);
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, shared_.options.user_agent);
      for (const HttpHeader& header : target_.headers) request.set(header.name, header.value);
    }));
    stream_.read_message_max(target_.max_message_bytes);
    stream_.text(true);
    stream_.async_handshake(authority(url_), url_.target,
                            [self = this->shared_from_this()](error_code ec) {
                              if (ec) return self->fail_with("WebSocket upgrade", ec);
                              self->on_upgraded();
                            });
  }

  void on_upgraded() {
    limit_.expires_at(asio::steady_timer::time_point::max());  // also outdates one that has fired
    if (finished_) return;
    open_ = was_open_ = true;
    shared_.open = true;
    if (shared_.events.on_open) shared_.events.on_open();
    read_next();
  }

  void read_next() {
    if (finished_) return;
    stream_.async_read(buffer_, [self = this->shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->on_error(ec);
      self->on_message();
    });
  }

  void on_message() {
    if (!stream_.got_text()) {
      buffer_.consume(buffer_.size());
      close(1003);
      return read_next();
    }
    const Time receipt = shared_.options.now ? shared_.options.now() : system_now();
    const auto bytes = buffer_.cdata();
    if (!finished_ && shared_.events.on_text) {
      shared_.events.on_text({static_cast<const char*>(bytes.data()), bytes.size()}, receipt);
    }
    buffer_.consume(buffer_.size());
    read_next();
  }

  void write_next() {
    stream_.async_write(asio::buffer(waiting_.front()),
                        [self = this->shared_from_this()](error_code ec, std::size_t) {
                          self->shared_.queued -= self->waiting_.front().size();
                          self->waiting_.pop_front();
                          if (ec) return self->on_error(ec);
                          if (!self->finished_ && self->shared_.events.on_written) self->shared_.events.on_written();
                          if (!self->waiting_.empty()) self->write_next();
                        });
  }

  void fail_with(const std::string& step, error_code ec) {
    const bool is_tls_error = ec.category() == asio::error::get_ssl_category();
    const bool is_timeout = ec == beast::error::timeout;
    finish({is_tls_error  ? ErrorCode::rejected
            : is_timeout ? ErrorCode::timeout
                         : ErrorCode::network,
            step + ": " + ec.message()});
  }

  void on_error(error_code ec) {
    if (ec == beast::error::timeout) return finish({ErrorCode::timeout, "connection went silent"});
    if (ec == websocket::error::closed || !ec) {
      return finish({ErrorCode::network, "closed by the peer"});
    }
    finish({ErrorCode::network, ec.message()});
  }

  /// The end, once: tells the owner and lets go of the socket.
  void finish(Error reason) {
    const bool tell = !finished_;
    finished_ = true;
    open_ = false;
    limit_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket().close(ignored);
    if (!tell) return;
    shared_.open = false;
    for (std::size_t i = 1; i < waiting_.size(); ++i) shared_.queued -= waiting_[i].size();
    if (waiting_.size() > 1) waiting_.resize(1);  // the front is still referred to by its write
    WsClosed closed;
    closed.code = was_open_ ? static_cast<std::uint16_t>(stream_.reason().code) : std::uint16_t{0};
    closed.reason = std::move(reason);
    closed.was_open = was_open_;
    if (shared_.events.on_closed) shared_.events.on_closed(closed);
  }

  Shared& shared_;
  WsConnect target_;
  Url url_;
  tcp::resolver resolver_;
  asio::steady_timer limit_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::deque<std::string> waiting_;  // front is being written
  bool open_{false}, was_open_{false}, closing_{false}, finished_{false};
};

}  // namespace

struct WsClient::State {
  Shared shared;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  // What is posted to a context from its own thread may be overtaken by what another thread posts later.
  asio::strand<asio::io_context::executor_type> in_turn{io.get_executor()};
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::string tls_problem;
  asio::steady_timer alarm{io};
  std::shared_ptr<Link> link;
  std::thread thread;

  void prepare_tls() {
    error_code ec;
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                        asio::ssl::context::no_tlsv1_1, ec);
    if (!ec) tls.set_verify_mode(asio::ssl::verify_peer, ec);
    if (!ec && shared.options.ca_file.empty()) tls.set_default_verify_paths(ec);
    if (!ec && !shared.options.ca_file.empty()) tls.load_verify_file(shared.options.ca_file, ec);
    if (ec) tls_problem = "cannot set up TLS: " + ec.message();
  }

  void refuse(Error why) {
    if (shared.events.on_closed) shared.events.on_closed(WsClosed{0, std::move(why), false});
  }

  void connect(const WsConnect& target) {
    if (auto old = std::exchange(link, nullptr)) old->drop(false);
    auto url = parse_url(target.url);
    if (!url) return refuse(std::move(url).error());
    if (url->scheme != "ws" && url->scheme != "wss") {
      return refuse({ErrorCode::invalid, "not a WebSocket URL: scheme '" + url->scheme + "'"});
    }
    if (auto safe = check_transport_security(*url); !safe) return refuse(std::move(safe).error());
    if (url->is_encrypted()) {
      if (!tls_problem.empty()) return refuse({ErrorCode::io, tls_problem});
      link = std::make_shared<LinkOf<TlsStream>>(io, tls, shared, target, *url);
    } else {
      link = std::make_shared<LinkOf<PlainStream>>(io, tls, shared, target, *url);
    }
    link->start();
  }

  void run() {
    wake_promptly();
    // Beast reports through error codes; what still throws (allocation) must not end the process
    // silently on this thread, so it ends it loudly.
    try {
      io.run();
    } catch (const std::exception& error) {
      check_failed(error.what(), __FILE__, __LINE__);
    }
  }
};

WsClient::WsClient(WsEvents events, WsClientOptions options) : state_(std::make_unique<State>()) {
  state_->shared.events = std::move(events);
  state_->shared.options = std::move(options);
  state_->prepare_tls();
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

WsClient::~WsClient() {
  asio::post(state_->in_turn, [state = state_.get()] {
    if (state->link) state->link->drop(true);
    state->link.reset();
    state->alarm.cancel();
    state->io.stop();
  });
  state_->thread.join();
}

void WsClient::connect(const WsConnect& target) {
  asio::post(state_->in_turn, [state = state_.get(), target] { state->connect(target); });
}

Status WsClient::send(std::string text) {
  if (!state_->shared.open) return fail(ErrorCode::network, "websocket is not open");
  const std::size_t size = text.size();
  if (state_->shared.queued + size > state_->shared.options.max_queued_bytes) {
    return fail(ErrorCode::full, "websocket send queue is full");
  }
  state_->shared.queued += size;
  asio::post(state_->in_turn, [state = state_.get(), text = std::move(text)]() mutable {
    if (state->link) {
      state->link->send(std::move(text));
    } else {
      state->shared.queued -= text.size();
    }
  });
  return ok();
}

void WsClient::close(std::uint16_t code) {
  asio::post(state_->in_turn, [state = state_.get(), code] {
    if (state->link) state->link->close(code);
  });
}

void WsClient::wake_after(Duration delay) {
  asio::post(state_->in_turn, [state = state_.get(), delay] {
    state->alarm.expires_after(delay);
    state->alarm.async_wait([state](error_code ec) {
      if (!ec && state->shared.events.on_wake) state->shared.events.on_wake();
    });
  });
}

}  // namespace aitrade
