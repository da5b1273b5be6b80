// Candlestick tests on bars drawn by hand, each condition the only one that fails once.
#include "core/indicators/candlesticks.h"

#include "core/indicators/line.h"

#include <catch2/catch.hpp>

namespace aitrade::test {
namespace {

Bar bar_of(double open, double high, double low, double close) {
  return Bar{Time{}, open, high, low, close, 1, false};
}

/// The bar upside down around 100.
Bar flipped(const Bar& bar) {
  return bar_of(200 - bar.open, 200 - bar.low, 200 - bar.high, 200 - bar.close);
}

void check_hammer(const Bar& bar, bool expected) {
  CHECK(candlesticks::is_hammer(bar, 1) == expected);
  CHECK(candlesticks::is_hammer(flipped(bar), -1) == expected);
}

void check_engulfing(const Bar& before, const Bar& bar, bool expected) {
  CHECK(candlesticks::is_engulfing(before, bar, 1) == expected);
  CHECK(candlesticks::is_engulfing(flipped(before), flipped(bar), -1) == expected);
}

}  // namespace

TEST_CASE("candlesticks: a hammer and its mirror image, the shooting star") {
  check_hammer(bar_of(100, 101.2, 96, 101), true);
  check_hammer(bar_of(101, 101.2, 96, 100), true);       // the colour does not matter
  check_hammer(bar_of(100, 101.6, 96, 101), false);      // upper shadow over half a body
  check_hammer(bar_of(100, 101.2, 98.1, 101), false);    // lower shadow under two bodies
  check_hammer(bar_of(100, 100.01, 96, 100.01), false);  // a doji
  check_hammer(bar_of(100, 100, 100, 100), false);       // no range
  CHECK_FALSE(candlesticks::is_hammer(bar_of(100, 101.2, 96, 101), -1));
}

TEST_CASE("candlesticks: engulfing on a market that opens where it closed") {
  const Bar red = bar_of(101, 101.5, 99.5, 100);
  check_engulfing(red, bar_of(100, 102, 99.8, 101.5), true);     // opens at the close before
  check_engulfing(red, bar_of(99.9, 102, 99.8, 101), true);      // closes at the open before
  check_engulfing(red, bar_of(100, 102, 99.8, 101), false);      // neither is strict
  check_engulfing(red, bar_of(100.1, 102, 99.8, 101.5), false);  // opens inside
  check_engulfing(red, bar_of(99.9, 102, 99.8, 100.9), false);   // closes inside
  check_engulfing(bar_of(100, 101, 99, 100), bar_of(99, 102, 98, 101), false);   // no body before
  check_engulfing(bar_of(99, 101, 98, 100), bar_of(99.5, 102, 98, 101), false);  // same colour
}

TEST_CASE("without a real open there is no pattern [S2]") {
  Bar hammer = bar_of(100, 101.2, 96, 101);
  hammer.open = nan_value;
  CHECK_FALSE(candlesticks::has_prices(hammer));
  check_hammer(hammer, false);
  const Bar red = bar_of(101, 101.5, 99.5, 100);
  Bar green = bar_of(99.9, 102, 99.8, 101.5);
  CHECK(candlesticks::is_engulfing(red, green, 1));
  green.open = nan_value;
  check_engulfing(red, green, false);
}

}  // namespace aitrade::test
