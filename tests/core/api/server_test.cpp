#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include "core/api/api.h"
#include "core/net/http_client.h"
#include "core/net/http_server.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

struct Fixture {
  ViewBoard views;
  ApiHandler handler;
  std::unique_ptr<HttpServer> server;
  HttpClient client;

  explicit Fixture(RateLimit limit = {4.0, 60.0})
      : handler({views, {}, {}, {}, "0.1.0", "abc"}, limit) {
    auto started = HttpServer::start({}, handler);
    REQUIRE(started);
    server = *std::move(started);
  }

  HttpReply ask(const std::string& method, const std::string& path) {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(server->port()) + path;
    HttpOutcome outcome = client.perform(request);
    REQUIRE(outcome.is_reply());
    return outcome.reply;
  }
};

}  // namespace

TEST_CASE("api server: health answers GET and HEAD while reads are locked (DPLY4)", "[api][server][DPLY4]") {
  Fixture f;

  CHECK(f.ask("GET", "/api/v1/health").body == R"({"status":"ok"})");
  const HttpReply head = f.ask("HEAD", "/api/v1/health");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(f.ask("GET", "/api/v1/status").status == 401);
  CHECK(f.ask("HEAD", "/api/v1/status").status == 401);
}

TEST_CASE("api server: every route, known or not, carries the security headers (HARD8)", "[api][server][HARD8]") {
  Fixture f;
  std::vector<std::string> paths{"/", "/static/app.js", "/nothing", "/api/v1/nothing", "/favicon.ico"};
  for (const RouteInfo& route : routes()) paths.emplace_back(route.path);

  for (const std::string& path : paths) {
    INFO(path);
    const HttpReply reply = f.ask("GET", path);
    const std::string policy(header_value(reply.headers, "Content-Security-Policy"));
    CHECK(policy.starts_with("default-src 'none'"));
    CHECK(policy.find("unsafe-inline") == std::string::npos);
    CHECK(policy.find("http") == std::string::npos);
    CHECK(header_value(reply.headers, "X-Content-Type-Options") == "nosniff");
    CHECK(header_value(reply.headers, "X-Frame-Options") == "DENY");
    CHECK(header_value(reply.headers, "Server").empty());
    const bool is_api = path.starts_with("/api/");
    const bool is_file = reply.status == 200 && !is_api;
    CHECK(header_value(reply.headers, "Cache-Control") == (is_file ? "no-cache" : "no-store"));
  }
}

TEST_CASE("api server: many calls in a second are limited, probes never (HARD8)", "[api][server][HARD8]") {
  Fixture f({0.001, 60.0});
  int limited = 0;
  for (int i = 0; i < 70; ++i) {
    const HttpReply reply = f.ask("GET", "/api/v1/status");
    if (reply.status != 429) continue;
    ++limited;
    CHECK_FALSE(header_value(reply.headers, "Retry-After").empty());
  }

  CHECK(limited == 10);
  int healthy = 0;
  for (int i = 0; i < 500; ++i) healthy += f.ask("GET", "/api/v1/health").status == 200 ? 1 : 0;
  CHECK(healthy == 500);
}
