// Frames of the private connection, both ways.
#include "exchanges/kraken/ws_private.h"

#include "core/base/random.h"
#include "exchanges/kraken/pending_requests.h"
#include "exchanges/kraken/ws_trading.h"
#include "tests/exchanges/kraken/compare.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <array>

namespace aitrade::kraken {
namespace {

constexpr const char* fill_frame =
    R"({"channel":"executions","type":"update","data":[{"order_id":"OK","cl_ord_id":"c1","exec_id":"T1",)"
    R"("exec_type":"trade","trade_id":365573,"symbol":"BTC/USD","side":"sell","last_qty":0.00200000,)"
    R"("last_price":26599.90,"liquidity_ind":"m","cost":53.1998,"order_status":"partially_filled",)"
    R"("order_type":"limit","order_qty":0.005,"cum_qty":0.002,"cum_cost":53.1998,"avg_price":26599.9,)"
    R"("fees":[{"asset":"USD","qty":0.08512}],"timestamp":"2023-09-22T10:33:09.709950Z"}],"sequence":11})";

constexpr const char* balance_frame =
    R"({"channel":"balances","type":"update","data":[{"ledger_id":"L1","ref_id":"R1","timestamp":)"
    R"("2023-09-22T10:33:05.709993Z","type":"trade","asset":"USD","amount":-132.9998,"fee":0.2128,)"
    R"("balance":80462.2817,"wallet_type":"spot","wallet_id":"main"}],"sequence":3})";

constexpr const char* ack_frame =
    R"({"method":"add_order","req_id":5,"result":{"order_id":"OA","cl_ord_id":"c1"},"success":true,)"
    R"("time_in":"2023-09-21T14:15:07.197274Z","time_out":"2023-09-21T14:15:07.205301Z"})";

const Time now = *parse_time("2026-11-22T11:30:00.000Z");
const Secret token("tok");

WirePrice price(std::string_view text) {
  auto value = WirePrice::parse(text);
  REQUIRE(value.has_value());
  return *value;
}

template <class Message>
Message read(std::string_view text) {
  auto message = parse_private_frame(text);
  REQUIRE(message.has_value());
  REQUIRE(std::holds_alternative<Message>(*message));
  return std::get<Message>(*message);
}

PrivateAck ack_of(std::string method, std::optional<std::uint64_t> req_id, bool success = true) {
  PrivateAck ack;
  ack.method = std::move(method);
  ack.req_id = req_id;
  ack.success = success;
  return ack;
}

}  // namespace

TEST_CASE("kraken ws private: a fill keeps every digit", "[kraken][ws_private]") {
  const auto message = read<ExecutionsMessage>(fill_frame);
  CHECK(message.sequence == 11);
  CHECK_FALSE(message.is_snapshot);
  const ExecutionRow& row = message.rows.at(0);
  CHECK(row.is_fill());
  CHECK_FALSE(row.is_final());
  CHECK(row.exec_id == "T1");
  CHECK(row.client_id == "c1");
  CHECK(row.last_quantity->text == "0.00200000");
  CHECK(row.last_price->text == "26599.90");
  CHECK(row.fees.at(0).quantity.text == "0.08512");
  CHECK(row.is_maker == true);
  CHECK(row.cumulative_quantity->value == Decimal::parse_or_die("0.002"));
}

TEST_CASE("kraken ws private: half a fill is refused, not dropped",
          "[kraken][ws_private][safety]") {
  for (const char* field : {R"("exec_id":"T1",)", R"("last_qty":0.00200000,)",
                            R"("last_price":26599.90,)", R"("side":"sell",)",
                            R"("symbol":"BTC/USD",)", R"("order_id":"OK",)", R"(,"sequence":11)"}) {
    std::string text = fill_frame;
    text.erase(text.find(field), std::string_view(field).size());
    INFO(field);
    CHECK_FALSE(parse_private_frame(text).has_value());
  }
  std::string fees = fill_frame;
  fees.replace(fees.find("0.08512"), 7, "\"free\"");
  CHECK_FALSE(parse_private_frame(fees).has_value());
}

TEST_CASE("kraken ws private: balances and answers", "[kraken][ws_private]") {
  const auto balance = read<BalancesMessage>(balance_frame);
  CHECK(balance.rows.at(0).amount->text == "-132.9998");
  CHECK(balance.rows.at(0).balance.text == "80462.2817");
  const auto ack = read<PrivateAck>(ack_frame);
  CHECK(ack.success);
  CHECK(ack.req_id == 5U);
  CHECK(ack.orders.at(0).order_id == "OA");
  CHECK(ack.orders.at(0).client_id == "c1");
  CHECK(*ack.time_out - *ack.time_in == Duration{8'027'000});
  CHECK(read<StatusMessage>(R"({"channel":"status","data":[{"system":"cancel_only"}]})").system ==
        "cancel_only");
  CHECK(read<PongMessage>(R"({"method":"pong","req_id":3})").req_id == 3U);
  read<HeartbeatMessage>(R"({"channel":"heartbeat"})");
  read<UnknownMessage>(R"({"channel":"news","data":[]})");
}

TEST_CASE("kraken ws private: answers and updates on record", "[kraken][ws_private][fixtures]") {
  if (const auto text = kraken_fixture("ws_executions.response.json")) {
    CHECK(read<PrivateAck>(*text).max_rate_count == 125.0);
  }
  if (const auto text = kraken_fixture("ws_batch_add.response.json")) {
    CHECK(read<PrivateAck>(*text).orders.size() == 2);
  }
  if (const auto text = kraken_fixture("ws_cancel_all_orders_after.response.json")) {
    const auto ack = read<PrivateAck>(*text);
    CHECK(*ack.fires - *ack.now == Duration{seconds{100}});
  }
  if (const auto text = kraken_fixture("ws_edit_order.response.json")) {
    CHECK(read<PrivateAck>(*text).orders.at(0).original_id == "ORDERX-IDXXX-XXXXX1");
  }
  if (const auto text = kraken_fixture("ws_add_order_bad_field.response.json")) {
    const auto ack = read<PrivateAck>(*text);
    CHECK_FALSE(ack.success);
    CHECK_FALSE(ack.req_id.has_value());
  }
  if (const auto text = kraken_fixture("ws_executions.canceled_post_only.json")) {
    const ExecutionRow row = read<ExecutionsMessage>(*text).rows.at(0);
    CHECK(row.is_final());
    CHECK(row.reason == "Post only order");
  }
  if (const auto text = kraken_fixture("ws_executions.triggered_status.json")) {
    const ExecutionRow row = read<ExecutionsMessage>(*text).rows.at(0);
    CHECK(row.status == ExecStatus::triggered);
    CHECK(row.trigger_price->text == "26000.0");
  }
  if (const auto text = kraken_fixture("ws_balances.snapshot.json")) {
    const auto message = read<BalancesMessage>(*text);
    CHECK(message.is_snapshot);
    CHECK(message.rows.at(1).wallets.size() == 2);
  }
}

// ---- what we send
// ---------------------------------------------------------------------------------

TEST_CASE("kraken ws trading: orders in the venue's words", "[kraken][ws_trading]") {
  OrderRequest r;
  r.symbol = "BTC/USD";
  r.side = Side::buy;
  r.type = WireType::limit;
  r.quantity = Quantity::parse_or_die("0.1");
  r.price = price("28440");
  r.post_only = true;
  r.tif = WireTif::gtd;
  r.expires = now + seconds{100};
  r.fee_asset = FeeAsset::quote;
  r.self_trade = SelfTrade::cancel_oldest;
  r.client_id = "c\"1";
  r.deadline = now + seconds{5};
  r.close = ConditionalClose{WireType::stop_loss_limit, price("-1.5%"), price("28400")};
  const std::string frame = add_order_frame(r, token, 7);
  CHECK(frame.find("\"order_qty\":0.1,") != std::string::npos);  // the digits themselves
  CHECK(same_json(
      frame,
      R"({"method":"add_order","params":{"order_type":"limit","side":"buy","order_qty":0.1,)"
      R"("limit_price":28440,"post_only":true,"time_in_force":"gtd",)"
      R"("expire_time":"2026-11-22T11:31:40.000Z","fee_preference":"quote","stp_type":"cancel_oldest",)"
      R"("conditional":{"order_type":"stop-loss-limit","trigger_price":-1.5,"trigger_price_type":"pct",)"
      R"("limit_price":28400},"cl_ord_id":"c\"1","symbol":"BTC/USD",)"
      R"("deadline":"2026-11-22T11:30:05.000Z","token":"tok"},"req_id":7})"));

