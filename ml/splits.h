// Which rows train and which judge: splits by time that no label straddles.
//
// A label lives from its decision to its end. A training label that is alive while a test label is alive knows
// something of the test, so it is left out (purged); one that begins shortly after a test part is left out too
// (embargo), because features remember.
//
// Rows are in order of their decision. No split shuffles.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ml/labels.h"

namespace aitrade::ml {

/// Runs of rows.
using Pieces = std::vector<std::vector<std::size_t>>;

struct Split {
  std::vector<std::size_t> train, test;   // ascending row numbers
};

/// Returns the rows among `rows` whose label does not touch that of any row of `test`: it ends at least `embargo`
/// before their first decision, or begins more than `embargo` after the last of their ends; between parts of a
/// test in pieces, for each piece. `pieces` are runs of test rows.
///
/// Source: Lopez de Prado (2018), 7.4.1 and 7.4.2; the embargo is kept before a test too, which the source
///         leaves to the purge alone
std::vector<std::size_t> purged(std::span<const Span> spans, std::span<const std::size_t> rows,
                                const Pieces& pieces, Duration embargo);

/// Returns anchored walk-forward splits: the rows are cut into `folds` + 1 parts of equal count, and each but the
/// first is tested by what was trained on all before it, purged. Splits with an empty side are left out.
std::vector<Split> walk_forward(std::span<const Span> spans, std::size_t folds, Duration embargo);

/// Returns the combinatorial purged splits: of `groups` parts, every choice of `tested` as the test.
///
/// Shape:  C(groups, tested) splits; each row is tested in C(groups - 1, tested - 1) of them
/// Source: Lopez de Prado (2018), 12.3
std::vector<Split> combinatorial(std::span<const Span> spans, std::size_t groups, std::size_t tested,
                                 Duration embargo);

/// Train, validation and test, in this order of time, purged from one another.
struct ThreeWay {
  std::vector<std::size_t> train, validation, test;
};

/// Returns 60, 20 and 20 % of the rows (trading-core.md 9.5).
ThreeWay three_way(std::span<const Span> spans, Duration embargo);

}  // namespace aitrade::ml
