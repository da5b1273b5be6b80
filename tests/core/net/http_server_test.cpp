#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/net/http_server.h"
#include "tests/core/net/raw_socket.h"

using namespace aitrade;
using aitrade::test::Millis;
using aitrade::test::RawSocket;

namespace {

/// Echoes bodies; "/big" is large, "/stream" streamed, "/slow" blocks until released.
class EchoHandler final : public HttpHandler {
 public:
  ServerResponse handle(const ServerRequest& request) override {
    ServerResponse response;
    response.content_type = "text/plain";
    if (request.path == "/missing") return error_response(404, "not_found", "nothing \"here\"");
    if (request.path == "/big") response.body = std::string(5'000'000, 'b');
    if (request.path == "/stream") {
      response.stream = [n = 0](std::string& piece) mutable {
        piece += "0123456789";
        return ++n < 20'000;
      };
    }
    if (request.path == "/slow") block();
    if (request.path == "/echo") response.body = request.method + " " + request.body;
    return response;
  }

  [[nodiscard]] bool may_block(const ServerRequest& request) const override {
    return request.path == "/slow";
  }

  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    wake_.notify_all();
  }

 private:
  void block() {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds{10}, [this] { return released_; });
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool released_{false};
};

struct Fixture {
  EchoHandler handler;
  std::unique_ptr<HttpServer> server;

  explicit Fixture(ServerOptions options = {}) {
    auto started = HttpServer::start(options, handler);
    REQUIRE(started);
    server = *std::move(started);
  }

  ~Fixture() { handler.release(); }

  [[nodiscard]] RawSocket connect() const { return RawSocket::tcp(server->port()); }

  [[nodiscard]] std::string host() const {
    return "Host: localhost:" + std::to_string(server->port()) + "\r\n";
  }

  /// Sends bytes on a fresh connection and returns everything until it closes.
  [[nodiscard]] std::string talk(const std::string& bytes) const {
    RawSocket socket = connect();
    socket.send(bytes);
    std::string reply = socket.read_all();
    CHECK(socket.closed());
    return reply;
  }
};

int status_of(const std::string& reply) {
  return reply.size() > 12 ? std::stoi(reply.substr(9, 3)) : 0;
}

ServerOptions short_deadlines() {
  ServerOptions options;
  options.limits.head_time = milliseconds{150};
  options.limits.body_time = milliseconds{150};
  options.limits.idle_time = milliseconds{200};
  options.limits.handler_time = milliseconds{150};
  options.limits.write_time = milliseconds{300};
  return options;
}

}  // namespace

TEST_CASE("http_server: serves, keeps the connection, and answers HEAD on every GET", "[net][server]") {
  const Fixture f;
  RawSocket socket = f.connect();

  socket.send("POST /echo HTTP/1.1\r\n" + f.host() + "Content-Length: 2\r\n\r\nhi");
  CHECK(socket.read_reply().ends_with("\r\n\r\nPOST hi"));
  socket.send("GET /echo HTTP/1.1\r\n" + f.host() + "\r\n");
  CHECK(socket.read_reply().ends_with("\r\n\r\nGET "));
  socket.send("HEAD /big HTTP/1.1\r\n" + f.host() + "\r\n");
  const std::string head = socket.read_reply(Millis{1000}, true);
  CHECK(head.find("Content-Length: 5000000\r\n") != std::string::npos);
  socket.send("GET /echo HTTP/1.1\r\n" + f.host() + "Connection: close\r\n\r\n");
  CHECK(status_of(socket.read_all()) == 200);
  CHECK(socket.closed());
}

