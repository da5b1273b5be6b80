#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "core/net/http_client.h"
#include "tests/core/net/raw_socket.h"

using namespace aitrade;
using aitrade::test::Millis;
using aitrade::test::RawListener;
using aitrade::test::RawSocket;

namespace {

HttpRequest order(std::uint16_t port, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/order";
  request.idempotent = false;
  request.body = std::move(body);
  request.timeouts = {milliseconds{1000}, milliseconds{3000}};
  return request;
}

/// Runs `serve` beside the test and joins it at the end.
class Server {
 public:
  explicit Server(std::function<void(RawListener&)> serve)
      : thread_([this, serve = std::move(serve)] { serve(listener_); }) {}

  ~Server() { join(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void join() {
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

 private:
  RawListener listener_;
  std::thread thread_;
};

constexpr const char* good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers one request, then reads the next on the same connection whole and resets it; counts every
/// copy that arrives afterwards.
void reset_after_reading(RawListener& listener, std::atomic<int>& copies) {
  RawSocket first = listener.accept(Millis{3000});
  first.read_reply();
  first.send(good);
  if (!first.read_reply().empty()) ++copies;
  first.reset();
  RawSocket second = listener.accept(Millis{700});
  if (second.is_open() && !second.read_reply(Millis{700}).empty()) {
    ++copies;
    second.send(good);
  }
}

}  // namespace

TEST_CASE("http_client: an order that was read and reset arrives exactly once", "[net][http_client]") {
  const std::string body = GENERATE(std::string("nonce=1"), std::string());
  std::atomic<int> copies{0};
  Server server([&copies](RawListener& listener) { reset_after_reading(listener, copies); });
  HttpClient client;

  CHECK(client.perform(order(server.port(), "warm=1")).is_reply());
  const HttpOutcome outcome = client.perform(order(server.port(), body));
  server.join();

  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(copies == 1);
}

TEST_CASE("http_client: a read may be repeated by the library", "[net][http_client]") {
  std::atomic<int> copies{0};
  Server server([&copies](RawListener& listener) { reset_after_reading(listener, copies); });
  HttpClient client;
  HttpRequest request = order(server.port(), "");
  request.method = "GET";
  request.idempotent = true;

  CHECK(client.perform(request).is_reply());
  static_cast<void>(client.perform(request));
  server.join();

  CHECK(copies >= 1);
}

TEST_CASE("http_client: what failed before the first byte was not sent", "[net][http_client]") {
  std::uint16_t free_port = 0;
  {
    const RawListener closed;
    free_port = closed.port();
  }
  HttpClient client;

  CHECK(client.perform(order(free_port, "x")).fact == TransportFact::not_sent);
  HttpRequest outside = order(free_port, "x");
  outside.url = "http://192.0.2.1/order";
  const HttpOutcome refused = client.perform(outside);
  CHECK(refused.fact == TransportFact::not_sent);
  CHECK(refused.error.code == ErrorCode::invalid);
  HttpRequest split = order(free_port, "x");
  split.headers.push_back({"X", "a\r\nY: b"});
  CHECK(client.perform(split).error.code == ErrorCode::invalid);
}

TEST_CASE("http_client: a hanging server costs its time limit and no more (K2)", "[net][http_client][K2]") {
  Server server([](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    socket.read_all(Millis{3000});  // reads, never answers
  });
  HttpClient client;
  HttpRequest request = order(server.port(), "x");
  request.timeouts.total = milliseconds{200};

  const auto begin = std::chrono::steady_clock::now();
  const HttpOutcome outcome = client.perform(request);
  const auto took = std::chrono::steady_clock::now() - begin;

  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(outcome.error.code == ErrorCode::timeout);
  CHECK(took < std::chrono::milliseconds{2500});
}

TEST_CASE("http_client: a truncated body is told apart from a reply", "[net][http_client]") {
  Server server([](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    socket.read_reply();
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  HttpClient client;

  const HttpOutcome outcome = client.perform(order(server.port(), "x"));

  CHECK(outcome.fact == TransportFact::reply_partial);
  CHECK(outcome.reply.status == 200);
  CHECK(outcome.reply.body == "half");
}

TEST_CASE("http_client: redirects are answers, not orders", "[net][http_client]") {
  Server server([](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    socket.read_reply();
    socket.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client;

  const HttpOutcome outcome = client.perform(order(server.port(), "x"));

  CHECK(outcome.is_reply());
  CHECK(outcome.reply.status == 302);
}

TEST_CASE("http_client: no expectation, no proxy of the environment", "[net][http_client]") {
  std::string seen;
  Server server([&seen](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    seen = socket.read_reply();
    socket.send(good);
  });
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpClient client;

  const HttpOutcome outcome = client.perform(order(server.port(), std::string(60'000, 'x')));
  ::unsetenv("http_proxy");
  server.join();

  CHECK(outcome.is_reply());
  CHECK(seen.starts_with("POST /order HTTP/1.1\r\n"));
  CHECK(seen.find("Expect") == std::string::npos);
}

TEST_CASE("http_client: a reply beyond its limit is cut off", "[net][http_client]") {
  Server server([](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    socket.read_reply();
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'));
  });
  HttpClient client;
  HttpRequest request = order(server.port(), "x");
  request.max_reply_bytes = 1000;

  const HttpOutcome outcome = client.perform(request);

  CHECK(outcome.fact == TransportFact::reply_partial);
  CHECK(outcome.error.code == ErrorCode::full);
}

TEST_CASE("http_client: cancel ends a running call", "[net][http_client]") {
  HttpClient client;
  Server server([&client](RawListener& listener) {
    RawSocket socket = listener.accept(Millis{3000});
    socket.read_reply();
    client.cancel();
    socket.read_all(Millis{5000});
  });
  HttpRequest request = order(server.port(), "x");
  request.timeouts.total = milliseconds{20'000};

  const auto begin = std::chrono::steady_clock::now();
  const HttpOutcome outcome = client.perform(request);

  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
}
