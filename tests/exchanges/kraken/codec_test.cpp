// Frames of the venue: recorded ones, hand-written ones, and hostile ones.
#include "exchanges/kraken/codec.h"

#include "core/base/random.h"
#include "core/market/order_book.h"
#include "exchanges/kraken/book_frame.h"
#include "tests/exchanges/kraken/fixtures.h"

#include <catch2/catch.hpp>

namespace aitrade::kraken {
namespace {

constexpr const char* ohlc_frame =
    R"({"channel":"ohlc","type":"update","timestamp":"2024-01-01T00:01:30.5Z","data":[{"symbol":"BTC/USD",)"
    R"("open":42000.10,"high":42001.0,"low":4.2e4,"close":42000.5,"trades":3,"volume":1e-08,"vwap":42000.4,)"
    R"("interval_begin":"2024-01-01T00:01:00.000000000Z","interval":1,"timestamp":"2024-01-01T00:02:00Z"}]})";

constexpr const char* book_frame =
    R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.25000000}],)"
    R"("asks":[],"checksum":2800903109,"timestamp":"2023-10-06T17:35:50.440295Z"}]})";

constexpr const char* ack_frame =
    R"({"method":"subscribe","result":{"channel":"ohlc","interval":1,"snapshot":true,"symbol":"BTC/USD",)"
    R"("warnings":["old"]},"success":true,"time_in":"2024-01-01T00:00:00.5Z","time_out":"x","req_id":7})";

}  // namespace

TEST_CASE("kraken codec: reads a candle from number tokens, exactly", "[kraken][codec]") {
  const auto message = parse_frame(ohlc_frame);
  REQUIRE(message.has_value());
  const auto& row = std::get<OhlcMessage>(*message).rows.at(0);
  CHECK(row.symbol == "BTC/USD");
  CHECK(row.candle.open == Price::parse_or_die("42000.1"));
  CHECK(row.candle.low == Price::parse_or_die("42000"));
  CHECK(row.candle.volume == 1e-8);
  CHECK(row.candle.trades == 3);
  CHECK(row.candle.interval == minutes{1});
  CHECK(to_string_seconds(row.candle.open_time) == "2024-01-01T00:01:00Z");
  CHECK_FALSE(row.candle.closed);
}

TEST_CASE("kraken codec: the short way of a book frame never says other than the long way", "[kraken][codec]") {
  const std::string snapshot =
      R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10},)"
      R"({"price":0.5,"qty":12}],"asks":[{"price":45284,"qty":0.00000001}],"checksum":1}]})";
  CHECK(read_book_frame(book_frame).has_value());
  CHECK(read_book_frame(snapshot).has_value());
  const std::string bytes = "0019.,:-eE+\"{}[]\\ tz\x7f\xc3";
  Random random(5);
  int short_ways = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random.uniform() < 0.5 ? snapshot : book_frame;
    for (int k = random.uniform() < 0.7 ? 1 : 3; k > 0 && !text.empty(); --k) {
      const auto at = static_cast<std::size_t>(random.uniform() * static_cast<double>(text.size()));
      const char byte = bytes[static_cast<std::size_t>(random.uniform() * static_cast<double>(bytes.size()))];
      const double kind = random.uniform();
      if (kind < 0.4) text[at] = byte;
      if (kind >= 0.4 && kind < 0.7) text.insert(at, 1, byte);
      if (kind >= 0.7) text.erase(at, 1);
    }
    const auto quick = read_book_frame(text);
    if (!quick) continue;
    ++short_ways;
    const auto whole = parse_document(text);
    INFO(text);
    REQUIRE(whole.has_value());
    const auto& book = std::get<BookMessage>(*whole);
    REQUIRE((book.symbol == quick->symbol && book.is_snapshot == quick->is_snapshot));
    REQUIRE((book.bids == quick->bids && book.asks == quick->asks));
    REQUIRE((book.checksum == quick->checksum && book.timestamp == quick->timestamp));
  }
  CHECK(short_ways > 10'000);
}

TEST_CASE("kraken codec: a quote without bid or ask is none, and no other price stands in for it [X28]", "[kraken][codec]") {
  const std::string whole =
      R"({"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":10.1,"bid_qty":1,"ask":10.2,"ask_qty":2,)"
      R"("last":10.15,"volume":5,"vwap":10,"low":9,"high":11,"change":0,"change_pct":0}]})";
  const auto message = parse_frame(whole);
  REQUIRE(message.has_value());
  const TickerRow row = std::get<TickerMessage>(*message).rows.at(0);
  CHECK(row.bid == Price::parse_or_die("10.1"));
  CHECK(row.ask == Price::parse_or_die("10.2"));
  for (const char* part : {R"("bid":10.1,)", R"("ask":10.2,)", R"("bid_qty":1,)", R"("ask_qty":2,)"}) {
    std::string without = whole;
    without.erase(without.find(part), std::string(part).size());
    INFO(without);
    CHECK_FALSE(parse_frame(without).has_value());
  }
}

TEST_CASE("kraken codec: reads acks and their refusals", "[kraken][codec]") {
  const auto good = std::get<AckMessage>(*parse_frame(ack_frame));
  CHECK(good.success);
  CHECK(good.channel == "ohlc");
  CHECK(good.req_id == 7U);
  CHECK(good.time_in.has_value());
  CHECK(good.warnings.size() == 1);

  const auto bad = std::get<AckMessage>(*parse_frame(
      R"({"error":"Currency pair not supported FOO/BAR","method":"subscribe","req_id":43,"success":false,)"
      R"("symbol":"FOO/BAR"})"));
  CHECK_FALSE(bad.success);
  CHECK(bad.symbol == "FOO/BAR");
}

