#include "core/report/equity.h"

#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace aitrade;
using aitrade::report_test::new_year;
using Catch::Matchers::WithinAbs;

namespace {

Time at_hour(int hour) {
  return new_year + hours(hour);
}

void mark(EquityTracker& tracker, int hour, double equity) {
  tracker.mark(at_hour(hour), equity, equity, false, 0);
}

}  // namespace

TEST_CASE("equity: the deepest fall has its peak, trough and recovery", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  mark(tracker, 1, 120);
  mark(tracker, 2, 108);  // 10 % down
  mark(tracker, 3, 125);
  mark(tracker, 4, 100);  // 20 % down
  mark(tracker, 5, 110);
  mark(tracker, 6, 125);  // regained
  mark(tracker, 7, 115);

  const Drawdown d = tracker.finish().drawdown;

  CHECK_THAT(d.depth, WithinAbs(0.2, 1e-15));
  CHECK(d.peak == at_hour(3));
  CHECK(d.trough == at_hour(4));
  REQUIRE(d.recovery.has_value());
  CHECK(*d.recovery == at_hour(6));
  CHECK(d.longest_under_water == hours(3));
}

TEST_CASE("equity: a fall that shows only inside a bar counts", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  tracker.mark(at_hour(1), 101, 75, true, 50);

  const Drawdown d = tracker.finish().drawdown;

  CHECK_THAT(d.depth, WithinAbs(0.25, 1e-15));
  CHECK(d.peak == at_hour(0));
  CHECK(d.trough == at_hour(1));
  REQUIRE(d.recovery.has_value());
  CHECK(*d.recovery == at_hour(1));
}

TEST_CASE("equity: a fall that never recovers says so", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  mark(tracker, 1, 90);
  mark(tracker, 5, 95);

  const Drawdown d = tracker.finish().drawdown;

  CHECK_FALSE(d.recovery.has_value());
  CHECK(d.longest_under_water == hours(5));
}

TEST_CASE("equity: equity that only rises has no fall", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  for (int hour = 1; hour < 50; ++hour)
    mark(tracker, hour, 100 + hour);

  const Drawdown d = tracker.finish().drawdown;

  CHECK(d.depth == 0);
  CHECK_FALSE(d.recovery.has_value());
  CHECK(d.longest_under_water == hours(0));
}

TEST_CASE("equity: tracker agrees with the definition on random walks", "[report][equity]") {
  std::uint64_t state = GENERATE(1U, 2U, 3U, 4U, 5U);
  double equity = 1000, peak = 1000, deepest = 0;
  EquityTracker tracker(new_year, equity);
  for (int hour = 1; hour <= 2000; ++hour) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double step = static_cast<double>(state >> 40) / static_cast<double>(1 << 24) - 0.5;
    const double worst = std::min(equity, equity * (1 + step / 50)) - 1;
    deepest = std::max(deepest, 1 - worst / peak);
    equity *= 1 + step / 50;
    deepest = std::max(deepest, 1 - equity / peak);
    peak = std::max(peak, equity);

    tracker.mark(at_hour(hour), equity, worst, false, 0);
  }

  CHECK_THAT(tracker.finish().drawdown.depth, WithinAbs(deepest, 1e-14));
  CHECK(tracker.finish().daily.size() == 84);  // the start and 83 midnights; 8 hours join the last
}

TEST_CASE("equity: one point for each midnight, last mark at or before it", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  mark(tracker, 23, 101);
  mark(tracker, 24, 102);  // exactly at midnight belongs to the day that ends
  mark(tracker, 47, 103);
  mark(tracker, 50, 104);  // no mark at 48: the one of 47 stands
  mark(tracker, 72, 105);

  const auto daily = tracker.finish().daily;

  REQUIRE(daily.size() == 4);
  CHECK(daily[0] == DailyPoint{at_hour(0), 100, 0});
  CHECK(daily[1] == DailyPoint{at_hour(24), 102, 0});
  CHECK(daily[2] == DailyPoint{at_hour(48), 103, 0});
  CHECK(daily[3] == DailyPoint{at_hour(72), 105, 0});
}

