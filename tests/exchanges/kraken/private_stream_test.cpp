// The private connection as a state machine, and orders put together from its rows.
#include "exchanges/kraken/private_stream.h"

#include "core/base/random.h"
#include "exchanges/kraken/execution_book.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace aitrade::kraken {
namespace {

const Time start = Time::from_seconds(1'000);

std::string executions(std::uint64_t sequence, std::string_view rows, bool is_snapshot = false) {
  return R"({"channel":"executions","type":")" + std::string(is_snapshot ? "snapshot" : "update") +
         R"(","data":[)" + std::string(rows) + R"(],"sequence":)" + std::to_string(sequence) + "}";
}

std::string balances(std::uint64_t sequence, bool is_snapshot = false) {
  return R"({"channel":"balances","type":")" + std::string(is_snapshot ? "snapshot" : "update") +
         R"(","data":[{"asset":"USD","balance":5}],"sequence":)" + std::to_string(sequence) + "}";
}

template <class Update>
std::vector<Update> of(const StreamOutput& out) {
  std::vector<Update> found;
  for (const StreamUpdate& update : out.updates) {
    if (const auto* one = std::get_if<Update>(&update)) found.push_back(*one);
  }
  return found;
}

/// A stream with both snapshots in.
PrivateStream synced() {
  PrivateStream stream;
  static_cast<void>(stream.on_open(Secret("tok"), start));
  static_cast<void>(stream.on_text(executions(1, "", true), start));
  static_cast<void>(stream.on_text(balances(1, true), start));
  for (const char* id : {"1", "2"}) {
    static_cast<void>(stream.on_text(
        R"({"method":"subscribe","success":true,"result":{"maxratecount":125},"req_id":)" +
            std::string(id) + "}",
        start));
  }
  REQUIRE(stream.is_synced());
  return stream;
}

ExecutionsMessage message(std::string_view rows) {
  auto parsed = parse_private_frame(executions(1, rows));
  REQUIRE(parsed.has_value());
  return std::get<ExecutionsMessage>(*parsed);
}

std::string trade(const char* exec_id, const char* quantity, const char* cumulative) {
  return std::string(R"({"order_id":"OK","exec_id":")") + exec_id +
         R"(","exec_type":"trade","symbol":"BTC/USD","side":"sell","last_price":26599.9,"last_qty":)" +
         quantity + R"(,"cum_qty":)" + cumulative + R"(,"order_status":"partially_filled"})";
}

constexpr const char* filled_row =
    R"({"order_id":"OK","exec_type":"filled","order_status":"filled","cum_qty":0.005})";

}  // namespace

TEST_CASE("kraken stream: subscribes with its token and is synced after both snapshots",
          "[kraken][stream]") {
  PrivateStream stream;
  const StreamOutput open = stream.on_open(Secret("tok"), start);
  REQUIRE(open.send.size() == 2);
  CHECK(open.send[0].find("\"executions\"") != std::string::npos);
  CHECK(open.send[1].find("\"token\":\"tok\"") != std::string::npos);
  CHECK(of<StreamSynced>(stream.on_text(executions(1, "", true), start)).empty());
  const StreamOutput out = stream.on_text(balances(1, true), start);
  CHECK(of<StreamSynced>(out).size() == 1);
  CHECK(of<BalancesMessage>(out).size() == 1);
  CHECK(of<ExecutionsMessage>(stream.on_text(executions(2, filled_row), start)).size() == 1);
}

TEST_CASE("kraken stream: a gap ends it, where the numbers stopped", "[kraken][stream][safety]") {
  PrivateStream stream = synced();
  static_cast<void>(stream.on_text(executions(2, filled_row), start));
  CHECK(
      of<ExecutionsMessage>(stream.on_text(executions(2, filled_row), start)).empty());  // repeated
  const StreamOutput out = stream.on_text(executions(4, filled_row), start);
  CHECK(out.close);
  CHECK_FALSE(stream.is_synced());
  REQUIRE(of<StreamLost>(out).size() == 1);
  CHECK(of<StreamLost>(out)[0].last_execution == 2);
  CHECK(of<ExecutionsMessage>(out).empty());
  const StreamOutput late = stream.on_text(executions(5, filled_row), start);
  CHECK(late.updates.empty());
  CHECK(of<StreamLost>(stream.on_closed("bye", start)).empty());  // said once
  CHECK_FALSE(stream.request("add_order", "a", seconds{5}, start).has_value());

  // The next connection counts from one again.
  static_cast<void>(stream.on_open(Secret("new"), start));
  static_cast<void>(stream.on_text(executions(1, "", true), start));
  CHECK(of<StreamSynced>(stream.on_text(balances(1, true), start)).size() == 1);
}

TEST_CASE("kraken stream: what it cannot read, it does not guess", "[kraken][stream][safety]") {
  PrivateStream broken = synced();
  CHECK(broken.on_text("{\"channel\":\"executions\"", start).close);
  PrivateStream early;
  static_cast<void>(early.on_open(Secret("tok"), start));
  CHECK(early.on_text(executions(1, filled_row), start).close);  // an update before its snapshot
  PrivateStream refused;
  static_cast<void>(refused.on_open(Secret("tok"), start));
  const StreamOutput out = refused.on_text(
      R"({"method":"subscribe","req_id":1,"success":false,"error":"ESession:Invalid session"})",
      start);
  CHECK(out.close);
  CHECK(of<StreamLost>(out).at(0).why.find("Invalid session") != std::string::npos);
}

