// Triple barrier and uniqueness, against hand-made cases.
#include <catch2/catch.hpp>

#include "core/base/random.h"
#include "ml/labels.h"

namespace aitrade::ml {
namespace {

Time minute(std::int64_t i) { return Time::from_seconds(1'500'000'000 + 60 * i); }

Candle bar(std::int64_t i, const char* open, const char* high, const char* low, const char* close) {
  Candle c;
  c.open_time = minute(i);
  c.interval = minutes{1};
  c.open = Price::parse_or_die(open);
  c.high = Price::parse_or_die(high);
  c.low = Price::parse_or_die(low);
  c.close = Price::parse_or_die(close);
  return c;
}

/// Long at 100 with the stop a percent below and the target two above; decided at minute 1.
Candidate long_one() { return {minute(1), Direction::long_, 100, 99, 102, minutes{5}, 0.002}; }

Outcome only(const Candidate& candidate, const std::vector<Candle>& bars) {
  const auto out = label(std::vector{candidate}, bars);
  REQUIRE(out[0].has_value());
  return *out[0];
}

}  // namespace

TEST_CASE("labels: target, stop and time, after costs", "[ml]") {
  const Outcome target = only(long_one(), {bar(1, "100", "101", "99.5", "100"), bar(2, "100", "102", "100", "102")});
  CHECK(target.barrier == Barrier::target);
  CHECK(target.r == Approx(2 - 0.2));
  CHECK(target.ended == minute(3));
  const Outcome stop = only(long_one(), {bar(1, "100", "101", "98", "100")});
  CHECK(stop.barrier == Barrier::stop);
  CHECK(stop.r == Approx(-1.2));
  std::vector<Candle> still;
  for (int i = 1; i < 9; ++i) still.push_back(bar(i, "100", "100.5", "99.5", "100.3"));
  const Outcome time = only(long_one(), still);
  CHECK(time.barrier == Barrier::time);
  CHECK(time.ended == minute(6));
  CHECK(time.r == Approx(0.3 - 0.2));
}

TEST_CASE("labels: a bar that touches both is a stop, and a gap fills at the open", "[ml]") {
  CHECK(only(long_one(), {bar(1, "100", "103", "98", "102")}).barrier == Barrier::stop);
  const Outcome gap = only(long_one(), {bar(1, "100", "100", "100", "100"), bar(2, "97", "97", "96", "97")});
  CHECK(gap.r == Approx(-3.2));
}

TEST_CASE("labels: levels move with the fill, and bars before the decision count for nothing", "[ml]") {
  const std::vector<Candle> bars{bar(0, "100", "110", "90", "100"), bar(1, "101", "101.5", "100.5", "101"),
                                 bar(2, "101", "103", "101", "103")};
  const Outcome out = only(long_one(), bars);
  CHECK(out.barrier == Barrier::target);
  CHECK(out.r == Approx((2.0 / 101 - 0.002) / 0.01));
}

TEST_CASE("labels: a short is the mirror of a long", "[ml]") {
  Candidate down = long_one();
  down.direction = Direction::short_;
  down.stop = 101;
  down.target = 98;
  const Outcome out = only(down, {bar(1, "100", "100.5", "99", "99"), bar(2, "99", "99", "97.5", "98")});
  CHECK(out.barrier == Barrier::target);
  CHECK(out.r == Approx(1.8));
}

TEST_CASE("labels: what has not ended by the end of the data has no label", "[ml]") {
  CHECK_FALSE(label(std::vector{long_one()}, std::vector{bar(1, "100", "100", "100", "100")})[0].has_value());
}

TEST_CASE("uniqueness: one over the labels that are alive, on average", "[ml]") {
  const auto span = [](int a, int b) { return Span{minute(a), minute(b)}; };
  const std::vector<double> apart = uniqueness(std::vector{span(0, 2), span(2, 4)});
  CHECK(apart[0] == Approx(1));
  CHECK(apart[1] == Approx(1));
  const std::vector<double> same = uniqueness(std::vector{span(0, 4), span(0, 4), span(0, 4)});
  CHECK(same[1] == Approx(1.0 / 3));
  const std::vector<double> half = uniqueness(std::vector{span(0, 4), span(2, 6)});
  CHECK(half[0] == Approx(0.75));
  CHECK(half[1] == Approx(0.75));
}

TEST_CASE("uniqueness: agrees with counting minute by minute", "[ml]") {
  Random random(7);
  std::vector<Span> spans;
  for (int i = 0; i < 60; ++i) {
    const auto from = static_cast<std::int64_t>(random.below(200));
    spans.push_back({minute(from), minute(from + 1 + static_cast<std::int64_t>(random.below(50)))});
  }
  const std::vector<double> fast = uniqueness(spans);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    double sum = 0, count = 0;
    for (Time t = spans[i].from; t < spans[i].to; t = t + minutes{1}) {
      double alive = 0;
      for (const Span& s : spans) alive += s.from <= t && t < s.to ? 1 : 0;
      sum += 1 / alive;
      ++count;
    }
    CHECK(fast[i] == Approx(sum / count));
  }
}

}  // namespace aitrade::ml
