// Faults, time and the control interface over real sockets, with calls written by hand.
#include "tests/exchanges/loopback/fault_support.h"

namespace aitrade::loopback {

TEST_CASE("faults: a lost reply and a lost request look alike, and only one placed an order") {
  for (const char* symptom : {"reset", "none", "truncated", "502"}) {
    for (const bool is_executed : {true, false}) {
      INFO(symptom << " " << is_executed);
      const std::string text = plan("AddOrder", is_executed ? "lose_reply" : "lose_request",
                                    std::string(R"("symptom":")") + symptom + "\"");
      Site site(text);
      const HttpOutcome outcome = site.call("AddOrder", small);
      CHECK((!outcome.is_reply() || outcome.reply.status == 502));
      CHECK(outcome.fact != TransportFact::not_sent);
      CHECK(site.orders() == (is_executed ? 1U : 0U));
      CHECK(site.call("Balance").reply.status == 200);
    }
  }
}

TEST_CASE("faults: silence outlasts the client's patience") {
  Site site(plan("AddOrder", "lose_reply", R"("symptom":"silence")"));
  const HttpOutcome outcome = site.call("AddOrder", small, milliseconds{300});
  CHECK(outcome.fact == TransportFact::sent_no_reply);
  CHECK(site.orders() == 1);
}

TEST_CASE("faults: a request delivered late is executed then, or refused by its own deadline") {
  Site site(plan("AddOrder", "deliver_late", R"("ms":5000,"symptom":"reset")"));
  (void)site.call("AddOrder", small);
  CHECK(site.orders() == 0);
  site.go(seconds{6});
  CHECK(site.orders() == 1);

  Site fenced(plan("AddOrder", "deliver_late", R"("ms":5000,"symptom":"reset")"));
  const std::string deadline = to_string(fenced.exchange->clock().now() + seconds{3});
  (void)fenced.call("AddOrder", std::string(small) + "&deadline=" + deadline);
  fenced.go(seconds{6});
  CHECK(fenced.orders() == 0);
  CHECK(fenced.control("journal").find("EService:Deadline elapsed") != std::string::npos);
  CHECK(json(fenced.call("Balance").reply.body)["error"].Empty());

  Site overtaken(plan("AddOrder", "deliver_late", R"("ms":5000,"symptom":"reset")"));
  (void)overtaken.call("AddOrder", small);
  (void)overtaken.call("Balance");  // a higher nonce: the second fence
  overtaken.go(seconds{6});
  CHECK(overtaken.orders() == 0);
  CHECK(overtaken.control("journal").find("EAPI:Invalid nonce") != std::string::npos);
}

TEST_CASE("faults: a copy of a request is refused for its nonce, the first was executed") {
  Site site(plan("AddOrder", "duplicate_request"));
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EAPI:Invalid nonce"]})");
  CHECK(site.orders() == 1);
}

TEST_CASE("faults: errors, statuses and spoiled bodies, executed or not") {
  Site site(std::string(R"({"rules":[
    {"match":{"endpoint":"AddOrder","nth":1},"action":"error","args":{"text":"EService:Busy","executed":true}},
    {"match":{"endpoint":"AddOrder","nth":2},"action":"error","args":{"text":"EWeird:Never seen"}},
    {"match":{"endpoint":"Balance","nth":1},"action":"http","args":{"status":429,"retry_after":"7"}},
    {"match":{"endpoint":"Balance","nth":2},"action":"malform","args":{"kind":"truncated"}}]})"));
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EService:Busy"]})");
  CHECK(site.orders() == 1);
  CHECK(site.call("AddOrder", small).reply.body == R"({"error":["EWeird:Never seen"]})");
  CHECK(site.orders() == 1);
  const HttpOutcome limited = site.call("Balance");
  CHECK(limited.reply.status == 429);
  CHECK(header_value(limited.reply.headers, "Retry-After") == "7");
  const std::string half = site.call("Balance").reply.body;
  CHECK(half.starts_with(R"({"error":[])"));
  CHECK_FALSE(half.ends_with("}}"));
}

TEST_CASE("faults: the venue's own troubles come at their time") {
  Site site(std::string(R"({"rules":[
    {"at_ms":1000,"action":"pieces","args":{"count":3}},
    {"at_ms":2000,"action":"deposit","args":{"asset":"USD","amount":"12.5"}},
    {"at_ms":3000,"action":"system","args":{"state":"cancel_only"}},
    {"at_ms":4000,"action":"revoke_key"}]})"));
  site.go(milliseconds{2500});
  CHECK(site.control("balances").find("100012.5") != std::string::npos);
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
  site.go(seconds{1});
  CHECK(site.call("AddOrder", small).reply.body.find("cancel_only") != std::string::npos);
  CHECK(json(site.call("CancelAll").reply.body)["result"]["count"].GetInt() == 1);
  site.go(seconds{1});
  CHECK(site.call("Balance").reply.body == R"({"error":["EAPI:Invalid key"]})");
}

