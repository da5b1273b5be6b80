// Outlier quarantine: the five results, confirmation, spikes, and that the series never locks up.
#include "core/market/outlier.h"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

namespace aitrade {
namespace {

Candle flat(std::int64_t minute, std::int64_t price) {
  Candle c;
  c.open_time = Time::from_seconds(minute * 60);
  c.interval = minutes(1);
  c.open = c.high = c.low = c.close = Price::from_raw(price * Price::scale);
  c.volume = 1;
  return c;
}

struct Series {
  explicit Series(const OutlierSettings& settings = {}) : filter(settings) {}

  BarResult push(const Candle& c) {
    const BarResult result = filter.push(c);
    for (const Candle& a : filter.accepted()) bars.push_back(a);
    return result;
  }

  OutlierFilter filter;
  std::vector<Candle> bars;
};

}  // namespace

TEST_CASE("outlier: each way of taking a bar has its own result (E2)", "[market][outlier]") {
  Series series;
  CHECK(series.push(flat(1, 100)).outcome == BarOutcome::applied);
  CHECK(series.push(flat(2, 101)).outcome == BarOutcome::applied);
  CHECK(series.push(flat(2, 101)).outcome == BarOutcome::duplicate);
  CHECK(series.push(flat(1, 100)).outcome == BarOutcome::late);
  CHECK(series.push(flat(3, 150)).outcome == BarOutcome::quarantined);
  Candle broken = flat(4, 100);
  broken.low = Price::from_raw(-1);
  CHECK(series.push(broken).outcome == BarOutcome::rejected);
  Candle restated = flat(2, 102);
  CHECK(series.push(restated).outcome == BarOutcome::rejected);  // closed bars do not change
  CHECK(series.bars.size() == 2);

  const BarCounts& counts = series.filter.counts();
  CHECK(counts.applied == 2);
  CHECK(counts.duplicate == 1);
  CHECK(counts.late == 1);
  CHECK(counts.quarantined == 1);
  CHECK(counts.rejected == 2);
}

TEST_CASE("outlier: a bar at +50 % waits, is counted, and the series is unchanged (M1)",
          "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  const BarResult result = series.push(flat(2, 150));
  CHECK(result.outcome == BarOutcome::quarantined);
  CHECK(result.reason == "outlier");
  CHECK(series.filter.counts().quarantined == 1);
  CHECK(series.filter.is_pending());
  CHECK(series.bars == std::vector<Candle>{flat(1, 100)});
}

TEST_CASE("outlier: a sustained step of 25 % is confirmed by the second bar, in order (M2)",
          "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  CHECK(series.push(flat(2, 125)).outcome == BarOutcome::quarantined);
  CHECK(series.push(flat(3, 126)).outcome == BarOutcome::applied);
  CHECK(series.bars == std::vector<Candle>{flat(1, 100), flat(2, 125), flat(3, 126)});
  CHECK(series.filter.counts().confirmed == 1);
  CHECK(series.filter.counts().dropped == 0);
}

TEST_CASE("outlier: a single spike is dropped (M2)", "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  CHECK(series.push(flat(2, 10)).outcome == BarOutcome::quarantined);
  CHECK(series.push(flat(3, 101)).outcome == BarOutcome::applied);
  CHECK(series.bars == std::vector<Candle>{flat(1, 100), flat(3, 101)});
  CHECK(series.filter.counts().dropped == 1);
}

TEST_CASE("outlier: threshold 0 accepts all valid bars, and each series has its own (M2)",
          "[market][outlier]") {
  Series off(OutlierSettings{.threshold = 0});
  for (int i = 1; i < 50; ++i) {
    CHECK(off.push(flat(i, i % 2 == 0 ? 100 : 10'000)).outcome == BarOutcome::applied);
  }
  Series narrow(OutlierSettings{.threshold = 0.05});
  narrow.push(flat(1, 100));
  CHECK(narrow.push(flat(2, 106)).outcome == BarOutcome::quarantined);
}

TEST_CASE("outlier: the third suspect in a row is accepted whatever its level", "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  CHECK(series.push(flat(2, 200)).outcome == BarOutcome::quarantined);
  CHECK(series.push(flat(3, 400)).outcome == BarOutcome::quarantined);
  CHECK(series.push(flat(4, 800)).outcome == BarOutcome::applied);
  CHECK(series.bars.size() == 4);
  CHECK(series.filter.counts().confirmed == 2);

  // A series that alternates for ever is never stuck for more than two bars.
  Series wild;
  std::uint64_t before = 0;
  for (int i = 0; i < 3'000; ++i) {
    wild.push(flat(i, i % 3 == 0 ? 100 : i % 3 == 1 ? 1'000 : 10));
    if (i % 3 == 2) {
      CHECK(wild.filter.counts().applied > before);
      before = wild.filter.counts().applied;
    }
  }
}

TEST_CASE("outlier: a reference price near the waiting bar confirms it at once", "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  series.push(flat(2, 150));
  CHECK_FALSE(series.filter.confirm(Price::from_raw(144 * Price::scale)));  // 4 % away
  CHECK(series.filter.is_pending());
  CHECK(series.filter.confirm(Price::from_raw(146 * Price::scale)));  // 2.7 % away
  REQUIRE(series.filter.accepted().size() == 1);
  CHECK(series.filter.accepted()[0] == flat(2, 150));
  CHECK_FALSE(series.filter.is_pending());
  CHECK_FALSE(series.filter.confirm(Price::from_raw(146 * Price::scale)));
}

TEST_CASE("outlier: large average ranges widen what is believed", "[market][outlier]") {
  Series series;
  for (int i = 0; i < 30; ++i) {
    Candle c = flat(i, 100);
    c.high = Price::from_raw(105 * Price::scale);  // true range 5, so 8 * ATR is 40 %
    series.push(c);
  }
  CHECK(series.push(flat(30, 139)).outcome == BarOutcome::applied);
}

TEST_CASE("outlier: unsound and restated bars are rejected with the reason", "[market][outlier]") {
  Series series;
  series.push(flat(1, 100));
  CHECK(series.push(flat(1, 99)).reason == "differs from the closed bar at its time");
  Candle c = flat(2, 100);
  c.high = Price::from_raw(90 * Price::scale);
  CHECK(series.push(c).reason == "high is below low");
  c = flat(2, 100);
  c.volume = std::numeric_limits<double>::quiet_NaN();
  CHECK(series.push(c).reason == "volume is negative or not finite");
  c = flat(2, 100);
  c.closed = false;
  CHECK(series.push(c).outcome == BarOutcome::rejected);
  CHECK(series.filter.counts().rejected == 4);
  CHECK(series.bars.size() == 1);
}

}  // namespace aitrade
