// Resampling: bucket values, when a bucket is emitted, gaps, thin buckets.
#include "core/market/resample.h"

#include <catch2/catch.hpp>

#include <vector>

#include "core/base/random.h"

namespace aitrade {
namespace {

Price price(std::int64_t units) { return Price::from_raw(units * Price::scale); }

Candle minute(std::int64_t index, std::int64_t open, std::int64_t high, std::int64_t low,
              std::int64_t close, double volume = 1) {
  Candle c;
  c.open_time = Time::from_seconds(index * 60);
  c.interval = minutes(1);
  c.open = price(open);
  c.high = price(high);
  c.low = price(low);
  c.close = price(close);
  c.volume = volume;
  c.trades = 2;
  return c;
}

std::vector<Candle> run(Resampler& resampler, const std::vector<Candle>& in) {
  std::vector<Candle> out;
  for (const Candle& c : in) {
    for (auto bar = resampler.push(c); bar; bar = resampler.next()) out.push_back(*bar);
  }
  return out;
}

}  // namespace

TEST_CASE("resample: open first, close last, extremes and sums", "[market][resample]") {
  Resampler resampler(minutes(1), minutes(5));
  CHECK_FALSE(resampler.push(minute(5, 10, 12, 9, 11)));
  CHECK_FALSE(resampler.push(minute(6, 11, 15, 11, 14)));
  CHECK_FALSE(resampler.push(minute(7, 14, 14, 7, 8)));
  CHECK_FALSE(resampler.push(minute(8, 8, 9, 8, 9)));

  const auto bar = resampler.push(minute(9, 9, 13, 9, 12, 2.5));

  REQUIRE(bar);
  CHECK(bar->open_time == Time::from_seconds(300));
  CHECK(bar->interval == minutes(5));
  CHECK(bar->open == price(10));
  CHECK(bar->high == price(15));
  CHECK(bar->low == price(7));
  CHECK(bar->close == price(12));
  CHECK(bar->volume == 6.5);  // 4 * 1 + 2.5
  CHECK(bar->trades == 10);
  CHECK_FALSE(bar->synthetic);
  CHECK(resampler.last_real() == 5);
  CHECK_FALSE(resampler.last_is_thin());
}

TEST_CASE("resample: a bucket is emitted by the candle that ends it, or by the first after it",
          "[market][resample]") {
  Resampler resampler(minutes(1), minutes(5));
  SECTION("the last minute is there") {
    CHECK_FALSE(resampler.push(minute(0, 1, 1, 1, 1)));
    CHECK(resampler.push(minute(4, 1, 1, 1, 1)));
    CHECK(resampler.last_real() == 2);
    CHECK(resampler.last_is_thin());  // 2 of 5 is below 80 %
  }
  SECTION("the last minute is missing") {
    for (int i = 0; i < 4; ++i) CHECK_FALSE(resampler.push(minute(i, 1, 1, 1, 1)));
    const auto bar = resampler.push(minute(5, 3, 3, 3, 3));
    REQUIRE(bar);
    CHECK(bar->close == price(1));
    CHECK_FALSE(resampler.last_is_thin());  // 4 of 5 is exactly 80 %
    CHECK_FALSE(resampler.next());
  }
  SECTION("one candle ends two buckets") {
    CHECK_FALSE(resampler.push(minute(0, 1, 1, 1, 1)));
    const auto first = resampler.push(minute(9, 2, 2, 2, 2));
    const auto second = resampler.next();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->open_time == Time::from_seconds(0));
    CHECK(second->open_time == Time::from_seconds(300));
    CHECK_FALSE(resampler.next());
  }
  SECTION("a caller that does not drain loses nothing and keeps the order") {
    CHECK_FALSE(resampler.push(minute(0, 1, 1, 1, 1)));
    std::vector<Time> opens;
    for (const int i : {9, 14, 19, 20, 24}) {
      if (const auto bar = resampler.push(minute(i, 2, 2, 2, 2))) opens.push_back(bar->open_time);
    }
    REQUIRE(opens.size() == 5);
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(opens[k] == Time::from_seconds(static_cast<std::int64_t>(k) * 300));
    }
    CHECK_FALSE(resampler.next());
  }
}

TEST_CASE("resample: old candles are ignored and a reset forgets the forming bucket",
          "[market][resample]") {
  Resampler resampler(minutes(1), minutes(5));
  CHECK_FALSE(resampler.push(minute(0, 5, 5, 5, 5)));
  CHECK_FALSE(resampler.push(minute(1, 6, 6, 6, 6)));
  CHECK_FALSE(resampler.push(minute(1, 99, 99, 99, 99)));
  CHECK_FALSE(resampler.push(minute(0, 99, 99, 99, 99)));
  const auto bar = resampler.push(minute(4, 7, 7, 7, 7));
  REQUIRE(bar);
  CHECK(bar->high == price(7));
  CHECK(bar->volume == 3);

  CHECK_FALSE(resampler.push(minute(5, 50, 50, 50, 50)));
  resampler.reset();
  const auto after = resampler.push(minute(9, 8, 8, 8, 8));
  REQUIRE(after);
  CHECK(after->open == price(8));
}

TEST_CASE("resample: synthetic minutes do not count as real", "[market][resample]") {
  Resampler resampler(minutes(1), minutes(5));
  std::vector<Candle> in;
  for (int i = 0; i < 10; ++i) {
    in.push_back(minute(i, 1, 1, 1, 1));
    in.back().synthetic = i >= 2;
  }
  Resampler fresh(minutes(1), minutes(5));
  const auto out = run(fresh, in);
  REQUIRE(out.size() == 2);
  CHECK_FALSE(out[0].synthetic);  // two trades happened
  CHECK(out[1].synthetic);        // none did
  CHECK(fresh.last_real() == 0);
  CHECK(fresh.last_is_thin());
}

TEST_CASE("resample: equal timeframes pass candles through; two steps equal one",
          "[market][resample]") {
  Random random(7);
  std::vector<Candle> in;
  std::int64_t last = 1000;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    if (random.below(10) == 0) continue;  // missing minutes
    const std::int64_t open = last;
    last = std::max<std::int64_t>(10, last + static_cast<std::int64_t>(random.below(21)) - 10);
    const std::int64_t spread = static_cast<std::int64_t>(random.below(5));
    in.push_back(minute(i, open, std::max(open, last) + spread, std::min(open, last) - spread, last,
                        static_cast<double>(random.below(100))));
  }
  Resampler same(minutes(1), minutes(1));
  CHECK(run(same, in) == in);

  Resampler direct(minutes(1), minutes(60));
  Resampler first(minutes(1), minutes(5));
  Resampler second(minutes(5), minutes(60));
  const auto once = run(direct, in);
  const auto twice = run(second, run(first, in));
  REQUIRE(once.size() == twice.size());
  REQUIRE(once.size() == 333);  // 20,000 minutes are 333 whole hours
  CHECK(once == twice);
}

}  // namespace aitrade
