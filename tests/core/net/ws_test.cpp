#include <catch2/catch.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/net/http_server.h"
#include "core/net/ws_client.h"
#include "tests/core/net/raw_socket.h"

using namespace aitrade;
using aitrade::test::Millis;
using aitrade::test::RawListener;
using aitrade::test::RawSocket;

namespace {

/// Echoes; a few words make it do other things.
class EchoPeer final : public WsPeer {
 public:
  void on_open(std::shared_ptr<WsChannel> channel) override { channel_ = std::move(channel); }

  void on_text(std::string_view text) override {
    if (text == "close") return channel_->close(4001, "as asked");
    if (text == "big") {
      channel_->send_text(std::string(3'000'000, 'x'));
      return;
    }
    if (text == "in turn") {   // from the server's own thread, from another one, and from its own again
      channel_->send_text("first");
      std::thread([this] { channel_->send_text("second"); }).join();
      channel_->send_text("third");
      return;
    }
    if (text == "flood") {
      const auto piece = std::make_shared<const std::string>(std::string(60'000, 'y'));
      for (int i = 0; i < 10'000 && channel_->send(piece); ++i) {
      }
      return;
    }
    channel_->send_text(std::string(text));
  }

  void on_closed(std::uint16_t) override {}

 private:
  std::shared_ptr<WsChannel> channel_;
};

class WsHandler final : public HttpHandler {
 public:
  ServerResponse handle(const ServerRequest&) override { return error_response(404, "not_found", ""); }

  std::unique_ptr<WsPeer> upgrade(const ServerRequest& request) override {
    return request.path == "/ws" ? std::make_unique<EchoPeer>() : nullptr;
  }
};

/// Collects what a client is told and waits for it with a deadline.
class Log {
 public:
  WsEvents events() {
    WsEvents e;
    e.on_open = [this] { note([this] { ++opened; }); };
    e.on_text = [this](std::string_view text, Time at) {
      note([&] {
        texts.emplace_back(text);
        receipt = at;
      });
    };
    e.on_closed = [this](const WsClosed& c) { note([&] { closed.push_back(c); }); };
    e.on_wake = [this] { note([this] { ++woken; }); };
    return e;
  }

  bool wait(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds{10}, done);
  }

  int opened{0}, woken{0};
  std::vector<std::string> texts;
  std::vector<WsClosed> closed;
  Time receipt;

 private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    wake_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable wake_;
};

struct Fixture {
  WsHandler handler;
  std::unique_ptr<HttpServer> server;
  Log log;
  std::unique_ptr<WsClient> client;

  explicit Fixture(ServerOptions options = {}) {
    auto started = HttpServer::start(options, handler);
    REQUIRE(started);
    server = *std::move(started);
    WsClientOptions own;
    own.now = [] { return Time::from_seconds(1234); };
    client = std::make_unique<WsClient>(log.events(), own);
  }

  void connect(const std::string& path = "/ws") {
    WsConnect target;
    target.url = "ws://127.0.0.1:" + std::to_string(server->port()) + path;
    client->connect(target);
  }

