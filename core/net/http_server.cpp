#include "core/net/http_server.h"

#include <fcntl.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio.hpp>

#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>

#include "core/net/server_core.h"
#include "core/threads/priority.h"

namespace aitrade {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using LocalProtocol = asio::local::stream_protocol;

std::vector<HttpHeader> browser_policy(const HostList& hosts) {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
       "font-src 'self'; connect-src 'self' " + hosts.websocket_sources() +
           "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
           "require-trusted-types-for 'script'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
      {"Cache-Control", "no-store"},
  };
}

Error bind_error(error_code ec, const std::string& what) {
  if (ec == asio::error::address_in_use) {
    return fail(ErrorCode::busy, what + " is already in use by another process");
  }
  return fail(ErrorCode::io, "cannot listen on " + what + ": " + ec.message());
}

/// True when somebody answers on the socket file; a file that nobody serves is left over.
bool is_served(const std::string& path) {
  asio::io_context io;
  LocalProtocol::socket probe(io);
  error_code ec;
  probe.connect(LocalProtocol::endpoint(path), ec);
  return !ec || ec == asio::error::try_again;
}

bool own_user_or_root(std::uint32_t uid) { return uid == 0 || uid == ::geteuid(); }

}  // namespace

ServerResponse error_response(int status, std::string_view code, std::string_view message) {
  ServerResponse response;
  response.status = status;
  response.error_code = std::string(code);
  response.error_message = std::string(message);
  return response;
}

std::string error_body(std::string_view code, std::string_view message, std::string_view id) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  auto text = [&json](std::string_view value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("error");
  json.StartObject();
  json.Key("code");
  text(code);
  json.Key("message");
  text(message);
  json.Key("id");
  text(id);
  json.EndObject();
  json.EndObject();
  return buffer.GetString();
}

// ---- workers ------------------------------------------------------------------------------------------

bool Workers::post(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || jobs_.size() >= capacity_) return false;
  jobs_.push_back(std::move(job));
  if (threads_.size() < 2) threads_.emplace_back([this] { run(); });
  wake_.notify_one();
  return true;
}

