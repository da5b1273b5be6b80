// Metrics against hand-made cases and against what is known of simulated forecasts.
#include <catch2/catch.hpp>

#include <cmath>

#include "ml/calibration.h"
#include "ml/logistic.h"
#include "ml/metrics.h"

namespace aitrade::ml {
namespace {

Forecasts of(std::vector<double> p, std::vector<double> wins) {
  Forecasts f{std::move(p), std::move(wins), {}, {}};
  f.weights.assign(f.p.size(), 1.0);
  for (const double win : f.wins) f.r.push_back(win > 0.5 ? 1 : -1);
  return f;
}

/// Forecasts whose true probability is known, told through a distortion of their log-odds.
Forecasts simulated(std::size_t n, double slope, double intercept, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> p, wins;
  for (std::size_t i = 0; i < n; ++i) {
    const double z = random.normal();
    wins.push_back(random.uniform() < sigmoid(z) ? 1 : 0);
    p.push_back(sigmoid((z - intercept) / slope));
  }
  return of(std::move(p), std::move(wins));
}

}  // namespace

TEST_CASE("metrics: area under the curve", "[ml]") {
  CHECK(*auc(of({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1})) == Approx(0.75));   // Hanley's example by counting pairs
  CHECK(*auc(of({0.5, 0.5, 0.5}, {0, 1, 1})) == Approx(0.5));
  CHECK_FALSE(auc(of({0.5, 0.6}, {1, 1})).has_value());
  CHECK(auc_error(0.5, 100, 100) == Approx(std::sqrt((0.25 + 2 * 99 * (1.0 / 3 - 0.25)) / 10000)));
}

TEST_CASE("metrics: Brier is its parts, whatever the bins", "[ml]") {
  const Forecasts f = simulated(1000, 1.5, 0.2, 5);
  for (const std::size_t bins : {1UL, 4UL, 10UL, 37UL}) {
    const BrierParts parts = brier_parts(f, bins);
    CHECK(parts.reliability - parts.resolution + parts.uncertainty + parts.within == Approx(brier(f)));
  }
  const Forecasts sure = of({1, 0, 1}, {1, 0, 1});
  CHECK(brier(sure) == 0);
  CHECK(mean_log_loss(sure) == Approx(0).margin(1e-8));
  CHECK(brier(of({0.5, 0.5}, {1, 0})) == Approx(0.25));
  CHECK(mean_log_loss(of({0.5, 0.5}, {1, 0})) == Approx(std::log(2)));
}

TEST_CASE("metrics: the calibration line finds the distortion, and is 1 for true probabilities", "[ml]") {
  const auto honest = calibration_line(simulated(40000, 1, 0, 9));
  REQUIRE(honest.has_value());
  CHECK(honest->slope == Approx(1).margin(0.05));
  CHECK(honest->intercept == Approx(0).margin(0.05));
  const auto timid = calibration_line(simulated(40000, 2, 0.5, 9));
  CHECK(timid->slope == Approx(2).margin(0.1));
  CHECK(timid->intercept == Approx(0.5).margin(0.05));
}

TEST_CASE("metrics: bins hold everything once and never tear equal forecasts apart", "[ml]") {
  const Forecasts f = of({0.2, 0.2, 0.2, 0.2, 0.7, 0.9}, {0, 1, 0, 0, 1, 1});
  const auto bins = reliability(f, 3);
  REQUIRE(bins.size() == 2);
  CHECK(bins[0].count == 4);
  CHECK(bins[0].win_rate == Approx(0.25));
  CHECK(bins[1].mean_r == Approx(1));
}

TEST_CASE("metrics: a paired bootstrap sees a difference, and none where there is none", "[ml]") {
  Random random(21);
  std::vector<double> gain, none, weights(800, 1.0);
  for (int i = 0; i < 800; ++i) {
    const double noise = random.normal();
    gain.push_back(0.2 + noise);
    none.push_back(noise - 0.02);
  }
  CHECK(paired_bootstrap(gain, weights, 500, random).p < 0.01);
  CHECK(paired_bootstrap(none, weights, 500, random).p > 0.2);
  const Difference d = paired_bootstrap(gain, weights, 500, random);
  CHECK(d.low < d.mean);
  CHECK(d.mean < d.high);
}

TEST_CASE("metrics: importance is what shuffling a column costs", "[ml]") {
  Random random(4);
  const std::vector<double> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto importance = permutation_importance(2, x.size(), 0, [&](std::size_t c, auto order) {
    double loss = 0;
    for (std::size_t i = 0; i < order.size(); ++i) loss += c == 0 ? std::abs(x[i] - x[order[i]]) : 0;
    return loss;
  }, random);
  CHECK(importance[0] > 0);
  CHECK(importance[1] == 0);
}

TEST_CASE("calibration: both methods repair simulated distortions", "[ml]") {
  const Forecasts fit = simulated(20000, 2, 0.5, 31), check = simulated(20000, 2, 0.5, 32);
  for (const auto& c : {fit_platt(fit.p, fit.wins, fit.weights), fit_isotonic(fit.p, fit.wins, fit.weights)}) {
    Forecasts told = check;
    for (double& p : told.p) p = c(p);
    const auto line = calibration_line(told);
    REQUIRE(line.has_value());
    CHECK(line->slope == Approx(1).margin(0.08));
    CHECK(line->intercept == Approx(0).margin(0.06));
    CHECK(mean_log_loss(told) < mean_log_loss(check));
  }
}

TEST_CASE("calibration: pooled violators by hand", "[ml]") {
  const std::vector<double> weights(5, 1.0);
  const Calibration c = fit_isotonic(std::vector{0.1, 0.2, 0.3, 0.4, 0.5}, std::vector{0., 1., 0., 1., 1.}, weights);
  REQUIRE(c.values.size() == 3);   // 0 | 1, 0 pooled | 1, 1 pooled
  CHECK(c(0.05) == 0);
  CHECK(c(0.25) == Approx(0.5));
  CHECK(c(0.9) == 1);
  CHECK(c(0.35) == Approx(0.75));
}

TEST_CASE("calibration: a handful at an end is no certainty, and leaves the rest as it is", "[ml]") {
  // 1,500 rows of three in ten; the five lowest all lost, the five highest all won.
  std::vector<double> scores, wins;
  for (int i = 0; i < 1500; ++i) {
    scores.push_back(0.001 + 0.0005 * i);
    wins.push_back(i < 5 ? 0 : i >= 1495 ? 1 : (i * 7919) % 10 < 3 ? 1 : 0);
  }
  const std::vector<double> weights(scores.size(), 1.0);
  const Calibration c = fit_calibration(scores, wins, weights);
  REQUIRE(c.method == Calibration::Method::isotonic);
  CHECK(c(0) > 0.02);
  CHECK(c(0) < 0.3);
  CHECK(c(1) < 0.98);
  CHECK(c(1) > 0.3);
  CHECK(std::is_sorted(c.values.begin(), c.values.end()));
  const Calibration plain = fit_isotonic(scores, wins, weights);
  CHECK(plain(0) == 0);   // what the source does
  CHECK(plain(1) == 1);
  CHECK(c(0.375) == Approx(plain(0.375)).margin(0.005));
}

TEST_CASE("calibration: a score that ranks backwards becomes the base rate", "[ml]") {
  std::vector<double> scores, wins;
  for (int i = 0; i < 200; ++i) {
    scores.push_back(i % 2 == 0 ? 0.7 : 0.3);
    wins.push_back(i % 2 == 0 ? 0 : (i % 4 == 1 ? 1 : 0));
  }
  const Calibration c = fit_platt(scores, wins, std::vector<double>(200, 1.0));
  CHECK(c(0.7) == Approx(0.25).margin(0.01));
  CHECK(c(0.3) == Approx(0.25).margin(0.01));
}

}  // namespace aitrade::ml
