// Trouble of the venue itself: orders, fills, prices, rules, the account.
#include "tests/exchanges/loopback/fault_support.h"

#include <set>

namespace aitrade::loopback {
namespace {

std::string id_in(const HttpOutcome& outcome) {
  const auto answer = json(outcome.reply.body);
  REQUIRE(answer["error"].Empty());
  return answer["result"]["txid"][0].GetString();
}

std::string error_in(const HttpOutcome& outcome) {
  const auto answer = json(outcome.reply.body);
  return answer["error"].Empty() ? "" : answer["error"][0].GetString();
}

std::string status_of(Site& site, const std::string& id) {
  const auto answer = json(site.call("QueryOrders", "txid=" + id).reply.body);
  return answer["result"][id.c_str()]["status"].GetString();
}

// A price in whole units, some per mille away from the last one.
std::string near(Site& site, std::int64_t per_mille) {
  return std::to_string(site.last().raw() / Price::scale * (1000 + per_mille) / 1000);
}

Quantity quantity(const char* text) {
  return Quantity::parse_or_die(text);
}

bool is_sound(Site& site) {
  return site.books().contradictions().empty() &&
         site.control("balances").find("\"sound\":true") != std::string::npos;
}

constexpr const char* buys = "ordertype=market&type=buy&pair=XBTUSD&volume=0.1";

}  // namespace

TEST_CASE("faults: many fills, a fill before the cancel takes effect, one behind it", "[F31][F33]") {
  Site site;
  site.act("pieces", R"("count":5)");
  (void)site.call("AddOrder", buys);
  CHECK(site.books().fills.size() >= 5);
  const std::string id = id_in(site.call("AddOrder", small));
  site.act("cancel_delay", R"("ms":2000)");
  CHECK(site.call("CancelOrder", "txid=" + id).reply.body.find("\"pending\":true") !=
        std::string::npos);
  site.act("fill", R"("id":")" + id + R"(","quantity":"0.004")");
  CHECK(status_of(site, id) == "open");
  site.go(seconds{3});
  CHECK(status_of(site, id) == "canceled");
  CHECK(site.books().find_order(id)->filled == quantity("0.004"));
  site.act("late_fill", R"("id":")" + id + R"(","quantity":"0.001")");
  CHECK(site.books().find_order(id)->filled == quantity("0.005"));
  CHECK(status_of(site, id) == "canceled");
  CHECK(is_sound(site));
}

TEST_CASE("faults: an order is nowhere for a while, then it is filled", "[F32]") {
  Site site;
  Listener stream(site, "executions");
  site.act("hide_next", R"("ms":60000)");
  const std::string id = id_in(site.call("AddOrder", buys));
  for (const char* list : {"OpenOrders", "ClosedOrders", "TradesHistory"}) {
    CHECK(site.call(list).reply.body.find(id) == std::string::npos);
  }
  CHECK(stream.of(id).empty());
  site.go(seconds{61});
  REQUIRE(stream.wait_for("\"exec_type\":\"filled\""));
  CHECK(site.call("ClosedOrders").reply.body.find(id) != std::string::npos);
  CHECK(site.call("TradesHistory").reply.body.find(id) != std::string::npos);
}

TEST_CASE("faults: the venue ends an order on its own, and says why", "[F34]") {
  Site site;
  Listener stream(site, "executions");
  const std::string id = id_in(site.call("AddOrder", small));
  site.act("venue_cancel", R"("id":")" + id + R"(","reason":"Market halted")");
  REQUIRE(stream.wait_for("\"cancel_reason\":\"Market halted\""));
  CHECK(status_of(site, id) == "canceled");
}

TEST_CASE("faults: modes of the venue and of a pair, told and enforced", "[F35]") {
  Site site;
  Listener stream(site, "executions");
  const auto mode = [&](const char* state) {
    site.act("system", std::string(R"("state":")") + state + "\"");
    REQUIRE(stream.wait_for(std::string("\"system\":\"") + state + "\""));
  };
  const std::string id = id_in(site.call("AddOrder", small));
  mode("cancel_only");
  CHECK(error_in(site.call("AddOrder", small)) == "EService:Market in cancel_only mode");
  CHECK(error_in(site.call("CancelOrder", "txid=" + id)).empty());
  mode("post_only");
  CHECK(error_in(site.call("AddOrder", buys)) == "EService:Market in post_only mode");
  CHECK(error_in(site.call("AddOrder", std::string(small) + "&oflags=post")).empty());
  mode("maintenance");
  CHECK(error_in(site.call("CancelAll")) == "EService:Unavailable");
  mode("online");
  site.act("pair_status", R"("pair":"XBTUSD","state":"cancel_only")");
  CHECK(error_in(site.call("AddOrder", small)) == "EService:Market in cancel_only mode");
}

TEST_CASE("faults: tick and minimum of a pair change, and those who listen are told", "[F35]") {
  Site site;
  Listener stream(site.exchange->ws_url());
  stream.ready().send(R"({"method":"subscribe","params":{"channel":"instrument"},"req_id":3})");
  REQUIRE(stream.wait_for("\"instrument\",\"type\":\"snapshot\""));
  CHECK(error_in(site.call("AddOrder",
                           "ordertype=limit&type=buy&pair=XBTUSD&volume=0.01&price=1000.1"))
            .empty());
  site.act("rules", R"("tick":"5","minimum":"0.02")");
  REQUIRE(stream.wait_for("\"instrument\",\"type\":\"update\""));
  CHECK(stream.of("\"type\":\"update\"").back().find("\"qty_min\":0.02") != std::string::npos);
  CHECK(error_in(site.call("AddOrder",
                           "ordertype=limit&type=buy&pair=XBTUSD&volume=0.02&price=1001")) ==
        "EOrder:Tick size check failed");
  CHECK(error_in(site.call("AddOrder", small)) == "EOrder:Order minimum not met");
}

TEST_CASE("faults: a stop is refused, is gapped through by 8 %, and vanishes", "[F36]") {
  Site site;
  Listener stream(site, "executions");
  const std::string stop = "ordertype=stop-loss&type=sell&pair=XBTUSD&volume=0.1&price=";
  site.add_rules(
      R"({"match":{"transport":"rest","endpoint":"AddOrder","contains":"stop-loss"},)"
      R"("action":"error","args":{"text":"EOrder:Trigger price not allowed"}})");
  const std::string trigger = near(site, -20);
  CHECK(error_in(site.call("AddOrder", stop + trigger)) == "EOrder:Trigger price not allowed");
  const std::string gapped = id_in(site.call("AddOrder", stop + trigger));
  const Price before = site.last();
  site.act("gap", R"("per_mille":-80)");
  REQUIRE(stream.wait_for("\"order_status\":\"triggered\""));
  const auto* order = site.books().find_order(gapped);
  REQUIRE(order != nullptr);
  const PrivateBooks books = site.books();
  CHECK(books.find_order(gapped)->phase == Phase::closed);
  CHECK(books.fills.back().price < before - Price::from_raw(before.raw() * 7 / 100));
  site.go(minutes{10});  // the new level stays
  CHECK(site.last() < before - Price::from_raw(before.raw() * 4 / 100));

  const std::string gone = id_in(site.call("AddOrder", stop + near(site, -20)));
  site.act("vanish", R"("id":")" + gone + "\"");
  CHECK(site.call("OpenOrders").reply.body.find(gone) == std::string::npos);
  site.go(seconds{1});
  CHECK(stream.of("\"exec_type\":\"canceled\"").empty());
  CHECK(is_sound(site));
}

