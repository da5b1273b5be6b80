// Order entry over REST: bodies against those on record, answers, and what is refused before it is
// sent.
#include "exchanges/kraken/order_entry.h"

#include "tests/exchanges/kraken/compare.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <map>
#include <tuple>

namespace aitrade::kraken {
namespace {

constexpr const char* our_id = "6d1b345e-2821-40e2-ad83-4ecb18a06876";
const Time now = *parse_time("2026-11-22T11:30:00.000Z");

Quantity quantity(std::string_view text) {
  return Quantity::parse_or_die(text);
}

WirePrice price(std::string_view text) {
  auto value = WirePrice::parse(text);
  REQUIRE(value.has_value());
  return *value;
}

OrderRequest request(const char* pair, Side side, WireType type, std::string_view volume) {
  OrderRequest r;
  r.pair = pair;
  r.symbol = "BTC/USD";
  r.side = side;
  r.type = type;
  r.quantity = quantity(volume);
  return r;
}

/// An order that check() accepts.
OrderRequest good() {
  OrderRequest r = request("XBTUSD", Side::buy, WireType::limit, "1.25");
  r.price = price("27500");
  r.client_id = our_id;
  r.deadline = now + seconds{5};
  return r;
}

bool same_body(const PrivateCall& call, std::uint64_t nonce, std::string_view recorded) {
  const std::string body = body_text(call, nonce, Secret());
  if (sorted_form(body) == sorted_form(recorded)) return true;
  WARN(body << "\n" << recorded);
  return false;
}

std::string refusal(const OrderRequest& r, Road road = Road::rest) {
  const Status checked = check(r, road, now);
  return checked ? std::string() : checked.error().what;
}

}  // namespace

TEST_CASE("kraken order entry: the full order on record", "[kraken][order_entry][fixtures]") {
  OrderRequest r = good();
  r.post_only = true;
  r.fee_asset = FeeAsset::quote;
  r.tif = WireTif::gtd;
  r.expires_in = seconds{3600};
  r.self_trade = SelfTrade::cancel_newest;
  r.close = ConditionalClose{WireType::stop_loss_limit, price("26000"), price("25900")};
  CHECK(refusal(r).empty());
  const PrivateCall call = add_order_call(r);
  CHECK(same_body(
      call, 7,
      "nonce=7&ordertype=limit&type=buy&pair=XBTUSD&volume=1.25&price=27500&oflags=post%2Cfciq"
      "&cl_ord_id=6d1b345e-2821-40e2-ad83-4ecb18a06876&timeinforce=GTD&expiretm=%2B3600"
      "&deadline=2026-11-22T11%3A30%3A05.000Z&stptype=cancel-newest"
      "&close%5Bordertype%5D=stop-loss-limit&close%5Bprice%5D=26000&close%5Bprice2%5D=25900"));
  const auto text = kraken_fixture("rest_add_order_full.request.json");
  if (!text) return;
  const auto recorded = parse_json(*text);
  CHECK(call.path() == text_at(*recorded, "path"));
  CHECK(same_body(call, 1616492376594, text_at(*recorded, "body")));
}

TEST_CASE("kraken order entry: every variant on record", "[kraken][order_entry][fixtures]") {
  const auto text = kraken_fixture("rest_add_order_variants.request.json");
  if (!text) return;
  std::map<std::string, OrderRequest, std::less<>> ours;
  const auto ltc = [](Side side, WireType type) { return request("LTCUSDT", side, type, "0.1"); };
  ours["market_buy"] = ltc(Side::buy, WireType::market);
  ours["market_sell"] = ltc(Side::sell, WireType::market);
  for (const auto& [name, type, first, second] :
       {std::tuple{"stop_loss", WireType::stop_loss, "55", ""},
        std::tuple{"stop_loss_limit", WireType::stop_loss_limit, "55", "54"},
        std::tuple{"take_profit", WireType::take_profit, "120", ""},
        std::tuple{"take_profit_limit", WireType::take_profit_limit, "120", "110"}}) {
    OrderRequest& r = ours[name] = ltc(Side::sell, type);
    r.price = price(first);
    if (*second != '\0') r.limit = price(second);
  }
  for (const auto& [name, type] :
       {std::pair{"trailing_stop_quote_offset_margin", WireType::trailing_stop},
        std::pair{"trailing_stop_limit", WireType::trailing_stop_limit}}) {
    OrderRequest& r = ours[name] = request("XXBTZUSD", Side::sell, type, "0.0002");
    r.reference = TriggerReference::last;
    r.price = price("+100");
    r.reduce_only = true;
    r.leverage = 5;
    if (type == WireType::trailing_stop_limit) r.limit = price("-100");
  }
  OrderRequest& flags = ours["limit_multiple_oflags"] = ltc(Side::buy, WireType::limit);
  flags.price = price("50");
  flags.post_only = true;
  flags.fee_asset = FeeAsset::base;
  OrderRequest& by_cost = ours["market_buy_by_cost_viqc"] =
      request("XLTCZUSD", Side::buy, WireType::market, "0");
  by_cost.cost = Money::parse_or_die("5");

  const auto document = parse_json(*text);
  REQUIRE(member(*document, "variants") != nullptr);
  for (const JsonValue& row : member(*document, "variants")->GetArray()) {
    INFO(text_at(row, "name"));
    const auto found = ours.find(text_at(row, "name"));
    REQUIRE(found != ours.end());
    FormFields recorded = sorted_form(text_at(row, "body"));
    for (auto& [name, value] : recorded) {
      if (name == "oflags" && value == "fcib,post") value = "post,fcib";  // a list in any order
    }
    const auto nonce = std::find_if(recorded.begin(), recorded.end(),
                                    [](const FormField& f) { return f.first == "nonce"; });
    CHECK(sorted_form(body_text(add_order_call(found->second), *unsigned_of(nonce->second),
                                Secret())) == recorded);
  }
}

TEST_CASE("kraken order entry: amend, cancel and the dead-man timer", "[kraken][order_entry]") {
  AmendRequest amend;
  amend.venue_id = "OUF4EM-FRGI2-MQMWZD";
  amend.quantity = quantity("0.2");
  amend.limit = price("41000");
  CHECK(same_body(amend_order_call(amend), 1,
                  "nonce=1&txid=OUF4EM-FRGI2-MQMWZD&order_qty=0.2&limit_price=41000"));
  amend.venue_id.clear();
  amend.client_id = our_id;
  amend.post_only = false;
  amend.deadline = now + seconds{5};
  CHECK(
      same_body(amend_order_call(amend), 1,
                std::string("nonce=1&order_qty=0.2&limit_price=41000&post_only=false&cl_ord_id=") +
                    our_id + "&deadline=2026-11-22T11:30:05.000Z"));
  CHECK(same_body(cancel_order_call({"OX", "ignored"}), 1, "nonce=1&txid=OX"));
  CHECK(same_body(cancel_order_call({"", our_id}), 1, std::string("nonce=1&cl_ord_id=") + our_id));
  CHECK(same_body(cancel_all_call(), 1, "nonce=1"));
  CHECK(same_body(cancel_all_after_call(seconds{60}), 1, "timeout=60&nonce=1"));
  EditRequest edit{"OX", "XBTUSD", quantity("1"), price("5"), price("6"), true, now, 3, true};
  CHECK(same_body(edit_order_call(edit), 1,
                  "nonce=1&txid=OX&pair=XBTUSD&volume=1&price=5&price2=6&oflags=post"
                  "&deadline=2026-11-22T11:30:00.000Z&userref=3&validate=true"));
}

TEST_CASE("kraken order entry: batches are JSON with the nonce inside", "[kraken][order_entry]") {
  OrderRequest first = good();
  OrderRequest second = good();
  second.side = Side::sell;
  second.client_id = "x";
  second.close = ConditionalClose{WireType::stop_loss, price("26000"), {}};
  const auto call = add_order_batch_call({first, second});
  REQUIRE(call.has_value());
  CHECK(same_json(
      body_text(*call, 9, Secret("12\"3")),
      R"({"nonce":"9","otp":"12\"3","pair":"XBTUSD","deadline":"2026-11-22T11:30:05.000Z","orders":[)"
      R"({"ordertype":"limit","type":"buy","volume":"1.25","price":"27500",)"
      R"("cl_ord_id":"6d1b345e-2821-40e2-ad83-4ecb18a06876"},)"
      R"({"ordertype":"limit","type":"sell","volume":"1.25","price":"27500","cl_ord_id":"x",)"
      R"("close":{"ordertype":"stop-loss","price":"26000"}}]})"));
  CHECK_FALSE(add_order_batch_call({first}).has_value());
  CHECK_FALSE(add_order_batch_call(std::vector<OrderRequest>(16, first)).has_value());
  second.pair = "ETHUSD";
  CHECK_FALSE(add_order_batch_call({first, second}).has_value());

  const auto cancel = cancel_order_batch_call({{"OA", ""}, {"", our_id}, {"OB", ""}});
  REQUIRE(cancel.has_value());
  CHECK(same_json(
      body_text(*cancel, 9, Secret()),
      R"({"nonce":"9","orders":["OA","OB"],"cl_ord_ids":["6d1b345e-2821-40e2-ad83-4ecb18a06876"]})"));
  CHECK_FALSE(cancel_order_batch_call({}).has_value());
  CHECK_FALSE(cancel_order_batch_call(std::vector<OrderName>(51, {"O", ""})).has_value());
}

TEST_CASE("kraken order entry: an order without a fence is not sent",
          "[kraken][order_entry][safety]") {
  OrderRequest r = good();
  CHECK(refusal(r).empty());
  r.deadline.reset();
  CHECK(refusal(r).find("no deadline") != std::string::npos);
  r.deadline = now + milliseconds{1999};
  CHECK_FALSE(refusal(r).empty());
  CHECK(refusal(r, Road::websocket).empty());
  r.deadline = now + milliseconds{499};
  CHECK_FALSE(refusal(r, Road::websocket).empty());
  r.deadline = now + seconds{61};
  CHECK_FALSE(refusal(r).empty());
  r = good();
  r.client_id.clear();
  CHECK(refusal(r).find("client id") != std::string::npos);
}

TEST_CASE("kraken order entry: refuses here what the venue would refuse", "[kraken][order_entry]") {
  const auto refused = [](auto change) {
    OrderRequest r = good();
    change(r);
    return !refusal(r).empty();
  };
  CHECK(refused([](OrderRequest& r) { r.quantity = Quantity{}; }));
  CHECK(refused([](OrderRequest& r) { r.price.reset(); }));
  CHECK(refused([](OrderRequest& r) { r.price = WirePrice::at(Price{}); }));
  CHECK(refused([](OrderRequest& r) { r.limit = price("5"); }));
  CHECK(refused([](OrderRequest& r) { r.type = WireType::market; }));
  CHECK(refused([](OrderRequest& r) { r.userref = 4; }));
  CHECK(refused([](OrderRequest& r) { r.client_id = "nineteen characters"; }));
  CHECK(refused([](OrderRequest& r) { r.client_id[8] = 'a'; }));
  CHECK(refused([](OrderRequest& r) { r.cost = Money::parse_or_die("5"); }));
  CHECK(refused([](OrderRequest& r) { r.tif = WireTif::gtd; }));
  CHECK(refused([](OrderRequest& r) { r.expires = now; }));
  CHECK(refused([](OrderRequest& r) { r.reduce_only = true; }));
  CHECK(refused([](OrderRequest& r) {
    r.type = WireType::stop_loss;
    r.post_only = true;
  }));
  CHECK(refused([](OrderRequest& r) { r.type = WireType::trailing_stop; }));
  CHECK(refused([](OrderRequest& r) { r.type = WireType::stop_loss_limit; }));
  CHECK(refused([](OrderRequest& r) { r.displayed = quantity("1"); }));
  CHECK(refused([](OrderRequest& r) {
    r.type = WireType::iceberg;
    r.displayed = quantity("0.08");
  }));
  CHECK(refused([](OrderRequest& r) { r.close = ConditionalClose{}; }));
  CHECK(refused([](OrderRequest& r) { r.pair.clear(); }));
  CHECK_FALSE(refused([](OrderRequest& r) {
    r.type = WireType::iceberg;
    r.displayed = quantity("0.1");
  }));
  CHECK_FALSE(refused([](OrderRequest& r) {
    r.type = WireType::trailing_stop;
    r.price = price("+1.5%");
  }));

  AmendRequest amend;
  amend.client_id = our_id;
  amend.deadline = now + seconds{5};
  CHECK_FALSE(check(amend, Road::rest, now).has_value());
  amend.trigger = price("26000");
  CHECK(check(amend, Road::rest, now).has_value());
  amend.venue_id = "OX";
  CHECK_FALSE(check(amend, Road::rest, now).has_value());
}

TEST_CASE("kraken order entry: an order of the engine as the venue knows it",
          "[kraken][order_entry]") {
  Order order;
  order.side = Side::sell;
  order.type = OrderType::stop_limit;
  order.tif = TimeInForce::ioc;
  order.quantity = quantity("0.5");
  order.trigger = Price::parse_or_die("26000");
  order.limit = Price::parse_or_die("25900");
  order.reduce_only = true;
  const OrderRequest r = spot_request(order, "XBTUSD", "BTC/USD", our_id, now + seconds{5});
  CHECK(same_body(
      add_order_call(r), 1,
      std::string("nonce=1&ordertype=stop-loss-limit&type=sell&pair=XBTUSD&volume=0.5&price=26000"
                  "&price2=25900&timeinforce=IOC&deadline=2026-11-22T11:30:05.000Z&cl_ord_id=") +
          our_id));
  CHECK(refusal(r).empty());
}

TEST_CASE("kraken order entry: an entry ends at the venue by itself",
          "[kraken][order_entry][safety]") {
  Order order;
  order.type = OrderType::limit;
  order.quantity = quantity("0.5");
  order.limit = Price::parse_or_die("25900");
  order.good_till = now + milliseconds{120'900};
  const OrderRequest r = spot_request(order, "XBTUSD", "BTC/USD", our_id, now + seconds{5});
  CHECK(r.tif == WireTif::gtd);
  CHECK(r.expires == now + seconds{120});
  CHECK(refusal(r).empty());
  CHECK(refusal(r, Road::websocket).empty());
  order.good_till = {};
  CHECK_FALSE(spot_request(order, "XBTUSD", "BTC/USD", our_id, now + seconds{5}).tif.has_value());
}

TEST_CASE("kraken order entry: prices and offsets keep their meaning", "[kraken][wire]") {
  for (const char* text : {"37500", "+1.5%", "-100", "0.00001"})
    CHECK(to_string(price(text)) == text);
  CHECK(to_string(price("+50.0000%")) == "+50%");
  for (const char* text : {"", "+", "%", "++1", "+-1", "1e", "#5"}) {
    INFO(text);
    CHECK_FALSE(WirePrice::parse(text).has_value());
  }
  for (const char* name : {"market", "stop-loss-limit", "settle-position", "trailing-stop"}) {
    CHECK(to_string(*wire_type(name)) == name);
  }
  CHECK_FALSE(wire_type("touched").has_value());
}

TEST_CASE("kraken order entry: answers on record", "[kraken][order_entry][fixtures]") {
  if (const auto body = kraken_fixture("rest_add_order_with_close.response.json")) {
    const auto answer = parse_add_order(*body);
    REQUIRE(answer.has_value());
    CHECK(answer->venue_ids == std::vector<std::string>{"OUF4EM-FRGI2-MQMWZD"});
    CHECK(answer->close == "close position @ stop loss 22000.0 -> limit 21000.0");
  }
  if (const auto body = kraken_fixture("rest_add_order_validate.response.json")) {
    CHECK(parse_add_order(*body)->venue_ids.empty());
  }
  if (const auto body = kraken_fixture("rest_add_order_batch_partial_error.response.json")) {
    const auto legs = parse_add_order_batch(*body);
    REQUIRE(legs->size() == 2);
    CHECK((*legs)[0].venue_id == "O5OR23-ADFAD-Y2G61C");
    CHECK((*legs)[1].error == "EOrder:Insufficient funds");
  }
  if (const auto body = kraken_fixture("rest_edit_order.response.json")) {
    CHECK(parse_edit_order(*body)->original_id == "OHYO67-6LP66-HMQ437");
    CHECK(parse_edit_order(*body)->canceled == 1);
  }
  if (const auto body = kraken_fixture("rest_cancel_order_pending.response.json")) {
    CHECK(parse_cancel(*body)->is_pending);
  }
  if (const auto body = kraken_fixture("rest_cancel_all_orders_after_disabled.response.json")) {
    CHECK_FALSE(parse_cancel_all_after(*body)->fires.has_value());
  }
  if (const auto body = kraken_fixture("rest_cancel_all_orders_after.response.json")) {
    const auto answer = parse_cancel_all_after(*body);
    CHECK(*answer->fires - answer->now == Duration{seconds{60}});
  }
}

TEST_CASE("kraken order entry: half an answer is no answer", "[kraken][order_entry]") {
  for (const char* body :
       {"", "<html>", "{}", R"({"error":[]})", R"({"error":["EOrder:Insufficient funds"]})"}) {
    CHECK_FALSE(parse_add_order(body).has_value());
    CHECK_FALSE(parse_add_order_batch(body).has_value());
    CHECK_FALSE(parse_amend_order(body).has_value());
    CHECK_FALSE(parse_edit_order(body).has_value());
    CHECK_FALSE(parse_cancel(body).has_value());
    CHECK_FALSE(parse_cancel_all_after(body).has_value());
  }
  CHECK_FALSE(parse_add_order(R"({"error":[],"result":{"txid":[""]}})").has_value());
  CHECK_FALSE(
      parse_cancel_all_after(R"({"error":[],"result":{"currentTime":"2023-03-24T17:41:56Z"}})")
          .has_value());
}

TEST_CASE("kraken private call: a signed request goes out once, with its proof",
          "[kraken][private_call]") {
  const auto signer = Signer::make({"name", Secret("YWJj")});
  const HttpRequest request = signed_request(PrivateCall{"Balance", {}, {}}, "http://127.0.0.1:1",
                                             *signer, 5, Secret("12+3"));
  CHECK(request.method == "POST");
  CHECK(request.url == "http://127.0.0.1:1/0/private/Balance");
  CHECK(request.body == "nonce=5&otp=12%2B3");
  CHECK_FALSE(request.idempotent);
  CHECK(header_value(request.headers, "API-Key") == "name");
  CHECK(header_value(request.headers, "API-Sign") ==
        signer->sign("/0/private/Balance", 5, request.body));
  CHECK(header_value(request.headers, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(rest_cost("AddOrder") == 0);
  CHECK(rest_cost("TradesHistory") == 2);
  CHECK(rest_cost("Balance") == 1);
  CHECK(changes_orders("CancelAll"));
  CHECK_FALSE(changes_orders("OpenOrders"));
}

}  // namespace aitrade::kraken
