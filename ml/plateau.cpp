#include "ml/plateau.h"

#include <algorithm>
#include <map>
#include <utility>

namespace aitrade::ml {
namespace {

/// Indices of the trials one level away on one axis.
class GridNeighbours {
 public:
  GridNeighbours(std::span<const Axis> axes, std::span<const Point> points) : points_(points) {
    for (const Axis& axis : axes) levels_.push_back(axis.levels());
    for (std::size_t i = 0; i < points.size(); ++i) index_.emplace(points[i], i);
  }

  [[nodiscard]] std::vector<std::size_t> of(std::size_t trial) const {
    std::vector<std::size_t> out;
    Point point = points_[trial];
    for (std::size_t a = 0; a < levels_.size(); ++a) {
      const std::vector<double>& levels = levels_[a];
      const double here = point[a];
      const auto at = std::lower_bound(levels.begin(), levels.end(), here);
      const auto add = [&](double value) {
        point[a] = value;
        if (const auto found = index_.find(point); found != index_.end()) out.push_back(found->second);
      };
      if (at != levels.begin() && at != levels.end()) add(*(at - 1));
      if (at != levels.end() && at + 1 != levels.end()) add(*(at + 1));
      point[a] = here;
    }
    return out;
  }

 private:
  std::span<const Point> points_;
  std::vector<std::vector<double>> levels_;
  std::map<Point, std::size_t> index_;
};

/// Indices of the nearest trials.
class NearestNeighbours {
 public:
  NearestNeighbours(std::span<const Axis> axes, std::span<const Point> points) : axes_(axes.size()) {
    for (const Point& point : points) {
      for (std::size_t a = 0; a < axes.size(); ++a) units_.push_back(axes[a].unit_of(point[a]));
    }
    count_ = points.size();
  }

  [[nodiscard]] std::vector<std::size_t> of(std::size_t trial) const {
    std::vector<std::pair<double, std::size_t>> others;
    others.reserve(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      if (i == trial) continue;
      double distance = 0;
      for (std::size_t a = 0; a < axes_; ++a) {
        const double d = units_[i * axes_ + a] - units_[trial * axes_ + a];
        distance += d * d;
      }
      others.emplace_back(distance, i);
    }
    const std::size_t wanted = std::min(2 * axes_, others.size());
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(wanted), others.end());
    std::vector<std::size_t> out;
    for (std::size_t k = 0; k < wanted; ++k) out.push_back(others[k].second);
    return out;
  }

 private:
  std::size_t axes_;
  std::size_t count_{0};
  std::vector<double> units_;   // one row a trial
};

template <class Around>
std::vector<Score> means(const Around& around, std::span<const Score> scores) {
  Score worst;
  for (const Score& score : scores) {
    if (score && (!worst || *score < *worst)) worst = score;
  }
  std::vector<Score> out(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!scores[i]) continue;
    double sum = *scores[i];
    const std::vector<std::size_t> neighbours = around.of(i);
    for (const std::size_t other : neighbours) sum += scores[other].value_or(*worst);
    out[i] = sum / static_cast<double>(neighbours.size() + 1);
  }
  return out;
}

}  // namespace

std::vector<Score> plateau_scores(std::span<const Axis> axes, std::span<const Point> points,
                                  std::span<const Score> scores, Neighbours neighbours) {
  if (neighbours == Neighbours::grid) return means(GridNeighbours(axes, points), scores);
  return means(NearestNeighbours(axes, points), scores);
}

}  // namespace aitrade::ml
