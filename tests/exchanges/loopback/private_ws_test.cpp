#include "tests/exchanges/loopback/private_support.h"

namespace aitrade::loopback {
namespace {

// One WebSocket client; frames gather in `inbox`.
struct Socket {
  Rig& rig;
  PrivateSession session;
  Frames inbox;
  std::string token;

  explicit Socket(Rig& owner) : rig(owner) {
    const auto answer = json(rig.call("GetWebSocketsToken"));
    token = answer["result"]["token"].GetString();
  }

  // Sends a frame and takes what comes of it: first the answers, then the events.
  Frames send(std::string text) {
    const std::size_t at = text.find("TOKEN");
    if (at != std::string::npos) text.replace(at, 5, token);
    const auto request = WsRequest::read(text);
    REQUIRE(request);
    REQUIRE(request->is_private);
    Frames out = session.on_request(*request, *rig.venue, rig.now);
    pump(out);
    return out;
  }

  void pump(Frames& out) {
    session.on_events(rig.venue->matching().take_events(), *rig.venue, rig.now, out);
  }

  Frames pump() {
    Frames out;
    pump(out);
    return out;
  }
};

std::string subscribe(const char* channel, const char* more = "") {
  return std::string(R"({"method":"subscribe","params":{"channel":")") + channel +
         R"(","token":"TOKEN")" + more + R"(},"req_id":7})";
}

std::vector<std::string> words(const Frames& frames, const char* member) {
  std::vector<std::string> out;
  for (const std::string& frame : frames) {
    const auto document = json(frame);
    if (!document.HasMember("data")) continue;
    for (const auto& row : document["data"].GetArray()) {
      if (row.HasMember(member)) out.emplace_back(row[member].GetString());
    }
  }
  return out;
}

// The params of a recorded frame with a token and a symbol of ours.
std::string recorded(const char* name) {
  std::string text = fixture(name);
  if (text.empty()) return text;
  const std::size_t at = text.find("\"token\":\"") + 9;
  text.replace(at, text.find('"', at) - at, "TOKEN");
  const std::size_t matic = text.find("MATIC/USD");
  if (matic != std::string::npos) text.replace(matic, 9, "LTC/USD");
  return text;
}

}  // namespace

TEST_CASE("private WebSocket: a wrong or stale token opens nothing") {
  Rig rig;
  Socket socket(rig);
  socket.token = "nonsense";
  CHECK(json(socket.send(subscribe("executions")).at(0))["error"] == "ESession:Invalid session");
  Socket late(rig);
  rig.now = rig.now + seconds{901};
  CHECK(json(late.send(subscribe("executions")).at(0))["error"] == "ESession:Invalid session");
  Socket used(rig);
  CHECK(json(used.send(subscribe("executions")).at(0))["success"].GetBool());
  rig.now = rig.now + seconds{9000};
  CHECK(json(used.send(subscribe("balances")).at(0))["success"].GetBool());  // used in time
}

TEST_CASE("private WebSocket: executions begin with a snapshot and count their frames") {
  Rig rig;
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&cl_ord_id=mine");
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.01");
  rig.venue->matching().take_events();
  Socket socket(rig);
  const Frames frames = socket.send(subscribe("executions", R"(,"snap_trades":true,"ratecounter":true)"));
  REQUIRE(frames.size() == 2);
  const auto ack = json(frames[0]);
  CHECK(ack["result"]["maxratecount"].GetInt() > 0);
  CHECK(ack["req_id"].GetInt() == 7);
  const auto snapshot = json(frames[1]);
  CHECK(snapshot["type"] == "snapshot");
  CHECK(snapshot["sequence"].GetInt() == 1);
  CHECK(words(frames, "exec_type") == std::vector<std::string>{"new", "trade"});
  const std::string shape = fixture("ws_executions.snapshot.json");
  if (!shape.empty()) {
    auto theirs = json(shape);
    theirs["data"][0].RemoveMember("cl_ord_id");
    CHECK(same_shape(theirs, snapshot, {}));
    CHECK(same_shape(json(fixture("ws_executions.response.json")), ack, {}));
  }
  CHECK(json(socket.send(subscribe("executions")).at(0))["error"] == "Already subscribed");
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000");
  const Frames updates = socket.pump();
  REQUIRE(updates.size() == 2);
  CHECK(json(updates[0])["sequence"].GetInt() == 2);
  CHECK(json(updates[1])["sequence"].GetInt() == 3);
}

