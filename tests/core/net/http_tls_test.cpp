// What was proved not to be sent: names that do not resolve, handshakes that fail, certificates
// that lie.
#include "core/net/http_client.h"
#include "tests/core/net/tls_server.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <unistd.h>

using namespace aitrade;
using aitrade::test::Millis;
using aitrade::test::RawListener;
using aitrade::test::RawSocket;
using aitrade::test::TlsIdentity;
using aitrade::test::TlsServer;

namespace {

HttpRequest order(const std::string& base) {
  HttpRequest request;
  request.method = "POST";
  request.url = base + "/order";
  request.idempotent = false;
  request.body = "nonce=1";
  request.timeouts = {milliseconds{1000}, milliseconds{3000}};
  return request;
}

std::string certificate_path() {
  return (std::filesystem::temp_directory_path() /
          ("aitrade-tls-" + std::to_string(::getpid()) + ".pem"))
      .string();
}

/// Sends an order to a server of this identity; `trusts` says whether the client knows its
/// certificate.
HttpOutcome ask(const TlsIdentity& identity, bool trusts, int& requests) {
  const std::string file = certificate_path();
  HttpOutcome outcome;
  {
    const TlsServer server(identity, file);
    HttpClientOptions options;
    if (trusts) options.ca_file = file;
    HttpClient client(options);
    HttpRequest request = order("https://localhost:" + std::to_string(server.port()));
    request.timeouts = {seconds{20}, seconds{40}};   // a busy machine may take its time over a handshake
    outcome = client.perform(request);
    requests = server.requests();
  }
  std::filesystem::remove(file);
  return outcome;
}

}  // namespace

TEST_CASE("http_client: an order over TLS is answered by whom we trust",
          "[net][http_client][tls]") {
  int requests = 0;
  const HttpOutcome outcome = ask({}, true, requests);
  INFO(outcome.error.what);
  CHECK(outcome.is_reply());
  CHECK(requests == 1);
}

TEST_CASE("http_client: a certificate that is not right means not sent",
          "[net][http_client][tls]") {
  int requests = 0;

  struct Case {
    const char* name;
    TlsIdentity identity;
    bool trusts;
  };

  for (const Case& c : {Case{"unknown authority", {}, false},
                        Case{"wrong host", {"elsewhere.example", -3600, 3600}, true},
                        Case{"expired", {"localhost", -7200, -3600}, true},
                        Case{"not yet valid", {"localhost", 3600, 7200}, true}}) {
    INFO(c.name);
    const HttpOutcome outcome = ask(c.identity, c.trusts, requests);
    CHECK(outcome.fact == TransportFact::not_sent);
    CHECK(outcome.error.code == ErrorCode::rejected);
    CHECK(requests == 0);
  }
}

TEST_CASE("http_client: a handshake that fails or stalls means not sent",
          "[net][http_client][tls]") {
  const bool stalls = GENERATE(false, true);
  RawListener listener;
  std::thread server([&] {
    RawSocket socket = listener.accept(Millis{3000});
    if (stalls) {
      socket.read_all(Millis{2500});
    } else {
      socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
      socket.read_all(Millis{300});
    }
  });
  HttpClient client;
  const HttpOutcome outcome =
      client.perform(order("https://localhost:" + std::to_string(listener.port())));
  server.join();
  CHECK(outcome.fact == TransportFact::not_sent);
}

TEST_CASE("http_client: a name that does not resolve means not sent", "[net][http_client]") {
  // A label of more than 63 characters fails inside the resolver: nobody is asked.
  const HttpOutcome outcome =
      HttpClient().perform(order("https://" + std::string(70, 'a') + ".invalid"));
  CHECK(outcome.fact == TransportFact::not_sent);
  CHECK(outcome.error.code == ErrorCode::network);
}

TEST_CASE("http_client: an order on a fresh connection that is read and reset arrives once",
          "[net][http_client]") {
  RawListener listener;
  int copies = 0;
  std::thread server([&] {
    for (int i = 0; i < 2; ++i) {
      RawSocket socket = listener.accept(Millis{i == 0 ? 3000 : 700});
      if (!socket.is_open()) return;
      if (!socket.read_reply().empty()) ++copies;
      socket.reset();
    }
  });
  const HttpOutcome outcome =
      HttpClient().perform(order("http://127.0.0.1:" + std::to_string(listener.port())));
  server.join();
  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(copies == 1);
}
