#include "core/report/chart_track.h"

#include "core/base/random.h"
#include "core/report/equity.h"
#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace aitrade;
using aitrade::report_test::new_year;

namespace {

Candle minute(std::int64_t number, double open, double high, double low, double close) {
  const auto price = [](double v) { return *Price::from_double(v, Rounding::half_even); };
  Candle c;
  c.open_time = new_year + minutes(number);
  c.interval = minutes(1);
  c.open = price(open);
  c.high = price(high);
  c.low = price(low);
  c.close = price(close);
  return c;
}

}  // namespace

TEST_CASE("chart: few bars are kept as they are", "[report][chart]") {
  PriceTrack track("BTC/USD", minutes(1));
  track.add(minute(0, 10, 12, 9, 11));
  track.add(minute(1, 11, 13, 8, 12));

  const PairPrices prices = track.finish();

  REQUIRE(prices.chart.size() == 2);
  CHECK(prices.span == minutes(1));
  CHECK(to_double(prices.chart[1].high) == 13);
  CHECK(prices.opens == std::vector<double>{10, 11});
  CHECK(prices.daily == std::vector<PricePoint>{{new_year, 10}, {new_year + minutes(2), 12}});
}

TEST_CASE("chart: only daily prices when nothing else is wanted", "[report][chart]") {
  PriceTrack track("BTC/USD", minutes(1), {.chart = false, .opens = false});
  track.add(minute(0, 10, 12, 9, 11));
  track.add(minute(1440, 11, 13, 8, 12));

  const PairPrices prices = track.finish();

  CHECK(prices.chart.empty());
  CHECK(prices.opens.empty());
  CHECK(prices.bars == 2);
  CHECK(prices.daily == std::vector<PricePoint>{
                            {new_year, 10}, {new_year + day_span, 11}, {new_year + minutes(1441), 12}});
}

TEST_CASE("chart: many bars become few buckets that lose no extreme", "[report][chart]") {
  PriceTrack track("BTC/USD", minutes(1));
  Random random(3);
  std::vector<Candle> candles;
  double price = 100;
  for (int i = 0; i < 100'000; ++i) {
    const double next = price * (1 + 0.001 * random.normal());
    candles.push_back(minute(i, price, std::max(price, next) * 1.0001,
                             std::min(price, next) * 0.9999, next));
    track.add(candles.back());
    price = next;
  }

  const PairPrices prices = track.finish();

  CHECK(prices.chart.size() <= chart_buckets_max);
  CHECK(prices.chart.size() > chart_buckets_max / 3);
  CHECK(prices.span == minutes(64));  // 100,000 / 64 = 1,563 buckets
  for (std::size_t i = 0; i < prices.chart.size(); ++i) {
    const ChartBar& bar = prices.chart[i];
    const auto from = std::find_if(candles.begin(), candles.end(),
                                   [&](const Candle& c) { return c.open_time >= bar.open_time; });
    const auto to = std::find_if(from, candles.end(), [&](const Candle& c) {
      return c.open_time >= bar.open_time + prices.span;
    });
    const auto high = std::max_element(from, to, [](auto& a, auto& b) { return a.high < b.high; });
    const auto low = std::min_element(from, to, [](auto& a, auto& b) { return a.low < b.low; });
    const bool is_exact = bar.open == from->open && bar.close == std::prev(to)->close &&
                          bar.high == high->high && bar.low == low->low;
    REQUIRE(is_exact);
  }
}

TEST_CASE("chart: a price for each midnight, gaps left to the reader", "[report][chart]") {
  PriceTrack track("BTC/USD", minutes(1));
  const auto day = [](int n) { return new_year + day_span * n; };
  track.add(minute(0, 10, 10, 10, 10));
  track.add(minute(1439, 11, 11, 11, 12));      // closes at the first midnight
  track.add(minute(1440, 13, 13, 13, 13));
  track.add(minute(3 * 1440 + 5, 14, 14, 14, 14));  // a day is missing

  const PairPrices prices = track.finish();

  const Time end = new_year + minutes(3 * 1440 + 6);
  CHECK(prices.daily == std::vector<PricePoint>{{day(0), 10}, {day(1), 12}, {day(2), 13}, {end, 14}});
}

TEST_CASE("chart: opens thin out instead of growing without end", "[report][chart]") {
  PriceTrack track("BTC/USD", minutes(1));
  constexpr int bars = 1'300'000;
  for (int i = 0; i < bars; ++i) track.add(minute(i, i + 1, i + 1, i + 1, i + 1));

  const PairPrices prices = track.finish();

  CHECK(prices.stride == 2);
  CHECK(prices.opens.size() == bars / 2);
  bool is_every_second = true;
  for (std::size_t i = 0; i < prices.opens.size(); ++i) {
    is_every_second = is_every_second && prices.opens[i] == static_cast<double>(2 * i + 1);
  }
  CHECK(is_every_second);
}

TEST_CASE("chart: the equity curve keeps its highest and lowest", "[report][chart]") {
  CurveTrack track;
  double low = 1e9, high = 0;
  Random random(8);
  double equity = 1000;
  for (int i = 1; i <= 50'000; ++i) {
    equity *= 1 + 0.001 * random.normal();
    track.mark(new_year + minutes(i), equity, equity * 0.999);
    low = std::min(low, equity * 0.999);
    high = std::max(high, equity);
  }

  const std::vector<CurvePoint> curve = track.finish();

  CHECK(curve.size() <= chart_buckets_max);
  CHECK(curve.back().equity == equity);
  CHECK(curve.back().at == new_year + minutes(50'000));
  double kept_low = 1e9, kept_high = 0;
  bool in_order = true;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    kept_low = std::min(kept_low, curve[i].low);
    kept_high = std::max(kept_high, curve[i].high);
    in_order = in_order && (i == 0 || curve[i - 1].at < curve[i].at);
  }
  CHECK(in_order);
  CHECK(kept_low == low);
  CHECK(kept_high == high);
  CHECK(CurveTrack{}.finish().empty());
}