TEST_CASE("http_server: large and streamed bodies arrive whole", "[net][server]") {
  const Fixture f;

  const std::string big = f.talk("GET /big HTTP/1.1\r\n" + f.host() + "Connection: close\r\n\r\n");
  CHECK(big.size() > 5'000'000);
  const std::string stream =
      f.talk("GET /stream HTTP/1.1\r\n" + f.host() + "Connection: close\r\n\r\n");
  CHECK(stream.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(stream.size() > 200'000);
  CHECK(stream.ends_with("0\r\n\r\n"));
}

TEST_CASE("http_server: hostile requests are refused and closed (N16 to N19, N45, N46, N49 to N52, N108, N109)",
          "[net][server][N16][N17][N18][N19][N45][N46][N49][N50][N51][N52][N108][N109]") {
  const Fixture f;
  const std::string host = f.host();

  struct Case {
    std::string bytes;
    int status;
  };

  std::string many = "GET / HTTP/1.1\r\n" + host;
  for (int i = 0; i < 65; ++i) many += "A: b\r\n";
  const Case cases[] = {
      {"GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 414},
      {many + "\r\n", 431},
      {"GET / HTTP/1.1\r\n" + host + "A: " + std::string(9000, 'x') + "\r\n\r\n", 431},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 65537\r\n\r\n", 413},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 10000000000\r\n\r\n", 413},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding:\tchunked \r\nContent-Length: 0\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n" + host + "A: b\r\n folded\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: localhost\n\n", 400},
      {"GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"GET / HTTP/1.1\r\nHost: localhost:9\r\n\r\n", 421},
      {"GET http://other:1/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /../etc/passwd HTTP/1.1\r\n" + host + "\r\n", 400},
      {"TRACE / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"get / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n\r\n", 417},
      {"GET /\r\n", 400},
  };

  for (const Case& c : cases) {
    INFO(c.bytes.substr(0, 80));
    const std::string reply = f.talk(c.bytes);
    CHECK(status_of(reply) == c.status);
    CHECK(reply.find("Connection: close\r\n") != std::string::npos);
  }
  CHECK(status_of(f.talk("GET /echo HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n")) == 200);
}

TEST_CASE("http_server: every reply carries the browser policy, and none names the software",
          "[net][server][HARD8]") {
  const Fixture f;
  const std::string host = f.host();

  for (const std::string& bytes :
       {"GET /echo HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
        "GET /missing HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), std::string("broken\r\n\r\n"),
        "TRACE / HTTP/1.1\r\n" + host + "\r\n"}) {
    const std::string reply = f.talk(bytes);
    INFO(reply);
    for (const char* name :
         {"Content-Security-Policy: default-src 'none'; script-src 'self'", "X-Content-Type-Options: nosniff",
          "X-Frame-Options: DENY", "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin",
          "Cross-Origin-Resource-Policy: same-origin", "Permissions-Policy: camera=()", "Cache-Control: no-store"}) {
      CHECK(reply.find(name) != std::string::npos);
    }
    CHECK(reply.find("unsafe-inline") == std::string::npos);
    CHECK(reply.find("\r\nServer:") == std::string::npos);
  }
}

TEST_CASE("http_server: errors have code, message and id", "[net][server]") {
  const Fixture f;

  const std::string reply = f.talk("GET /missing HTTP/1.1\r\n" + f.host() + "Connection: close\r\n\r\n");

  CHECK(reply.find(R"({"error":{"code":"not_found","message":"nothing \"here\"","id":"e-)") !=
        std::string::npos);
  const std::string misdirected = f.talk("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(misdirected.ends_with("\r\n\r\n"));  // no body
}

TEST_CASE("http_server: slow clients meet absolute deadlines (N43, N44, N48)", "[net][server][N43][N44][N48]") {
  const Fixture f(short_deadlines());

  SECTION("a head that trickles") {
    RawSocket socket = f.connect();
    const std::string head = "GET /echo HTTP/1.1\r\n" + f.host() + "X: " + std::string(4000, 'x');
    std::string reply;
    for (std::size_t i = 0; i < head.size() && !socket.closed(); ++i) {
      if (!socket.send(head.substr(i, 1))) break;
      reply += socket.read_all(Millis{5});
    }
    CHECK(reply.empty());
    socket.read_all();
    CHECK(socket.closed());
  }
  SECTION("a body that does not come") {
    const std::string reply =
        f.talk("POST /echo HTTP/1.1\r\n" + f.host() + "Content-Length: 10\r\n\r\nabc");
    CHECK(status_of(reply) == 408);
  }
  SECTION("a connection that idles after a reply") {
    RawSocket socket = f.connect();
    socket.send("GET /echo HTTP/1.1\r\n" + f.host() + "\r\n");
    CHECK(status_of(socket.read_reply()) == 200);
    CHECK(socket.read_all().empty());
    CHECK(socket.closed());
  }
  SECTION("a handler that hangs") {
    RawSocket socket = f.connect();
    socket.send("GET /slow HTTP/1.1\r\n" + f.host() + "\r\n");
    CHECK(status_of(socket.read_reply()) == 504);
    socket.send("GET /echo HTTP/1.1\r\n" + f.host() + "\r\n");
    CHECK(status_of(socket.read_reply()) == 200);
  }
  SECTION("a client that does not read") {
    RawSocket socket = f.connect();
    socket.send("GET /big HTTP/1.1\r\n" + f.host() + "\r\n");
    pollfd wait{socket.file(), POLLRDHUP, 0};
    CHECK(::poll(&wait, 1, 3000) >= 0);
    for (int i = 0; i < 300 && f.server->counts().open > 0; ++i) ::poll(nullptr, 0, 10);
    CHECK(f.server->counts().open == 0);
  }
}

TEST_CASE("http_server: pipelined requests are not served", "[net][server]") {
  const Fixture f;
  const std::string one = "GET /echo HTTP/1.1\r\n" + f.host() + "\r\n";

  const std::string reply = f.talk(one + one + one);

  CHECK(reply.find("HTTP/1.1 200") == reply.rfind("HTTP/1.1 200"));
  CHECK(reply.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("http_server: connections and requests are counted out (N47)", "[net][server][N47]") {
  ServerOptions options;
  options.limits.connections_per_address = 3;
  options.limits.requests_per_connection = 2;
  const Fixture f(options);
  std::vector<RawSocket> open;
  for (int i = 0; i < 3; ++i) {
    open.push_back(f.connect());
    open.back().send("GET /echo HTTP/1.1\r\n" + f.host() + "\r\n");
    CHECK(status_of(open.back().read_reply()) == 200);
  }

  RawSocket fourth = f.connect();
  CHECK(fourth.read_all().empty());
  CHECK(fourth.closed());
  CHECK(f.server->counts().refused == 1);

  open[0].send("GET /echo HTTP/1.1\r\n" + f.host() + "\r\n");
  CHECK(open[0].read_all().find("Connection: close\r\n") != std::string::npos);
  CHECK(open[0].closed());
}

TEST_CASE("http_server: a full queue of workers answers 503", "[net][server]") {
  ServerOptions options;
  options.limits.waiting_requests = 1;
  const Fixture f(options);
  std::vector<RawSocket> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(f.connect());
    slow.back().send("GET /slow HTTP/1.1\r\n" + f.host() + "\r\n");
  }

  // Two run, one waits, so at least one of the later ones is turned away at once.
  int refused = 0;
  for (RawSocket& socket : slow) {
    const std::string reply = socket.read_reply(Millis{150});
    if (status_of(reply) == 503) {
      ++refused;
      CHECK(reply.find("Retry-After: 1\r\n") != std::string::npos);
    }
  }
  CHECK(refused >= 3);
}

TEST_CASE("http_server: a taken port is named (DPLY2)", "[net][server][DPLY2]") {
  const Fixture f;
  EchoHandler handler;
  ServerOptions options;
  options.port = f.server->port();

  const auto second = HttpServer::start(options, handler);

  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::busy);
  CHECK(second.error().what.find(std::to_string(options.port)) != std::string::npos);
}

TEST_CASE("http_server: the Unix socket is ours alone", "[net][server]") {
  const auto path = std::filesystem::temp_directory_path() / ("aitrade-test-" + std::to_string(::getpid()));
  ServerOptions options;
  options.tcp = false;
  options.unix_path = path.string();

  SECTION("mode 0600, served, removed at the end, and refused to a second server") {
    {
      const Fixture f(options);
      struct stat info {};
      REQUIRE(::stat(path.c_str(), &info) == 0);
      CHECK((info.st_mode & 0777) == 0600);
      RawSocket socket = RawSocket::unix_path(path.string());
      socket.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
      CHECK(status_of(socket.read_reply()) == 200);
      EchoHandler handler;
      const auto second = HttpServer::start(options, handler);
      REQUIRE_FALSE(second);
      CHECK(second.error().code == ErrorCode::busy);
    }
    CHECK_FALSE(std::filesystem::exists(path));
  }
  SECTION("another user is turned away before a byte is read") {
    options.peer_allowed = [](std::uint32_t uid) { return uid == ::geteuid() + 1; };
    const Fixture f(options);
    RawSocket socket = RawSocket::unix_path(path.string());
    socket.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(socket.read_all().empty());
    CHECK(socket.closed());
    CHECK(f.server->counts().refused == 1);
  }
  SECTION("a socket left over by a crash is replaced; a file is not") {
    {
      const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
      sockaddr_storage bytes{};
      std::memcpy(&bytes, &address, sizeof address);
      REQUIRE(::bind(left, reinterpret_cast<sockaddr*>(&bytes), sizeof address) == 0);
      ::close(left);
    }
    { const Fixture f(options); }
    std::filesystem::create_directory(path);
    EchoHandler handler;
    CHECK_FALSE(HttpServer::start(options, handler));
    std::filesystem::remove(path);
  }
  SECTION("a path too long for a socket is an error, not a truncation") {
    options.unix_path = "/tmp/" + std::string(200, 'x');
    EchoHandler handler;
    const auto started = HttpServer::start(options, handler);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("http_server: the policy can be switched off for the loopback exchange", "[net][server]") {
  ServerOptions options;
  options.browser_policy = false;
  const Fixture f(options);

  const std::string reply =
      f.talk("GET /echo HTTP/1.1\r\nHost: api.exchange.example\r\nConnection: close\r\n\r\n");

  CHECK(status_of(reply) == 200);
  CHECK(reply.find("Content-Security-Policy") == std::string::npos);
}
