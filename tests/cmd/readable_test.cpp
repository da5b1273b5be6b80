// Amounts and spans as tables show them.

#include "cmd/readable.h"

#include <catch2/catch.hpp>

using namespace aitrade;
using namespace aitrade::cli;

TEST_CASE("readable: money has two places, separators and its sign", "[cmd][readable]") {
  const auto money = [](const char* text) { return readable_money(Money::parse_or_die(text)); };

  CHECK(money("4998.70629985") == "4,998.71");
  CHECK(money("1234567.005") == "1,234,567.00");   // a tie goes to the even cent
  CHECK(money("1234567.015") == "1,234,567.02");
  CHECK(money("999.999") == "1,000.00");
  CHECK(money("-0.42299389") == "-0.42");
  CHECK(money("-100") == "-100.00");
  CHECK(money("-0.004") == "0.00");
  CHECK(money("0") == "0.00");
}

TEST_CASE("readable: a change says which way", "[cmd][readable]") {
  CHECK(readable_change(Money::parse_or_die("1.333")) == "+1.33");
  CHECK(readable_change(Money::parse_or_die("-1.333")) == "-1.33");
  CHECK(readable_change(Money::parse_or_die("0.001")) == "0.00");
}

TEST_CASE("readable: a price has the places that its size asks for", "[cmd][readable]") {
  CHECK(readable_price(Price::parse_or_die("63708.4")) == "63,708.40");
  CHECK(readable_price(Price::parse_or_die("163.8880000006")) == "163.8880");
  CHECK(readable_price(Price::parse_or_die("0.1638801")) == "0.163880");
}

TEST_CASE("readable: a span shows its two largest parts", "[cmd][readable]") {
  CHECK(readable_span(seconds{0}) == "0s");
  CHECK(readable_span(seconds{-3}) == "0s");
  CHECK(readable_span(seconds{42}) == "42s");
  CHECK(readable_span(seconds{102}) == "1m 42s");
  CHECK(readable_span(hours{3} + minutes{4}) == "3h 04m");
  CHECK(readable_span(hours{51}) == "2d 03h");
}
