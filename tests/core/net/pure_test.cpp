#include <catch2/catch.hpp>

#include "core/net/backoff.h"
#include "core/net/http_guard.h"
#include "core/net/rate_limit.h"
#include "core/net/url.h"

using namespace aitrade;

TEST_CASE("url: takes apart what it knows", "[net][url]") {
  const auto url = parse_url("wss://WS.Example.com/v2?x=1#y");

  REQUIRE(url);
  CHECK(url->host == "ws.example.com");
  CHECK(url->port == 443);
  CHECK(url->target == "/v2?x=1");
  CHECK(authority(*url) == "ws.example.com");
  CHECK(authority(*parse_url("http://[::1]:8080")) == "[::1]:8080");
}

TEST_CASE("url: refuses what could hide something", "[net][url]") {
  const auto* const text =
      GENERATE("", "example.com", "ftp://a/", "https://", "https://user:pw@host/", "https://a b/",
               "https://a/\r\nX: y", "https://h:0/", "https://h:70000/", "https://h:8x/", "https://[::1/");

  CHECK_FALSE(parse_url(text));
}

TEST_CASE("url: plain text is for this machine only", "[net][url]") {
  CHECK(check_transport_security(*parse_url("http://127.0.0.1:1/")));
  CHECK(check_transport_security(*parse_url("ws://localhost/")));
  CHECK(check_transport_security(*parse_url("https://example.com/")));
  CHECK_FALSE(check_transport_security(*parse_url("http://example.com/")));
  CHECK_FALSE(check_transport_security(*parse_url("ws://127.evil.example/")));
  CHECK_FALSE(check_transport_security(*parse_url("http://127.0.0.1.evil.example/")));
}

TEST_CASE("backoff: waits at random below a ceiling that doubles to its cap", "[net][backoff][EN2]") {
  Backoff backoff{Random(7)};
  const Duration ceilings[] = {milliseconds{500}, seconds{1}, seconds{2}, seconds{4}, seconds{8},
                               seconds{16}, seconds{32}, seconds{60}, seconds{60}};

  for (const Duration ceiling : ceilings) {
    CHECK(backoff.ceiling() == ceiling);
    const Duration wait = backoff.on_closed(Time{});
    CHECK(wait >= Duration{0});
    CHECK(wait <= ceiling);
  }
}

TEST_CASE("backoff: the same seed waits the same, spread over the range", "[net][backoff]") {
  Duration least{seconds{60}};
  Duration most{0};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Backoff a{Random(seed)};
    Backoff b{Random(seed)};
    const Duration wait = a.on_closed(Time{});
    CHECK(wait == b.on_closed(Time{}));
    least = std::min(least, wait);
    most = std::max(most, wait);
  }

  CHECK(least < milliseconds{10});  // 1000 draws over 500 ms
  CHECK(most > milliseconds{490});
}

TEST_CASE("backoff: only a healthy minute forgets failures (EN2)", "[net][backoff][EN2]") {
  Backoff backoff{Random(1)};
  Time now = Time::from_seconds(1000);
  for (int i = 0; i < 5; ++i) static_cast<void>(backoff.on_closed(now));

  backoff.on_open(now);
  static_cast<void>(backoff.on_closed(now + seconds{59}));
  CHECK(backoff.failures() == 6);

  backoff.on_open(now);
  static_cast<void>(backoff.on_closed(now + seconds{60}));
  CHECK(backoff.failures() == 1);
}

TEST_CASE("rate limit: a bucket gives its burst, then its rate", "[net][rate_limit]") {
  TokenBucket bucket({2.0, 3.0});
  const Time now = Time::from_seconds(10);

  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK_FALSE(bucket.take(now));
  CHECK(bucket.wait(now) == milliseconds{500});
  CHECK_FALSE(bucket.take(now + milliseconds{499}));
  CHECK(bucket.take(now + milliseconds{500}));
}

TEST_CASE("rate limit: time that runs backwards gives nothing and takes nothing away",
          "[net][rate_limit]") {
  TokenBucket bucket({1.0, 2.0}, Time::from_seconds(100));

  CHECK(bucket.take(Time::from_seconds(100), 2.0));
  CHECK_FALSE(bucket.take(Time::from_seconds(50)));
  CHECK(bucket.level(Time::from_seconds(50)) == 0.0);
  CHECK(bucket.take(Time::from_seconds(101)));
}

TEST_CASE("rate limit: a freeze lasts as long as the venue said", "[net][rate_limit]") {
  TokenBucket bucket({1.0, 5.0}, Time::from_seconds(0));
  bucket.freeze(Time::from_seconds(30));

  CHECK_FALSE(bucket.take(Time::from_seconds(10)));
  CHECK(bucket.wait(Time::from_seconds(10)) == seconds{21});
  CHECK(bucket.take(Time::from_seconds(31)));
}

