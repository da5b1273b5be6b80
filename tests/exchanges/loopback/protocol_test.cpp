// Claims of the venue's documents that are easily missed, one by one.
#include "exchanges/loopback/order_json.h"
#include "tests/exchanges/loopback/private_support.h"

namespace aitrade::loopback {
namespace {

// One private WebSocket connection.
struct Wire {
  Rig& rig;
  PrivateSession session;
  std::string token;

  explicit Wire(Rig& owner) : rig(owner) {
    token = json(rig.call("GetWebSocketsToken"))["result"]["token"].GetString();
  }

  // Sends a method with params (the token is added); answers and events follow one another.
  Frames send(const std::string& method, const std::string& params) {
    const std::string text = R"({"method":")" + method + R"(","params":{"token":")" + token +
                             "\"" + (params.empty() ? "" : ",") + params + R"(},"req_id":1})";
    const auto request = WsRequest::read(text);
    REQUIRE(request);
    Frames out = session.on_request(*request, *rig.venue, rig.now);
    session.on_events(rig.venue->matching().take_events(), *rig.venue, rig.now, out);
    return out;
  }

  std::string error(const Frames& frames) {
    const auto answer = json(frames.at(0));
    return answer.HasMember("error") ? answer["error"].GetString() : "";
  }
};

constexpr const char* resting =
    R"("order_type":"limit","side":"buy","order_qty":0.1,"limit_price":30000,"symbol":"BTC/USD")";

std::vector<std::string> keys_of(const std::string& answer, const char* member) {
  const auto document = json(answer);
  std::vector<std::string> out;
  for (const auto& row : document["result"][member].GetObject())
    out.emplace_back(row.name.GetString());
  return out;
}

}  // namespace

TEST_CASE("protocol: a token serves the connection that used it in time, and no later one") {
  Rig rig;
  Wire first(rig);
  CHECK(first.error(first.send("subscribe", R"("channel":"executions")")).empty());
  rig.now = rig.now + seconds{901};
  CHECK(first.error(first.send("add_order", resting)).empty());
  Wire second(rig);
  second.token = first.token;
  CHECK(second.error(second.send("subscribe", R"("channel":"executions")")) ==
        "ESession:Invalid session");
}

TEST_CASE("protocol: numbers of a trading request are JSON numbers") {
  Rig rig;
  Wire wire(rig);
  const Frames frames = wire.send(
      "add_order",
      R"("order_type":"limit","side":"buy","order_qty":"0.1","limit_price":30000,"symbol":"BTC/USD")");
  CHECK(wire.error(frames) == "Invalid type of field: 'order_qty', a number is expected");
  CHECK(wire.error(wire.send("add_order",
                             R"("order_type":"stop-loss","side":"sell","order_qty":0.1,)"
                             R"("triggers":{"price" : "40000"},"symbol":"BTC/USD")")) ==
        "Invalid type of field: 'price', a number is expected");
  CHECK(rig.venue->matching().orders().empty());
}

TEST_CASE("protocol: each field of a cancel names orders in its own way") {
  Rig rig;
  Wire wire(rig);
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&cl_ord_id=77");
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30001&userref=77");
  CHECK(wire.error(wire.send("cancel_order", R"("order_id":["77"])")) == "EOrder:Unknown order");
  CHECK(wire.send("cancel_order", R"("cl_ord_id":["77"])").size() == 1);
  CHECK(rig.venue->matching().find_client_id("77") == nullptr);
  CHECK(rig.venue->matching().orders().back().is_live());
  CHECK(rig.error(rig.call("CancelOrder", "cl_ord_id=77")) == "EOrder:Unknown order");
  CHECK(rig.call("CancelOrder", "txid=77").find("\"count\":1") != std::string::npos);
}

TEST_CASE("protocol: without order_status, steps between live and over are not told") {
  Rig rig;
  Wire wire(rig);
  wire.send("subscribe", R"("channel":"executions","order_status":false)");
  const Frames placed = wire.send("add_order", resting);
  REQUIRE(placed.size() == 2);
  CHECK(placed[1].find("\"exec_type\":\"new\"") != std::string::npos);
  const Frames ended = wire.send("cancel_all", "");
  CHECK(ended.at(1).find("\"exec_type\":\"canceled\"") != std::string::npos);
}

TEST_CASE("protocol: a client id is unique among open orders only") {
  Rig rig;
  Wire wire(rig);
  const std::string named = std::string(resting) + R"(,"cl_ord_id":"mine")";
  CHECK(wire.error(wire.send("add_order", named)).empty());
  CHECK(wire.error(wire.send("add_order", named)).find("cl_ord_id") != std::string::npos);
  wire.send("cancel_order", R"("cl_ord_id":["mine"])");
  CHECK(wire.error(wire.send("add_order", named)).empty());
  CHECK(rig.venue->copies().at("mine") == 3);
  const auto both = json(rig.call("ClosedOrders", "cl_ord_id=mine"));
  CHECK(both["result"]["count"].GetInt() == 1);
  CHECK(keys_of(rig.call("OpenOrders", "cl_ord_id=mine"), "open").size() == 1);
  CHECK(json(rig.call("QueryOrders", "cl_ord_id=mine"))["result"].MemberCount() == 2);
}

TEST_CASE("protocol: deadlines are refused when past, and when further ahead than a minute") {
  Rig rig;
  Wire wire(rig);
  const auto with = [&](Duration ahead) {
    return wire.error(wire.send("add_order", std::string(resting) + R"(,"deadline":")" +
                                                 to_string(rig.now + ahead) + "\""));
  };
  CHECK(with(seconds{-1}) == "EService:Deadline elapsed");
  CHECK(with(seconds{61}) == "EGeneral:Invalid arguments:deadline");
  CHECK(with(seconds{5}).empty());
}