TEST_CASE("equity: a gap of days repeats the last equity", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  mark(tracker, 10, 110);
  mark(tracker, 96, 120);

  const auto returns = daily_returns(tracker.finish().daily);

  REQUIRE(returns.size() == 4);
  CHECK_THAT(returns[0], WithinAbs(0.1, 1e-15));
  CHECK(returns[1] == 0);
  CHECK(returns[2] == 0);
  CHECK_THAT(returns[3], WithinAbs(120.0 / 110 - 1, 1e-15));
}

TEST_CASE("equity: slivers of a day join their neighbour, half days count", "[report][equity]") {
  SECTION("a start at 20:00 and an end at 04:00") {
    EquityTracker tracker(at_hour(20), 100);
    for (int hour = 21; hour <= 76; ++hour)
      mark(tracker, hour, 100 + hour);

    const auto daily = tracker.finish().daily;

    REQUIRE(daily.size() == 3);
    CHECK(daily[0].at == at_hour(20));
    CHECK(daily[1].at == at_hour(48));
    CHECK(daily[2].at == at_hour(76));
    CHECK(daily[2].equity == 176);
  }
  SECTION("a start at 06:00 and an end at 18:00") {
    EquityTracker tracker(at_hour(6), 100);
    for (int hour = 7; hour <= 66; ++hour)
      mark(tracker, hour, 100 + hour);

    const auto daily = tracker.finish().daily;

    REQUIRE(daily.size() == 4);
    CHECK(daily[1].at == at_hour(24));
    CHECK(daily[3].at == at_hour(66));
  }
  SECTION("a run of two hours is one short day") {
    EquityTracker tracker(at_hour(6), 100);
    mark(tracker, 7, 101);
    mark(tracker, 8, 102);

    CHECK(tracker.finish().daily.size() == 2);
  }
}

TEST_CASE("equity: money paid in is neither profit nor a new peak", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  mark(tracker, 24, 110);
  tracker.flow(50);
  mark(tracker, 30, 160);
  mark(tracker, 48, 152);  // (152 - 50) / 110 - 1
  tracker.flow(-52);
  mark(tracker, 72, 100);

  const EquitySummary summary = tracker.finish();
  const auto returns = daily_returns(summary.daily);

  REQUIRE(returns.size() == 3);
  CHECK_THAT(returns[0], WithinAbs(0.1, 1e-15));
  CHECK_THAT(returns[1], WithinAbs(102.0 / 110 - 1, 1e-15));
  CHECK_THAT(returns[2], WithinAbs(0, 1e-15));
  CHECK_THAT(summary.drawdown.depth,
             WithinAbs(1 - 100.0 / 108, 1e-15));  // 8 under a peak of 160 - 52
}

TEST_CASE("equity: exposure counts bars and weighs notional", "[report][equity]") {
  EquityTracker tracker(new_year, 100);
  tracker.mark(at_hour(1), 100, 100, true, 50);
  tracker.mark(at_hour(2), 200, 200, true, 50);
  tracker.mark(at_hour(3), 100, 100, false, 0);
  tracker.mark(at_hour(4), 100, 100, false, 0);

  const EquitySummary summary = tracker.finish();

  CHECK(summary.bars == 4);
  CHECK(summary.bars_in_position == 2);
  CHECK(summary.mean_equity == 125);
  CHECK(summary.mean_gross_exposure == (0.5 + 0.25) / 4);
}

TEST_CASE("equity: under water by the day, worked by hand", "[report][equity]") {
  // wealth 1.0 -> 0.9 -> 0.81 -> 1.0125 -> 1.0125: dd 0.1 0.19 0 0
  const std::vector<double> returns{-0.1, -0.1, 0.25, 0};

  const auto result = under_water(returns);

  REQUIRE(result.has_value());
  CHECK_THAT(result->ulcer_index, WithinAbs(std::sqrt((0.01 + 0.0361) / 4), 1e-12));
  CHECK(result->share == 0.5);
  CHECK(result->longest_days == 2);
  CHECK_THAT(result->depth, WithinAbs(0.19, 1e-12));
  CHECK_FALSE(under_water({}).has_value());
}
