// The events of several live pairs: in one order, and told where an instant ends.
#include "core/market/candle_stream.h"

#include <catch2/catch.hpp>

#include <variant>
#include <vector>

namespace aitrade {
namespace {

const Time start = Time::from_seconds(1'699'833'600);

Time at(std::int64_t minute) { return start + minutes{minute}; }

Candle row(std::int64_t minute) {
  Candle c;
  c.open_time = at(minute);
  c.interval = minutes{1};
  c.open = c.high = c.low = c.close = Price::parse_or_die("10");
  c.volume = 1;
  return c;
}

CandleStream stream_of(std::uint32_t pairs) {
  CandleStreamOptions options;
  for (std::uint32_t i = 0; i < pairs; ++i) options.instruments.push_back(InstrumentId{i});
  CandleStream stream(options);
  stream.go_live(at(0));
  return stream;
}

/// "0@1" is the candle of pair 0 that closes at minute 1; "|1" the end of that instant.
std::string told(CandleStream& stream, Time received) {
  std::vector<Event> events;
  stream.release(received, events);
  std::string out;
  for (const Event& e : events) {
    const auto minute = std::to_string((e.when - start) / minutes{1});
    CHECK(e.at == received);
    if (const auto* closed = std::get_if<CandleClosed>(&e.body)) {
      out += std::to_string(number(closed->instrument)) + "@" + minute + " ";
    } else if (std::holds_alternative<InstantClosed>(e.body)) {
      out += "|" + minute + " ";
    }
  }
  return out;
}

}  // namespace

TEST_CASE("candle stream: an instant ends with the last candle that could join it", "[market][stream]") {
  CandleStream stream = stream_of(2);
  stream.on_row(1, row(0));
  stream.on_row(1, row(1));   // closes minute 0 of pair 1
  CHECK(told(stream, at(1)).empty());
  stream.on_row(0, row(0));
  stream.on_row(0, row(1));
  CHECK(told(stream, at(1)) == "0@1 1@1 |1 ");
  CHECK(told(stream, at(1)).empty());   // once
}

TEST_CASE("candle stream: a pair without a trade does not keep the instant open", "[market][stream]") {
  CandleStream stream = stream_of(2);
  stream.on_row(0, row(0));
  stream.on_time(at(1) + seconds{3});   // past the watermark: nothing of pair 1 in this minute
  CHECK(told(stream, at(1) + seconds{3}) == "0@1 |1 ");
}

TEST_CASE("candle stream: instants released together each have their end", "[market][stream]") {
  CandleStream stream = stream_of(2);
  for (const std::size_t pair : {1U, 0U}) {
    for (int m = 0; m < 3; ++m) stream.on_row(pair, row(m));
  }
  CHECK(told(stream, at(2)) == "0@1 1@1 |1 0@2 1@2 |2 ");
  stream.flush();
  CHECK(told(stream, at(3)) == "0@3 1@3 |3 ");
}

TEST_CASE("candle stream: one pair needs no ends", "[market][stream]") {
  CandleStream stream = stream_of(1);
  stream.on_row(0, row(0));
  stream.on_row(0, row(1));
  CHECK(told(stream, at(1)) == "0@1 ");
}

}  // namespace aitrade
