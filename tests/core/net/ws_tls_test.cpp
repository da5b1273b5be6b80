// A stream that must not open: certificates that lie, handshakes that stall, names that nobody has.
#include "core/net/ws_client.h"
#include "tests/core/net/tls_server.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>

using namespace aitrade;
using aitrade::test::RawListener;
using aitrade::test::TlsIdentity;
using aitrade::test::TlsServer;

namespace {

/// Connects once and returns how it ended.
WsClosed try_to_open(const std::string& url, const std::string& ca_file = "",
                     milliseconds patience = seconds{5}) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<WsClosed> end;
  WsEvents events;
  events.on_closed = [&](const WsClosed& closed) {
    const std::lock_guard lock(mutex);
    end = closed;
    changed.notify_all();
  };
  WsClientOptions options;
  options.ca_file = ca_file;
  WsClient client(events, options);
  WsConnect target;
  target.url = url;
  target.connect_timeout = patience;
  client.connect(target);
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, std::chrono::seconds{20}, [&] { return end.has_value(); }));
  return *end;
}

}  // namespace

TEST_CASE("ws: a certificate that is not right opens no stream and hears no request",
          "[net][ws][tls][F14]") {
  struct Case {
    const char* name;
    TlsIdentity identity;
    bool trusts;
    int requests;
  };

  const std::string file = (std::filesystem::temp_directory_path() /
                            ("aitrade-ws-tls-" + std::to_string(::getpid()) + ".pem"))
                               .string();
  for (const Case& c : {Case{"right", {}, true, 1}, Case{"unknown authority", {}, false, 0},
                        Case{"wrong host", {"elsewhere.example", -3600, 3600}, true, 0},
                        Case{"expired", {"localhost", -7200, -3600}, true, 0}}) {
    INFO(c.name);
    const TlsServer server(c.identity, file);
    const WsClosed closed = try_to_open(
        "wss://localhost:" + std::to_string(server.port()) + "/v2", c.trusts ? file : "");
    CHECK_FALSE(closed.was_open);
    CHECK(server.requests() == c.requests);
  }
  std::filesystem::remove(file);
}

TEST_CASE("ws: a handshake that stalls costs its time limit and no more", "[net][ws][tls][F14]") {
  const RawListener silent;
  const WsClosed closed = try_to_open("wss://localhost:" + std::to_string(silent.port()) + "/v2",
                                      "", milliseconds{200});
  CHECK(closed.reason.code == ErrorCode::timeout);
}

TEST_CASE("ws: a name that does not resolve, or resolves to nobody, opens nothing",
          "[net][ws][F15]") {
  // A label of more than 63 characters fails inside the resolver: nobody is asked.
  CHECK_FALSE(try_to_open("wss://" + std::string(70, 'a') + ".invalid/v2").was_open);
  std::uint16_t dead = 0;
  {
    const RawListener gone;
    dead = gone.port();
  }
  const WsClosed closed = try_to_open("wss://localhost:" + std::to_string(dead) + "/v2");
  CHECK_FALSE(closed.was_open);
  CHECK(closed.reason.code == ErrorCode::network);
}
