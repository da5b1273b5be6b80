#include "ml/splits.h"

#include <algorithm>
#include <numeric>

#include "core/base/result.h"

namespace aitrade::ml {
namespace {

std::vector<std::size_t> range(std::size_t from, std::size_t to) {
  std::vector<std::size_t> rows(to - from);
  std::iota(rows.begin(), rows.end(), from);
  return rows;
}

Span life_of(std::span<const Span> spans, const std::vector<std::size_t>& rows) {
  Span life = spans[rows.front()];
  for (const std::size_t i : rows) {
    life.from = std::min(life.from, spans[i].from);
    life.to = std::max(life.to, spans[i].to);
  }
  return life;
}

}  // namespace

std::vector<std::size_t> purged(std::span<const Span> spans, std::span<const std::size_t> rows,
                                const Pieces& pieces, Duration embargo) {
  std::vector<Span> lives;
  for (const auto& piece : pieces) {
    if (!piece.empty()) lives.push_back(life_of(spans, piece));
  }
  std::vector<std::size_t> kept;
  for (const std::size_t i : rows) {
    const bool clear = std::all_of(lives.begin(), lives.end(), [&](const Span& test) {
      return spans[i].to + embargo <= test.from || spans[i].from > test.to + embargo;
    });
    if (clear) kept.push_back(i);
  }
  return kept;
}

std::vector<Split> walk_forward(std::span<const Span> spans, std::size_t folds, Duration embargo) {
  AITRADE_CHECK(folds > 0);
  std::vector<Split> splits;
  const std::size_t parts = folds + 1;
  for (std::size_t k = 1; k < parts; ++k) {
    const std::size_t from = spans.size() * k / parts, to = spans.size() * (k + 1) / parts;
    Split split;
    split.test = range(from, to);
    split.train = purged(spans, range(0, from), {split.test}, embargo);
    if (!split.train.empty() && !split.test.empty()) splits.push_back(std::move(split));
  }
  return splits;
}

std::vector<Split> combinatorial(std::span<const Span> spans, std::size_t groups, std::size_t tested,
                                 Duration embargo) {
  AITRADE_CHECK(tested > 0 && tested < groups && groups <= 30);
  std::vector<Split> splits;
  for (std::uint32_t mask = 0; mask < (1U << groups); ++mask) {
    if (static_cast<std::size_t>(__builtin_popcount(mask)) != tested) continue;
    Split split;
    std::vector<std::size_t> rest;
    Pieces pieces;
    for (std::size_t g = 0; g < groups; ++g) {
      const auto rows = range(spans.size() * g / groups, spans.size() * (g + 1) / groups);
      const bool is_test = (mask >> g & 1U) != 0;
      auto& side = is_test ? split.test : rest;
      side.insert(side.end(), rows.begin(), rows.end());
      if (is_test) pieces.push_back(rows);
    }
    split.train = purged(spans, rest, pieces, embargo);
    splits.push_back(std::move(split));
  }
  return splits;
}

ThreeWay three_way(std::span<const Span> spans, Duration embargo) {
  const std::size_t n = spans.size(), a = n * 6 / 10, b = n * 8 / 10;
  ThreeWay out;
  out.test = range(b, n);
  out.validation = purged(spans, range(a, b), {out.test}, embargo);
  out.train = purged(spans, range(0, a), {range(a, b), out.test}, embargo);
  return out;
}

}  // namespace aitrade::ml
