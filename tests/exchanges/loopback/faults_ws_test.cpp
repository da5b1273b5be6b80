// What each fault of a WebSocket looks like on the wire.
#include "tests/exchanges/loopback/fault_support.h"

namespace aitrade::loopback {
namespace {

constexpr const char* rests =
    R"("order_type":"limit","side":"buy","order_qty":0.01,"limit_price":1000,"symbol":"BTC/USD")";
constexpr const char* fills =
    R"("order_type":"market","side":"buy","order_qty":0.01,"symbol":"BTC/USD")";

std::string rule(const std::string& match, const std::string& action,
                 const std::string& arguments = "", int repeat = 1) {
  return R"({"match":{)" + match + R"(},"action":")" + action + R"(","args":{)" + arguments +
         R"(},"repeat":)" + std::to_string(repeat) + "}";
}

std::string asked(const char* method) {
  return std::string(R"("transport":"ws","endpoint":")") + method + "\"";
}

std::string told(const char* channel, const std::string& contains = "") {
  return std::string(R"("transport":"frame","endpoint":")") + channel + R"(","contains":")" +
         contains + "\"";
}

// The "sequence" numbers of frames, in order.
std::vector<std::int64_t> sequence(const std::vector<std::string>& frames) {
  std::vector<std::int64_t> out;
  for (const std::string& frame : frames) {
    const auto document = json(frame);
    if (document.HasMember("sequence")) out.push_back(document["sequence"].GetInt64());
  }
  return out;
}

void order_and_wait(Site& site, Listener& stream, std::ptrdiff_t news) {
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
  REQUIRE(stream.wait_for("\"exec_type\":\"new\"", news));
}

Listener& listen_to_book(Listener& stream, const char* depth = "10") {
  stream.ready();
  stream.send(std::string(R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],)") +
              R"("depth":)" + depth + R"(},"req_id":9})");
  REQUIRE(stream.wait_for("\"req_id\":9,"));
  stream.send(R"({"method":"ping","req_id":10})");
  REQUIRE(stream.wait_for("\"req_id\":10,"));  // and whatever came behind the answer
  return stream;
}

}  // namespace

TEST_CASE("faults: requests on the stream and their answers are lost", "[F1][F2]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(asked("add_order"), "lose_request"));
  stream.ask("add_order", rests, 11);
  stream.ask("ping", "", 12);
  REQUIRE(stream.wait_for("\"req_id\":12"));
  CHECK(site.orders() == 0);
  site.add_rules(rule(asked("add_order"), "lose_reply"));
  stream.ask("add_order", rests, 13);
  REQUIRE(stream.wait_for("\"exec_type\":\"new\""));  // it was taken
  stream.ask("ping", "", 14);
  REQUIRE(stream.wait_for("\"req_id\":14"));
  CHECK(stream.of("\"req_id\":13").empty());
  CHECK(stream.of("\"req_id\":11").empty());
}

TEST_CASE("faults: an answer on the stream is late, what it answers is not", "[F3][F31]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(asked("add_order"), "delay_reply", R"("ms":5000)"));
  stream.ask("add_order", fills, 11);
  REQUIRE(stream.wait_for("\"exec_type\":\"filled\""));
  CHECK(stream.of("\"req_id\":11").empty());
  site.go(seconds{6});
  REQUIRE(stream.wait_for("\"req_id\":11"));
}

TEST_CASE("faults: a request on the stream arrives late, or after its deadline", "[F4]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(asked("add_order"), "deliver_late", R"("ms":5000)", 2));
  const std::string deadline = to_string(site.exchange->clock().now() + seconds{3});
  stream.ask("add_order", rests, 11);
  stream.ask("add_order", std::string(rests) + R"(,"deadline":")" + deadline + "\"", 12);
  stream.ask("ping", "", 13);
  REQUIRE(stream.wait_for("\"req_id\":13"));
  CHECK(site.orders() == 0);
  site.go(seconds{6});
  REQUIRE(stream.wait_for("\"req_id\":12"));
  CHECK(site.orders() == 1);
  CHECK(stream.of("\"req_id\":12").at(0).find("EService:Deadline elapsed") != std::string::npos);
}

TEST_CASE("faults: the connection ends after the order was taken, before its answer", "[F5]") {
  Site site;
  for (const bool is_executed : {true, false}) {
    Listener stream(site, "executions");
    const std::size_t before = site.orders();
    site.add_rules(rule(asked("add_order"), "cut",
                        is_executed ? R"("executed":true)" : R"("executed":false)"));
    stream.ask("add_order", rests, 11);
    CHECK(stream.wait_closed());
    CHECK(stream.of("\"req_id\":11").empty());
    CHECK(site.orders() == before + (is_executed ? 1 : 0));
  }
}

