// The queue of private calls: nonces in order, one copy of an order, reads that heal, limits that
// are learnt.
#include "exchanges/kraken/private_client.h"

#include "core/net/http_client.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/order_entry.h"
#include "exchanges/kraken/order_fate.h"
#include "tests/core/net/raw_socket.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

namespace aitrade::kraken {
namespace {

class MemoryNonces final : public NonceStore {
 public:
  Result<std::uint64_t> high_water(std::string_view) override { return mark; }

  Status raise(std::string_view, std::uint64_t to, Time) override {
    if (fails) return fail(ErrorCode::full, "no space");
    mark = to;
    return ok();
  }

  std::uint64_t mark{0};
  bool fails{false};
};

class ScriptedTransport final : public HttpTransport {
 public:
  HttpOutcome perform(const HttpRequest& request) override {
    asked.push_back(request);
    HttpOutcome outcome;
    outcome.fact = TransportFact::sent_no_reply;
    outcome.error = fail(ErrorCode::network, "reset");
    if (answers.empty()) return outcome;
    outcome.fact = TransportFact::reply;
    outcome.reply.status = answers.front().first;
    outcome.reply.body = answers.front().second;
    answers.pop_front();
    return outcome;
  }

  std::deque<std::pair<int, std::string>> answers;
  std::vector<HttpRequest> asked;
};

/// A client with all it borrows. Waiting moves the clock.
struct Rig {
  explicit Rig(HttpTransport& transport, std::string url = "http://127.0.0.1:1")
      : nonces(store, "a"),
        client({std::move(url),
                Tier::intermediate,
                {milliseconds{1000}, milliseconds{3000}},
                3,
                minutes{15}},
               *Signer::make({"name", Secret("YWJj")}), Secret(), transport, nonces, clock,
               [this](Duration span) {
                 waited += span;
                 clock.advance(span);
                 return !stops;
               }) {}