TEST_CASE("faults: a conditional close comes in pieces, late, or not at all", "[F37]") {
  Site site;
  const std::string with_close =
      std::string(buys) + "&close[ordertype]=stop-loss&close[price]=" + near(site, -100);
  const auto live = [&] {
    const auto orders = site.books().orders;
    return std::count_if(orders.begin(), orders.end(), [](const auto& o) { return o.is_live(); });
  };
  site.act("pieces", R"("count":3)");
  (void)site.call("AddOrder", with_close);
  const auto pieces = live();
  CHECK(pieces >= 3);
  site.act("pieces", R"("count":1)");
  site.act("lose_child");
  (void)site.call("AddOrder", with_close);
  const auto after_loss = live();
  site.act("late_child", R"("ms":5000)");
  (void)site.call("AddOrder", with_close);
  const auto before = live();
  site.go(seconds{6});
  CHECK(live() == before + 1);
  CHECK(after_loss <= before);
  CHECK(is_sound(site));
}

TEST_CASE("faults: a fill is undone, a price and a fee are corrected afterwards", "[F38]") {
  Site site;
  Listener stream(site, "balances");
  (void)site.call("AddOrder", buys);
  const PrivateBooks before = site.books();
  const BookedFill fill = before.fills.back();
  site.act("correct", R"("id":")" + fill.id + R"(","fee":"0.01")");
  CHECK(site.books().find_fill(fill.id)->fee == Money::parse_or_die("0.01"));
  CHECK(site.books().balances.at("USD").balance ==
        before.balances.at("USD").balance + fill.fee - Money::parse_or_die("0.01"));
  site.act("correct", R"("id":")" + fill.id + R"(","price":"60000")");
  CHECK(site.call("TradesHistory", "consolidate_taker=false").reply.body.find("\"60000.0") !=
        std::string::npos);
  CHECK(is_sound(site));
  site.act("bust", R"("id":")" + fill.id + "\"");
  REQUIRE(stream.wait_for("\"type\":\"adjustment\""));
  CHECK(site.call("TradesHistory", "consolidate_taker=false").reply.body.find(fill.id) ==
        std::string::npos);
  CHECK(site.books().find_fill(fill.id)->is_busted);
  CHECK(site.books().balances.at("BTC").balance ==
        before.balances.at("BTC").balance - Amount::from_raw(fill.quantity.raw()));
  CHECK(is_sound(site));
}

