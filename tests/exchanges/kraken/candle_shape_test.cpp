// One bar, however it is written: REST rows, stream frames and files of other venues name and order their
// columns differently, and all of them become the same candle. Shuffled columns are refused, not guessed.
#include <catch2/catch.hpp>

#include "core/data/candle_reader.h"
#include "exchanges/kraken/codec.h"
#include "exchanges/kraken/rest.h"

namespace aitrade::kraken {
namespace {

/// The bar that every text of this file is about.
Candle expected() {
  Candle c;
  c.open_time = Time::from_seconds(1'688'671'200);
  c.interval = minutes{1};
  c.open = Price::parse_or_die("30306.1");
  c.high = Price::parse_or_die("30309.2");
  c.low = Price::parse_or_die("30305.7");
  c.close = Price::parse_or_die("30307.3");
  c.volume = 3.39243896;
  c.trades = 23;
  return c;
}

std::string rest_body(const std::string& row) {
  return R"({"error":[],"result":{"XXBTZUSD":[)" + row + R"(,[1688671260,"30307.3","30308","30307","30307.5","30307.4","1.5",3]],)" +
         R"("last":1688671200}})";
}

std::string frame(const std::string& fields) {
  return R"({"channel":"ohlc","type":"update","timestamp":"2023-07-06T19:20:30.5Z","data":[{)" + fields +
         R"(,"trades":23,"volume":3.39243896,"vwap":30306.1,"interval_begin":"2023-07-06T19:20:00.000000000Z","interval":1,)" +
         R"("timestamp":"2023-07-06T19:21:00Z"}]})";
}

Candle first_of_file(const std::string& text) {
  auto candles = read_all_candles(ByteSource::bytes(text, "test"), {});
  if (!candles) FAIL(candles.error().what);
  REQUIRE_FALSE(candles->empty());
  return candles->front();
}

}  // namespace

TEST_CASE("candle shape: REST, stream and files of two venues give the same candle", "[kraken][data][EN3]") {
  const auto rest = parse_ohlc(rest_body(R"([1688671200,"30306.1","30309.2","30305.7","30307.3","30306.1","3.39243896",23])"),
                               minutes{1});
  REQUIRE(rest.has_value());
  CHECK(rest->candles.at(0) == expected());

  const auto message = parse_frame(frame(R"("symbol":"BTC/USD","open":30306.1,"high":30309.2,"low":30305.7,"close":30307.3)"));
  REQUIRE(message.has_value());
  Candle streamed = std::get<OhlcMessage>(*message).rows.at(0).candle;
  streamed.closed = true;  // a frame never says so: the clock or the next row does
  CHECK(streamed == expected());

  // Kraken's archive: time, open, high, low, close, volume, trades.
  CHECK(first_of_file("1688671200,30306.1,30309.2,30305.7,30307.3,3.39243896,23\n"
                      "1688671260,30307.3,30308,30306,30307.5,1.5,3\n1688671320,30307.5,30312,30307,30311,2,4\n") == expected());
  // Coinbase: time, low, high, open, close, volume; it counts no trades.
  Candle uncounted = expected();
  uncounted.trades = 0;
  CHECK(first_of_file("1688671200,30305.7,30309.2,30306.1,30307.3,3.39243896\n"
                      "1688671260,30306,30308,30307.3,30307.5,1.5\n1688671320,30307,30312,30307.5,30311,2\n") == uncounted);
}

TEST_CASE("candle shape: stream fields are found by name, whatever their order", "[kraken][EN3]") {
  const auto message = parse_frame(frame(R"("close":30307.3,"low":30305.7,"symbol":"BTC/USD","high":30309.2,"open":30306.1)"));
  REQUIRE(message.has_value());
  Candle streamed = std::get<OhlcMessage>(*message).rows.at(0).candle;
  streamed.closed = true;
  CHECK(streamed == expected());
}

TEST_CASE("candle shape: shuffled columns of a REST row are refused", "[kraken][EN3]") {
  for (const char* row : {R"([1688671200,"30305.7","30306.1","30309.2","30307.3","30306.1","3.39243896",23])",
                          R"([1688671200,"30306.1","30305.7","30309.2","30307.3","30306.1","3.39243896",23])",
                          R"(["30306.1",1688671200,"30309.2","30305.7","30307.3","30306.1","3.39243896",23])",
                          R"([1688671200,"30306.1","30309.2","30305.7","30307.3","3.39243896"])"}) {
    INFO(row);
    CHECK_FALSE(parse_ohlc(rest_body(row), minutes{1}).has_value());
  }
}

}  // namespace aitrade::kraken