TEST_CASE("rate limit: a full table forgets the least recently used", "[net][rate_limit]") {
  RateTable table({1.0, 1.0}, 2);

  CHECK(table.take("a", Time::from_seconds(1)) == Duration{0});
  CHECK(table.take("b", Time::from_seconds(2)) == Duration{0});
  CHECK(table.take("b", Time::from_seconds(2)) > Duration{0});
  CHECK(table.take("c", Time::from_seconds(3)) == Duration{0});
  CHECK(table.size() == 2);
}

TEST_CASE("guard: a good head is complete at its empty line", "[net][guard]") {
  const std::string head = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";
  const ServerLimits limits;

  for (std::size_t n = 0; n < head.size(); ++n) {
    const HeadScan part = scan_head(std::string_view(head).substr(0, n), limits);
    CHECK_FALSE(part.is_complete);
    CHECK_FALSE(part.refusal);
  }
  const HeadScan whole = scan_head(head + "body", limits);
  CHECK(whole.is_complete);
  CHECK(whole.size == head.size());
  CHECK_FALSE(whole.refusal);
}

TEST_CASE("guard: heads that smuggle or overflow are refused (N45, N50, N52, N109)", "[net][guard][N45][N50][N52][N109]") {
  struct Case {
    std::string head;
    int status;
  };

  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 65; ++i) many += "A: b\r\n";
  std::string large = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 3; ++i) large += "A: " + std::string(6000, 'x') + "\r\n";
  const Case cases[] = {
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400},
      {std::string("GET / HTTP/1.1\r\nA: b") + '\0' + "\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\n\r\n", 400},
      {"PRI * HTTP/2.0\r\n\r\n", 505},
      {"\x16\x03\x01\x02", 400},
      {"GET /" + std::string(2048, 'a') + " HTTP/1.1\r\n\r\n", 414},
      {std::string(4097, 'G'), 414},
      {many + "\r\n", 431},
      {large + "\r\n", 431},
      {"GET / HTTP/1.1\r\nA: " + std::string(9000, 'x'), 431},
  };

  for (const Case& c : cases) {
    INFO(c.head.substr(0, 60));
    const HeadScan scan = scan_head(c.head, {});
    REQUIRE(scan.refusal);
    CHECK(scan.refusal->status == c.status);
  }
}

TEST_CASE("guard: body lengths that two parsers could read differently are refused (N46, N49, N51)",
          "[net][guard][N46][N49][N51]") {
  const auto verdict = [](std::vector<HttpHeader> headers) {
    const BodyLength length = body_length(headers, {});
    return length.refusal ? length.refusal->status : static_cast<int>(length.bytes);
  };

  CHECK(verdict({}) == 0);
  CHECK(verdict({{"content-length", "5"}}) == 5);
  CHECK(verdict({{"Content-Length", "65537"}}) == 413);
  CHECK(verdict({{"Content-Length", "99999999999999999999999999"}}) == 413);
  CHECK(verdict({{"Content-Length", "5"}, {"Content-Length", "5"}}) == 400);
  for (const char* bad : {"+5", "5,5", "0x5", "", " 5", "-1", "5 "}) {
    CHECK(verdict({{"Content-Length", bad}}) == 400);
  }
  CHECK(verdict({{"Transfer-Encoding", "chunked"}}) == 411);
  CHECK(verdict({{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}) == 400);
  CHECK(verdict({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}) == 400);
  CHECK(verdict({{"Transfer-Encoding", "chunked, identity"}}) == 400);
  CHECK(verdict({{"Transfer-Encoding", "xchunked"}}) == 400);
}

TEST_CASE("guard: paths are decoded once and may not climb (N56)", "[net][guard][N56]") {
  CHECK(parse_target("/a%20b?x=%41")->path == "/a b");
  CHECK(parse_target("/a%20b?x=%41")->query == "x=%41");
  CHECK(parse_target("http://Host:81/p")->authority == "host:81");
  CHECK(parse_target("/%252e%252e/x")->path == "/%2e%2e/x");
  for (const char* bad : {"/static/../../etc/passwd", "/%2e%2e/x", "/a/..", "/./a", "/a\\b", "/%5c", "/%00",
                          "/%0a", "/%", "/%4", "/%zz", "/%c0%af", "/%ff", "/%ed%a0%80", "*", "a", "/a#b"}) {
    INFO(bad);
    CHECK_FALSE(parse_target(bad));
  }
}

TEST_CASE("guard: only our own names are hosts and origins", "[net][guard]") {
  const HostList hosts(8080, {"Box.lan:8080"});

  CHECK(hosts.allows("127.0.0.1:8080"));
  CHECK(hosts.allows("LOCALHOST:8080"));
  CHECK(hosts.allows("[::1]:8080"));
  CHECK(hosts.allows("box.lan:8080"));
  CHECK_FALSE(hosts.allows("localhost:9999"));
  CHECK_FALSE(hosts.allows("localhost"));
  CHECK_FALSE(hosts.allows("evil.example"));
  CHECK_FALSE(hosts.allows("localhost:8080.evil.example"));
  CHECK(hosts.allows_origin("http://localhost:8080"));
  CHECK_FALSE(hosts.allows_origin("null"));
  CHECK_FALSE(hosts.allows_origin("http://localhost:8080.evil.example"));
}