TEST_CASE("faults: a request on the stream is carried out twice", "[F7]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(asked("add_order"), "duplicate_request", "", 2));
  stream.ask("add_order", std::string(rests) + R"(,"cl_ord_id":"rests")", 11);
  REQUIRE(stream.wait_for("\"req_id\":11", 2));
  CHECK(site.books().doubled().empty());  // the first is open, and its name taken
  stream.ask("add_order", std::string(fills) + R"(,"cl_ord_id":"fills")", 12);
  REQUIRE(stream.wait_for("\"req_id\":12", 2));
  CHECK(site.books().doubled() == std::vector<std::string>{"fills"});
}

TEST_CASE("faults: the stream ends without a word, or stays and is dead", "[F17]") {
  Site site;
  Listener cut(site, "executions");
  site.add_rules(rule(told("executions"), "cut"));
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
  CHECK(cut.wait_closed());
  CHECK(cut.of("\"pending_new\"").empty());

  Listener dead(site, "executions");
  site.add_rules(rule(told("executions"), "mute", R"("ms":30000,"deaf":true)"));
  CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
  dead.ask("add_order", rests, 11);
  Listener alive(site, "executions");
  const std::size_t before = dead.of("\"heartbeat\"").size();
  site.go(seconds{10});
  REQUIRE(alive.wait_for("\"heartbeat\""));
  CHECK(dead.of("\"heartbeat\"").size() == before);
  site.go(seconds{21});
  dead.ask("ping", "", 12);
  REQUIRE(dead.wait_for("\"req_id\":12"));
  CHECK(dead.of("\"req_id\":11").empty());
  CHECK(dead.of("\"pending_new\"").empty());
  CHECK(site.orders() == 2);
}

TEST_CASE("faults: connections open, subscribe and drop for a while, or are refused", "[F18]") {
  Site site;
  site.act("flap", R"("ms":10000,"after_ms":1000)");
  for (int i = 0; i < 3; ++i) {
    Listener stream(site, "executions");
    site.go(milliseconds{1100});
    CHECK(stream.wait_closed());
  }
  site.go(seconds{10});
  Listener calm(site, "executions");
  site.go(seconds{5});
  calm.ask("ping", "", 11);
  CHECK(calm.wait_for("\"req_id\":11"));
  site.add_rules(rule(R"("transport":"connect")", "refuse", R"("status":503)"));
  Listener refused(site.exchange->ws_url());
  CHECK(refused.wait_closed());
}

TEST_CASE("faults: a fill is lost on the stream, and the count shows it", "[F19]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(told("executions", R"(\"exec_type\":\"trade\")"), "drop", "", -1));
  stream.ask("add_order", fills, 11);
  REQUIRE(stream.wait_for("\"exec_type\":\"filled\""));
  CHECK(stream.of("\"exec_type\":\"trade\"").empty());
  const auto numbers = sequence(stream.of("\"executions\""));
  CHECK(numbers.back() > static_cast<std::int64_t>(numbers.size()));
  CHECK(site.books().fills.size() >= 1);
  site.add_rules(rule(told("executions"), "renumber", R"("by":7)"));
  order_and_wait(site, stream, 2);
  const auto jumped = sequence(stream.of("\"executions\""));
  CHECK(jumped.at(jumped.size() - 2) == numbers.back() + 8);
}

TEST_CASE("faults: a fill is told twice", "[F20]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(told("executions", R"(\"exec_type\":\"trade\")"), "duplicate"));
  stream.ask("add_order", fills, 11);
  REQUIRE(stream.wait_for("\"exec_type\":\"filled\""));
  const auto trades = stream.of("\"exec_type\":\"trade\"");
  REQUIRE(trades.size() >= 2);
  CHECK(trades[0] == trades[1]);
}