TEST_CASE("private WebSocket: a fill and the state it leads to are frames of their own") {
  Rig rig;
  Socket socket(rig);
  socket.send(subscribe("executions"));
  socket.send(subscribe("balances"));
  rig.venue->matching().set_pieces(2);
  const Frames frames = socket.send(
      R"({"method":"add_order","params":{"order_type":"market","side":"buy","order_qty":0.01,)"
      R"("symbol":"BTC/USD","token":"TOKEN"},"req_id":9})");
  CHECK(json(frames.at(0))["result"]["order_id"].IsString());
  CHECK(words(frames, "exec_type") ==
        std::vector<std::string>{"pending_new", "new", "trade", "trade", "filled"});
  std::uint64_t executions = 1;  // the snapshots were the first
  std::uint64_t balances = 1;
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const auto frame = json(frames[i]);
    const bool is_execution = frame["channel"] == "executions";
    CHECK(frame["sequence"].GetUint64() == ++(is_execution ? executions : balances));
    CHECK(frame["data"].Size() == (is_execution ? 1U : 2U));  // both legs of a trade together
  }
  CHECK(executions == 6);
  CHECK(balances == 3);
}

TEST_CASE("private WebSocket: recorded frames have the members that the venue's have") {
  if (fixture("ws_executions.request.json").empty()) {
    WARN("skipped: the protocol fixtures are not there");
    return;
  }
  Rig rig;
  Socket socket(rig);
  CHECK(json(socket.send(recorded("ws_executions.request.json")).at(0))["success"].GetBool());
  Frames frames = socket.send(recorded("ws_add_order_limit.request.json"));
  const auto ack = json(frames.at(0));
  CHECK(same_shape(json(fixture("ws_add_order.response.json")), ack, {}));
  auto pending = json(frames.at(1));
  CHECK(same_shape(json(fixture("ws_executions.pending_new.json")), pending, {}));
  CHECK(same_shape(json(fixture("ws_executions.new.json")), json(frames.at(2)), {}));

  CHECK(json(socket.send(recorded("ws_add_order_stop_loss.request.json")).at(0))["success"].GetBool());
  CHECK(rig.venue->matching().orders().back().trigger == Price::parse_or_die("68.6"));
  CHECK(json(socket.send(recorded("ws_add_order_market_by_cost.request.json")).at(0))["success"]
            .GetBool());
  // One-triggers-other, with a deadline of the test's own day.
  std::string oto = recorded("ws_add_order_oto.request.json");
  oto.replace(oto.find("2026-11-22T11:30:05.000Z"), 24, to_string(rig.now + seconds{5}));
  // A client id and a user reference exclude each other.
  CHECK(json(socket.send(oto).at(0))["error"] == "EGeneral:Invalid arguments:cl_ord_id");
  oto.erase(oto.find("\"order_userref\":100062,"), 23);
  CHECK(json(socket.send(oto).at(0))["success"].GetBool());
  CHECK(rig.venue->matching().orders().back().terms.close->price == Price::parse_or_die("28410"));

  std::string amend = recorded("ws_amend_order.request.json");
  amend.replace(amend.find("2c6be801-1f53-4f79-a0bb-4ea1c95dfae9"), 36,
                "6d1b345e-2821-40e2-ad83-4ecb18a06876");
  amend.replace(amend.find("490795"), 6, "28000");
  frames = socket.send(amend);
  CHECK(same_shape(json(fixture("ws_amend_order.response.json")), json(frames.at(0)), {}));
  CHECK(same_shape(json(fixture("ws_executions.amended.json")), json(frames.at(1)), {}));

  std::string batch = recorded("ws_batch_add.request.json");
  batch.replace(batch.find("2022-06-13T08:09:10.123456Z"), 27, to_string(rig.now + seconds{5}));
  batch.replace(batch.find("1100.10"), 7, "91100.1");
  frames = socket.send(batch);
  CHECK(same_shape(json(fixture("ws_batch_add.response.json")), json(frames.at(0)), {}));
  frames = socket.send(recorded("ws_cancel_all_orders_after.request.json"));
  CHECK(same_shape(json(fixture("ws_cancel_all_orders_after.response.json")), json(frames.at(0)), {}));

  const std::string id = ack["result"]["order_id"].GetString();
  frames = socket.send(R"({"method":"edit_order","params":{"order_id":")" + id +
                       R"(","symbol":"BTC/USD","limit_price":26000.1,"token":"TOKEN"},"req_id":4})");
  const auto edited = json(frames.at(0));
  CHECK(same_shape(json(fixture("ws_edit_order.response.json")), edited, {}));
  const std::string next = edited["result"]["order_id"].GetString();
  frames = socket.send(R"({"method":"cancel_order","params":{"order_id":[")" + next +
                       R"(","OAAAAA-AAAAA-AAAAAA"],"token":"TOKEN"},"req_id":5})");
  CHECK(json(frames.at(0))["success"].GetBool());
  CHECK(json(frames.at(1))["error"] == "EOrder:Unknown order");
  CHECK(json(frames.at(1))["req_id"].GetInt() == 5);
  CHECK(same_shape(json(fixture("ws_executions.canceled.json")), json(frames.at(2)), {}));
  frames = socket.send(R"({"method":"cancel_all","params":{"token":"TOKEN"},"req_id":6})");
  CHECK(same_shape(json(fixture("ws_cancel_all.response.json")), json(frames.at(0)), {}));
  CHECK(rig.venue->accounts().is_sound());
}

