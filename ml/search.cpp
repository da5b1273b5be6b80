#include "ml/search.h"

#include <limits>
#include <utility>

namespace aitrade::ml {
namespace {

constexpr int attempts_max = 10'000;   // until a space counts as exhausted

class Grid final : public Search {
 public:
  Grid(std::vector<Axis> axes, Allowed is_allowed) : axes_(std::move(axes)), is_allowed_(std::move(is_allowed)) {}

  std::vector<Point> next(std::span<const Point> tried, std::span<const Score>) override {
    std::vector<Point> out;
    if (!tried.empty()) return out;
    std::vector<std::vector<double>> levels;
    for (const Axis& axis : axes_) levels.push_back(axis.levels());
    std::vector<std::size_t> at(axes_.size(), 0);
    Point point(axes_.size());
    for (;;) {
      for (std::size_t i = 0; i < at.size(); ++i) point[i] = levels[i][at[i]];
      if (is_allowed_(point)) out.push_back(point);
      std::size_t axis = at.size();
      while (axis > 0 && ++at[axis - 1] == levels[axis - 1].size()) at[--axis] = 0;
      if (axis == 0) return out;
    }
  }

 private:
  std::vector<Axis> axes_;
  Allowed is_allowed_;
};

class RandomSearch final : public Search {
 public:
  RandomSearch(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials, std::uint64_t seed)
      : axes_(std::move(axes)), is_allowed_(std::move(is_allowed)), trials_(trials), seed_(seed) {}

  std::vector<Point> next(std::span<const Point> tried, std::span<const Score>) override {
    std::vector<Point> out;
    if (!tried.empty()) return out;
    Random random = Random(seed_).fork("random");
    std::set<Point> seen;
    while (out.size() < trials_) {
      auto point = draw_unseen(axes_, is_allowed_, random, seen);
      if (!point) break;
      out.push_back(std::move(*point));
    }
    return out;
  }

 private:
  std::vector<Axis> axes_;
  Allowed is_allowed_;
  std::size_t trials_;
  std::uint64_t seed_;
};

}  // namespace

std::optional<Point> draw_unseen(std::span<const Axis> axes, const Allowed& is_allowed, Random& random,
                                 std::set<Point>& seen) {
  Point point(axes.size());
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    for (std::size_t i = 0; i < axes.size(); ++i) point[i] = axes[i].draw(random);
    if (is_allowed(point) && seen.insert(point).second) return point;
  }
  return std::nullopt;
}

std::size_t grid_size(std::span<const Axis> axes) {
  std::size_t size = 1;
  for (const Axis& axis : axes) {
    const std::size_t levels = axis.levels().size();
    if (size > std::numeric_limits<std::size_t>::max() / levels) return std::numeric_limits<std::size_t>::max();
    size *= levels;
  }
  return size;
}

std::unique_ptr<Search> make_grid(std::vector<Axis> axes, Allowed is_allowed) {
  return std::make_unique<Grid>(std::move(axes), std::move(is_allowed));
}

std::unique_ptr<Search> make_random(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials,
                                    std::uint64_t seed) {
  return std::make_unique<RandomSearch>(std::move(axes), std::move(is_allowed), trials, seed);
}

}  // namespace aitrade::ml
