// What is unlike the twenty samples before, and what is not.
#include "core/market/anomaly.h"

#include <limits>

#include <catch2/catch.hpp>

namespace aitrade {
namespace {

/// An ordinary moment, a little different each time.
MarketSample ordinary(int i) {
  const double wave = 1 + 0.1 * ((i % 5) - 2);
  return {0.0005 * wave, 200'000 * wave, 10 * wave, 0.001};
}

AnomalyWatch warmed() {
  AnomalyWatch watch;
  for (int i = 0; i < 20; ++i) CHECK_FALSE(watch.judge(ordinary(i)).any());
  return watch;
}

}  // namespace

TEST_CASE("anomaly: a spike is found at sample 21, against the twenty before it (X36)",
          "[market][anomaly]") {
  AnomalyWatch watch = warmed();
  MarketSample spike = ordinary(20);
  spike.volume = 60;  // six medians; a baseline of means with the spike in it would say 4.8
  CHECK(watch.judge(spike) == Anomalies{.odd_volume = true});
  CHECK_FALSE(watch.judge(ordinary(21)).any());
  CHECK(watch.judge(spike).odd_volume);  // the first did not raise the bar

  AnomalyWatch early;
  for (int i = 0; i < 19; ++i) early.judge(ordinary(i));
  CHECK_FALSE(early.judge(spike).any());  // only nineteen are known
}

TEST_CASE("anomaly: each kind at its threshold", "[market][anomaly]") {
  const auto judged = [](auto change) {
    AnomalyWatch watch = warmed();
    MarketSample sample = ordinary(2);
    change(sample);
    return watch.judge(sample);
  };
  CHECK(judged([](MarketSample& s) { s.spread = 0.00151; }).wide_spread);
  CHECK_FALSE(judged([](MarketSample& s) { s.spread = 0.00149; }).any());
  CHECK(judged([](MarketSample& s) { s.depth = 99'000; }).thin_depth);
  CHECK_FALSE(judged([](MarketSample& s) { s.depth = 101'000; }).any());
  CHECK(judged([](MarketSample& s) { s.volume = 51; }).odd_volume);
  CHECK_FALSE(judged([](MarketSample& s) { s.volume = 49; }).any());
  CHECK_FALSE(judged([](MarketSample& s) {
                s.volume = 51;
                s.move = -0.006;  // a volume that moved the price is no riddle
              }).any());
}

TEST_CASE("anomaly: what is absent or no number is neither judged nor remembered", "[market][anomaly]") {
  AnomalyWatch watch = warmed();
  for (int i = 0; i < 50; ++i) CHECK_FALSE(watch.judge({}).any());
  MarketSample broken;
  broken.volume = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(watch.judge(broken).any());
  MarketSample spike = ordinary(2);
  spike.spread = 0.01;
  CHECK(watch.judge(spike) == Anomalies{.wide_spread = true});
  watch.reset();
  CHECK_FALSE(watch.judge(spike).any());
}

}  // namespace aitrade