TEST_CASE("faults: a state comes before the fill that leads to it", "[F21]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(told("executions", R"(\"exec_type\":\"trade\")"), "swap"));
  stream.ask("add_order", fills, 11);
  REQUIRE(stream.wait_for("\"exec_type\":\"trade\""));
  const auto numbers = sequence(stream.of("\"executions\""));
  CHECK_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_CASE("faults: the stream is a minute late while REST is not, then all of it comes",
          "[F22][F24]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(told("executions"), "hold", R"("ms":60000)"));
  const auto added = json(site.call("AddOrder", small).reply.body);
  const std::string id = added["result"]["txid"][0].GetString();
  CHECK(json(site.call("CancelOrder", "txid=" + id).reply.body)["error"].Empty());
  CHECK(site.call("QueryOrders", "txid=" + id).reply.body.find("canceled") != std::string::npos);
  CHECK(stream.of(id).empty());
  site.go(seconds{61});
  REQUIRE(stream.wait_for("\"exec_type\":\"canceled\""));
  const auto numbers = sequence(stream.of("\"executions\""));
  CHECK(numbers == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("faults: a snapshot does not come, or behind newer updates", "[F25]") {
  Site site;
  site.add_rules(rule(told("executions", R"(\"type\":\"snapshot\")"), "drop"));
  Listener without(site, "executions");
  order_and_wait(site, without, 1);
  CHECK(without.of("\"snapshot\",\"data\"").empty());
  site.add_rules(rule(told("executions", R"(\"type\":\"snapshot\")"), "swap"));
  Listener late(site, "executions");
  order_and_wait(site, late, 1);
  const auto frames = late.of("\"executions\",\"type\"");
  CHECK(json(frames.at(0))["sequence"].GetInt() == 2);
  CHECK(json(frames.at(1))["type"] == "snapshot");
}

TEST_CASE("faults: bytes that are no frame of an honest server end the connection", "[F26]") {
  for (const char* kind :
       {"utf8", "truncated", "oversized", "reserved", "masked", "opcode", "continuation"}) {
    INFO(kind);
    Site site;
    Listener stream(site, "executions");
    site.add_rules(rule(told("executions"), "raw", std::string(R"("kind":")") + kind + "\""));
    CHECK(json(site.call("AddOrder", small).reply.body)["error"].Empty());
    CHECK(stream.wait_closed());
  }
}

TEST_CASE("faults: frames in pieces and a flood of pings are legal, if unusual", "[F26]") {
  for (const char* kind : {"fragments", "ping_flood"}) {
    INFO(kind);
    Site site;
    Listener stream(site, "executions");
    site.add_rules(rule(told("executions"), "raw", std::string(R"("kind":")") + kind + "\""));
    order_and_wait(site, stream, 1);
    CHECK(stream.of("\"pending_new\"").size() == 1);
  }
}

TEST_CASE("faults: books whose checksum is wrong, whose zeros are lost, that are too deep",
          "[F27]") {
  for (const char* action : {"bad_checksum", "bad_level", "lost_zeros", "extra_level"}) {
    INFO(action);
    Site site;
    Listener honest(site.exchange->ws_url());
    Listener lied_to(site.exchange->ws_url());
    listen_to_book(honest);
    const std::string before = honest.of("\"book\",\"type\":\"snapshot\"").at(0);
    site.add_rules(rule(told("book"), action));
    listen_to_book(lied_to);
    const std::string after = lied_to.of("\"book\",\"type\":\"snapshot\"").at(0);
    CHECK(after != before);
    const auto sum = [](const std::string& frame) {
      return json(frame)["data"][0]["checksum"].GetUint();
    };
    CHECK((sum(after) == sum(before)) == (std::string_view(action) != "bad_checksum"));
    CHECK(json(after)["data"][0]["bids"].Size() ==
          (std::string_view(action) == "extra_level" ? 11U : 10U));
  }
}

TEST_CASE("faults: a subscription is accepted and silent, one symbol of several is", "[F28]") {
  Site site;
  Listener stream(site.exchange->ws_url());
  site.add_rules(rule(told("book", R"(\"symbol\":\"BTC/USD\")"), "drop", "", -1));
  stream.ready().send(
      R"({"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD"]},"req_id":8})");
  listen_to_book(stream);
  for (int i = 0; i < 5; ++i)
    site.go(seconds{1});
  REQUIRE(stream.wait_for("\"channel\":\"ticker\",\"type\":\"update\""));
  CHECK(stream.of("\"channel\":\"book\",\"type\"").empty());
}

TEST_CASE("faults: tokens end before they are used, subscriptions are refused", "[F29]") {
  Site site;
  const std::string token = site.token();
  site.act("expire_tokens");
  Listener stream(site.exchange->ws_url());
  stream.ready().subscribe("executions", token);
  CHECK(stream.of("\"req_id\":1,").at(0).find("ESession:Invalid session") != std::string::npos);
  site.add_rules(rule(asked("executions"), "error", R"("text":"EGeneral:Permission denied")"));
  Listener refused(site, "executions");
  CHECK(refused.of("\"req_id\":1,").at(0).find("Permission denied") != std::string::npos);
  CHECK(refused.of("\"snapshot\",\"data\"").empty());
}

TEST_CASE("faults: frames of a kind that is not known, with new fields, with texts for numbers",
          "[F30]") {
  Site site;
  Listener stream(site, "executions");
  site.add_rules(rule(told("executions"), "unknown_frame"));
  order_and_wait(site, stream, 1);
  CHECK(stream.of("\"novelty\"").size() == 1);
  site.add_rules(rule(told("executions"), "extra_field"));
  order_and_wait(site, stream, 2);
  CHECK(json(stream.of("{\"novelty\":").at(0))["channel"] == "executions");
  site.add_rules(rule(told("executions"), "text_numbers"));
  order_and_wait(site, stream, 3);
  CHECK(json(stream.of("\"limit_price\":\"").at(0))["data"][0]["limit_price"].IsString());
  site.add_rules(rule(told("executions"), "garble"));
  order_and_wait(site, stream, 4);
  CHECK_FALSE(stream.of("\"pending_new\"").back().ends_with("}"));
  site.add_rules(rule(asked("add_order"), "malform", R"("kind":"garbage")"));
  stream.ask("add_order", rests, 11);
  REQUIRE(stream.wait_for("upstream connect error"));
  site.add_rules(rule(told("executions"), "close"));
  (void)site.call("AddOrder", small);
  CHECK(stream.wait_closed());
}

}  // namespace aitrade::loopback