  OrderRequest stop;
  stop.symbol = "BTC/USD";
  stop.side = Side::sell;
  stop.type = WireType::trailing_stop_limit;
  stop.quantity = Quantity::parse_or_die("0.00000001");
  stop.price = price("+100");
  stop.limit = price("-5");
  stop.reference = TriggerReference::index;
  stop.leverage = 2;
  stop.reduce_only = true;
  stop.no_price_protection = true;
  stop.validate_only = true;
  CHECK(same_json(
      add_order_frame(stop, token, 8),
      R"({"method":"add_order","params":{"order_type":"trailing-stop-limit","side":"sell",)"
      R"("order_qty":0.00000001,"limit_price":-5,"limit_price_type":"quote","triggers":{"reference":"index",)"
      R"("price":100,"price_type":"quote"},"no_mpp":true,"margin":true,"reduce_only":true,)"
      R"("symbol":"BTC/USD","validate":true,"token":"tok"},"req_id":8})"));
}

TEST_CASE("kraken ws trading: changes and batches", "[kraken][ws_trading]") {
  AmendRequest amend;
  amend.venue_id = "OA";
  amend.trigger = price("26000.5");
  amend.quantity = Quantity::parse_or_die("0.2");
  amend.deadline = now;
  CHECK(same_json(
      amend_order_frame(amend, token, 1),
      R"({"method":"amend_order","params":{"order_id":"OA","order_qty":0.2,"trigger_price":26000.5,)"
      R"("deadline":"2026-11-22T11:30:00.000Z","token":"tok"},"req_id":1})"));
  CHECK(same_json(
      *cancel_order_frame({{"OA", ""}, {"", "c1"}}, token, 2),
      R"({"method":"cancel_order","params":{"order_id":["OA"],"cl_ord_id":["c1"],"token":"tok"},"req_id":2})"));
  CHECK_FALSE(cancel_order_frame({}, token, 2).has_value());
  CHECK(same_json(
      *batch_cancel_frame({{"OA", ""}, {"OB", ""}}, token, 3),
      R"({"method":"batch_cancel","params":{"orders":["OA","OB"],"token":"tok"},"req_id":3})"));
  CHECK_FALSE(batch_cancel_frame({{"OA", ""}}, token, 3).has_value());
  CHECK(same_json(cancel_all_frame(token, 4),
                  R"({"method":"cancel_all","params":{"token":"tok"},"req_id":4})"));
  CHECK(same_json(
      subscribe_balances_frame(token, 5),
      R"({"method":"subscribe","params":{"channel":"balances","snapshot":true,"token":"tok"},"req_id":5})"));
  OrderRequest r;
  r.symbol = "BTC/USD";
  r.quantity = Quantity::parse_or_die("1");
  CHECK_FALSE(batch_add_frame({r}, token, 6).has_value());
  OrderRequest other = r;
  other.symbol = "ETH/USD";
  CHECK_FALSE(batch_add_frame({r, other}, token, 6).has_value());
  CHECK(batch_add_frame({r, r}, token, 6).has_value());
}