TEST_CASE("faults: the owner trades, cancels, deposits and withdraws by hand", "[F39]") {
  Site site;
  Listener orders(site, "executions");
  Listener money(site, "balances");
  const std::string ours = id_in(site.call("AddOrder", small));
  site.act("order", R"("ordertype":"market","type":"sell","volume":"0.01")");
  REQUIRE(orders.wait_for("\"exec_type\":\"filled\""));
  site.act("cancel", R"("id":")" + ours + "\"");
  REQUIRE(orders.wait_for("\"cancel_reason\":\"User requested\""));
  site.act("deposit", R"("asset":"BTC","amount":"0.5")");
  REQUIRE(money.wait_for("\"type\":\"deposit\""));
  site.act("deposit", R"("amount":"-100")");
  REQUIRE(money.wait_for("\"type\":\"withdrawal\""));
  CHECK(site.call("Ledgers").reply.body.find("\"type\":\"withdrawal\"") != std::string::npos);
  CHECK(is_sound(site));
}

TEST_CASE("faults: the dead man's switch fires while nobody looks, stops included") {
  Site site;
  Listener stream(site, "executions");
  (void)site.call("AddOrder", "ordertype=stop-loss&type=sell&pair=XBTUSD&volume=0.1&price=1000");
  site.act("switch", R"("ms":1)");
  site.go(seconds{1});
  REQUIRE(stream.wait_for("\"reason\":\"Cancel all orders after timeout\""));
  CHECK(site.books().orders.back().phase == Phase::canceled);
}

TEST_CASE("faults: prices crash and come back, and candles agree with the trades") {
  Site site;
  const Price before = site.last();
  site.act("crash", R"("per_mille":-350,"ms":90000)");
  Price lowest = before;
  for (int i = 0; i < 30; ++i) {
    site.go(seconds{3});
    lowest = std::min(lowest, site.last());
  }
  CHECK(lowest < Price::from_raw(before.raw() * 80 / 100));
  site.go(minutes{2});
  CHECK(site.last() > Price::from_raw(before.raw() * 90 / 100));
  HttpRequest request;
  request.url = site.exchange->rest_url() + "/0/public/OHLC?pair=XBTUSD&interval=1";
  const auto rows = json(site.http.perform(request).reply.body);
  Price low = before;
  for (const auto& row : rows["result"]["XXBTZUSD"].GetArray())
    low = std::min(low, Price::parse_or_die(row[3].GetString()));
  CHECK(low == lowest);
  CHECK(is_sound(site));
}

TEST_CASE("faults: one bad tick is a trade like any other, and gone with the next") {
  Site site;
  Listener stream(site.exchange->ws_url());
  stream.ready().send(
      R"({"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":3})");
  REQUIRE(stream.wait_for("\"req_id\":3"));
  const Price before = site.last();
  site.act("print", R"("price":"12345.6","quantity":"0.002","side":"sell")");
  REQUIRE(stream.wait_for("\"price\":12345.6"));
  site.go(minutes{1});
  CHECK(site.last() > Price::from_raw(before.raw() * 90 / 100));
}

TEST_CASE("faults: every action is drawn by some seed, and few need a person") {
  std::set<std::string> drawn;
  int for_persons = 0;
  constexpr std::uint64_t seeds = 500;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    FaultPlan plan = FaultPlan::from_seed(seed);
    for (const FaultRule& rule : plan.rules()) {
      INFO(rule.action);
      CHECK(is_fault_action(rule.action));
      drawn.insert(rule.action);
    }
    for_persons += plan.needs_person() ? 1 : 0;
    plan.remove("revoke_key");
    plan.remove("permissions");
    CHECK_FALSE(plan.needs_person());
  }
  for (const std::string_view action : fault_actions()) {
    INFO(action);
    CHECK(drawn.contains(std::string(action)));
  }
  CHECK(for_persons > 0);
  CHECK(for_persons < 50);
}

}  // namespace aitrade::loopback
