#include "core/base/fixed.h"

#include <catch2/catch.hpp>

#include <limits>

#include "core/base/random.h"

using namespace aitrade;

TEST_CASE("fixed: text to value and back keeps every digit", "[base][fixed]") {
  const auto text = GENERATE(as<std::string>{}, "0", "1", "-1", "0.1", "12345.6789", "0.0000000001",
                             "-0.5", "922337203.6854775807");
  CHECK(to_string(Price::parse_or_die(text)) == text);
}

TEST_CASE("fixed: accepts the spellings that venues use", "[base][fixed]") {
  CHECK(Price::parse_or_die("1e-08") == Price::from_raw(100));
  CHECK(Price::parse_or_die("1.50000000000000000000") == Price::parse_or_die("1.5"));
  CHECK(Price::parse_or_die("+2") == Price::parse_or_die("2"));
  CHECK(Price::parse_or_die(".5") == Price::parse_or_die("0.5"));
  CHECK(Price::parse_or_die("2.5E2") == Price::parse_or_die("250"));
  CHECK(Quantity::parse_or_die("00012.50") == Quantity::parse_or_die("12.5"));
}

TEST_CASE("fixed: refuses what it cannot hold", "[base][fixed]") {
  for (const char* text : {"", "-", ".", "1.2.3", "nan", "inf", "1e", "1e99", "0x10", "1,5", " 1",
                           "1 ", "922337203.6854775808", "0.00000000001", "1e-11", "--1", "1e--1",
                           "99999999999999999999999999999999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(Price::parse(text).has_value());
  }
  CHECK_FALSE(Quantity::parse("0.000000001").has_value());
}

TEST_CASE("fixed: round trip of random values", "[base][fixed]") {
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto raw = static_cast<std::int64_t>(random.next() >> random.below(63));
    const Money value = Money::from_raw(i % 2 == 0 ? raw : -raw);
    REQUIRE(Money::parse_or_die(to_string(value)) == value);
  }
  const Money least = Money::from_raw(std::numeric_limits<std::int64_t>::min());
  CHECK(Money::parse_or_die(to_string(least)) == least);
}

TEST_CASE("fixed: rounding is as named", "[base][fixed]") {
  using fixed_detail::divide;
  CHECK(divide(7, 2, Rounding::down) == 3);
  CHECK(divide(-7, 2, Rounding::down) == -3);
  CHECK(divide(7, 2, Rounding::up) == 4);
  CHECK(divide(-7, 2, Rounding::up) == -4);
  CHECK(divide(-7, 2, Rounding::floor) == -4);
  CHECK(divide(-7, 2, Rounding::ceil) == -3);
  CHECK(divide(5, 2, Rounding::half_even) == 2);
  CHECK(divide(7, 2, Rounding::half_even) == 4);
  CHECK(divide(-5, 2, Rounding::half_even) == -2);
}

TEST_CASE("fixed: notional, quantity and price undo each other within a unit", "[base][fixed]") {
  const Price price = Price::parse_or_die("43210.9");
  const Quantity size = Quantity::parse_or_die("0.12345678");
  const Money up = notional(price, size, Rounding::up);
  const Money down = notional(price, size, Rounding::down);
  // 43210.9 * 0.12345678 = 5334.678574902
  CHECK(to_string(down) == "5334.6785749");
  CHECK(to_string(up) == "5334.67857491");
  CHECK(quantity_for(down, price, Rounding::up) == size);
}

TEST_CASE("fixed: steps", "[base][fixed]") {
  const Price tick = Price::parse_or_die("0.1");
  CHECK(round_to_step(Price::parse_or_die("100.19"), tick, Rounding::down) ==
        Price::parse_or_die("100.1"));
  CHECK(round_to_step(Price::parse_or_die("100.11"), tick, Rounding::up) ==
        Price::parse_or_die("100.2"));
}

TEST_CASE("fixed: doubles cross over explicitly", "[base][fixed]") {
  CHECK(Price::from_double(0.1, Rounding::half_even).value_or(Price{}) == Price::parse_or_die("0.1"));
  CHECK_FALSE(Price::from_double(std::numeric_limits<double>::quiet_NaN(), Rounding::down).has_value());
  CHECK_FALSE(Price::from_double(std::numeric_limits<double>::infinity(), Rounding::down).has_value());
  CHECK_FALSE(Price::from_double(1e12, Rounding::down).has_value());
}

TEST_CASE("fixed: places for a checksum keep trailing zeros", "[base][fixed]") {
  CHECK(fixed_detail::print_places(Quantity::parse_or_die("0.001").raw(), 8, 8) == "0.00100000");
  CHECK(fixed_detail::print_places(Price::parse_or_die("45285.2").raw(), 10, 1) == "45285.2");
}