TEST_CASE("kraken stream: silence is pinged, then left", "[kraken][stream]") {
  PrivateStream stream = synced();
  CHECK(stream.on_wake(start + seconds{4}).send.empty());
  const StreamOutput ping = stream.on_wake(start + seconds{5});
  REQUIRE(ping.send.size() == 1);
  CHECK(ping.send[0].find("ping") != std::string::npos);
  CHECK(ping.wake_at == start + seconds{10});
  CHECK(stream.on_wake(start + seconds{6}).send.empty());
  CHECK(stream.on_wake(start + seconds{10}).close);

  PrivateStream alive = synced();
  static_cast<void>(alive.on_text(R"({"channel":"heartbeat"})", start + seconds{9}));
  CHECK_FALSE(alive.on_wake(start + seconds{12}).close);

  PrivateStream empty;
  static_cast<void>(empty.on_open(Secret("tok"), start));
  for (int i = 1; i < 10; ++i) {
    static_cast<void>(empty.on_text(R"({"channel":"heartbeat"})", start + seconds{i}));
  }
  CHECK(empty.on_wake(start + seconds{10}).close);  // no snapshots, though not silent

  PrivateStream ignored;  // both snapshots, but nobody answered the subscriptions
  static_cast<void>(ignored.on_open(Secret("tok"), start));
  static_cast<void>(ignored.on_text(executions(1, "", true), start + seconds{5}));
  static_cast<void>(ignored.on_text(balances(1, true), start + seconds{5}));
  CHECK(ignored.on_wake(start + seconds{10}).close);
}

TEST_CASE("kraken stream: an order without an answer is undecided, and said so once",
          "[kraken][stream][safety]") {
  PrivateStream stream = synced();
  const auto first = stream.request("add_order", "a", seconds{3}, start);
  const auto second = stream.request("add_order", "b", seconds{30}, start);
  REQUIRE(first.has_value());
  const std::string ack = R"({"method":"add_order","req_id":)" + std::to_string(*second) +
                          R"(,"success":true,"result":{"order_id":"OB"}})";
  const auto answered = of<RequestAnswered>(stream.on_text(ack, start + seconds{1}));
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].request.tag == "b");
  CHECK(answered[0].ack.orders.at(0).order_id == "OB");
  const auto overdue = of<RequestUnanswered>(stream.on_wake(start + seconds{3}));
  REQUIRE(overdue.size() == 1);
  CHECK(overdue[0].request.tag == "a");

  static_cast<void>(stream.request("cancel_order", "c", seconds{30}, start + seconds{3}));
  const StreamOutput closed = stream.on_closed("reset", start + seconds{4});
  CHECK(of<RequestUnanswered>(closed).at(0).request.tag == "c");
  CHECK(of<StreamLost>(closed).size() == 1);
  CHECK(of<RequestUnanswered>(stream.on_closed("again", start + seconds{5})).empty());
  CHECK(stream.token().empty());
}

TEST_CASE("kraken stream: a session that is gone needs a new token", "[kraken][stream]") {
  PrivateStream stream = synced();
  const auto id = stream.request("add_order", "a", seconds{3}, start);
  const StreamOutput out =
      stream.on_text(R"({"method":"add_order","req_id":)" + std::to_string(*id) +
                         R"(,"success":false,"error":"ESession:Invalid session"})",
                     start);
  CHECK(of<RequestAnswered>(out).size() == 1);
  CHECK(of<StreamLost>(out).at(0).needs_token);
  CHECK(out.close);
}

TEST_CASE("kraken stream: the venue's state and limits come through", "[kraken][stream]") {
  PrivateStream stream = synced();
  CHECK(of<VenueStatus>(
            stream.on_text(R"({"channel":"status","data":[{"system":"maintenance"}]})", start))
            .at(0)
            .system == "maintenance");
  CHECK(stream.max_rate_count() == 125.0);
}

// ---- executions
// -----------------------------------------------------------------------------------

TEST_CASE("kraken executions: a fill counts once, and `filled` is none",
          "[kraken][executions][safety]") {
  ExecutionBook book;
  const std::string rows =
      trade("T1", "0.002", "0.002") + "," + trade("T2", "0.003", "0.005") + "," + filled_row;
  const auto changes = book.apply(message(rows));
  REQUIRE(changes.has_value());
  REQUIRE(changes->size() == 3);
  CHECK((*changes)[0].fill->exec_id == "T1");
  CHECK((*changes)[1].fill->quantity.text == "0.003");
  CHECK_FALSE((*changes)[2].fill.has_value());
  const OrderView* order = book.find("OK");
  CHECK(order->is_over);
  CHECK(order->filled == Decimal::parse_or_die("0.005"));
  CHECK(book.incomplete().empty());
  CHECK(book.apply(message(rows))->empty());  // a resubscription tells it all again
}