// ---- numbers and answers
// --------------------------------------------------------------------------

TEST_CASE("kraken ws private: a gap in the numbers is for ever", "[kraken][ws_private][safety]") {
  using Verdict = SequenceGuard::Verdict;
  SequenceGuard guard;
  CHECK(guard.on(1) == Verdict::next);
  CHECK(guard.on(2) == Verdict::next);
  CHECK(guard.on(2) == Verdict::repeated);
  CHECK(guard.on(1) == Verdict::repeated);
  CHECK(guard.on(4) == Verdict::gap);
  CHECK(guard.on(3) == Verdict::gap);
  CHECK(guard.last() == 2);
  guard.reset();
  CHECK(guard.on(0) == Verdict::gap);
  guard.reset();
  CHECK(guard.on(2) == Verdict::gap);  // the first is 1
  guard.reset();
  CHECK(guard.on(1) == Verdict::next);
}

TEST_CASE("kraken pending: answers find their requests", "[kraken][pending]") {
  PendingRequests pending;
  const auto first = pending.add("add_order", "a", now, seconds{5});
  const auto second = pending.add("cancel_order", "b", now, seconds{5}, 2);
  CHECK(first != second);
  CHECK(pending.on_ack(ack_of("add_order", first))->tag == "a");
  CHECK_FALSE(pending.on_ack(ack_of("add_order", first)).has_value());  // once
  CHECK(pending.on_ack(ack_of("cancel_order", second))->answers_left == 1);
  CHECK(pending.size() == 1);
  CHECK(pending.on_ack(ack_of("cancel_order", second))->answers_left == 0);
  CHECK(pending.size() == 0);
  const auto third = pending.add("add_order", "c", now, seconds{5});
  CHECK_FALSE(pending.on_ack(ack_of("amend_order", third)).has_value());
  CHECK(pending.size() == 1);
}

TEST_CASE("kraken pending: a refusal without a number has one possible owner or none",
          "[kraken][pending]") {
  PendingRequests pending;
  pending.add("amend_order", "x", now, seconds{5});
  pending.add("cancel_order", "y", now, seconds{5}, 3);
  CHECK(pending.on_ack(ack_of("cancel_order", {}, false))->answers_left == 0);
  pending.add("amend_order", "z", now, seconds{5});
  CHECK_FALSE(pending.on_ack(ack_of("amend_order", {}, false)).has_value());
  CHECK(pending.size() == 2);
}

TEST_CASE("kraken pending: what is not answered comes back once", "[kraken][pending][safety]") {
  PendingRequests pending;
  pending.add("add_order", "a", now, seconds{5});
  pending.add("add_order", "b", now, seconds{9});
  CHECK(pending.next_deadline() == now + seconds{5});
  CHECK(pending.take_overdue(now + seconds{4}).empty());
  CHECK(pending.take_overdue(now + seconds{5}).at(0).tag == "a");
  CHECK(pending.take_overdue(now + seconds{5}).empty());
  CHECK(pending.take_all().at(0).tag == "b");
  CHECK_FALSE(pending.next_deadline().has_value());
}

TEST_CASE("kraken ws private: ten thousand mutated frames do not crash it",
          "[kraken][ws_private][fuzz]") {
  Random random(23);
  const std::array<std::string, 3> seeds{fill_frame, balance_frame, ack_frame};
  std::size_t parsed = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(8));
          break;
        default:
          text.insert(at, text.substr(random.below(text.size()), random.below(20)));
          break;
      }
      if (text.empty()) text = "{";
    }
    if (parse_private_frame(text)) ++parsed;
  }
  CHECK(parsed > 0);
}

}  // namespace aitrade::kraken
