// Gaps: filled, broken, kept or refused, and how they are counted.
#include "core/market/gap_policy.h"

#include <catch2/catch.hpp>

#include <vector>

namespace aitrade {
namespace {

Candle bar(std::int64_t minute, std::int64_t close, Duration interval = minutes(1)) {
  Candle c;
  c.open_time = Time::from_seconds(minute * 60);
  c.interval = interval;
  c.open = c.low = Price::from_raw(close);
  c.close = Price::from_raw(close + 1);
  c.high = Price::from_raw(close + 2);
  c.volume = 3;
  c.trades = 4;
  return c;
}

struct Seen {
  std::vector<Candle> candles;
  std::vector<std::size_t> breaks;  // how many candles came before each break
};

Status feed(GapFiller& filler, const Candle& candle, Seen& seen) {
  return filler.push(
      candle, [&seen](const Candle& c) { seen.candles.push_back(c); },
      [&seen] { seen.breaks.push_back(seen.candles.size()); });
}

}  // namespace

TEST_CASE("gap policy: a short gap is filled with flat candles of the close before", "[market][gap]") {
  GapFiller filler(GapRule::flat);
  Seen seen;
  REQUIRE(feed(filler, bar(0, 100), seen));
  REQUIRE(feed(filler, bar(3, 200), seen));

  REQUIRE(seen.candles.size() == 4);
  CHECK(seen.candles[0] == bar(0, 100));
  for (std::size_t i = 1; i <= 2; ++i) {
    const Candle& c = seen.candles[i];
    CHECK(c.open_time == Time::from_seconds(static_cast<std::int64_t>(i) * 60));
    CHECK(c.interval == minutes(1));
    CHECK(c.open == Price::from_raw(101));
    CHECK(c.high == Price::from_raw(101));
    CHECK(c.low == Price::from_raw(101));
    CHECK(c.close == Price::from_raw(101));
    CHECK(c.volume == 0);
    CHECK(c.trades == 0);
    CHECK(c.synthetic);
    CHECK(c.closed);
  }
  CHECK(seen.candles[3] == bar(3, 200));
  CHECK(filler.filled() == 2);
  CHECK(seen.breaks.empty());
}

TEST_CASE("gap policy: 30 minutes are filled, one more breaks the series", "[market][gap]") {
  GapFiller filler(GapRule::flat);
  Seen seen;
  REQUIRE(feed(filler, bar(0, 100), seen));
  REQUIRE(feed(filler, bar(31, 100), seen));  // 30 missing
  CHECK(filler.filled() == 30);
  CHECK(filler.breaks() == 0);

  REQUIRE(feed(filler, bar(63, 100), seen));  // 31 missing
  CHECK(filler.filled() == 30);
  CHECK(filler.breaks() == 1);
  REQUIRE(seen.breaks.size() == 1);
  CHECK(seen.breaks[0] == 32);  // the break comes before the candle after it
  CHECK(seen.candles.size() == 33);
}

TEST_CASE("gap policy: one missing candle of a long timeframe is filled, two break", "[market][gap]") {
  GapFiller filler(GapRule::flat);
  Seen seen;
  REQUIRE(feed(filler, bar(0, 1, hours(1)), seen));
  REQUIRE(feed(filler, bar(120, 1, hours(1)), seen));
  CHECK(filler.filled() == 1);
  REQUIRE(feed(filler, bar(300, 1, hours(1)), seen));
  CHECK(filler.breaks() == 1);
}

TEST_CASE("gap policy: none keeps the hole, refuse stops at it, disorder is an error", "[market][gap]") {
  Seen seen;
  GapFiller keep(GapRule::none);
  REQUIRE(feed(keep, bar(0, 1), seen));
  REQUIRE(feed(keep, bar(500, 1), seen));
  CHECK(seen.candles.size() == 2);
  CHECK(seen.breaks.empty());

  GapFiller strict(GapRule::refuse);
  REQUIRE(feed(strict, bar(0, 1), seen));
  REQUIRE(feed(strict, bar(1, 1), seen));
  const Status gap = feed(strict, bar(5, 1), seen);
  REQUIRE_FALSE(gap);
  CHECK(gap.error().code == ErrorCode::invalid);
  CHECK(gap.error().what.find("3 of 1m") != std::string::npos);

  const Status back = feed(strict, bar(1, 1), seen);
  REQUIRE_FALSE(back);
  CHECK(back.error().what.find("came after") != std::string::npos);
}

TEST_CASE("gap policy: a reset begins a series without a gap", "[market][gap]") {
  Seen seen;
  GapFiller strict(GapRule::refuse);
  REQUIRE(feed(strict, bar(0, 1), seen));
  strict.reset();
  CHECK(feed(strict, bar(900, 1), seen));
}

TEST_CASE("gap counter: gaps, missing candles and the longest", "[market][gap]") {
  GapCounter counter;
  for (const int minute : {10, 11, 14, 15, 16, 18}) counter.add(bar(minute, 5));
  CHECK(counter.rows == 6);
  CHECK(counter.gaps == 2);
  CHECK(counter.missing == 3);  // 12, 13 and 17
  CHECK(counter.longest == 2);
  CHECK(counter.first == Time::from_seconds(600));
  CHECK(counter.last == Time::from_seconds(1080));
}

}  // namespace aitrade
