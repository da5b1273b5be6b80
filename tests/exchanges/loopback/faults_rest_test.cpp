// What each fault of a REST call looks like on the wire.
#include "tests/exchanges/loopback/fault_support.h"

namespace aitrade::loopback {
namespace {

HttpOutcome get(Site& site, const std::string& path, milliseconds timeout = seconds{5}) {
  HttpRequest request;
  request.url = site.exchange->rest_url() + path;
  request.timeouts.total = timeout;
  return site.http.perform(request);
}

std::string on(const std::string& endpoint, const std::string& action,
               const std::string& arguments = "", int repeat = 1) {
  return R"({"match":{"transport":"rest","endpoint":")" + endpoint + R"("},"action":")" + action +
         R"(","args":{)" + arguments + R"(},"repeat":)" + std::to_string(repeat) + "}";
}

}  // namespace

TEST_CASE("faults: a reply later than the client's patience, to an order that stands", "[F3]") {
  Site site;
  site.add_rules(on("AddOrder", "delay_reply", R"("ms":700)"));
  const HttpOutcome outcome = site.call("AddOrder", small, milliseconds{150});
  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(site.orders() == 1);
  CHECK(site.call("Balance").reply.status == 200);
}

TEST_CASE("faults: statuses of the front end with a page, executed or not", "[F8]") {
  for (const int status : {500, 502, 503, 504, 520}) {
    for (const bool is_executed : {false, true}) {
      INFO(status << " " << is_executed);
      Site site;
      site.add_rules(on("AddOrder", "http",
                        R"("status":)" + std::to_string(status) + R"(,"executed":)" +
                            (is_executed ? "true" : "false")));
      const HttpOutcome outcome = site.call("AddOrder", small);
      CHECK(outcome.reply.status == status);
      CHECK(outcome.reply.body.starts_with("<html>"));
      CHECK(site.orders() == (is_executed ? 1U : 0U));
    }
  }
}

TEST_CASE("faults: a body that is cut, empty, no JSON or of another shape", "[F9]") {
  Site site;
  const auto body = [&](const char* kind) {
    site.add_rules(on("Balance", "malform", std::string(R"("kind":")") + kind + "\""));
    const HttpOutcome outcome = site.call("Balance");
    CHECK(outcome.reply.status == 200);
    return outcome.reply.body;
  };
  CHECK(body("empty").empty());
  CHECK(body("html").starts_with("<html>"));
  CHECK_FALSE(body("truncated").ends_with("}"));
  CHECK(body("type") == R"({"error":{},"result":[]})");
  CHECK(body("missing") == R"({"error":[]})");
  CHECK(body("extra").starts_with(R"({"unexpected":)"));
  CHECK(body("garbage").starts_with("upstream"));
}

TEST_CASE("faults: an error that nobody has heard of, executed or not", "[F10]") {
  Site site;
  site.add_rules(on("AddOrder", "error", R"("text":"EUnheard:Of","executed":true)"));
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EUnheard:Of"]})");
  CHECK(site.orders() == 1);
  site.add_rules(on("AddOrder", "error", R"("text":"EUnheard:Of")"));
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EUnheard:Of"]})");
  CHECK(site.orders() == 1);
}

TEST_CASE("faults: too many requests, with and without a time to wait, and a ban", "[F11]") {
  Site site;
  site.add_rules(on("Balance", "http", R"("status":429,"retry_after":"7")"));
  CHECK(header_value(site.call("Balance").reply.headers, "Retry-After") == "7");
  site.add_rules(on("Balance", "http", R"("status":429)"));
  CHECK(header_value(site.call("Balance").reply.headers, "Retry-After").empty());
  CHECK(site.call("Balance").reply.body.find("USD") != std::string::npos);

  site.act("ban", R"("ms":900000)");
  CHECK(site.call("AddOrder", small).reply.status == 429);
  CHECK(get(site, "/0/public/Time").reply.status == 429);
  site.go(minutes{14});
  CHECK(site.call("Balance").reply.status == 429);
  site.go(minutes{2});
  CHECK(site.call("Balance").reply.status == 200);
  CHECK(site.orders() == 0);
  site.act("ban", R"("ms":1000,"text":"EGeneral:Temporary lockout")");
  CHECK(site.call("Balance").reply.body == R"({"error":["EGeneral:Temporary lockout"]})");
}

