// One closed candle per interval, whatever the venue sends; and one order over several pairs.
#include "core/market/candle_closer.h"

#include "core/base/random.h"
#include "core/market/candle_aligner.h"

#include <catch2/catch.hpp>

namespace aitrade {
namespace {

constexpr Duration minute = minutes{1};

Time at(int m, int s = 0) {
  return Time::from_seconds(1'600'000'020 + m * 60 + s);
}

Candle row(int m, const char* close, double volume = 1) {
  Candle c;
  c.open_time = at(m);
  c.interval = minute;
  c.open = c.low = Price::parse_or_die("10");
  c.close = c.high = Price::parse_or_die(close);
  c.volume = volume;
  c.trades = 1;
  return c;
}

}  // namespace

TEST_CASE("candle closer: a later row closes the interval once", "[market][closer]") {
  CandleCloser closer(minute, seconds{2});
  std::vector<CloserOutput> out;

  CHECK(closer.on_row(row(0, "10", 1), out) == RowResult::applied);
  CHECK(closer.on_row(row(0, "11", 2), out) == RowResult::applied);
  CHECK(out.empty());
  CHECK(closer.on_row(row(1, "12"), out) == RowResult::applied);

  REQUIRE(out.size() == 1);
  CHECK(out[0].candle.close == Price::parse_or_die("11"));
  CHECK(out[0].candle.closed);
  CHECK(out[0].when == at(1));
  CHECK(closer.settled() == at(1));
}

TEST_CASE("candle closer: the clock closes after the watermark, not before", "[market][closer]") {
  CandleCloser closer(minute, seconds{2});
  std::vector<CloserOutput> out;
  closer.on_row(row(0, "11"), out);

  closer.on_time(at(1, 1), out);
  CHECK(out.empty());
  closer.on_time(at(1, 2), out);
  REQUIRE(out.size() == 1);

  CHECK(closer.on_row(row(0, "99", 5), out) == RowResult::late);
  CHECK(closer.late_rows() == 1);
  CHECK(out.size() == 1);
}

TEST_CASE("candle closer: silence becomes flat candles, then a break", "[market][closer]") {
  CandleCloser closer(minute, seconds{2});
  std::vector<CloserOutput> out;
  closer.on_row(row(0, "11"), out);

  SECTION("a short gap is filled") {
    closer.on_row(row(3, "12"), out);
    REQUIRE(out.size() == 3);
    CHECK(out[1].candle.synthetic);
    CHECK(out[1].candle.open == Price::parse_or_die("11"));
    CHECK(out[2].candle.open_time == at(2));
  }
  SECTION("thirty minutes are filled, the thirty-first breaks") {
    closer.on_time(at(31, 2), out);
    CHECK(out.size() == 31);
    CHECK(out.back().kind == CloserOutput::Kind::closed);
    closer.on_time(at(32, 2), out);
    REQUIRE(out.size() == 32);
    CHECK(out.back().kind == CloserOutput::Kind::broken);
    closer.on_time(at(50, 2), out);
    CHECK(out.size() == 32);
    closer.on_row(row(50, "12"), out);
    closer.on_time(at(51, 2), out);
    REQUIRE(out.size() == 33);
    CHECK(out.back().candle.open_time == at(50));
  }
  SECTION("one late row sees the same gap as the clock did") {
    closer.on_row(row(50, "12"), out);
    CHECK(out.size() == 32);
    CHECK(out.back().kind == CloserOutput::Kind::broken);
  }
}

TEST_CASE("candle closer: refuses rows that are faulty or off the grid", "[market][closer]") {
  CandleCloser closer(minute, seconds{2});
  std::vector<CloserOutput> out;
  Candle bad = row(0, "11");
  bad.low = Price::parse_or_die("12");
  CHECK(closer.on_row(bad, out) == RowResult::rejected);
  bad = row(0, "11");
  bad.open_time = at(0, 1);
  CHECK(closer.on_row(bad, out) == RowResult::rejected);
  bad = row(0, "11");
  bad.interval = minutes{5};
  CHECK(closer.on_row(bad, out) == RowResult::rejected);
}

TEST_CASE("candle closer: completed rows fill the gap before the stream goes on",
          "[market][closer]") {
  CandleCloser closer(minute, seconds{2});
  std::vector<CloserOutput> out;
  closer.on_row(row(0, "11"), out);
  closer.forget_forming();  // the stream was cut in the middle of minute 0

  CHECK(closer.on_closed(row(0, "15"), out) == RowResult::applied);
  CHECK(closer.on_closed(row(0, "15"), out) == RowResult::duplicate);
  Candle silent = row(1, "15", 0);
  silent.trades = 0;
  silent.open = silent.low = silent.high = silent.close;
  CHECK(closer.on_closed(silent, out) == RowResult::applied);
  closer.on_row(row(2, "16"), out);
  closer.flush(out);

  REQUIRE(out.size() == 3);
  CHECK(out[0].candle.close == Price::parse_or_die("15"));
  CHECK(out[1].candle.synthetic);
  CHECK(out[2].candle.close == Price::parse_or_die("16"));
}

TEST_CASE("candle closer: a watermark of max never closes by the clock", "[market][closer]") {
  CandleCloser closer(minute, Duration::max());
  std::vector<CloserOutput> out;
  closer.on_row(row(0, "11"), out);
  closer.on_time(at(500), out);
  CHECK(out.empty());
  closer.close_until(at(1), out);
  CHECK(out.size() == 1);
}

TEST_CASE("candle closer: outputs rise strictly under random rows and times", "[market][closer]") {
  Random random(7);
  for (int round = 0; round < 1000; ++round) {
    CandleCloser closer(minute, seconds{2});
    std::vector<CloserOutput> out;
    for (int i = 0; i < 60; ++i) {
      const int m = static_cast<int>(random.below(90));
      switch (random.below(3)) {
        case 0:
          closer.on_row(row(m, "11", static_cast<double>(random.below(4))), out);
          break;
        case 1:
          closer.on_closed(row(m, "12"), out);
          break;
        default:
          closer.on_time(at(m, static_cast<int>(random.below(60))), out);
          break;
      }
    }
    for (std::size_t i = 1; i < out.size(); ++i)
      REQUIRE(out[i].when > out[i - 1].when);
    if (!out.empty()) REQUIRE(out.back().when <= closer.settled());
  }
}

TEST_CASE("candle aligner: pairs of one close time come together in configured order",
          "[market][aligner]") {
  CandleAligner aligner(2);
  const auto closed = [](int m) {
    return CloserOutput{CloserOutput::Kind::closed, row(m, "11"), at(m + 1)};
  };
  std::vector<AlignedOutput> out;
  aligner.push(1, closed(0));
  aligner.settle(1, at(1));
  aligner.release(out);
  CHECK(out.empty());
  CHECK(aligner.waiting() == 1);

  aligner.push(0, closed(0));
  aligner.push(0, closed(1));
  aligner.settle(0, at(2));
  aligner.release(out);

  REQUIRE(out.size() == 2);
  CHECK(out[0].pair == 0);
  CHECK(out[1].pair == 1);
  CHECK(out[1].output.when == at(1));

  aligner.settle(1, at(2));  // the second pair has nothing for that time
  aligner.release(out);
  REQUIRE(out.size() == 3);
  CHECK(out[2].pair == 0);
}

}  // namespace aitrade