TEST_CASE("protocol: an amended stop keeps its id, its fills and its hold") {
  Rig rig;
  Wire wire(rig);
  const Frames placed = wire.send(
      "add_order", R"("order_type":"stop-loss","side":"sell","order_qty":2,)"
                   R"("triggers":{"price":45000,"reference":"last"},"symbol":"BTC/USD")");
  const std::string id = json(placed.at(0))["result"]["order_id"].GetString();
  CHECK(json(rig.call("BalanceEx"))["result"]["XXBT"]["hold_trade"] == "2.0000000000");
  CHECK(wire.error(wire.send("amend_order", R"("order_id":")" + id + R"(","trigger_price":46000)"))
            .empty());
  const auto order = json(rig.call("QueryOrders", "txid=" + id));
  CHECK(order["result"][id.c_str()]["descr"]["price"] == "46000.0");
  CHECK(order["result"][id.c_str()]["status"] == "open");
  CHECK(json(rig.call("BalanceEx"))["result"]["XXBT"]["hold_trade"] == "2.0000000000");
  rig.trade(0, "45900", false);
  CHECK(rig.venue->matching().find(id)->phase == Phase::closed);
}

TEST_CASE("protocol: an amend below what was filled cancels the rest") {
  Rig rig;
  const std::string id = rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=1&price=40000");
  REQUIRE(rig.venue->matching().force_fill(id, Quantity::parse_or_die("0.5"), rig.now));
  CHECK(rig.error(rig.call("AmendOrder", "txid=" + id + "&order_qty=0.00001")).empty());
  CHECK(rig.venue->matching().find(id)->phase == Phase::canceled);
  CHECK(rig.venue->matching().find(id)->filled == Quantity::parse_or_die("0.5"));
}

TEST_CASE("protocol: limits and stops hold the balance that they would need") {
  Rig rig;
  rig.place("ordertype=limit&type=sell&pair=XBTUSD&volume=6&price=90000");
  CHECK(rig.error(rig.call("AddOrder",
                           "ordertype=stop-loss&type=sell&pair=XBTUSD&volume=6&price=40000")) ==
        "EOrder:Insufficient funds");
  rig.place("ordertype=stop-loss&type=sell&pair=XBTUSD&volume=4&price=40000");
  CHECK(json(rig.call("BalanceEx"))["result"]["XXBT"]["hold_trade"] == "10.0000000000");
}

TEST_CASE("protocol: pages of a history begin behind a row or a moment, and end with one") {
  Rig rig;
  rig.venue->matching().set_pieces(6);
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.6");
  const std::string all = "consolidate_taker=false";
  const auto ids = keys_of(rig.call("TradesHistory", all), "trades");  // newest first
  REQUIRE(ids.size() == 6);
  // All of one moment: only an id tells them apart.
  CHECK(keys_of(rig.call("TradesHistory", all + "&start=" + ids[2]), "trades") ==
        std::vector<std::string>{ids[0], ids[1]});
  CHECK(keys_of(rig.call("TradesHistory", all + "&end=" + ids[4]), "trades") ==
        std::vector<std::string>{ids[4], ids[5]});
  const std::string at = std::to_string(rig.now.seconds_floor());
  CHECK(keys_of(rig.call("TradesHistory", all + "&start=" + at), "trades").empty());
  CHECK(keys_of(rig.call("TradesHistory", all + "&end=" + at + ".000000000"), "trades").size() ==
        6);
  // The time that a row shows finds nothing newer than the row, whatever the clock's own digits.
  rig.now = rig.now + Duration{123'456'789};
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.006");
  const auto later = json(rig.call("TradesHistory", all + "&start=" + at));
  const std::string shown = unix_text(rig.now);
  CHECK(later["result"]["count"].GetInt() >= 1);
  CHECK(keys_of(rig.call("TradesHistory", all + "&start=" + shown), "trades").empty());
  CHECK(rig.call("TradesHistory", all).find("\"ledgers\"") == std::string::npos);
  CHECK(rig.call("TradesHistory", all + "&ledgers=true").find("\"ledgers\":[\"") !=
        std::string::npos);
  const auto lines = keys_of(rig.call("Ledgers"), "ledger");
  CHECK(keys_of(rig.call("Ledgers", "start=" + lines[3]), "ledger").size() == 3);
}

TEST_CASE("protocol: in maintenance the engine takes no order and ends none") {
  Rig rig;
  Wire wire(rig);
  const std::string id = rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=1&price=40000");
  rig.market.set_system("maintenance");
  CHECK(rig.error(rig.call("CancelOrder", "txid=" + id)) == "EService:Unavailable");
  CHECK(wire.error(wire.send("cancel_all", "")) == "EService:Unavailable");
  CHECK(keys_of(rig.call("OpenOrders"), "open").size() == 1);
  rig.market.set_system("cancel_only");
  CHECK(rig.error(rig.call("AmendOrder", "txid=" + id + "&limit_price=41000")) ==
        "EService:Market in cancel_only mode");
  CHECK(rig.error(rig.call("CancelOrder", "txid=" + id)).empty());
}

TEST_CASE("protocol: either right to read orders opens QueryOrders") {
  Rig rig;
  rig.venue->keys().find(rig.key.id)->permissions = {"query-closed-trades"};
  CHECK(rig.error(rig.call("QueryOrders", "txid=OAAAAA-AAAAA-AAAAAA")) == "EOrder:Unknown order");
  CHECK(rig.error(rig.call("OpenOrders")) == "EGeneral:Permission denied");
}

}  // namespace aitrade::loopback