TEST_CASE("faults: full rate counters refuse calls and adds, and never a cancel", "[F11]") {
  Site site;
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
  site.act("rate_limit", R"("ms":5000)");
  CHECK(site.call("Balance").reply.body == R"({"error":["EAPI:Rate limit exceeded"]})");
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EOrder:Rate limit exceeded"]})");
  CHECK(json(site.call("CancelAll").reply.body)["result"]["count"].GetInt() == 1);
  site.go(seconds{6});
  CHECK(json(site.call("Balance").reply.body)["error"].Empty());
}

TEST_CASE("faults: a key that is revoked, loses a right, or is turned away in between", "[F12]") {
  Site site;
  site.add_rules(on("Balance", "http", R"("status":401)"));
  CHECK(site.call("Balance").reply.status == 401);
  site.add_rules(on("Balance", "http", R"("status":403)"));
  CHECK(site.call("Balance").reply.status == 403);
  site.act("permissions", R"("list":"query-funds")");
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EGeneral:Permission denied"]})");
  CHECK(json(site.call("Balance").reply.body)["error"].Empty());
  site.act("revoke_key");
  CHECK(site.call("Balance").reply.body == R"({"error":["EAPI:Invalid key"]})");
  site.act("revoke_key", R"("undo":true)");
  CHECK(json(site.call("Balance").reply.body)["error"].Empty());
}

TEST_CASE("faults: somebody else uses the key, and our numbers are too small", "[F13][F57]") {
  Site site;
  CHECK(json(site.call("Balance").reply.body)["error"].Empty());
  site.act("nonce", R"("by":3)");
  for (int i = 0; i < 3; ++i) {
    CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EAPI:Invalid nonce"]})");
  }
  CHECK(site.orders() == 0);
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
}

TEST_CASE("faults: answers that cost time or memory", "[F16]") {
  Site site;
  SECTION("byte by byte") {
    site.add_rules(on("AddOrder", "drip", R"("byte_ms":20)"));
    const HttpOutcome outcome = site.call("AddOrder", small, milliseconds{250});
    CHECK_FALSE(outcome.is_reply());
    CHECK(site.orders() == 1);
    site.add_rules(on("Balance", "drip", R"("byte_ms":0)"));
    CHECK(json(site.call("Balance").reply.body)["error"].Empty());  // whole, if one waits
  }
  SECTION("larger than anybody needs") {
    site.add_rules(on("Time", "oversize", R"("bytes":20000000)"));
    CHECK_FALSE(get(site, "/0/public/Time").is_reply());
  }
  SECTION("larger than it looks") {
    site.add_rules(on("Time", "gzip_bomb", R"("bytes":30000000)"));
    CHECK_FALSE(get(site, "/0/public/Time").is_reply());
  }
  SECTION("shorter than it says") {
    site.add_rules(on("Time", "lose_reply", R"("symptom":"truncated")"));
    CHECK_FALSE(get(site, "/0/public/Time").is_reply());
  }
  const HttpOutcome next = get(site, "/0/public/Time", seconds{20});
  INFO(next.error.what);
  CHECK(next.reply.status == 200);
}

TEST_CASE("faults: REST is a minute behind while the stream is not", "[F23]") {
  Site site;
  Listener stream(site, "executions");
  site.act("read_lag", R"("ms":75000)");
  const auto added = json(site.call("AddOrder", small).reply.body);
  const std::string id = added["result"]["txid"][0].GetString();
  REQUIRE(stream.wait_for("\"exec_type\":\"new\""));
  CHECK(site.call("OpenOrders").reply.body.find(id) == std::string::npos);
  CHECK(site.call("QueryOrders", "txid=" + id).reply.body ==
        R"({"error":["EOrder:Unknown order"]})");
  site.go(seconds{76});
  CHECK(site.call("OpenOrders").reply.body.find(id) != std::string::npos);
}

TEST_CASE("faults: the venue's clock is off, and its deadlines with it", "[F51]") {
  Site site;
  site.act("skew", R"("ms":10000)");
  const std::int64_t told =
      json(get(site, "/0/public/Time").reply.body)["result"]["unixtime"].GetInt64();
  const Time now = site.exchange->clock().now();
  CHECK(told == now.seconds_floor() + 10);
  CHECK(site.call("AddOrder", std::string(small) + "&deadline=" + to_string(now + seconds{5}))
            .reply.body == R"({"error":["EService:Deadline elapsed"]})");
  site.act("skew", R"("ms":-10000)");
  CHECK(site.call("AddOrder", std::string(small) + "&deadline=" + to_string(now + seconds{55}))
            .reply.body == R"({"error":["EGeneral:Invalid arguments:deadline"]})");
}

}  // namespace aitrade::loopback