  void open() {
    connect();
    REQUIRE(log.wait([this] { return log.opened > 0; }));
  }
};

}  // namespace

TEST_CASE("ws: text goes there and back, with the receipt of the given clock", "[net][ws]") {
  Fixture f;
  f.open();

  for (int i = 0; i < 10; ++i) REQUIRE(f.client->send("message " + std::to_string(i)));

  REQUIRE(f.log.wait([&f] { return f.log.texts.size() == 10; }));
  CHECK(f.log.texts[9] == "message 9");
  CHECK(f.log.receipt == Time::from_seconds(1234));
}

TEST_CASE("ws: frames leave in the order in which they were handed over, whichever thread did it", "[net][ws]") {
  const std::vector<std::string> in_turn{"first", "second", "third"};
  SECTION("of the server") {
    Fixture f;
    f.open();
    REQUIRE(f.client->send("in turn"));
    REQUIRE(f.log.wait([&f] { return f.log.texts.size() == 3; }));
    CHECK(f.log.texts == in_turn);
  }
  SECTION("of the client") {
    WsHandler handler;
    auto server = HttpServer::start(ServerOptions{}, handler);
    REQUIRE(server);
    Log log;
    std::unique_ptr<WsClient> client;
    WsEvents events = log.events();
    events.on_open = [&client] {
      (void)client->send("first");
      std::thread([&client] { (void)client->send("second"); }).join();
      (void)client->send("third");
    };
    client = std::make_unique<WsClient>(events, WsClientOptions{});
    WsConnect target;
    target.url = "ws://127.0.0.1:" + std::to_string((*server)->port()) + "/ws";
    client->connect(target);
    REQUIRE(log.wait([&log] { return log.texts.size() == 3; }));
    CHECK(log.texts == in_turn);
    client.reset();
  }
}

TEST_CASE("ws: large frames arrive whole", "[net][ws]") {
  ServerOptions options;
  options.limits.ws_queue_bytes = std::size_t{8} << 20;
  Fixture f(options);
  f.open();

  REQUIRE(f.client->send("big"));

  REQUIRE(f.log.wait([&f] { return !f.log.texts.empty(); }));
  CHECK(f.log.texts[0].size() == 3'000'000);
}

TEST_CASE("ws: close codes reach the client, and it may connect again", "[net][ws]") {
  Fixture f;
  f.open();

  REQUIRE(f.client->send("close"));
  REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
  CHECK(f.log.closed[0].code == 4001);
  CHECK(f.log.closed[0].was_open);
  CHECK_FALSE(f.client->send("late"));

  f.connect();
  CHECK(f.log.wait([&f] { return f.log.opened == 2; }));
}

TEST_CASE("ws: the client closes, and every connect ends with one on_closed", "[net][ws]") {
  Fixture f;
  f.open();

  f.client->close();
  REQUIRE(f.log.wait([&f] { return f.log.closed.size() == 1; }));
  f.connect();
  REQUIRE(f.log.wait([&f] { return f.log.opened == 2; }));
  f.connect();  // drops the open one
  REQUIRE(f.log.wait([&f] { return f.log.opened == 3; }));
  CHECK(f.log.closed.size() == 2);
}

TEST_CASE("ws: a slow reader is closed instead of remembered", "[net][ws]") {
  ServerOptions options;
  options.limits.ws_queue_frames = 8;
  Fixture f(options);
  f.open();

  REQUIRE(f.client->send("flood"));

  REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
  CHECK(f.log.closed[0].code == 1013);
}

TEST_CASE("ws: a client that says too much is closed", "[net][ws]") {
  Fixture f;
  f.open();

  SECTION("a frame beyond the limit") {
    REQUIRE(f.client->send(std::string(5000, 'x')));
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK(f.log.closed[0].code == 1009);
  }
  SECTION("too many frames") {
    for (int i = 0; i < 200; ++i) static_cast<void>(f.client->send("x"));
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK(f.log.closed[0].code == 1008);
  }
}

TEST_CASE("ws: refusals are told, never thrown", "[net][ws]") {
  Fixture f;

  SECTION("a path that is no stream") {
    f.connect("/elsewhere");
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK_FALSE(f.log.closed[0].was_open);
  }
  SECTION("plain text to another machine") {
    WsConnect target;
    target.url = "ws://192.0.2.1/ws";
    f.client->connect(target);
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK(f.log.closed[0].reason.code == ErrorCode::invalid);
  }
  SECTION("a foreign origin") {
    WsConnect target;
    target.url = "ws://127.0.0.1:" + std::to_string(f.server->port()) + "/ws";
    target.headers.push_back({"Origin", "https://evil.example"});
    f.client->connect(target);
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
  }
  SECTION("a server that accepts and says nothing") {
    const RawListener silent;
    WsConnect target;
    target.url = "ws://127.0.0.1:" + std::to_string(silent.port()) + "/";
    target.connect_timeout = milliseconds{100};
    f.client->connect(target);
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK(f.log.closed[0].reason.code == ErrorCode::timeout);
  }
  SECTION("a server without TLS where TLS was asked for") {
    WsConnect target;
    target.url = "wss://127.0.0.1:" + std::to_string(f.server->port()) + "/ws";
    f.client->connect(target);
    REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
    CHECK_FALSE(f.log.closed[0].was_open);
  }
}

TEST_CASE("ws: an alarm wakes once, and a later one replaces it", "[net][ws]") {
  Fixture f;

  f.client->wake_after(seconds{3600});
  f.client->wake_after(milliseconds{1});

  REQUIRE(f.log.wait([&f] { return f.log.woken == 1; }));
}

TEST_CASE("ws: a stopping server says 1001", "[net][ws]") {
  Fixture f;
  f.open();

  f.server.reset();

  REQUIRE(f.log.wait([&f] { return !f.log.closed.empty(); }));
  CHECK(f.log.closed[0].code == 1001);
}