void Workers::stop() {
  {
    // What waits is not run and not destroyed here either: it holds connections, which belong to the
    // io thread until that has ended.
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::run() {
  yield_to_others(nice_);
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

// ---- connections --------------------------------------------------------------------------------------

ConnectionSlot::ConnectionSlot(ServerCore& core, PeerInfo peer)
    : core_(core), peer_(std::move(peer)) {
  ++core_.open;
  ++core_.open_by_address[peer_.address];
}

ConnectionSlot::~ConnectionSlot() {
  --core_.open;
  const auto found = core_.open_by_address.find(peer_.address);
  if (found != core_.open_by_address.end() && --found->second == 0) {
    core_.open_by_address.erase(found);
  }
}

// ---- listening ----------------------------------------------------------------------------------------

class HttpServer::State {
 public:
  State(const ServerOptions& options, HttpHandler& handler)
      : core_(options, handler), goodbye_(core_.io), spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
    if (!core_.options.peer_allowed) core_.options.peer_allowed = own_user_or_root;
  }

  ~State() {
    if (thread_.joinable()) {
      asio::post(core_.io, [this] { shut_down(); });
      core_.workers.stop();
      thread_.join();
    }
    if (bound_local_) ::unlink(core_.options.unix_path.c_str());
    if (spare_ >= 0) ::close(spare_);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Status listen() {
    if (core_.options.tcp) AITRADE_TRY_STATUS(listen_tcp());
    if (!core_.options.unix_path.empty()) AITRADE_TRY_STATUS(listen_local());
    core_.hosts = std::make_unique<HostList>(port_, core_.options.allowed_hosts);
    if (core_.options.browser_policy) core_.policy_headers = browser_policy(*core_.hosts);
    if (tcp_) accept_tcp();
    if (local_) accept_local();
    thread_ = std::thread([this] { run(); });
    return ok();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] Counts counts() const {
    return {core_.accepted, core_.refused, core_.requests, core_.errors, core_.open, core_.websockets};
  }

 private:
  Status listen_tcp() {
    const ServerOptions& options = core_.options;
    error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) return fail(ErrorCode::invalid, "'" + options.address + "' is not an IP address");
    const tcp::endpoint endpoint(address, options.port);
    const std::string name = "port " + std::to_string(options.port) + " on " + options.address;
    tcp_.emplace(core_.io);
    tcp_->open(endpoint.protocol(), ec);
    if (!ec) tcp_->set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) tcp_->bind(endpoint, ec);
    if (!ec) tcp_->listen(128, ec);
    if (ec) return bind_error(ec, name);
    port_ = tcp_->local_endpoint(ec).port();
    return ok();
  }

  Status listen_local() {
    const std::string& path = core_.options.unix_path;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
      return fail(ErrorCode::invalid, "socket path '" + path + "' is longer than 107 bytes");
    }
    const std::string name = "socket '" + path + "'";
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
      if (!S_ISSOCK(info.st_mode)) return fail(ErrorCode::io, "'" + path + "' is not a socket");
      if (is_served(path)) return fail(ErrorCode::busy, name + " is already in use by another process");
      ::unlink(path.c_str());
    }
    error_code ec;
    local_.emplace(core_.io);
    local_->open(LocalProtocol(), ec);
    // On Linux the file takes its mode from the socket: it is never wider than this, not even briefly.
    if (!ec && ::fchmod(local_->native_handle(), 0600) != 0) {
      ec = error_code(errno, boost::system::system_category());
    }
    if (!ec) local_->bind(LocalProtocol::endpoint(path), ec);
    if (ec) return bind_error(ec, name);
    bound_local_ = true;
    if (::chmod(path.c_str(), 0600) != 0) return fail(ErrorCode::io, "cannot protect " + name);
    local_->listen(128, ec);
    if (ec) return bind_error(ec, name);
    return ok();
  }

  void accept_tcp() {
    tcp_->async_accept([this](error_code ec, tcp::socket socket) {
      if (core_.stopping) return;
      if (ec) return on_accept_error(ec, tcp_->native_handle(), [this] { accept_tcp(); });
      error_code gone;
      const auto remote = socket.remote_endpoint(gone);
      if (!gone) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        admit(std::move(socket), {false, 0, remote.address().to_string()});
      }
      accept_tcp();
    });
  }

  void accept_local() {
    local_->async_accept([this](error_code ec, LocalProtocol::socket socket) {
      if (core_.stopping) return;
      if (ec) return on_accept_error(ec, local_->native_handle(), [this] { accept_local(); });
      ucred peer{};
      socklen_t size = sizeof peer;
      const int got = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
      if (got == 0 && core_.options.peer_allowed(peer.uid)) {
        admit(std::move(socket), {true, peer.uid, ""});
      } else {
        ++core_.refused;
      }
      accept_local();
    });
  }

  void admit(ServerSocket socket, PeerInfo peer) {
    const ServerLimits& limits = core_.options.limits;
    const auto known = core_.open_by_address.find(peer.address);
    const std::size_t same = known == core_.open_by_address.end() ? 0 : known->second;
    if (core_.open >= limits.connections || same >= limits.connections_per_address) {
      ++core_.refused;
      return;  // the socket closes
    }
    ++core_.accepted;
    serve_http(core_, std::move(socket), std::make_unique<ConnectionSlot>(core_, std::move(peer)));
  }

  /// Out of descriptors: the spare one is given up to turn a connection away, then taken back.
  template <class Again>
  void on_accept_error(error_code ec, int listener, Again again) {
    if (ec == asio::error::operation_aborted) return;
    if ((ec == asio::error::no_descriptors || ec.value() == ENFILE) && spare_ >= 0) {
      ::close(spare_);
      const int turned_away = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (turned_away >= 0) ::close(turned_away);
      spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    auto timer = std::make_shared<asio::steady_timer>(core_.io, milliseconds{50});
    timer->async_wait([this, timer, again](error_code canceled) {
      if (!canceled && !core_.stopping) again();
    });
  }

  void run() {
    yield_to_others(core_.options.nice);
    try {
      core_.io.run();
    } catch (const std::exception& error) {
      check_failed(error.what(), __FILE__, __LINE__);
    }
  }

  void shut_down() {
    core_.stopping = true;
    error_code ignored;
    if (tcp_) tcp_->close(ignored);
    if (local_) local_->close(ignored);
    const auto endings = core_.endings;  // each removes itself as it goes
    for (Ending* ending : endings) {
      if (core_.endings.contains(ending)) ending->shut_down();
    }
    goodbye_.expires_after(seconds{2});
    goodbye_.async_wait([this](error_code) { core_.io.stop(); });
    wait_for_the_last();
  }

  /// Ends the loop as soon as every connection has said goodbye.
  void wait_for_the_last() {
    if (core_.endings.empty()) return core_.io.stop();
    auto timer = std::make_shared<asio::steady_timer>(core_.io, milliseconds{5});
    timer->async_wait([this, timer](error_code) { wait_for_the_last(); });
  }

  ServerCore core_;
  asio::steady_timer goodbye_;
  std::optional<tcp::acceptor> tcp_;
  std::optional<LocalProtocol::acceptor> local_;
  std::uint16_t port_{0};
  bool bound_local_{false};
  int spare_;
  std::thread thread_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options,
                                                      HttpHandler& handler) {
  auto state = std::make_unique<State>(options, handler);
  AITRADE_TRY_STATUS(state->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return state_->port(); }

HttpServer::Counts HttpServer::counts() const { return state_->counts(); }

}  // namespace aitrade
