// Does a parameter set stand on a plateau, or on a needle?
//
// A result that its neighbours do not share is luck or a defect of the data: a small change of a parameter,
// which the future always brings in some form, would lose it. So trials are ranked by the mean of their own
// score and those around them.
#pragma once

#include <span>
#include <vector>

#include "ml/search.h"

namespace aitrade::ml {

/// Where the neighbours of a trial are.
enum class Neighbours {
  grid,       // one level away on one axis
  scattered,  // the nearest by distance in units of the axes, two for each axis
};

/// Returns the plateau score of each trial: the mean of its score and those of its neighbours, where one
/// without a score counts as the worst score of all. Nothing for a trial without a score.
///
/// Cost: grid n log n; scattered n^2
std::vector<Score> plateau_scores(std::span<const Axis> axes, std::span<const Point> points,
                                  std::span<const Score> scores, Neighbours neighbours);

}  // namespace aitrade::ml