  ManualClock clock{Time::from_seconds(1'700'000'000)};
  MemoryNonces store;
  NonceSource nonces;
  Duration waited{};
  bool stops{false};
  PrivateClient client;
};

constexpr const char* good = R"({"error":[],"result":{"ZUSD":"5"}})";

PrivateCall order() {
  OrderRequest r;
  r.pair = "XBTUSD";
  r.quantity = Quantity::parse_or_die("1");
  r.client_id = "c1";
  return add_order_call(r);
}

std::uint64_t nonce_of(const HttpRequest& request) {
  for (const auto& [name, value] : parse_form(request.body)) {
    if (name == "nonce") return std::stoull(value);
  }
  return 0;
}

}  // namespace

TEST_CASE("kraken client: an order is asked for once, whatever comes back",
          "[kraken][client][safety]") {
  for (const auto& [status, body] :
       {std::pair{500, std::string("<html>")},
        std::pair{200, std::string(R"({"error":["EService:Busy"]})")},
        std::pair{200, std::string(R"({"error":["EAPI:Invalid nonce"]})")},
        std::pair{0, std::string()}}) {
    ScriptedTransport transport;
    if (status != 0) transport.answers = {{status, body}};
    Rig rig(transport);
    static_cast<void>(rig.client.send(order(), Purpose::ordinary));
    CHECK(transport.asked.size() == 1);
    CHECK_FALSE(transport.asked[0].idempotent);
  }
  ScriptedTransport transport;
  Rig rig(transport);
  CHECK(rig.client.read(order(), Purpose::ordinary).error().code == ErrorCode::unsupported);
  CHECK(transport.asked.empty());
}

TEST_CASE("kraken client: a read heals, with a new nonce each time", "[kraken][client]") {
  ScriptedTransport transport;
  Rig rig(transport);
  transport.answers = {
      {503, "<html>"}, {200, R"({"error":["EService:Unavailable"]})"}, {200, good}};
  const auto body = rig.client.read(balance_call(), Purpose::ordinary);
  REQUIRE(body.has_value());
  REQUIRE(transport.asked.size() == 3);
  CHECK(nonce_of(transport.asked[0]) < nonce_of(transport.asked[1]));
  CHECK(nonce_of(transport.asked[1]) < nonce_of(transport.asked[2]));
  CHECK(rig.waited == Duration{milliseconds{1500}});

  transport.asked.clear();
  transport.answers = {{200, R"({"error":["EGeneral:Permission denied"]})"}};
  CHECK(rig.client.read(balance_call(), Purpose::ordinary).error().code == ErrorCode::rejected);
  CHECK(transport.asked.size() == 1);
}

TEST_CASE("kraken client: a nonce that was too low is raised once, then alarms",
          "[kraken][client]") {
  ScriptedTransport transport;
  Rig rig(transport);
  const std::pair<int, std::string> low{200, R"({"error":["EAPI:Invalid nonce"]})"};
  transport.answers = {low, {200, good}};
  CHECK(rig.client.read(balance_call(), Purpose::ordinary).has_value());
  CHECK(nonce_of(transport.asked[1]) >= nonce_of(transport.asked[0]) + 1000);  // a new block
  CHECK(rig.client.nonce_faults() == 0);
  transport.asked.clear();
  transport.answers = {low, low, {200, good}};
  CHECK_FALSE(rig.client.read(balance_call(), Purpose::ordinary).has_value());
  CHECK(transport.asked.size() == 2);
  CHECK(rig.client.nonce_faults() == 2);
}

TEST_CASE("kraken client: nothing leaves without a nonce on disk", "[kraken][client][safety]") {
  ScriptedTransport transport;
  Rig rig(transport);
  rig.store.fails = true;
  const HttpOutcome outcome = rig.client.send(order(), Purpose::exit);
  CHECK(outcome.fact == TransportFact::not_sent);
  CHECK(outcome.error.code == ErrorCode::full);
  CHECK(fate_of_place(outcome, Copies::one).fate == Fate::not_sent);
  CHECK(transport.asked.empty());
}

TEST_CASE("kraken client: keeps within the counter, and learns bans", "[kraken][client]") {
  ScriptedTransport transport;
  Rig rig(transport);
  transport.answers.assign(40, {200, good});
  for (int i = 0; i < 15; ++i)
    REQUIRE(rig.client.read(balance_call(), Purpose::ordinary).has_value());
  CHECK(rig.waited == Duration{});
  CHECK(rig.client.send(balance_call(), Purpose::ordinary).error.code == ErrorCode::busy);
  CHECK(rig.client.send(balance_call(), Purpose::exit).is_reply());  // the reserve
  CHECK(rig.client.read(balance_call(), Purpose::ordinary).has_value());
  CHECK(rig.waited >= Duration{seconds{2}});

  transport.answers = {{200, R"({"error":["EService: Throttled: 1700001000"]})"}};
  static_cast<void>(rig.client.send(order(), Purpose::ordinary));
  const std::size_t before = transport.asked.size();
  CHECK(rig.client.send(order(), Purpose::exit).fact == TransportFact::not_sent);
  CHECK(transport.asked.size() == before);
  rig.clock.set(Time::from_seconds(1'700'001'000));
  CHECK(rig.client.send(order(), Purpose::exit).fact == TransportFact::sent_no_reply);
}

TEST_CASE("kraken client: a limit of the engine does not stop reads; a lockout stops all",
          "[kraken][client]") {
  ScriptedTransport transport;
  Rig rig(transport);
  transport.answers = {{200, R"({"error":["EOrder:Rate limit exceeded"]})"},
                       {200, good},
                       {200, R"({"error":["EGeneral:Temporary lockout"]})"}};
  static_cast<void>(rig.client.send(order(), Purpose::ordinary));
  CHECK(rig.client.send(balance_call(), Purpose::ordinary).is_reply());
  static_cast<void>(rig.client.send(balance_call(), Purpose::ordinary));
  rig.clock.advance(minutes{14});
  CHECK(rig.client.send(order(), Purpose::exit).fact == TransportFact::not_sent);
}

TEST_CASE("kraken client: stops waiting when told to", "[kraken][client]") {
  ScriptedTransport transport;
  Rig rig(transport);
  rig.stops = true;
  transport.answers = {{503, ""}, {200, good}};
  CHECK(rig.client.read(balance_call(), Purpose::ordinary).error().code == ErrorCode::timeout);
  CHECK(transport.asked.size() == 1);
}

// ---- over real sockets: the contract (reliability.md 2.3)
// -------------------------------------------

namespace {

using test::Millis;
using test::RawListener;
using test::RawSocket;

/// Reads `warm` requests and answers them, reads the next one whole, resets, and counts every copy.
int copies_of_order(int warm, TransportFact& fact, std::string& order_body) {
  RawListener listener;
  std::atomic<int> copies{0};
  std::thread server([&] {
    RawSocket socket = listener.accept(Millis{3000});
    for (int i = 0; i < warm; ++i) {
      socket.read_reply();
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: " +
                  std::to_string(std::string_view(good).size()) + "\r\n\r\n" + good);
    }
    order_body = socket.read_reply();
    if (!order_body.empty()) ++copies;
    socket.reset();
    RawSocket again = listener.accept(Millis{700});
    if (again.is_open() && !again.read_reply(Millis{700}).empty()) ++copies;
  });
  HttpClient http;
  Rig rig(http, "http://127.0.0.1:" + std::to_string(listener.port()));
  for (int i = 0; i < warm; ++i)
    CHECK(rig.client.send(balance_call(), Purpose::ordinary).is_reply());
  fact = rig.client.send(order(), Purpose::ordinary).fact;
  server.join();
  return copies;
}

}  // namespace

TEST_CASE("kraken client: an order that was read and reset arrives exactly once",
          "[kraken][client][contract]") {
  const int warm = GENERATE(0, 1, 3);  // a fresh connection, and one that was used before
  TransportFact fact{};
  std::string seen;
  CHECK(copies_of_order(warm, fact, seen) == 1);
  CHECK(fact == TransportFact::sent_no_reply);
  CHECK(seen.starts_with("POST /0/private/AddOrder HTTP/1.1\r\n"));
  CHECK(seen.find("cl_ord_id=c1") != std::string::npos);
}

TEST_CASE("kraken client: eight threads write nonces in the order they were taken",
          "[kraken][client][contract]") {
  constexpr int threads = 8, calls = 3;
  std::vector<std::uint64_t> arrived;
  RawListener listener;
  HttpClient http;
  Rig rig(http, "http://127.0.0.1:" + std::to_string(listener.port()));
  std::thread server([&] {
    RawSocket socket = listener.accept(Millis{3000});
    for (int i = 0; i < threads * calls; ++i) {
      const std::string request = socket.read_reply();
      const auto body = request.find("\r\n\r\n");
      if (body == std::string::npos) return;
      HttpRequest parsed;
      parsed.body = request.substr(body + 4);
      arrived.push_back(nonce_of(parsed));
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
  });
  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < calls; ++i)
        static_cast<void>(rig.client.send(order(), Purpose::ordinary));
    });
  }
  for (std::thread& caller : callers)
    caller.join();
  server.join();
  REQUIRE(arrived.size() == threads * calls);
  CHECK(std::is_sorted(arrived.begin(), arrived.end()));
  CHECK(std::adjacent_find(arrived.begin(), arrived.end()) == arrived.end());
}

}  // namespace aitrade::kraken
