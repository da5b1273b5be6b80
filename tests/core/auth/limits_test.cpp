#include <catch2/catch.hpp>

#include <string>

#include "core/auth/client_address.h"
#include "core/auth/login_guard.h"
#include "core/auth/session_table.h"

using namespace aitrade;

namespace {

const Time start = Time::from_seconds(1'000'000);

Principal admin() { return {Principal::Kind::session, "", {}, Scope::admin}; }

}  // namespace

TEST_CASE("auth: five failures in a quarter of an hour, each answered later (N4)", "[auth][N4]") {
  LoginGuard guard;
  std::int64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    CHECK(guard.wait("1.2.3.4", start).count() == 0);
    const Duration delay = guard.failed("1.2.3.4", start + seconds{i});
    CHECK(delay.count() > last);
    last = delay.count();
  }
  CHECK(last == Duration{seconds{4}}.count());
  CHECK(guard.wait("1.2.3.4", start + seconds{5}).count() > 0);
  CHECK(guard.wait("1.2.3.5", start + seconds{5}).count() == 0);
  CHECK(guard.wait("1.2.3.4", start + minutes{15} - seconds{1}).count() > 0);
  CHECK(guard.wait("1.2.3.4", start + minutes{15}).count() == 0);
}

TEST_CASE("auth: a thousand addresses share a limit, and none is remembered for ever (N5)", "[auth][N5]") {
  GuardLimits limits;
  limits.addresses = 100;
  LoginGuard guard(limits);
  int tried = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string address = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    if (guard.wait(address, start).count() > 0) continue;
    guard.failed(address, start);
    ++tried;
  }
  CHECK(tried == 20);
  CHECK(guard.wait_of_address("9.9.9.9", start).count() == 0);   // a key is looked at all the same
  for (int i = 0; i < 1000; ++i) guard.failed("10.1.0." + std::to_string(i), start + minutes{2});
  CHECK(guard.size() <= 100);
  CHECK(guard.wait("9.9.9.9", start + minutes{3}).count() == 0);
}

TEST_CASE("auth: IPv6 clients are grouped by their network", "[auth]") {
  CHECK(address_class("127.0.0.1") == "127.0.0.1");
  CHECK(address_class("2001:db8:1:2:3:4:5:6") == address_class("2001:db8:1:2:ffff::1"));
  CHECK(address_class("2001:db8:1:3::1") != address_class("2001:db8:1:2::1"));
}

TEST_CASE("auth: a forwarded address is believed from trusted proxies only (N7, N8, N9)", "[auth][N7][N8][N9]") {
  const std::vector<std::string> trusted{"10.0.0.0/8", "::1"};
  CHECK(client_address("6.6.6.6", "1.2.3.4", trusted) == "6.6.6.6");
  CHECK(client_address("10.0.0.1", "6.6.6.6, 1.2.3.4", trusted) == "1.2.3.4");
  CHECK(client_address("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", trusted) == "1.2.3.4");
  CHECK(client_address("::1", "2001:db8::7", trusted) == "2001:db8::7");
  CHECK(client_address("10.0.0.1", "nonsense", trusted) == "10.0.0.1");
  CHECK(client_address("10.0.0.1", "", trusted) == "10.0.0.1");
  std::string many = "1.2.3.4";
  for (int i = 0; i < 10'000; ++i) many += ", 1.2.3.4";
  CHECK(client_address("10.0.0.1", many, trusted) == "10.0.0.1");
}

TEST_CASE("auth: sessions end idle, at their age and at log-out (N106, N107)", "[auth][N106][N107]") {
  SessionTable table;
  const auto opened = table.open(admin(), "proof", start);
  const std::string cookie(opened.cookie.reveal());

  CHECK(cookie.size() == 43);
  CHECK(table.find("chosen by somebody else", start) == nullptr);
  REQUIRE(table.find(cookie, start) != nullptr);
  CHECK(table.find(cookie, start)->csrf == opened.csrf);
  CHECK(table.find(cookie, start + minutes{29}) != nullptr);
  CHECK(table.find(cookie, start + minutes{58}) != nullptr);
  CHECK(table.find(cookie, start + minutes{88}) == nullptr);   // 30 minutes idle

  const auto next = table.open(admin(), "proof", start);
  CHECK(next.cookie.reveal() != opened.cookie.reveal());
  CHECK(next.csrf != opened.csrf);
  Time now = start;
  while (now < start + hours{12}) {
    CHECK(table.find(next.cookie.reveal(), now) != nullptr);
    now = now + minutes{20};
  }
  CHECK(table.find(next.cookie.reveal(), now) == nullptr);

  const auto last = table.open(admin(), "proof", start);
  table.close(last.cookie.reveal());
  CHECK(table.find(last.cookie.reveal(), start) == nullptr);

  const auto other = table.open(admin(), "proof", start);
  table.close_unless("another password");
  CHECK(table.find(other.cookie.reveal(), start) == nullptr);
}

TEST_CASE("auth: at most sixteen sessions, the one idle for longest goes", "[auth]") {
  SessionTable table;
  std::vector<std::string> cookies;
  for (int i = 0; i < 20; ++i) cookies.emplace_back(table.open(admin(), "", start + seconds{i}).cookie.reveal());
  CHECK(table.size() == 16);
  CHECK(table.find(cookies[3], start + seconds{20}) == nullptr);
  CHECK(table.find(cookies[4], start + seconds{20}) != nullptr);
}

TEST_CASE("auth: a ticket opens once, soon, and not after its session left (N22, N24, N25)", "[auth][N22][N24][N25]") {
  SessionTable table;
  const auto session = table.open(admin(), "", start);
  const std::string ticket = table.issue(session.principal, "http://a", start);

  const auto taken = table.take(ticket, start + seconds{14});
  REQUIRE(taken);
  CHECK(taken->origin == "http://a");
  CHECK(taken->principal == session.principal);
  CHECK_FALSE(table.take(ticket, start + seconds{14}));
  CHECK_FALSE(table.take(table.issue(session.principal, "", start), start + seconds{16}));

  const std::string orphan = table.issue(session.principal, "", start);
  table.close(session.cookie.reveal());
  CHECK_FALSE(table.take(orphan, start));
}

TEST_CASE("auth: eight tickets of one, the oldest goes", "[auth]") {
  SessionTable table;
  const auto session = table.open(admin(), "", start);
  std::vector<std::string> tickets;
  for (int i = 0; i < 9; ++i) tickets.push_back(table.issue(session.principal, "", start));
  CHECK_FALSE(table.take(tickets[0], start));
  CHECK(table.take(tickets[1], start));
}
