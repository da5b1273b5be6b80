// Hostile requests against the real server with the real table of routes (security.md 14): what is not in
// core/net, which has the parser's cases, and in access_test.cpp, which has the credentials'.

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/api.h"
#include "core/config/load.h"
#include "tests/core/api/sample_view.h"
#include "tests/core/net/raw_socket.h"

using namespace aitrade;
using test::Millis;
using test::RawSocket;

namespace {

struct Fixture {
  ViewBoard views;
  std::unique_ptr<ApiHandler> handler;
  std::unique_ptr<HttpServer> server;

  explicit Fixture(std::vector<std::string> cors = {}, std::string public_origin = {}) {
    views.publish(std::make_shared<const EngineView>(test::sample_view(Time::from_seconds(1'643'112'000))));
    ApiContext context{views, {}, [] { return Time::from_seconds(1'643'112'000); }, {}, "9.8.7", "secret-build"};
    context.access.reads_open = true;
    context.access.cors_origins = std::move(cors);
    context.access.public_origin = std::move(public_origin);
    handler = std::make_unique<ApiHandler>(std::move(context), RateLimit{1000, 1000});
    auto started = HttpServer::start({}, *handler);
    REQUIRE(started);
    server = *std::move(started);
  }

  [[nodiscard]] std::string host() const { return "Host: localhost:" + std::to_string(server->port()) + "\r\n"; }

  /// A whole exchange on a connection of its own; `line` is method and target, `more` further header lines.
  [[nodiscard]] std::string talk(const std::string& line, const std::string& more = "") const {
    RawSocket socket = RawSocket::tcp(server->port());
    socket.send(line + " HTTP/1.1\r\n" + host() + more + "Connection: close\r\n\r\n");
    return socket.read_all();
  }

  /// Opens a stream and waits until it is open: what came so far is in `seen`.
  [[nodiscard]] RawSocket stream(std::string& seen) const {
    RawSocket socket = RawSocket::tcp(server->port());
    socket.send("GET /ws/live HTTP/1.1\r\n" + host() + "Origin: http://localhost:" + std::to_string(server->port()) +
                "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    for (int i = 0; i < 60 && seen.find("snapshot") == std::string::npos; ++i) seen += socket.read_all(Millis{50});
    return socket;
  }
};

int status_of(const std::string& reply) { return reply.size() > 12 ? std::stoi(reply.substr(9, 3)) : 0; }

/// A client's frame, masked with zeros as long as `is_masked`.
std::string frame(unsigned char head, std::string_view payload, bool is_masked = true) {
  std::string bytes(1, static_cast<char>(head));
  const auto mask = static_cast<unsigned char>(is_masked ? 0x80 : 0);
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask | static_cast<unsigned char>(payload.size()));
  } else {
    bytes += static_cast<char>(mask | 126);
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 255);
  }
  if (is_masked) bytes += std::string(4, '\0');
  return bytes.append(payload);
}

/// Whether what came from the server ends in a closing frame with that code.
bool closes_with(const std::string& bytes, int code) {
  const std::string mark{static_cast<char>(code >> 8), static_cast<char>(code & 255)};
  for (auto at = bytes.find('\x88'); at != std::string::npos; at = bytes.find('\x88', at + 1)) {
    if (at + 4 <= bytes.size() && bytes.substr(at + 2, 2) == mark) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("negative: no path reaches outside the table of assets (N56, N58)", "[api][negative][N56][N58]") {
  const Fixture f;
  for (const char* target :
       {"/static/../../etc/passwd", "/static/%2e%2e%2f%2e%2e%2fetc/passwd", "/static/%252e%252e/etc/passwd",
        "/static/..\\..\\etc\\passwd", "//etc/passwd", "/static/%00", "/static/", "/static", "/static/vault",
        "/static/app.js/", "/static//app.js", "/config/config.toml", "/data/trading.db", "/static/./app.js"}) {
    INFO(target);
    const int status = status_of(f.talk(std::string("GET ") + target));
    CHECK((status == 400 || status == 404));
  }
  const int long_name = status_of(f.talk("GET /static/" + std::string(4096, 'a')));
  CHECK((long_name == 404 || long_name == 414));
  CHECK(status_of(f.talk("GET /static/app.js")) == 200);
}

TEST_CASE("negative: methods that are none, and paths with another (N108)", "[api][negative][N108]") {
  const Fixture f;
  for (const char* line : {"TRACE /api/v1/status", "CONNECT localhost:80", "OPTIONS *", "get /api/v1/status",
                           "PUT /api/v1/settings", "DELETE /api/v1/status", "POST /api/v1/status", "PATCH /"}) {
    INFO(line);
    const int status = status_of(f.talk(line));
    CHECK((status == 400 || status == 405));
  }
  const int long_method = status_of(f.talk(std::string(10'240, 'A') + " /"));
  CHECK((long_method == 400 || long_method == 405 || long_method == 414));
  CHECK(f.talk("POST /api/v1/status").find("Allow: GET, HEAD") != std::string::npos);
}

TEST_CASE("negative: the host comes before everything, assets and streams too (N16, N18)",
          "[api][negative][N16][N18]") {
  const Fixture f;
  for (const char* path : {"/", "/static/app.js", "/api/v1/health", "/api/v1/status", "/ws/live", "/nothing"}) {
    for (const char* host : {"evil.example", "localhost:9999", "localhost", "127.0.0.1.evil.example"}) {
      INFO(path << " of " << host);
      RawSocket socket = RawSocket::tcp(f.server->port());
      socket.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      const std::string reply = socket.read_all();
      CHECK(status_of(reply) == 421);
      CHECK(reply.ends_with("\r\n\r\n"));   // no body
    }
  }
}

TEST_CASE("negative: no origin may read us unless it is configured, and then that one alone (N28, N29) [A2]",
          "[api][negative][N28][N29][A2]") {
  const std::string ask_first = "Access-Control-Request-Method: GET\r\n";
  const auto origin = [](const char* text) { return "Origin: " + std::string(text) + "\r\n"; };
  SECTION("none is configured") {
    const Fixture f;
    for (const char* one : {"https://a.example", "null", "http://localhost:1"}) {
      CHECK(f.talk("OPTIONS /api/v1/status", origin(one) + ask_first).find("Access-Control") == std::string::npos);
      CHECK(f.talk("GET /api/v1/status", origin(one)).find("Access-Control") == std::string::npos);
    }
  }
  SECTION("one is") {
    const Fixture f({"https://a.example"});
    const std::string first = f.talk("OPTIONS /api/v1/trades", origin("https://a.example") + ask_first);
    CHECK(status_of(first) == 204);
    CHECK(first.find("Access-Control-Allow-Origin: https://a.example\r\n") != std::string::npos);
    CHECK(first.find("Access-Control-Allow-Methods: GET, POST, PATCH, DELETE\r\n") != std::string::npos);
    CHECK(first.find("X-Tenant-ID") != std::string::npos);
    CHECK(first.find("Allow-Credentials") == std::string::npos);
    const std::string reply = f.talk("GET /api/v1/status", origin("https://a.example"));
    CHECK(reply.find("Access-Control-Allow-Origin: https://a.example\r\n") != std::string::npos);
    CHECK(reply.find("Vary: Origin\r\n") != std::string::npos);
    for (const char* other : {"https://a.example.evil", "http://a.example", "https://a.example:444", "https://b.example",
                              "null", "https://A.example", ""}) {
      INFO(other);
      CHECK(f.talk("GET /api/v1/status", origin(other)).find("Access-Control") == std::string::npos);
      CHECK(f.talk("OPTIONS /api/v1/status", origin(other) + ask_first).find("Access-Control") == std::string::npos);
    }
  }
  SECTION("our own page elsewhere may bring its cookie") {
    const Fixture f({"https://desk.example"}, "https://desk.example");
    CHECK(f.talk("GET /api/v1/status", origin("https://desk.example"))
              .find("Access-Control-Allow-Credentials: true\r\n") != std::string::npos);
  }
  SECTION("all is no origin") {
    CHECK(load_config_text("dashboard.cors_origins = [\"*\"]\n", "test", {}).errors() == 1);
  }
}

TEST_CASE("negative: JSON is JSON even when a browser opens it as a page (N31)", "[api][negative][N31]") {
  const Fixture f;
  for (const char* path : {"/api/v1/status", "/api/v1/nothing", "/api/v1/trades?limit=0", "/api/v1/keys"}) {
    INFO(path);
    const std::string reply = f.talk(std::string("GET ") + path, "Accept: text/html\r\n");
    CHECK(reply.find("Content-Type: application/json; charset=utf-8\r\n") != std::string::npos);
    CHECK(reply.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    CHECK(reply.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
  }
}

TEST_CASE("negative: who has no key learns nothing, and errors have no internals (N100)", "[api][negative][N100]") {
  ViewBoard views;
  EngineView view = test::sample_view(Time::from_seconds(1'643'112'000));
  view.halted = true;
  views.publish(std::make_shared<const EngineView>(std::move(view)));
  ApiContext context{views, {}, [] { return Time{}; }, {}, "9.8.7", "secret-build"};
  context.store = [] { return StorePlace{"/nonexistent/trading.db", "/nonexistent/telemetry.db"}; };
  const auto told = [&context](std::string method, std::string path, std::string query, bool is_local) {
    Request r;
    r.method = std::move(method);
    r.path = std::move(path);
    r.query = std::move(query);
    r.is_local = is_local;
    const Response reply = handle(r, context);
    return reply.body + reply.error_message + reply.error_code;
  };
  std::string all;
  for (const RouteInfo& route : routes()) {
    all += told(std::string(route.method), std::string(route.path), "", false);
    all += told(std::string(route.method), std::string(route.path) + "/more", "", false);
  }
  for (const char* path : {"/api/v1/health", "/api/v1/ready", "/nothing", "/ws/live"}) all += told("GET", path, "x=1", false);
  std::string errors;   // of somebody who may read
  for (const char* path : {"/api/v1/trades", "/api/v1/orders", "/api/v1/thoughts", "/api/v1/performance",
                           "/api/v1/alerts", "/api/v1/attribution", "/api/v1/export/audit.csv"}) {
    errors += told("GET", path, "", true);
  }
  for (const char* leak : {"9.8.7", "secret-build", "BTC/USD", "7391", "nonexistent", "SELECT", "sqlite", ".cpp",
                           "default"}) {
    INFO(leak);
    CHECK(all.find(leak) == std::string::npos);
    CHECK(errors.find(leak) == std::string::npos);
  }
}

TEST_CASE("negative: a stream that is spoken to wrongly ends, with the right code (N103)", "[api][negative][N103]") {
  const Fixture f;
  struct Case {
    const char* what;
    std::string bytes;
    int code;
  };
  const std::vector<Case> cases{
      {"no mask", frame(0x81, "hi", false), 1002},     {"a reserved bit", frame(0xc1, "hi"), 1002},
      {"an opcode that is none", frame(0x83, "hi"), 1002}, {"5 KiB of text", frame(0x81, std::string(5120, 'x')), 1009},
      {"binary", frame(0x82, "hi"), 1003},             {"no UTF-8", frame(0x81, "\xff\xfe"), 1007},
      {"a continuation of nothing", frame(0x80, "hi"), 1002},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    std::string seen;
    RawSocket socket = f.stream(seen);
    CHECK(seen.starts_with("HTTP/1.1 101"));
    socket.send(one.bytes);
    CHECK(closes_with(socket.read_all(), one.code));
  }
}

TEST_CASE("negative: nothing that is said over the stream has an effect (N104)", "[api][negative][N104]") {
  const Fixture f;
  std::string all;
  RawSocket socket = f.stream(all);
  std::string topics;
  for (int i = 0; i < 33; ++i) topics += (i > 0 ? "," : "") + ("\"t" + std::to_string(i)) + "\"";
  for (const std::string& text :
       {R"({"type":"subscribe","sections":[)" + topics + "]}", std::string(R"({"type":"subscribe","tenant":"other"})"),
        std::string(R"({"op":"pause"})"), std::string("not json")}) {
    socket.send(frame(0x81, text));
  }
  socket.send(frame(0x88, std::string("\x03\xe8", 2)));   // and good-bye
  all += socket.read_all();
  CHECK(closes_with(all, 1000));
  CHECK(all.find("other") == std::string::npos);
  CHECK(all.find(R"("type":"snapshot")") != std::string::npos);
  CHECK(all.find(R"("paused":true)") == std::string::npos);
}

TEST_CASE("negative: connections beyond the cap are turned away, health goes on (N47)", "[api][negative][N47]") {
  const Fixture f;
  constexpr std::size_t cap = 32;   // of one address
  std::vector<RawSocket> idle;
  for (std::size_t i = 0; i < 60; ++i) {
    idle.push_back(RawSocket::tcp(f.server->port()));
    idle.back().send("GET /api/v1/health HTTP/1.1\r\n");
  }
  // They are taken in their order: when the last one is turned away, every one has had its turn.
  for (std::size_t i = cap; i < idle.size(); ++i) {
    static_cast<void>(idle[i].read_all(Millis{20'000}));
    CHECK(idle[i].closed());
  }
  CHECK(f.server->counts().open <= cap);
  CHECK(f.server->counts().refused >= idle.size() - cap);
  for (std::size_t i = 0; i < cap; ++i) {   // those that came in time are served, however late they finish
    idle[i].send(f.host() + "Connection: close\r\n\r\n");
    CHECK(status_of(idle[i].read_all(Millis{20'000})) == 200);
  }
  idle.clear();
  int status = 0;   // their places are free as soon as the server has seen them go: each try waits for its answer
  for (int i = 0; i < 1000 && status != 200; ++i) status = status_of(f.talk("GET /api/v1/health"));
  CHECK(status == 200);
}

TEST_CASE("negative: a webhook may be larger than the rest, and not without end (N46)", "[api][negative][N46]") {
  const Fixture f;
  const auto send = [&f](const std::string& path, std::size_t size) {
    RawSocket socket = RawSocket::tcp(f.server->port());
    socket.send("POST " + path + " HTTP/1.1\r\n" + f.host() + "Content-Type: application/json\r\nContent-Length: " +
                std::to_string(size) + "\r\nConnection: close\r\n\r\n");
    if (size < 300'000) socket.send(std::string(size, 'x'));   // a larger one is refused before it is read
    return status_of(socket.read_all());
  };
  CHECK(send("/api/v1/signals/webhook", 200'000) == 503);   // off here, but read
  CHECK(send("/api/v1/billing/webhook", 200'000) == 503);
  CHECK(send("/api/v1/signals/webhook", 300'000) == 413);
  CHECK(send("/api/v1/session", 300'000) == 413);
  CHECK(send("/api/v1/control/pause", 300'000) == 413);
}

TEST_CASE("negative: no file that is served holds a credential, or a place for one in a URL [U1]",
          "[api][negative][U1]") {
  const Fixture f;
  std::vector<std::string> names{"/"};
  for (std::size_t i = 0; i < names.size() && i < 60; ++i) {
    const std::string text = f.talk("GET " + names[i]);
    INFO(names[i]);
    REQUIRE(status_of(text) == 200);
    for (const char* secret : {"atk_", "api_key", "apikey", "DASHBOARD_", "BEGIN PRIVATE", "localStorage.setItem(\"key",
                               "?token=", "?ticket=", "&ticket="}) {
      INFO(secret);
      CHECK(text.find(secret) == std::string::npos);
    }
    // What it loads: src and href of the page, imports of the scripts.
    for (const std::string_view mark : {std::string_view("\"/static/"), std::string_view("\"./")}) {
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const auto from = at + mark.size(), end = text.find('"', from);
        const std::string name = "/static/" + text.substr(from, end - from);
        const bool is_file = name.ends_with(".js") || name.ends_with(".css");
        if (is_file && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  CHECK(names.size() > 5);
}
