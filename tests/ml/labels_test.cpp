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

namespace {

/// Decided at minute 1 with an ATR of 1: stop at 98, target at 106.
Candidate far_one() { return {minute(1), Direction::long_, 100, 98, 106, Duration{}, 0, 1}; }

Outcome with_exits(const Candidate& candidate, const std::vector<Candle>& bars, const ExitPlan& plan,
                   const std::vector<Turn>& turns = {}) {
  const auto out = label(std::vector{candidate}, bars, plan, turns);
  REQUIRE(out[0].has_value());
  return *out[0];
}

}  // namespace

TEST_CASE("labels: a stop that trails ends where the desk would have been stopped", "[ml]") {
  const ExitPlan plan;   // trails from 1.5 ATR on, 1 ATR behind the best
  const Outcome out = with_exits(far_one(), {bar(1, "100", "102", "100", "101.5"), bar(2, "101.5", "101.5", "100.5", "101")}, plan);
  CHECK(out.barrier == Barrier::stop);
  CHECK(out.ended == minute(3));
  // The best was 102, its step one ATR or 0.5 %, whichever is more.
  CHECK(out.r == Approx(0.01 / 0.02));
  CHECK(with_exits(far_one(), {bar(1, "100", "102", "100", "101.5"), bar(2, "101.5", "107", "101.5", "106")}, plan).r ==
        Approx(3));
}

TEST_CASE("labels: a stop at breakeven secures the round trip", "[ml]") {
  ExitPlan plan;
  plan.cost = Rate::parse_or_die("0.003");
  plan.rules.trailing_activation_atr = 100;
  Candidate candidate = far_one();
  candidate.cost = 0.003;
  const Outcome out = with_exits(candidate, {bar(1, "100", "101.2", "100", "101"), bar(2, "101", "101", "99", "99")}, plan);
  CHECK(out.barrier == Barrier::stop);
  CHECK(out.r == Approx(0).margin(1e-9));
}

TEST_CASE("labels: parts that are closed on the way count with their share", "[ml]") {
  ExitPlan plan = ExitPlan::plain();
  plan.rules.tiers = {{0.5, 0.5}, {1.0, 1.0}};
  const Outcome out = with_exits(far_one(), {bar(1, "100", "103", "100", "102"), bar(2, "102", "102", "97", "97")}, plan);
  CHECK(out.barrier == Barrier::stop);
  CHECK(out.r == Approx((0.5 * 0.03 - 0.5 * 0.02) / 0.02));
  const Outcome both = with_exits(far_one(), {bar(1, "100", "106", "100", "106")}, plan);
  CHECK(both.barrier == Barrier::target);
  CHECK(both.r == Approx((0.5 * 0.03 + 0.5 * 0.06) / 0.02));
}

TEST_CASE("labels: what goes nowhere leaves as the desk leaves it, and so does what has had its time", "[ml]") {
  ExitPlan plan = ExitPlan::plain();
  plan.rules.stagnation = true;
  plan.cost = Rate::parse_or_die("0.04");   // no nearer target would pay
  plan.timeframe = minutes{2};
  std::vector<Candle> still;
  for (int i = 1; i < 200; ++i) still.push_back(bar(i, "100", "100.1", "99.9", "100"));
  const Outcome out = with_exits(far_one(), still, plan);
  CHECK(out.barrier == Barrier::stagnation);
  CHECK(out.ended == minute(1 + 30 * 2));
  plan.rules.hold_max = minutes{10};
  CHECK(with_exits(far_one(), still, plan).ended == minute(11));
  CHECK(with_exits(far_one(), still, plan).barrier == Barrier::time);
}

TEST_CASE("labels: an opinion for the other side ends it, one for its own side does not", "[ml]") {
  std::vector<Candle> bars;
  for (int i = 1; i < 9; ++i) bars.push_back(bar(i, "100", "101", "99.5", "101"));
  const std::vector<Turn> turns{{minute(1), Direction::short_, 100}, {minute(3), Direction::long_, 101},
                                {minute(5), Direction::short_, 101}};
  const Outcome out = with_exits(far_one(), bars, ExitPlan::plain(), turns);
  CHECK(out.barrier == Barrier::turn);
  CHECK(out.ended == minute(5));
  CHECK(out.r == Approx(0.5));
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