TEST_CASE("kraken codec: writes requests", "[kraken][codec]") {
  Subscription s;
  s.channel = "ohlc";
  s.symbols = {"BTC/USD", "ETH/USD"};
  s.interval = 1;
  CHECK(
      subscribe_frame(s, 3) ==
      R"({"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD","ETH/USD"],"interval":1,)"
      R"("snapshot":true},"req_id":3})");
  CHECK(ping_frame(9) == R"({"method":"ping","req_id":9})");
}

TEST_CASE("kraken codec: refuses what it cannot trust", "[kraken][codec]") {
  for (const char* text :
       {"", "[]", "<html>", "{\"channel\":\"ohlc\"}", "{\"channel\":\"book\",\"data\":[]}",
        "{\"channel\":\"ohlc\",\"data\":[{\"open\":NaN}]}", "{\"channel\":\"trade\",\"data\":[{}]}",
        "{\"channel\":\"book\",\"data\":[{\"bids\":[{\"price\":1,\"qty\":1}]}]}"}) {
    CHECK_FALSE(parse_frame(text).has_value());
  }
}

TEST_CASE("kraken codec: every public frame on record parses", "[kraken][codec][fixtures]") {
  for (const char* name : {"ws_book.response.json",
                           "ws_book.snapshot_checksum_example.json",
                           "ws_book.snapshot_small_price.json",
                           "ws_book.update_documentation.json",
                           "ws_heartbeat.json",
                           "ws_instrument.snapshot.json",
                           "ws_ohlc.response.json",
                           "ws_ohlc.snapshot.json",
                           "ws_ohlc.update.json",
                           "ws_pong.response.json",
                           "ws_status.update.json",
                           "ws_status_maintenance.update.json",
                           "ws_subscribe_already.response.json",
                           "ws_subscribe_error.response.json",
                           "ws_subscribe_ticker.response.json",
                           "ws_ticker.snapshot.json",
                           "ws_ticker.update.json",
                           "ws_trade.snapshot.json",
                           "ws_trade.update.json",
                           "ws_exceeded_msg_rate.json"}) {
    const auto text = kraken_fixture(name);
    if (!text) continue;
    const auto message = parse_frame(*text);
    INFO(name);
    REQUIRE(message.has_value());
    CHECK_FALSE(std::holds_alternative<UnknownMessage>(*message));
  }
}

TEST_CASE("kraken codec: the venue's book examples have the published checksums",
          "[kraken][codec][fixtures]") {
  const auto start = kraken_fixture("ws_book.snapshot_checksum_example.json");
  const auto sequence = kraken_fixture("ws_book.sequence_with_checksums.json");
  const auto small = kraken_fixture("ws_book.snapshot_small_price.json");
  if (!start || !sequence || !small) return;
  const auto first = std::get<BookMessage>(*parse_frame(*start));
  OrderBook book(10, 1, 8);
  REQUIRE(first.checksum == 3310070434U);
  REQUIRE(book.snapshot(first.bids, first.asks, first.checksum));

  const std::string open = "\"message\":";
  const std::string close = ",\"expected_top10\"";
  const std::string input = "\"expected_checksum_input\":\"";
  std::size_t updates = 0;
  for (std::size_t at = sequence->find(open); at != std::string::npos;
       at = sequence->find(open, at)) {
    at += open.size();
    const std::size_t end = sequence->find(close, at);
    const auto update = std::get<BookMessage>(*parse_frame(sequence->substr(at, end - at)));
    CHECK(book.update(update.bids, update.asks, update.checksum));
    const std::size_t text_at = sequence->find(input, end) + input.size();
    CHECK(book.checksum_text() ==
          sequence->substr(text_at, sequence->find('"', text_at) - text_at));
    ++updates;
  }
  CHECK(updates == 5);

  const auto pepe = std::get<BookMessage>(*parse_frame(*small));
  CHECK(OrderBook(10, 8, 8).snapshot(pepe.bids, pepe.asks, pepe.checksum));
}

TEST_CASE("kraken codec: ten thousand mutated frames do not crash it", "[kraken][codec][fuzz]") {
  Random random(20);
  const std::string seeds[] = {
      ohlc_frame, book_frame, ack_frame,
      R"({"channel":"status","type":"update","data":[{"system":"online"}]})",
      R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":)"
      R"("BTC/USD","qty_precision":8,"qty_increment":1e-08,"price_precision":1,)"
      R"("price_increment":0.1,"qty_min":0.0001}]}})"};
  std::size_t parsed = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string text = seeds[random.below(std::size(seeds))];
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(8));
          break;
        case 2:
          text.insert(at, text.substr(random.below(text.size()), random.below(20)));
          break;
        default:
          text.insert(at, std::string(1 + random.below(40), "[{\"0-9e"[random.below(7)]));
          break;
      }
      if (text.empty()) text = "{";
    }
    if (parse_frame(text)) ++parsed;
  }
  CHECK(parsed > 0);
  CHECK_FALSE(
      parse_frame(std::string(200'000, '[')).has_value());  // depth does not exhaust the stack
}

}  // namespace aitrade::kraken
