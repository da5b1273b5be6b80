// Candidates and their features depend on the past alone, and on nothing but the candles.

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include "cmd/strategy_keys.h"
#include "cmd/train_candidates.h"
#include "core/config/load.h"
#include "tests/support/tape.h"

#include <fstream>
#include <iterator>

namespace aitrade::cli {
namespace {

CandidateSet collect(const std::vector<Candle>& candles) {
  std::ifstream file(std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const LoadReport report = load_config_text(text, "demo", strategy_keys());
  REQUIRE(report.config != nullptr);
  CandleInput input;
  input.name = "made";
  input.symbol = *Symbol::parse("BTC/USD");
  input.interval = minutes{1};
  input.read = [&](const std::function<Status(std::span<const Candle>)>& sink) { return sink(candles); };
  std::vector<CandleInput> inputs{input};
  auto set = collect_candidates(*report.config, inputs, {});
  REQUIRE(set);
  return std::move(*set);
}

bool same_bits(const ml::FeatureVector& a, const ml::FeatureVector& b) {
  for (std::size_t c = 0; c < ml::features_count; ++c) {
    if (std::bit_cast<std::uint64_t>(a[c]) != std::bit_cast<std::uint64_t>(b[c])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("train: features of a decision are the same to the bit when the future is absent", "[cmd][train]") {
  const std::vector<Candle> all = test::made_candles(5, 8000, 40'000);
  const std::vector<Candle> past(all.begin(), all.begin() + 5000);
  const CandidateSet whole = collect(all), half = collect(past);
  REQUIRE(half.samples.size() > 100);
  REQUIRE(whole.samples.size() > half.samples.size());
  auto at = whole.samples.begin();   // what has not ended by the cut has no sample there
  for (const ml::Sample& s : half.samples) {
    at = std::find_if(at, whole.samples.end(), [&](const ml::Sample& w) { return w.life.from == s.life.from; });
    REQUIRE(at != whole.samples.end());
    REQUIRE(same_bits(s.features, at->features));
    REQUIRE(s.r == at->r);
  }
}

TEST_CASE("train: every candidate has its features, and its label ends after it was decided", "[cmd][train]") {
  const CandidateSet set = collect(test::made_candles(6, 8000, 40'000));
  CHECK(set.candidates == set.samples.size() + set.unfinished);
  CHECK(set.cost > 0);
  for (const ml::Sample& s : set.samples) {
    REQUIRE(s.life.from < s.life.to);
    REQUIRE(s.weight > 0);
    REQUIRE(s.weight <= 1);
    REQUIRE(std::isfinite(s.features[0]));
    REQUIRE(std::isnan(s.features[7]));   // no book in candles
  }
}

}  // namespace aitrade::cli
