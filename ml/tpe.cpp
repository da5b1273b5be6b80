// The Tree-structured Parzen Estimator of search.h.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "ml/search.h"

namespace aitrade::ml {
namespace {

constexpr std::size_t random_first = 2 * tpe_generation;
constexpr double good_share = 0.1;
constexpr std::size_t good_max = 25;    // kernels: more would cost time and say little
constexpr std::size_t bad_max = 75;
constexpr int candidates = 24;
constexpr double width_min = 0.1, width_max = 0.5;   // of a kernel, in units of an axis; narrower ones get stuck
constexpr int redraws = 20;

double normal_area(double from, double to) {
  return 0.5 * (std::erf(to / std::numbers::sqrt2) - std::erf(from / std::numbers::sqrt2));
}

/// A mixture of truncated normal kernels over the unit cube, one a point, and one that is flat.
class Density {
 public:
  Density(std::vector<Point> centres, std::size_t axes) : centres_(std::move(centres)), widths_(axes, width_max) {
    const auto n = static_cast<double>(centres_.size());
    for (std::size_t a = 0; a < axes; ++a) {
      double mean = 0;
      double squares = 0;
      for (const Point& c : centres_) mean += c[a] / n;
      for (const Point& c : centres_) squares += (c[a] - mean) * (c[a] - mean) / n;
      const double scott = std::sqrt(squares) * std::pow(std::max(n, 1.0), -1.0 / (static_cast<double>(axes) + 4));
      widths_[a] = std::clamp(scott, width_min, width_max);
    }
    for (const Point& c : centres_) {
      double scale = 1;
      for (std::size_t a = 0; a < axes; ++a) {
        scale *= widths_[a] * std::sqrt(2 * std::numbers::pi) * normal_area(-c[a] / widths_[a], (1 - c[a]) / widths_[a]);
      }
      scales_.push_back(1 / scale);
    }
  }

  [[nodiscard]] double log_at(const Point& x) const {
    double sum = 1;   // the flat kernel
    for (std::size_t i = 0; i < centres_.size(); ++i) {
      double exponent = 0;
      for (std::size_t a = 0; a < x.size(); ++a) {
        const double z = (x[a] - centres_[i][a]) / widths_[a];
        exponent -= 0.5 * z * z;
      }
      sum += scales_[i] * std::exp(exponent);
    }
    return std::log(sum / static_cast<double>(centres_.size() + 1));
  }

  [[nodiscard]] Point draw(Random& random) const {
    Point x(widths_.size());
    const std::size_t kernel = random.below(centres_.size() + 1);
    for (std::size_t a = 0; a < x.size(); ++a) {
      if (kernel == centres_.size()) {
        x[a] = random.uniform();
        continue;
      }
      x[a] = -1;
      for (int i = 0; i < redraws && !(x[a] >= 0 && x[a] <= 1); ++i) {
        x[a] = centres_[kernel][a] + widths_[a] * random.normal();
      }
      x[a] = std::clamp(x[a], 0.0, 1.0);
    }
    return x;
  }

 private:
  std::vector<Point> centres_;
  std::vector<double> widths_;   // by axis
  std::vector<double> scales_;   // by kernel: one over its mass in the cube
};

class Tpe final : public Search {
 public:
  Tpe(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials, std::uint64_t seed)
      : axes_(std::move(axes)), is_allowed_(std::move(is_allowed)), trials_(trials), seed_(seed) {}

  std::vector<Point> next(std::span<const Point> tried, std::span<const Score> scores) override {
    std::vector<Point> out;
    if (tried.size() >= trials_) return out;
    Random random = Random(seed_).fork("tpe " + std::to_string(tried.size() / tpe_generation));
    std::set<Point> seen(tried.begin(), tried.end());
    Split split = split_of(tried, scores);
    const std::size_t wanted = std::min(tpe_generation, trials_ - tried.size());
    for (std::size_t i = 0; i < tpe_generation; ++i) {
      auto point = tried.size() < random_first ? draw_unseen(axes_, is_allowed_, random, seen)
                                               : propose(split, random, seen);
      if (!point) break;
      split.bad.push_back(units_of(*point));
      if (out.size() < wanted) out.push_back(std::move(*point));
    }
    return out;
  }

 private:
  struct Split {
    std::vector<Point> good, bad;   // in units of the axes
  };

  [[nodiscard]] Point units_of(const Point& point) const {
    Point units(point.size());
    for (std::size_t a = 0; a < point.size(); ++a) units[a] = axes_[a].unit_of(point[a]);
    return units;
  }

  /// The best tenth and an even choice of the others; trials without a score come last.
  [[nodiscard]] Split split_of(std::span<const Point> tried, std::span<const Score> scores) const {
    std::vector<std::size_t> order(tried.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[b] < scores[a]; });
    const auto scored = static_cast<std::size_t>(
        std::count_if(scores.begin(), scores.end(), [](const Score& s) { return s.has_value(); }));
    const auto tenth = static_cast<std::size_t>(std::ceil(good_share * static_cast<double>(scored)));
    Split split;
    const std::size_t good = std::min(tenth, good_max);
    for (std::size_t i = 0; i < good; ++i) split.good.push_back(units_of(tried[order[i]]));
    const std::size_t rest = order.size() - good;
    const std::size_t bad = std::min(rest, bad_max);
    for (std::size_t i = 0; i < bad; ++i) split.bad.push_back(units_of(tried[order[good + i * rest / bad]]));
    return split;
  }

  std::optional<Point> propose(const Split& split, Random& random, std::set<Point>& seen) const {
    const Density good(split.good, axes_.size());
    const Density bad(split.bad, axes_.size());
    std::optional<Point> best;
    double most = 0;
    for (int i = 0; i < candidates; ++i) {
      const Point units = good.draw(random);
      Point point(units.size());
      for (std::size_t a = 0; a < units.size(); ++a) point[a] = axes_[a].at(units[a]);
      if (seen.contains(point) || !is_allowed_(point)) continue;
      const Point placed = units_of(point);
      const double worth = good.log_at(placed) - bad.log_at(placed);
      if (best && worth <= most) continue;
      best = std::move(point);
      most = worth;
    }
    if (!best) return draw_unseen(axes_, is_allowed_, random, seen);
    seen.insert(*best);
    return best;
  }

  std::vector<Axis> axes_;
  Allowed is_allowed_;
  std::size_t trials_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Search> make_tpe(std::vector<Axis> axes, Allowed is_allowed, std::size_t trials,
                                 std::uint64_t seed) {
  return std::make_unique<Tpe>(std::move(axes), std::move(is_allowed), trials, seed);
}

}  // namespace aitrade::ml