TEST_CASE("private WebSocket: balances are totals, and each ledger line is told") {
  Rig rig;
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=1&price=30000");
  rig.venue->matching().take_events();
  Socket socket(rig);
  const Frames frames = socket.send(subscribe("balances"));
  const auto snapshot = json(frames.at(1));
  for (const auto& row : snapshot["data"].GetArray()) {
    if (row["asset"] == "USD") CHECK(row["balance"].GetDouble() == 1'000'000);  // holds included
  }
  if (!fixture("ws_balances.snapshot.json").empty()) {
    CHECK(same_shape(json(fixture("ws_balances.snapshot.json")), snapshot, {}));
    REQUIRE(rig.venue->transfer("BTC", Amount::parse_or_die("0.01"), "deposit", rig.now));
    const Frames updates = socket.pump();
    CHECK(same_shape(json(fixture("ws_balances.update_deposit.json")), json(updates.at(0)), {}));
  }
}

TEST_CASE("private WebSocket: late endings come as the venue tells them") {
  Rig rig;
  Socket socket(rig);
  socket.send(subscribe("executions"));
  Frames frames = socket.send(
      R"({"method":"add_order","params":{"order_type":"limit","side":"buy","order_qty":0.01,)"
      R"("limit_price":60000,"post_only":true,"symbol":"BTC/USD","token":"TOKEN"},"req_id":1})");
  CHECK(json(frames.at(0))["success"].GetBool());  // accepted is not live
  CHECK(words(frames, "exec_type") == std::vector<std::string>{"pending_new", "canceled"});
  CHECK(words(frames, "cancel_reason") == std::vector<std::string>{"Post only order"});
  frames = socket.send(
      R"({"method":"add_order","params":{"order_type":"limit","side":"buy","order_qty":0.01,)"
      R"("price":60000,"symbol":"BTC/USD","token":"TOKEN"},"req_id":2})");
  const auto refused = json(frames.at(0));
  CHECK(refused["error"] == "Unsupported field: 'price' for the given msg type: add order");
  CHECK_FALSE(refused.HasMember("req_id"));
  socket.send(
      R"({"method":"add_order","params":{"order_type":"stop-loss","side":"sell","order_qty":0.01,)"
      R"("triggers":{"price":49000},"symbol":"BTC/USD","token":"TOKEN"},"req_id":3})");
  rig.trade(0, "48900", false);
  frames = socket.pump();
  CHECK(words(frames, "exec_type") == std::vector<std::string>{"status", "trade", "filled"});
  if (!fixture("ws_executions.triggered_status.json").empty()) {
    auto theirs = json(fixture("ws_executions.triggered_status.json"));
    theirs["data"][0]["triggers"].RemoveMember("peak_price");  // of trailing stops
    CHECK(same_shape(theirs, json(frames.at(0)), {}));
  }
}

}  // namespace aitrade::loopback