TEST_CASE("kraken executions: missing fills are seen", "[kraken][executions][safety]") {
  ExecutionBook book;
  static_cast<void>(book.apply(message(filled_row)));
  CHECK(book.incomplete() == std::vector<std::string>{"OK"});
  REQUIRE(book.note_fill("T1", "OK", Decimal::parse_or_die("0.002")).has_value());
  CHECK(book.find("OK")->misses_fills());
  const auto late =
      book.apply(message(trade("T2", "0.003", "0.005")));  // after the end: recorded all the same
  CHECK(late->at(0).fill->exec_id == "T2");
  CHECK(late->at(0).order.is_over);
  CHECK(book.incomplete().empty());
  CHECK(book.apply(message(trade("T1", "0.002", "0.002")))->empty());
}

TEST_CASE("kraken executions: old news changes nothing", "[kraken][executions]") {
  ExecutionBook book;
  static_cast<void>(book.apply(message(trade("T1", "0.002", "0.002"))));
  const auto stale = book.apply(
      message(R"({"order_id":"OK","exec_type":"new","order_status":"new","cum_qty":0})"));
  CHECK(stale->empty());
  CHECK(book.find("OK")->status == ExecStatus::partially_filled);
  static_cast<void>(book.apply(message(
      R"({"order_id":"OK","exec_type":"canceled","order_status":"canceled","cum_qty":0.002,"reason":"User requested"})")));
  static_cast<void>(
      book.apply(message(R"({"order_id":"OK","exec_type":"new","order_status":"new"})")));
  CHECK(book.find("OK")->status == ExecStatus::canceled);
  CHECK(book.find("OK")->reason == "User requested");
}

TEST_CASE("kraken executions: sparse rows add up, amended terms win", "[kraken][executions]") {
  ExecutionBook book;
  static_cast<void>(book.apply(message(
      R"({"order_id":"OK","cl_ord_id":"c1","exec_type":"pending_new","symbol":"BTC/USD","side":"buy",)"
      R"("order_qty":0.005,"limit_price":26500.0,"stop_price":0.0,"order_status":"pending_new"})")));
  static_cast<void>(
      book.apply(message(R"({"order_id":"OK","exec_type":"new","order_status":"new"})")));
  static_cast<void>(book.apply(message(
      R"({"order_id":"OK","exec_type":"amended","order_status":"new","order_qty":0.004,"limit_price":26400.0,"cum_qty":0})")));
  const OrderView* order = book.find("OK");
  CHECK(order->client_id == "c1");
  CHECK(order->side == Side::buy);
  CHECK(*order->quantity == Decimal::parse_or_die("0.004"));
  CHECK(order->limit->text == "26400.0");
  CHECK_FALSE(order->trigger.has_value());
}

TEST_CASE("kraken executions: the sequences on record", "[kraken][executions][fixtures]") {
  if (const auto text = kraken_fixture("ws_executions.snapshot.json")) {
    ExecutionBook book;
    const auto changes = book.apply(std::get<ExecutionsMessage>(*parse_private_frame(*text)));
    CHECK(std::count_if(changes->begin(), changes->end(),
                        [](const auto& c) { return c.fill.has_value(); }) == 1);
    CHECK(book.find("OK4GJX-KSTLS-7DZZO5")->filled == Decimal::parse_or_die("0.002"));
    CHECK(book.incomplete().empty());
  }
}

TEST_CASE("kraken executions: any order and any repetition give the same order",
          "[kraken][executions][property]") {
  Random random(31);
  const std::vector<std::string> rows{
      trade("T1", "0.001", "0.001"), trade("T2", "0.0015", "0.0025"),
      trade("T3", "0.0025", "0.005"), filled_row,
      R"({"order_id":"OK","exec_type":"new","order_status":"new","cum_qty":0})"};
  bool is_same = true;
  for (int i = 0; i < 1'000; ++i) {
    ExecutionBook book;
    std::vector<std::string> order = rows;
    order.insert(order.end(), rows.begin(), rows.end());
    for (std::size_t k = order.size() - 1; k > 0; --k)
      std::swap(order[k], order[random.below(k + 1)]);
    std::size_t fills = 0;
    for (const std::string& row : order) {
      const auto changes = book.apply(message(row));
      for (const auto& change : *changes)
        fills += change.fill.has_value() ? std::size_t{1} : std::size_t{0};
    }
    const OrderView* view = book.find("OK");
    is_same = is_same && fills == 3 && view->is_over &&
              view->filled == Decimal::parse_or_die("0.005") && !view->misses_fills();
  }
  CHECK(is_same);
}

TEST_CASE("kraken executions: memory is bounded", "[kraken][executions]") {
  ExecutionBook book(10);
  for (int i = 0; i < 1'000; ++i) {
    static_cast<void>(
        book.apply(message(R"({"order_id":"O)" + std::to_string(i) +
                           R"(","exec_type":"canceled","order_status":"canceled"})")));
  }
  CHECK(book.size() == 10);
}

}  // namespace aitrade::kraken
