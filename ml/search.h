// In what order are parameter sets tried: all of a grid, at random, or where earlier ones did well?
//
// A search gives its points in generations. What a generation holds depends on the seed and on the scores of
// the generations before, never on the order in which those were finished: so any number of threads, and a
// study that was interrupted, see the same points. Points that `is_allowed` refuses are left out, and none
// comes twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "ml/search_space.h"

namespace aitrade::ml {

/// Higher is better; nothing when the trial has no score.
using Score = std::optional<double>;

/// Says whether a combination makes sense.
using Allowed = std::function<bool(const Point&)>;

class Search {
 public:
  virtual ~Search() = default;

  /// Returns the next points, given all points so far and their scores; nothing when there are no more.
  virtual std::vector<Point> next(std::span<const Point> tried, std::span<const Score> scores) = 0;
};

/// Returns how many points a grid over the axes has, allowed or not; SIZE_MAX when that does not fit.
std::size_t grid_size(std::span<const Axis> axes);

/// Every combination of the levels, the last axis fastest, in one generation.
std::unique_ptr<Search> make_grid(std::vector<Axis> axes, Allowed is_allowed);

/// `trials` different points, each drawn alike; fewer when the space has no more. A larger number begins with
/// the points of a smaller one.
std::unique_ptr<Search> make_random(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials,
                                    std::uint64_t seed);

/// Points of one generation of the Tree-structured Parzen Estimator.
constexpr std::size_t tpe_generation = 16;

/// Tree-structured Parzen Estimator: after some random points, new ones come from a density over the best
/// tenth so far, where that is large against the density over the others. Points of one generation count as
/// bad for those after them in it, so that they spread. `trials` as above.
///
/// Source: Bergstra, Bardenet, Bengio and Kegl (2011), Algorithms for Hyper-Parameter Optimization; joint
///         kernels over all axes as in Falkner, Klein and Hutter (2018), BOHB
std::unique_ptr<Search> make_tpe(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials,
                                 std::uint64_t seed);

/// Draws an allowed point that is not in `seen` and puts it there; nothing after many vain attempts.
std::optional<Point> draw_unseen(std::span<const Axis> axes, const Allowed& is_allowed, Random& random,
                                 std::set<Point>& seen);

}  // namespace aitrade::ml
