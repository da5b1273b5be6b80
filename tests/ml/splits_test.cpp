// No label straddles a split, whatever the lengths of labels.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/base/random.h"
#include "ml/splits.h"

namespace aitrade::ml {
namespace {

Time minute(std::int64_t i) { return Time::from_seconds(1'500'000'000 + 60 * i); }

std::vector<Span> random_spans(Random& random, std::size_t count, std::uint64_t longest) {
  std::vector<Span> spans;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    at += static_cast<std::int64_t>(random.below(5));
    spans.push_back({minute(at), minute(at + 1 + static_cast<std::int64_t>(random.below(longest)))});
  }
  return spans;
}

/// No training label is alive while a label of the test is, and none begins within the embargo after it.
bool is_clean(const std::vector<Span>& spans, const std::vector<std::size_t>& train,
              const std::vector<std::size_t>& test, Duration embargo) {
  for (const std::size_t i : train) {
    for (const std::size_t j : test) {
      const bool before = spans[i].to + embargo <= spans[j].from;
      const bool after = spans[i].from > spans[j].to + embargo;
      if (!before && !after) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("[HARD4] splits respect purge and embargo for random label lengths", "[ml]") {
  Random random(11);
  for (int round = 0; round < 60; ++round) {
    const auto spans = random_spans(random, 60 + random.below(120), 1 + random.below(120));
    const Duration embargo = minutes{static_cast<std::int64_t>(random.below(30))};
    for (const Split& s : walk_forward(spans, 1 + random.below(6), embargo)) {
      REQUIRE(is_clean(spans, s.train, s.test, embargo));
      CHECK(s.train.back() < s.test.front());
    }
    for (const Split& s : combinatorial(spans, 5, 1 + random.below(3), embargo)) {
      REQUIRE(is_clean(spans, s.train, s.test, embargo));
    }
    const ThreeWay three = three_way(spans, embargo);
    REQUIRE(is_clean(spans, three.train, three.test, embargo));
    REQUIRE(is_clean(spans, three.train, three.validation, embargo));
    REQUIRE(is_clean(spans, three.validation, three.test, embargo));
  }
}

TEST_CASE("splits: labels that end before the test are all kept", "[ml]") {
  std::vector<Span> spans;
  for (int i = 0; i < 100; ++i) spans.push_back({minute(i * 10), minute(i * 10 + 9)});
  const auto splits = walk_forward(spans, 4, Duration{});
  REQUIRE(splits.size() == 4);
  CHECK(splits[0].train.size() == 20);
  CHECK(splits[3].train.size() == 80);
  CHECK(splits[3].test.size() == 20);
  const ThreeWay three = three_way(spans, Duration{});
  CHECK(three.train.size() == 60);
  CHECK(three.validation.size() == 20);
  CHECK(three.test.size() == 20);
}

TEST_CASE("splits: combinatorial ones test each row equally often", "[ml]") {
  Random random(3);
  const auto spans = random_spans(random, 90, 1);
  const auto splits = combinatorial(spans, 6, 2, Duration{});
  CHECK(splits.size() == 15);
  std::vector<int> tested(spans.size(), 0);
  for (const Split& s : splits) {
    for (const std::size_t i : s.test) ++tested[i];
  }
  CHECK(std::all_of(tested.begin(), tested.end(), [](int n) { return n == 5; }));
}

}  // namespace aitrade::ml
