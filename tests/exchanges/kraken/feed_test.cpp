// The subscription state machine without sockets.
#include "exchanges/kraken/feed.h"

#include "core/market/order_book.h"

#include <catch2/catch.hpp>

namespace aitrade::kraken {
namespace {

Time at(int s) {
  return Time::from_seconds(1000 + s);
}

FeedOptions two_pairs() {
  FeedOptions options;
  options.symbols = {"BTC/USD", "FOO/BAR"};
  return options;
}

std::string ack(int id, const std::string& channel, const std::string& symbol) {
  return R"({"method":"subscribe","req_id":)" + std::to_string(id) + R"(,"result":{"channel":")" +
         channel + R"(","symbol":")" + symbol +
         R"("},"success":true,"time_in":"2024-01-01T00:00:00Z"})";
}

const std::string refusal =
    R"({"error":"Currency pair not supported FOO/BAR","method":"subscribe","req_id":2,"success":false,"symbol":"FOO/BAR"})";
const std::string instruments =
    R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":"BTC/USD","status":"online",)"
    R"("qty_precision":8,"qty_increment":1e-08,"price_precision":1,"price_increment":0.1,"qty_min":0.0001}]}})";

std::string book_snapshot(bool good) {
  const std::uint32_t sum = crc32(
      "1001100000000"
      "1000200000000");  // ask 100.1 x 1, bid 100.0 x 2
  return R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":100.0,"qty":2}],)"
         R"("asks":[{"price":100.1,"qty":1}],"checksum":)" +
         std::to_string(good ? sum : sum + 1) + "}]}";
}

template <class T>
const T* find(const FeedOutput& out) {
  for (const FeedUpdate& update : out.updates) {
    if (const auto* found = std::get_if<T>(&update)) return found;
  }
  return nullptr;
}

// A feed that is ready: instrument is request 1, ohlc 2, book 3.
Feed ready_feed() {
  Feed feed(two_pairs());
  feed.on_open(at(0));
  feed.on_text(ack(1, "instrument", ""), at(0));
  feed.on_text(instruments, at(0));
  feed.on_text(refusal, at(0));
  feed.on_text(ack(2, "ohlc", "BTC/USD"), at(0));
  feed.on_text(ack(3, "book", "BTC/USD"), at(0));
  return feed;
}

}  // namespace

TEST_CASE("kraken feed: is ready when candles stand, and goes on without an unknown symbol",
          "[kraken][feed]") {
  Feed feed(two_pairs());
  CHECK(feed.on_open(at(0)).send.size() == 2);  // instrument and ohlc; the book needs precisions
  feed.on_text(ack(1, "instrument", ""), at(0));
  const auto listed = feed.on_text(instruments, at(0));
  CHECK(listed.send.size() == 1);
  REQUIRE(find<SymbolRefused>(listed) != nullptr);
  CHECK(find<SymbolRefused>(listed)->pair == 1);
  CHECK_FALSE(feed.is_ready());

  const auto stands = feed.on_text(ack(2, "ohlc", "BTC/USD"), at(0));

  REQUIRE(find<FeedReady>(stands) != nullptr);
  CHECK(find<FeedReady>(stands)->since == *parse_time("2024-01-01"));
}

TEST_CASE("kraken feed: a missing ack ends the connection", "[kraken][feed]") {
  Feed feed(two_pairs());
  feed.on_open(at(0));
  feed.on_text(R"({"channel":"heartbeat"})", at(9));
  const auto out = feed.on_timer(at(10));
  CHECK(out.reconnect);
  CHECK(find<FeedLost>(out) != nullptr);
}

TEST_CASE("kraken feed: silence is probed, then ends the connection", "[kraken][feed]") {
  Feed feed = ready_feed();
  const auto probe = feed.on_timer(at(5));
  REQUIRE(probe.send.size() == 1);
  CHECK(probe.send[0].find("ping") != std::string::npos);
  CHECK_FALSE(probe.reconnect);
  const auto dead = feed.on_timer(at(10));
  CHECK(dead.reconnect);
  REQUIRE(find<FeedLost>(dead) != nullptr);
  CHECK_FALSE(feed.is_open());
  CHECK(find<FeedLost>(feed.on_closed(at(10), "closed")) == nullptr);  // told once
}

