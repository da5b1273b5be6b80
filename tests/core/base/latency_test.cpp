#include "core/base/latency.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/random.h"

using namespace aitrade;

TEST_CASE("latency: nothing recorded is zero, small durations are exact", "[base][latency]") {
  LatencyHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.percentile(0.99).count() == 0);
  for (int ns = 0; ns <= 15; ++ns) histogram.record(Duration{ns});
  histogram.record(Duration{-5});
  CHECK(histogram.count() == 17);
  CHECK(histogram.percentile(1.0).count() == 15);
  CHECK(histogram.percentile(2.0 / 17).count() == 0);
}

TEST_CASE("latency: what was waited for the disk is told apart, from the moment on that counts", "[base][latency]") {
  FlushSpans spans;
  CHECK(spans.waited_since(0).count() == 0);
  spans.add({100, 150});
  spans.add({200, 260});
  spans.add({300, 300});   // a turn that waited for nothing
  CHECK(spans.waited_since(0).count() == 110);
  CHECK(spans.waited_since(120).count() == 90);
  CHECK(spans.waited_since(240).count() == 20);
  CHECK(spans.waited_since(260).count() == 0);
  for (int i = 0; i < 20; ++i) spans.add({1000 + 10 * i, 1005 + 10 * i});
  CHECK(spans.waited_since(0).count() == 80);   // of the last sixteen
}

TEST_CASE("latency: a percentile is the nearest rank, at most 7 % too large and never too small", "[base][latency]") {
  Random random(3);
  LatencyHistogram histogram;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    const auto ns = static_cast<std::int64_t>(random.next() >> random.below(62) >> 1);
    all.push_back(ns);
    histogram.record(Duration{ns});
  }
  std::sort(all.begin(), all.end());
  for (const double part : {0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(all.size()))) - 1;
    const auto exact = static_cast<double>(all[rank]);
    const auto told = static_cast<double>(histogram.percentile(part).count());
    INFO(part);
    CHECK(told >= exact);
    CHECK(told <= exact * 1.07 + 1);
  }
}
