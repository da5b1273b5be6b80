#include "core/base/time.h"

#include <catch2/catch.hpp>

using namespace aitrade;

TEST_CASE("time: the spellings of one moment agree", "[base][time]") {
  const Time expected = Time::from_seconds(1643108580);  // 2022-01-25T11:03:00Z
  for (const char* text :
       {"1643108580", "1643108580000", "1643108580000000", "1643108580000000000",
        "2022-01-25T11:03:00Z", "2022-01-25 11:03", "2022-01-25T13:03:00+02:00",
        "2022-01-25T11:03:00.000Z", "1643108580.0"}) {
    INFO(text);
    const auto t = parse_time(text);
    REQUIRE(t.has_value());
    CHECK(*t == expected);
  }
  CHECK(to_string(expected) == "2022-01-25T11:03:00.000Z");
  CHECK(to_string_seconds(expected) == "2022-01-25T11:03:00Z");
  CHECK(day_text(expected) == "2022-01-25");
}

TEST_CASE("time: days", "[base][time]") {
  CHECK(parse_time("20240229").value_or(Time{}) == parse_time("2024-02-29").value_or(Time{1}));
  CHECK_FALSE(parse_time("20230229").has_value());
}

TEST_CASE("time: refuses what is not a time", "[base][time]") {
  for (const char* text : {"", "abc", "2022-13-01", "2022-01-32", "2022-01-25T25:00", "12:30",
                           "2022-01-25T11:03:00+99:00", "-5", "2022-1-5", "1.2.3"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text).has_value());
  }
}

TEST_CASE("time: fraction of a second", "[base][time]") {
  const auto t = parse_time("1616666559.8974");
  REQUIRE(t.has_value());
  CHECK(t->ns == 1616666559897400000);
}

TEST_CASE("time: floor works on both sides of 1970", "[base][time]") {
  CHECK(floor_to(Time::from_seconds(125), seconds{60}) == Time::from_seconds(120));
  CHECK(floor_to(Time::from_seconds(-1), seconds{60}) == Time::from_seconds(-60));
}

TEST_CASE("time: spans", "[base][time]") {
  CHECK(parse_duration("5m").value_or(Duration{}) == minutes{5});
  CHECK(parse_duration("5").value_or(Duration{}) == minutes{5});
  CHECK(parse_duration("30d").value_or(Duration{}) == hours{720});
  CHECK_FALSE(parse_duration("5x").has_value());
  CHECK_FALSE(parse_duration("").has_value());
  CHECK(timeframe_text(minutes{15}) == "15m");
  CHECK(timeframe_text(hours{24}) == "1d");
}
