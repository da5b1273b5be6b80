#include "tests/exchanges/loopback/private_support.h"

namespace aitrade::loopback {
namespace {

constexpr const char* no_fixtures = "skipped: the protocol fixtures are not there";

std::string found(const rapidjson::Document& document, const char* id, const char* member) {
  return document["result"][id][member].GetString();
}

}  // namespace

TEST_CASE("private REST: published signatures are accepted, one flipped byte is refused") {
  const std::string text = fixture("auth_vectors.json");
  if (text.empty()) {
    WARN(no_fixtures);
    return;
  }
  const auto vectors = json(text);
  for (const auto& vector : vectors["vectors"].GetArray()) {
    INFO(vector["name"].GetString());
    KeyRing ring;
    ApiKey key;
    key.id = "vector";
    key.secret = Secret(vectors["api_secret"].GetString());
    const std::string path = vector["uri_path"].GetString();
    const std::string nonce = vector["nonce"].GetString();
    const std::string body = vector["body"].GetString();
    const std::string signature = vector["api_sign"].GetString();
    std::string error;
    for (std::size_t i = 0; i < body.size(); ++i) {
      ring.add(key);
      std::string changed = body;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      CHECK(ring.accept({path, "vector", signature, nonce, changed}, {}, error) == nullptr);
      CHECK(error == "EAPI:Invalid signature");
    }
    ring.add(key);
    CHECK(ring.accept({path, "vector", signature, nonce, body}, {}, error) != nullptr);
    CHECK(ring.accept({path, "vector", signature, nonce, body}, {}, error) == nullptr);
    CHECK(error == "EAPI:Invalid nonce");
  }
}

TEST_CASE("private REST: keys, nonces and permissions are enforced with the venue's words") {
  Rig rig;
  CHECK(rig.error(kraken_private({"/0/private/Balance", "nobody", "", "", "nonce=1"}, *rig.venue,
                                 rig.now)
                      .body) == "EAPI:Invalid key");
  CHECK(rig.error(rig.raw("Balance", "5", "nonce=5", "")) == "");
  CHECK(rig.error(rig.raw("Balance", "5", "nonce=5", "")) == "EAPI:Invalid nonce");
  CHECK(rig.error(rig.raw("Balance", "4", "nonce=4", "")) == "EAPI:Invalid nonce");
  ApiKey* key = rig.venue->keys().find(rig.key.id);
  key->is_lenient = true;
  CHECK(rig.error(rig.raw("Balance", "5", "nonce=5", "")) == "");
  key->permissions = {"query-funds"};
  CHECK(rig.error(rig.call("Balance")) == "");
  CHECK(rig.error(rig.call("OpenOrders")) == "EGeneral:Permission denied");
  CHECK(rig.error(rig.call("AddOrder")) == "EGeneral:Permission denied");
  CHECK(rig.error(rig.call("GetWebSocketsToken")) == "EGeneral:Permission denied");
  key->is_revoked = true;
  CHECK(rig.error(rig.call("Balance")) == "EAPI:Invalid key");
}

TEST_CASE("private REST: an unknown method is refused and flagged") {
  Rig rig;
  const std::string path = "/0/private/Stake";
  const std::string body = "nonce=1";
  const RestReply reply = kraken_private({path, rig.key.id, rig.sign(path, "1", body), "", body},
                                         *rig.venue, rig.now);
  CHECK_FALSE(reply.is_known);
  CHECK(rig.error(reply.body) == "EGeneral:Unknown method");
}

TEST_CASE("private REST: every recorded order body is answered as the venue answers it") {
  const std::string text = fixture("rest_add_order_variants.request.json");
  if (text.empty()) {
    WARN(no_fixtures);
    return;
  }
  const auto request = json(text);
  const auto shape = json(fixture("rest_add_order_market.response.json"));
  for (const auto& variant : request["variants"].GetArray()) {
    const std::string name = variant["name"].GetString();
    INFO(name);
    Rig rig;
    const std::string body = variant["body"].GetString();
    const std::string nonce = body.substr(6, body.find('&') - 6);
    const std::string answer =
        rig.raw("AddOrder", nonce, body, "application/x-www-form-urlencoded");
    if (body.find("reduce_only") != std::string::npos) {
      CHECK(rig.error(answer) == "EOrder:Reduce only:No position exists");
      continue;
    }
    const auto got = json(answer);
    INFO(answer);
    CHECK(same_shape(shape, got, {}));
    const VenueOrder& order = rig.venue->matching().orders().front();
    if (name == "limit_multiple_oflags") {
      CHECK(order.terms.post_only);
      CHECK(order.terms.fee_in_base);
    }
    if (name == "market_buy_by_cost_viqc") CHECK(order.cost <= Money::parse_or_die("5"));
    if (name == "stop_loss_limit") {
      CHECK(std::string(got["result"]["descr"]["order"].GetString()) ==
            "sell 0.10000000 LTCUSDT @ stop loss 55.0000 -> limit 54.0000");
    }
    CHECK(rig.venue->accounts().is_sound());
  }
}

TEST_CASE("private REST: an order with every parameter is read to the last one") {
  Rig rig;
  const std::string deadline = to_string(rig.now + seconds{5});
  std::string id = rig.place(
      "ordertype=limit&type=buy&pair=XBTUSD&volume=1.25&price=27500&cl_ord_id="
      "6d1b345e-2821-40e2-ad83-4ecb18a06876&oflags=post%2Cfciq&timeinforce=GTD&expiretm=%2B3600&"
      "deadline=" +
      deadline +
      "&stptype=cancel-newest&close%5Bordertype%5D=stop-loss-limit&close[price]=26000&"
      "close%5Bprice2%5D=25900");
  const VenueOrder& order = *rig.venue->matching().find(id);
  CHECK(order.terms.expires == rig.now + seconds{3600});
  CHECK(order.terms.close->price2 == Price::parse_or_die("25900"));
  const auto queried = json(rig.call("QueryOrders", "txid=" + id));
  CHECK(found(queried, id.c_str(), "cl_ord_id") == "6d1b345e-2821-40e2-ad83-4ecb18a06876");
  CHECK(std::string(queried["result"][id.c_str()]["descr"]["close"].GetString()) ==
        "close position @ stop loss 26000.0 -> limit 25900.0");
  const auto dry = json(rig.call("AddOrder", "ordertype=limit&type=buy&pair=XBTUSD&volume=1.25&"
                                             "price=27500&validate=true"));
  CHECK(dry["error"].Empty());
  CHECK_FALSE(dry["result"].HasMember("txid"));
  CHECK(std::string(dry["result"]["descr"]["order"].GetString()) ==
        "buy 1.25000000 XBTUSD @ limit 27500.0");
}

TEST_CASE("private REST: every other recorded request has an answer of the recorded shape") {
  const std::string text = fixture("rest_other.request.json");
  if (text.empty()) {
    WARN(no_fixtures);
    return;
  }
  struct Expected {
    std::string path, shape;
    std::vector<std::string> maps;
  };
  const std::vector<Expected> expected{
      {"BalanceEx", "rest_balance_ex", {"/result"}},
      {"OpenOrders", "rest_open_orders", {"/result/open"}},
      {"ClosedOrders", "rest_closed_orders", {"/result/closed"}},
      {"TradesHistory", "rest_trades_history", {"/result/trades"}},
      {"TradeVolume", "rest_trade_volume", {"/result/fees", "/result/fees_maker"}},
      {"CancelAll", "rest_cancel_all", {}},
      {"CancelAllOrdersAfter", "rest_cancel_all_orders_after", {}},
      {"GetWebSocketsToken", "rest_get_websockets_token", {}},
      {"Balance", "rest_balance", {"/result"}},
      {"TradeBalance", "rest_trade_balance", {}},
      {"GetApiKeyInfo", "rest_get_api_key_info", {}},
  };
  Rig rig;
  rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.1");
  const std::string open =
      rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&userref=7");
  const std::string gone = rig.place(
      "ordertype=stop-loss-limit&type=sell&pair=XBTUSD&volume=0.1&price=30000&price2=29000");
  CHECK(rig.error(rig.call("CancelOrder", "txid=" + gone)) == "");
  // The recorded bodies: start times and ids of other days, so that only their words count.
  const auto recorded = json(text);
  for (const auto& request : recorded["requests"].GetArray()) {
    const std::string body = request["body"].GetString();
    const std::string path = request["path"].GetString();
    const std::size_t at = body.find("nonce=") + 6;
    const std::string nonce = body.substr(at, body.find('&', at) - at);
    rig.venue->keys().find(rig.key.id)->nonce = 0;
    const std::string answer =
        rig.raw(path.substr(11), nonce, body, "application/x-www-form-urlencoded");
    const std::string error = rig.error(answer);
    INFO(path << " " << answer);
    CHECK((error.empty() || error == "EOrder:Unknown order" || error == "EQuery:Unknown trade"));
  }
  for (const Expected& one : expected) {
    Rig fresh;
    fresh.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.1");
    fresh.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&userref=7");
    const std::string stop = fresh.place(
        "ordertype=stop-loss-limit&type=sell&pair=XBTUSD&volume=0.1&price=30000&price2=29000");
    fresh.now = fresh.now + seconds{1};  // so that it is the newest of the closed ones
    CHECK(fresh.error(fresh.call("CancelOrder", "txid=" + stop)) == "");
    std::string rest = one.path == "TradeVolume" ? "pair=XXBTZUSD" : "";
    if (one.path == "CancelAllOrdersAfter") rest = "timeout=60";
    const std::string answer = fresh.call(one.path, rest);
    INFO(one.path << " " << answer);
    auto shape = json(fixture(one.shape + ".response.json"));
    if (one.path == "BalanceEx") shape["result"].RemoveMember("USDT");  // credit lines: optional
    if (one.path == "TradeBalance") shape["result"].RemoveMember("ml");  // absent without margin
    if (one.path == "OpenOrders") shape["result"]["open"]["OQCLML-BW3P3-BUCMWZ"].RemoveMember("trades");
    CHECK(same_shape(shape, json(answer), one.maps));
  }
  CHECK(open.size() == 19);
}

TEST_CASE("private REST: orders are read back as they are, open and over") {
  Rig rig;
  const std::string id = rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000");
  const std::string done = rig.place("ordertype=market&type=sell&pair=XBTUSD&volume=0.1");
  auto open = json(rig.call("OpenOrders", "trades=true"));
  CHECK(open["result"]["open"].MemberCount() == 1);
  CHECK(std::string(open["result"]["open"][id.c_str()]["price"].GetString()) == "0.00000");
  const auto both = json(rig.call("QueryOrders", "txid=" + id + "," + done + "&trades=true"));
  CHECK(found(both, id.c_str(), "status") == "open");
  CHECK(found(both, done.c_str(), "status") == "closed");
  CHECK(found(both, done.c_str(), "vol_exec") == "0.10000000");
  CHECK(both["result"][done.c_str()]["trades"].Size() ==
        rig.venue->matching().find(done)->fills.size());
  CHECK(rig.error(rig.call("QueryOrders", "txid=OAAAAA-AAAAA-AAAAAA")) == "EOrder:Unknown order");
  CHECK(json(rig.call("CancelOrder", "txid=" + id))["result"]["count"].GetInt() == 1);
  CHECK(rig.error(rig.call("CancelOrder", "txid=" + id)) == "EOrder:Unknown order");
  const auto closed = json(rig.call("ClosedOrders"));
  CHECK(closed["result"]["count"].GetInt() == 2);
  CHECK(std::string(closed["result"]["closed"][id.c_str()]["reason"].GetString()) ==
        "User requested");
}

TEST_CASE("private REST: histories page by fifty and count the whole") {
  Rig rig;
  for (int i = 0; i < 120; ++i) {
    rig.now = rig.now + seconds{1};
    rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.001&userref=" + std::to_string(i));
  }
  std::size_t orders = 0;
  std::size_t trades = 0;
  for (const char* offset : {"0", "50", "100", "150"}) {
    const auto closed = json(rig.call("ClosedOrders", std::string("ofs=") + offset));
    CHECK(closed["result"]["count"].GetInt() == 120);
    orders += closed["result"]["closed"].MemberCount();
    const auto history = json(rig.call("TradesHistory", std::string("ofs=") + offset));
    trades += history["result"]["trades"].MemberCount();
  }
  CHECK(orders == 120);
  CHECK(trades == 120);
  const Time from = rig.now - seconds{10};
  const auto late = json(rig.call(
      "TradesHistory", "start=" + std::to_string(from.seconds_floor())));
  CHECK(late["result"]["count"].GetInt() == 10);  // the start itself is not in it
}

TEST_CASE("private REST: history joins the pieces of one taking unless asked not to") {
  Rig rig;
  rig.venue->matching().set_pieces(5);
  const std::string id = rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.01");
  const auto joined = json(rig.call("TradesHistory"));
  CHECK(joined["result"]["count"].GetInt() == 1);
  CHECK(std::string(joined["result"]["trades"].MemberBegin()->value["vol"].GetString()) ==
        "0.01000000");
  const auto apart = json(rig.call("TradesHistory", "consolidate_taker=false"));
  CHECK(apart["result"]["count"].GetInt() == 5);
  const std::string one = apart["result"]["trades"].MemberBegin()->name.GetString();
  const auto trade = json(rig.call("QueryTrades", "txid=" + one));
  CHECK(found(trade, one.c_str(), "ordertxid") == id);
  CHECK(found(trade, one.c_str(), "pair") == "XXBTZUSD");
}

TEST_CASE("private REST: what every endpoint says of a trade agrees to the last digit") {
  Rig rig;
  const std::string id = rig.place("ordertype=market&type=buy&pair=XBTUSD&volume=0.12345678");
  const auto order = json(rig.call("QueryOrders", "txid=" + id + "&trades=true"));
  const auto trades = json(rig.call("TradesHistory", "consolidate_taker=false"));
  Money cost, fee;
  for (const auto& trade : trades["result"]["trades"].GetObject()) {
    cost += Money::parse_or_die(trade.value["cost"].GetString());
    fee += Money::parse_or_die(trade.value["fee"].GetString());
  }
  CHECK(Money::parse_or_die(found(order, id.c_str(), "cost")) == cost);
  CHECK(Money::parse_or_die(found(order, id.c_str(), "fee")) == fee);
  const auto balance = json(rig.call("Balance"));
  CHECK(Money::parse_or_die(balance["result"]["ZUSD"].GetString()) ==
        Money::parse_or_die("1000000") - cost - fee);
  const auto ledger = json(rig.call("Ledgers", "type=trade&asset=ZUSD"));
  Money moved;
  for (const auto& entry : ledger["result"]["ledger"].GetObject()) {
    moved += Money::parse_or_die(entry.value["amount"].GetString()) -
             Money::parse_or_die(entry.value["fee"].GetString());
  }
  CHECK(moved == -cost - fee);
}

TEST_CASE("private REST: batches, amends and edits have the venue's shapes") {
  Rig rig;
  const std::string batch = rig.call_json(
      "AddOrderBatch",
      R"("pair":"XBTUSD","orders":[{"ordertype":"limit","type":"buy","volume":"0.803","price":"28300",)"
      R"("close":{"ordertype":"stop-loss-limit","price":"27000","price2":"26000"}},)"
      R"({"ordertype":"limit","type":"sell","volume":"100","price":"66000"}])");
  const auto answer = json(batch);
  CHECK(answer["error"].Empty());
  const auto& legs = answer["result"]["orders"];
  CHECK(std::string(legs[0]["close"].GetString()) ==
        "close position @ stop loss 27000.0 -> limit 26000.0");
  CHECK(std::string(legs[1]["error"].GetString()) == "EOrder:Insufficient funds");

  const std::string id =
      rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&cl_ord_id=mine");
  const auto amended = json(rig.call("AmendOrder", "cl_ord_id=mine&order_qty=0.2&limit_price=31000"));
  CHECK(amended["result"]["amend_id"].IsString());
  CHECK(rig.venue->matching().find(id)->limit == Price::parse_or_die("31000"));
  CHECK(rig.error(rig.call("AmendOrder", "txid=" + id + "&limit_price=31000.01")) ==
        "EOrder:Tick size check failed");

  const std::string old =
      rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000&userref=3");
  const auto edited =
      json(rig.call("EditOrder", "txid=" + old + "&pair=XBTUSD&volume=0.3&price=19500&userref=4"));
  const std::string text = fixture("rest_edit_order.response.json");
  if (!text.empty()) CHECK(same_shape(json(text), edited, {}));
  CHECK(rig.venue->matching().find(old)->phase == Phase::canceled);

  const auto canceled = json(rig.call_json(
      "CancelOrderBatch", "\"orders\":[\"" + id + "\",\"OAAAAA-AAAAA-AAAAAA\",4]"));
  CHECK(canceled["result"]["count"].GetInt() == 2);
}

TEST_CASE("private REST: literal form lists and relative prices are understood") {
  Rig rig;
  const auto batch = json(rig.call(
      "AddOrderBatch",
      "pair=XBTUSD&orders[0][ordertype]=limit&orders[0][type]=buy&orders[0][volume]=0.1&"
      "orders[0][price]=-5%25&orders[1][ordertype]=trailing-stop&orders[1][type]=sell&"
      "orders[1][volume]=0.1&orders[1][price]=%2B1.5%25"));
  REQUIRE(batch["result"]["orders"].Size() == 2);
  CHECK(rig.venue->matching().orders()[0].limit == Price::parse_or_die("47500"));
  CHECK(rig.venue->matching().orders()[1].trigger == Price::parse_or_die("49250"));
}

TEST_CASE("private REST: the rate counters refuse adds and never cancels") {
  Rig rig;
  rig.venue->counters().set_tier(RateTier::starter);
  std::string last;
  std::vector<std::string> ids;
  for (int i = 0; i < 20 && last.empty(); ++i) {
    ids.push_back(rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.001&price=30000"));
    last = rig.error(rig.call("CancelOrder", "txid=" + ids.back()));
    CHECK(last.empty());
    const auto document = json(rig.call(
        "AddOrder", "ordertype=limit&type=buy&pair=XBTUSD&volume=0.001&price=30000&validate=true"));
    if (rig.venue->counters().trading(0, rig.now) >= 60) break;
  }
  CHECK(rig.error(rig.call("AddOrder",
                           "ordertype=limit&type=buy&pair=XBTUSD&volume=0.001&price=30000")) ==
        "EOrder:Rate limit exceeded");
  CHECK(rig.error(rig.call("AddOrder",
                           "ordertype=limit&type=buy&pair=LTCUSD&volume=1&price=50")) == "");
  rig.now = rig.now + seconds{10};
  CHECK(rig.error(rig.call("AddOrder",
                           "ordertype=limit&type=buy&pair=XBTUSD&volume=0.001&price=30000")) == "");
  for (int i = 0; i < 15; ++i)
    (void)rig.call("Balance");
  CHECK(rig.error(rig.call("Balance")) == "EAPI:Rate limit exceeded");
}

TEST_CASE("private REST: queries trail the truth by the read lag") {
  Rig rig;
  rig.venue->set_read_lag(seconds{60});
  const std::string id = rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000");
  CHECK(rig.error(rig.call("QueryOrders", "txid=" + id)) == "EOrder:Unknown order");
  CHECK(json(rig.call("OpenOrders"))["result"]["open"].ObjectEmpty());
  rig.now = rig.now + seconds{61};
  CHECK(json(rig.call("OpenOrders"))["result"]["open"].MemberCount() == 1);
  rig.trade(0, "29000", false);
  CHECK(rig.venue->matching().find(id)->phase == Phase::closed);
  const auto stale = json(rig.call("QueryOrders", "txid=" + id));
  CHECK(found(stale, id.c_str(), "status") == "open");
  CHECK(found(stale, id.c_str(), "vol_exec") == "0.00000000");
  rig.now = rig.now + seconds{61};
  CHECK(found(json(rig.call("QueryOrders", "txid=" + id)), id.c_str(), "status") == "closed");
}

TEST_CASE("private REST: the dead man's switch really cancels, stops included") {
  Rig rig;
  rig.place("ordertype=limit&type=buy&pair=XBTUSD&volume=0.1&price=30000");
  rig.place("ordertype=stop-loss&type=sell&pair=XBTUSD&volume=0.1&price=40000");
  (void)rig.call("CancelAllOrdersAfter", "timeout=60");
  rig.venue->on_time(rig.now + seconds{59});
  CHECK(json(rig.call("OpenOrders"))["result"]["open"].MemberCount() == 2);
  CHECK(rig.venue->next_timer() == rig.now + seconds{60});
  rig.now = rig.now + seconds{60};
  rig.venue->on_time(rig.now);
  CHECK(json(rig.call("OpenOrders"))["result"]["open"].ObjectEmpty());
  const auto off = json(rig.call("CancelAllOrdersAfter", "timeout=0"));
  CHECK(std::string(off["result"]["triggerTime"].GetString()) == "0");
}

TEST_CASE("private REST: bad parameters are refused by name") {
  Rig rig;
  const std::string base = "pair=XBTUSD&type=buy&volume=0.1&ordertype=";
  CHECK(rig.error(rig.call("AddOrder", base + "magic&price=1")) ==
        "EGeneral:Invalid arguments:ordertype");
  CHECK(rig.error(rig.call("AddOrder", base + "limit")) == "EGeneral:Invalid arguments:price");
  CHECK(rig.error(rig.call("AddOrder", "pair=FOOBAR&type=buy&volume=1&ordertype=market")) ==
        "EQuery:Unknown asset pair");
  CHECK(rig.error(rig.call("AddOrder", base + "limit&price=30000&cl_ord_id=12345678901234567890")) ==
        "EGeneral:Invalid arguments:cl_ord_id");
  CHECK(rig.error(rig.call("AddOrder", base + "limit&price=30000&cl_ord_id=a&userref=1")) ==
        "EGeneral:Invalid arguments:cl_ord_id");
  CHECK(rig.error(rig.call("AddOrder", base + "limit&price=30000&deadline=2020-01-01T00:00:00Z")) ==
        "EService:Deadline elapsed");
  CHECK(rig.error(rig.call("AddOrder", base + "market&oflags=post")) ==
        "EGeneral:Invalid arguments:oflags");
  CHECK(rig.error(rig.call("AddOrder", base + "limit&price=30000&volume=x")) == "");
  CHECK(rig.error(rig.call("CancelOrder")) == "EGeneral:Invalid arguments");
}

}  // namespace aitrade::loopback