TEST_CASE("kraken feed: a lost connection is told at once", "[kraken][feed]") {
  Feed feed = ready_feed();
  CHECK(find<FeedLost>(feed.on_closed(at(1), "reset")) != nullptr);
  CHECK_FALSE(feed.is_ready());
}

TEST_CASE("kraken feed: a bad checksum blocks the book until a new snapshot", "[kraken][feed]") {
  Feed feed = ready_feed();
  const auto good = feed.on_text(book_snapshot(true), at(1));
  REQUIRE(find<TopChanged>(good) != nullptr);
  CHECK(find<TopChanged>(good)->top.bid == Price::parse_or_die("100"));

  const auto bad = feed.on_text(book_snapshot(false), at(2));
  CHECK(find<BookLost>(bad) != nullptr);
  CHECK(bad.send.size() == 2);  // unsubscribe, subscribe
  CHECK(find<TopChanged>(feed.on_text(book_snapshot(true), at(2))) == nullptr);  // of the old one

  feed.on_text(
      R"({"method":"unsubscribe","req_id":4,"result":{"channel":"book","symbol":"BTC/USD"},"success":true})",
      at(3));
  feed.on_text(ack(5, "book", "BTC/USD"), at(3));
  CHECK(find<TopChanged>(feed.on_text(book_snapshot(true), at(3))) != nullptr);
  CHECK(feed.subscriptions().at("book") == 1);
}

TEST_CASE("kraken feed: a checked book is analysed, with trades, until it is lost", "[kraken][feed]") {
  FeedOptions options = two_pairs();
  options.book_depth = 25;
  options.analysis.emplace();
  Feed feed(options);
  feed.on_open(at(0));
  feed.on_text(ack(1, "instrument", ""), at(0));
  const auto listed = feed.on_text(instruments, at(0));
  REQUIRE(listed.send.size() == 2);  // the book, and the trades that tell a retraction from a fill
  CHECK(listed.send[0].find("\"depth\":25") != std::string::npos);
  CHECK(listed.send[1].find("trade") != std::string::npos);
  feed.on_text(refusal, at(0));
  for (const auto* channel : {"ohlc", "book", "trade"}) {
    feed.on_text(ack(channel[0] == 'o' ? 2 : channel[0] == 'b' ? 3 : 4, channel, "BTC/USD"), at(0));
  }
  for (int s = 1; s <= 3; ++s) feed.on_text(book_snapshot(true), at(s));
  CHECK_FALSE(feed.analysis(0, at(3)));  // not for three seconds yet
  feed.on_text(book_snapshot(true), at(4));
  const auto said = feed.analysis(0, at(4));
  REQUIRE(said);
  CHECK(said->imbalance_5 == Approx(1.0 / 3).margin(6e-4));
  CHECK(said->spread == Approx(0.1 / 100.05));
  CHECK(feed.book_at(0) == at(4));
  CHECK(feed.top(0)->bid == Price::parse_or_die("100"));
  CHECK_FALSE(feed.analysis(0, at(8)));  // stale
  CHECK_FALSE(feed.analysis(1, at(4)));

  feed.on_text(book_snapshot(false), at(5));  // the checksum disagrees
  CHECK_FALSE(feed.analysis(0, at(5)));
  CHECK_FALSE(feed.top(0));
  feed.on_closed(at(6), "reset");
  feed.on_open(at(7));
  CHECK_FALSE(feed.analysis(0, at(7)));
}

TEST_CASE("kraken feed: three mismatches in five minutes reconnect", "[kraken][feed]") {
  Feed feed = ready_feed();
  const std::string ended =
      R"({"method":"unsubscribe","req_id":4,"result":{"channel":"book","symbol":"BTC/USD"},"success":true})";
  for (int i = 1; i <= 2; ++i) {
    CHECK_FALSE(feed.on_text(book_snapshot(false), at(i)).reconnect);
    feed.on_text(ended, at(i));
  }
  CHECK(feed.on_text(book_snapshot(false), at(3)).reconnect);
}

TEST_CASE("kraken feed: every connection subscribes each channel once", "[kraken][feed][EN2]") {
  Feed feed = ready_feed();
  for (int i = 0; i < 20; ++i) {
    feed.on_closed(at(i), "cut");
    feed.on_open(at(i));
    for (const auto& [channel, count] : feed.subscriptions())
      CHECK(count == 1);
  }
}

}  // namespace aitrade::kraken
