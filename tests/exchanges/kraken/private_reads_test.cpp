// Orders, trades, balances, ledger and key rights as the venue reports them.
#include "core/base/random.h"
#include "exchanges/kraken/account_reads.h"
#include "exchanges/kraken/key_check.h"
#include "exchanges/kraken/order_entry.h"
#include "exchanges/kraken/order_reads.h"
#include "exchanges/kraken/paging.h"
#include "tests/exchanges/kraken/compare.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <array>

namespace aitrade::kraken {
namespace {

constexpr const char* open_body =
    R"({"error":[],"result":{"open":{"OQ":{"refid":"None","userref":0,"cl_ord_id":"c1","status":"open",)"
    R"("opentm":1688666559.8974,"starttm":0,"expiretm":0,"descr":{"pair":"XBTUSD","type":"buy","ordertype":"limit",)"
    R"("price":"30010.0","price2":"0","leverage":"none","order":"words","close":""},"vol":"1.25000000",)"
    R"("vol_exec":"0.37500000","cost":"11253.7","fee":"0.00000","price":"30011.0","stopprice":"0.00000",)"
    R"("limitprice":"0.00000","misc":"partial,amended","oflags":"fcib,post","trades":["T1"]}}}})";

constexpr const char* trades_body =
    R"({"error":[],"result":{"count":2,"trades":{"T1":{"ordertxid":"OQ","postxid":"P","pair":"XXBTZUSD","time":)"
    R"(1688667796.8802,"type":"sell","ordertype":"limit","price":"30010.00000","cost":"600.20000","fee":"0.10000",)"
    R"("vol":"0.02000000","margin":"0.00000","misc":"","trade_id":40274859,"maker":true,"cl_ord_id":"c1"}}}})";

constexpr const char* ledger_body =
    R"({"error":[],"result":{"count":1,"ledger":{"L4":{"aclass":"currency","amount":"-0.0024400000","asset":"XXBT",)"
    R"("balance":"1.2051000000","fee":"0.0000000000","refid":"TX","time":1610124514.0188,"type":"trade","subtype":""}}}})";

constexpr const char* key_body =
    R"({"error":[],"result":{"api_key_name":"bot","nonce":"17","nonce_window":"0","permissions":["query-funds",)"
    R"("query-open-trades","query-closed-trades","query-ledger","modify-trades","close-trades","create-ws-token"],)"
    R"("valid_until":"0","query_from":"0","query_to":"0","ip_allowlist":["192.0.2.7"]}})";

const Time now = Time::from_seconds(1'700'000'000);

bool same_body(const PrivateCall& call, std::string_view expected) {
  return sorted_form(body_text(call, 1, Secret())) == sorted_form(expected);
}

}  // namespace

TEST_CASE("kraken reads: an order keeps its amounts to the last digit", "[kraken][reads]") {
  const auto orders = parse_open_orders(open_body);
  REQUIRE(orders.has_value());
  const OrderInfo& order = orders->at(0);
  CHECK(order.venue_id == "OQ");
  CHECK(order.client_id == "c1");
  CHECK(order.parent_id.empty());
  CHECK_FALSE(order.userref.has_value());
  CHECK(order.price == "30010.0");               // the limit that was asked
  CHECK(order.average_price.text == "30011.0");  // not the limit
  CHECK(order.quantity.text == "1.25000000");
  CHECK(order.executed.value == Decimal::parse_or_die("0.375"));
  CHECK(order.fee_in_base);
  CHECK(order.remarks == std::vector<std::string>{"partial", "amended"});
  CHECK(order.opened == Time{1688666559897400000});
  CHECK_FALSE(order.expires.has_value());
  CHECK(order.trades == std::vector<std::string>{"T1"});
  CHECK(order.state() == OrderState::partial);
}

TEST_CASE("kraken reads: a fill is named by its key", "[kraken][reads]") {
  const auto page = parse_trades_history(trades_body);
  REQUIRE(page.has_value());
  CHECK(page->total == 2U);
  const TradeInfo& trade = page->rows.at(0);
  CHECK(trade.id == "T1");
  CHECK(trade.side == Side::sell);
  CHECK(trade.fee.text == "0.10000");
  CHECK(trade.is_maker == true);
  CHECK(trade.client_id == "c1");
  CHECK(trade.time == Time{1688667796880200000});
}

TEST_CASE("kraken reads: one row that cannot be read fails the whole history",
          "[kraken][reads][safety]") {
  std::string body = trades_body;
  body.replace(body.find("0.02000000"), 10, "a number??");
  CHECK_FALSE(parse_trades_history(body).has_value());
  body = open_body;
  body.replace(body.find(R"("open","open)"), 6, R"("what")");
  CHECK_FALSE(parse_open_orders(body).has_value());
}

TEST_CASE("kraken reads: calls ask for fills one by one", "[kraken][reads]") {
  const HistoryWindow window{Time{1699000000'900000000}, Time{1699003600'900000000}, 50};
  CHECK(
      same_body(trades_history_call(window),
                "nonce=1&type=all&start=1699000000&end=1699003600&ofs=50&consolidate_taker=false"));
  CHECK(same_body(closed_orders_call({}, window),
                  "nonce=1&trades=true&start=1699000000&end=1699003600&ofs=50"
                  "&closetime=both&consolidate_taker=false"));
  CHECK(same_body(ledgers_call(window), "nonce=1&type=all&start=1699000000&end=1699003600&ofs=50"));
  CHECK(same_body(open_orders_call({true, "c1", {}}), "nonce=1&trades=true&cl_ord_id=c1"));
  CHECK(same_body(*query_orders_call({"OA", "OB"}),
                  "nonce=1&trades=true&txid=OA%2COB&consolidate_taker=false"));
  CHECK(same_body(*query_trades_call({"TA"}), "nonce=1&txid=TA"));
  CHECK(same_body(trade_volume_call("XXBTZUSD"), "nonce=1&pair=XXBTZUSD&fee-info=true"));
  CHECK(same_body(trade_balance_call("ZUSD"), "nonce=1&asset=ZUSD"));
  CHECK_FALSE(query_orders_call({}).has_value());
  CHECK_FALSE(query_orders_call(std::vector<std::string>(51, "O")).has_value());
  CHECK_FALSE(query_trades_call(std::vector<std::string>(21, "T")).has_value());
}

TEST_CASE("kraken reads: ledger rows", "[kraken][reads]") {
  const auto page = parse_ledgers(ledger_body);
  REQUIRE(page.has_value());
  CHECK(page->rows.at(0).asset == "XXBT");
  CHECK(page->rows.at(0).amount.text == "-0.0024400000");
  CHECK(page->rows.at(0).balance.text == "1.2051000000");
  CHECK(page->rows.at(0).reference == "TX");
}

TEST_CASE("kraken reads: what can be spent is not what is held", "[kraken][reads]") {
  const auto balances = parse_balance_ex(
      R"({"error":[],"result":{"ZUSD":{"balance":25435.21,"hold_trade":"8249.76"},)"
      R"("USDT":{"balance":"10","hold_trade":"1.5","credit":"4","credit_used":"0.25"}}})");
  REQUIRE(balances.has_value());
  CHECK(to_string(*balances->at("ZUSD").available()) == "17185.45");
  CHECK(to_string(*balances->at("USDT").available()) == "12.25");
  CHECK(is_locked_asset("ETH2.S"));
  CHECK(is_locked_asset("USD.M"));
  for (const char* id : {"XXBT", "ETH2", "A.BC", "."})
    CHECK_FALSE(is_locked_asset(id));
}

TEST_CASE("kraken reads: a key that may withdraw is refused (T27)", "[kraken][key][safety]") {
  const auto key = parse_key_info(key_body);
  REQUIRE(key.has_value());
  CHECK(check_key(*key, now).may_trade());
  CHECK(check_key(*key, now).warnings.empty());
  CHECK(key->nonce == 17U);

  const auto refused = [&](auto change) {
    KeyInfo other = *key;
    change(other);
    return !check_key(other, now).may_trade();
  };
  for (const char* right : {"withdraw-funds", "withdrawals", "transfer-funds"}) {
    CHECK(refused([&](KeyInfo& k) { k.permissions.emplace_back(right); }));
  }
  for (std::size_t i = 0; i < key->permissions.size(); ++i) {
    CHECK(refused([&](KeyInfo& k) { k.permissions[i] = "add-funds"; }));
  }
  CHECK(refused([](KeyInfo& k) { k.nonce_window = 15; }));
  CHECK(refused([](KeyInfo& k) { k.valid_until = now; }));
  CHECK(refused([](KeyInfo& k) { k.query_from = now; }));
  CHECK_FALSE(refused([](KeyInfo& k) { k.valid_until = now + seconds{60}; }));

  KeyInfo wide = *key;
  wide.permissions.emplace_back("earn-funds");
  wide.allowed_addresses.clear();
  wide.valid_until = now + seconds{60};
  CHECK(check_key(wide, now).warnings.size() == 3);
  // Rights that cannot be read are not rights that are absent.
  CHECK_FALSE(parse_key_info(R"({"error":[],"result":{"nonce_window":"0"}})").has_value());
  CHECK_FALSE(parse_key_info(R"({"error":[],"result":{"permissions":[]}})").has_value());
}

TEST_CASE("kraken reads: private answers on record", "[kraken][reads][fixtures]") {
  if (const auto body = kraken_fixture("rest_get_api_key_info.response.json")) {
    const auto findings = check_key(*parse_key_info(*body), now);
    CHECK(findings.refusals.size() == 2);  // withdraw-funds, and a nonce window of 15
  }
  if (const auto body = kraken_fixture("rest_get_websockets_token.response.json")) {
    const auto token = parse_ws_token(*body);
    CHECK(token->lifetime == seconds{900});
    CHECK(token->token.reveal() == "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606d1WcF3XfEMw");
  }
  if (const auto body = kraken_fixture("rest_balance.response.json")) {
    const auto balances = parse_balance(*body);
    CHECK(balances->size() == 10);
    CHECK(balances->at("DAI").total.text == "9999.9999999999");
  }
  if (const auto body = kraken_fixture("rest_trade_balance.response.json")) {
    CHECK(parse_trade_balance(*body)->unrealised.text == "-10.0232");
  }
  if (const auto body = kraken_fixture("rest_trade_volume.response.json")) {
    const auto volume = parse_trade_volume(*body);
    CHECK(volume->fees.at("XXBTZUSD").taker == Rate::parse_or_die("0.001"));
    CHECK(volume->fees.at("XXBTZUSD").maker == Rate{});
  }
  if (const auto body = kraken_fixture("rest_query_orders_market_closed.response.json")) {
    const auto orders = parse_query_orders(*body);
    CHECK(orders->at(0).state() == OrderState::filled);
    CHECK(orders->at(0).average_price.text == "71.05741");
    CHECK(orders->at(0).fee.text == "0.018475");
  }
  if (const auto body = kraken_fixture("rest_open_orders_trailing_stop_pct.response.json")) {
    const auto orders = parse_open_orders(*body);
    CHECK(orders->at(0).price == "+50.0000%");
    CHECK(orders->at(0).trigger->text == "0.75790000");
  }
  if (const auto body = kraken_fixture("rest_closed_orders.response.json")) {
    const auto page = parse_closed_orders(*body);
    CHECK(page->total == 2U);
    CHECK(page->rows.at(0).reason == "User requested");
    CHECK(page->rows.at(0).state() == OrderState::canceled);
  }
  if (const auto body = kraken_fixture("rest_trades_history.response.json")) {
    CHECK(parse_trades_history(*body)->rows.size() == 2);
    CHECK_FALSE(parse_trades_history(*body)->total.has_value());
  }
}

// ---- paging
// ---------------------------------------------------------------------------------------

namespace {

std::vector<std::string> ids(std::size_t from, std::size_t to) {
  std::vector<std::string> out;
  for (std::size_t i = from; i < to; ++i)
    out.push_back(std::to_string(i));
  return out;
}

}  // namespace

TEST_CASE("kraken paging: reads until all rows are in", "[kraken][paging]") {
  HistoryPager pager({now, now + hours{1}, 0});
  CHECK(pager.on_page(ids(0, 50), 120) == HistoryPager::State::reading);
  CHECK(pager.window().offset == 50);
  CHECK(pager.on_page(ids(50, 100), 120) == HistoryPager::State::reading);
  CHECK(pager.on_page(ids(100, 120), 120) == HistoryPager::State::complete);
  CHECK(pager.rows() == 120);

  HistoryPager unsaid({});
  CHECK(unsaid.on_page(ids(0, 50), {}) == HistoryPager::State::reading);
  CHECK(unsaid.on_page(ids(50, 60), {}) == HistoryPager::State::complete);
  HistoryPager nothing({});
  CHECK(nothing.on_page({}, 0) == HistoryPager::State::complete);
}

TEST_CASE("kraken paging: a history with a hole is not a history", "[kraken][paging][safety]") {
  HistoryPager shrinks({});
  static_cast<void>(shrinks.on_page(ids(0, 50), 120));
  CHECK(shrinks.on_page(ids(50, 100), 119) == HistoryPager::State::broken);

  HistoryPager ends_early({});
  static_cast<void>(ends_early.on_page(ids(0, 50), 120));
  CHECK(ends_early.on_page({}, 120) == HistoryPager::State::broken);
  CHECK(ends_early.problem().find("empty page") != std::string::npos);

  HistoryPager repeats({});  // the second page drifted by ten rows: ten others were never shown
  static_cast<void>(repeats.on_page(ids(0, 50), 100));
  CHECK(repeats.on_page(ids(40, 90), 100) == HistoryPager::State::broken);

  HistoryPager stands({});
  static_cast<void>(stands.on_page(ids(0, 50), {}));
  CHECK(stands.on_page(ids(0, 50), {}) == HistoryPager::State::broken);
}

TEST_CASE("kraken reads: ten thousand mutated answers do not crash it", "[kraken][reads][fuzz]") {
  Random random(22);
  const std::array<std::string, 4> seeds{open_body, trades_body, ledger_body, key_body};
  for (int i = 0; i < 10'000; ++i) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t at = random.below(text.size());
      if (random.below(2) == 0) {
        text[at] = static_cast<char>(random.below(256));
      } else {
        text.erase(at, 1 + random.below(6));
      }
    }
    static_cast<void>(parse_open_orders(text));
    static_cast<void>(parse_trades_history(text));
    static_cast<void>(parse_ledgers(text));
    static_cast<void>(parse_key_info(text));
    static_cast<void>(parse_balance_ex(text));
    static_cast<void>(parse_add_order_batch(text));
  }
  SUCCEED();
}

}  // namespace aitrade::kraken