TEST_CASE("faults: an order can be unknown to everybody for a while") {
  Site site;
  site.control("do", R"({"action":"hide_next","args":{"ms":30000}})");
  const auto added = json(site.call("AddOrder", small).reply.body);
  const std::string id = added["result"]["txid"][0].GetString();
  CHECK(site.call("QueryOrders", "txid=" + id).reply.body.find("Unknown order") !=
        std::string::npos);
  CHECK(site.control("orders").find(id) != std::string::npos);  // the truth knows it
  site.go(seconds{31});
  CHECK(site.call("QueryOrders", "txid=" + id).reply.body.find(id) != std::string::npos);
}

TEST_CASE("faults: frames are lost, doubled, swapped and spoiled on the way") {
  Site site(std::string(R"({"rules":[
    {"match":{"transport":"frame","endpoint":"executions","contains":"\"pending_new\""},"action":"drop"},
    {"match":{"transport":"frame","endpoint":"executions","contains":"\"canceled\""},"action":"duplicate"}]})"));
  const auto answer = json(site.call("GetWebSocketsToken").reply.body);
  const std::string token = answer["result"]["token"].GetString();
  Listener listener(site.exchange->ws_url());
  REQUIRE(listener.wait_for("\"status\""));
  listener.send(R"({"method":"subscribe","params":{"channel":"executions","token":")" + token +
                R"("},"req_id":1})");
  REQUIRE(listener.wait_for("\"snapshot\""));
  const auto added = json(site.call("AddOrder", small).reply.body);
  REQUIRE(listener.wait_for("\"exec_type\":\"new\""));
  CHECK(listener.of("\"exec_type\":\"new\"").at(0).find("\"sequence\":3") != std::string::npos);
  CHECK(listener.of("pending_new").empty());
  (void)site.call("CancelOrder",
                  std::string("txid=") + added["result"]["txid"][0].GetString());
  REQUIRE(listener.wait_for("\"exec_type\":\"canceled\""));
  site.control("do", R"({"action":"disconnect"})");
  CHECK(listener.wait_closed());
  CHECK(listener.of("\"exec_type\":\"canceled\"").size() == 2);
}

TEST_CASE("faults: the same script twice gives the same journal") {
  const auto run = [] {
    Site site;
    site.key.id = "same";
    site.exchange->with_venue([&](PrivateVenue& venue, Time) { venue.keys().add(site.key); });
    site.control("reset", R"({"seed":9})");
    std::string journal;
    site.control("faults", R"({"rules":[{"match":{"endpoint":"AddOrder","per_mille":400},
      "action":"error","args":{"text":"EService:Busy","executed":true},"repeat":-1}]})");
    for (int i = 0; i < 30; ++i) {
      (void)site.call("AddOrder", "ordertype=market&type=buy&pair=XBTUSD&volume=0.001");
      site.go(seconds{7});
    }
    CHECK(site.control("balances").find("\"sound\":true") != std::string::npos);
    return site.control("journal") + site.control("fills") + site.control("orders");
  };
  const std::string first = run();
  CHECK(first.find("EService:Busy") != std::string::npos);
  CHECK(first == run());
}

TEST_CASE("faults: whatever a seed brings, the books balance and orders are what was executed") {
  std::int64_t hits = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    Site site(FaultPlan::from_seed(seed));
    for (int i = 0; i < 40; ++i) {
      (void)site.call("AddOrder",
                      i % 2 == 0 ? "ordertype=market&type=buy&pair=XBTUSD&volume=0.01" : small,
                      milliseconds{300});
      if (i % 5 == 0) (void)site.call("CancelAll", "", milliseconds{300});
      site.go(seconds{20});
    }
    CHECK(site.control("balances").find("\"sound\":true") != std::string::npos);
    const auto rules = json(site.control("faults"));
    for (const auto& rule : rules.GetArray())
      hits += rule["hits"].GetInt64();
  }
  CHECK(hits > 50);
}

TEST_CASE("faults: a plan that cannot be meant is refused, naming the rule") {
  CHECK_FALSE(FaultPlan::read("{}"));
  const auto unknown = FaultPlan::read(R"({"rules":[{"action":"explode"}]})");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().what == "rule 1: unknown action \"explode\"");
  CHECK_FALSE(FaultPlan::read(R"({"rules":[{"at_ms":5,"action":"lose_reply"}]})"));
}

}  // namespace aitrade::loopback
