// Searches: a grid is complete, random and TPE repeat with their seed, and TPE learns.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "ml/search.h"

using namespace aitrade;
using namespace aitrade::ml;

namespace {

const std::vector<Axis> plane{{"x", 0, 1, 0, false}, {"y", 0, 1, 0, false}};

bool any(const Point&) { return true; }

/// Drives a search over `objective` and returns all its points.
template <class Objective>
std::vector<Point> drive(Search& search, const Objective& objective, std::vector<Score>& scores) {
  std::vector<Point> points;
  for (;;) {
    const std::vector<Point> more = search.next(points, scores);
    if (more.empty()) return points;
    for (const Point& p : more) {
      points.push_back(p);
      scores.push_back(objective(p));
    }
  }
}

/// A narrow hill off the centre of the plane.
Score hill(const Point& p) {
  return -std::hypot(p[0] - 0.83, p[1] - 0.21);
}

double best_of(const std::vector<Score>& scores) {
  double best = -10;
  for (const Score& s : scores) best = std::max(best, s.value_or(-10));
  return best;
}

}  // namespace

TEST_CASE("search: a grid is every combination once, the last axis fastest", "[ml]") {
  const std::vector<Axis> axes{{"a", 1, 3, 1, true}, {"b", 0.1, 0.3, 0.1, false}};
  CHECK(grid_size(axes) == 9);
  const auto search = make_grid(axes, any);
  const std::vector<Point> points = search->next({}, {});
  CHECK(points == std::vector<Point>{{1, 0.1}, {1, 0.2}, {1, 0.3}, {2, 0.1}, {2, 0.2}, {2, 0.3}, {3, 0.1}, {3, 0.2},
                                     {3, 0.3}});
  const std::vector<Score> scores(points.size());
  CHECK(search->next(points, scores).empty());
}

TEST_CASE("search: combinations that make no sense are left out", "[ml]") {
  const std::vector<Axis> axes{{"fast", 1, 3, 1, true}, {"slow", 1, 3, 1, true}};
  const auto is_allowed = [](const Point& p) { return p[0] < p[1]; };
  CHECK(make_grid(axes, is_allowed)->next({}, {}) == std::vector<Point>{{1, 2}, {1, 3}, {2, 3}});
  CHECK(make_random(axes, is_allowed, 100, 1)->next({}, {}).size() == 3);
  std::vector<Score> scores;
  const auto tpe = make_tpe(axes, is_allowed, 100, 1);
  CHECK(drive(*tpe, [](const Point&) { return Score(1); }, scores).size() == 3);
}

TEST_CASE("search: a size that no counter holds is not a small grid", "[ml]") {
  const std::vector<Axis> many(40, Axis{"p", 0, 1, 0.1, false});
  CHECK(grid_size(many) == static_cast<std::size_t>(-1));
}

TEST_CASE("search: random repeats with its seed, differs with another, and a longer one begins alike", "[ml]") {
  const std::vector<Point> ten = make_random(plane, any, 10, 4)->next({}, {});
  const std::vector<Point> twenty = make_random(plane, any, 20, 4)->next({}, {});
  CHECK(make_random(plane, any, 10, 4)->next({}, {}) == ten);
  CHECK(make_random(plane, any, 10, 5)->next({}, {}) != ten);
  CHECK(std::equal(ten.begin(), ten.end(), twenty.begin()));
  CHECK(std::set<Point>(twenty.begin(), twenty.end()).size() == 20);
}

TEST_CASE("search: TPE repeats with its seed, and a longer one begins alike", "[ml]") {
  std::vector<Score> one, two, more;
  const auto a = drive(*make_tpe(plane, any, 70, 9), hill, one);
  const auto b = drive(*make_tpe(plane, any, 70, 9), hill, two);
  const auto c = drive(*make_tpe(plane, any, 120, 9), hill, more);
  CHECK(a.size() == 70);
  CHECK(a == b);
  CHECK(std::equal(a.begin(), a.end(), c.begin()));
  CHECK(std::set<Point>(c.begin(), c.end()).size() == 120);
}

TEST_CASE("search: TPE comes nearer than random with as many trials", "[ml]") {
  double random_sum = 0;
  double tpe_sum = 0;
  int wins = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<Score> by_chance, learned;
    drive(*make_random(plane, any, 96, seed), hill, by_chance);
    drive(*make_tpe(plane, any, 96, seed), hill, learned);
    random_sum -= best_of(by_chance);
    tpe_sum -= best_of(learned);
    wins += best_of(learned) > best_of(by_chance) ? 1 : 0;
  }
  INFO("mean distance from the top: random " << random_sum / 20 << ", TPE " << tpe_sum / 20);
  CHECK(tpe_sum < random_sum / 2);
  CHECK(wins >= 15);
}

TEST_CASE("search: TPE goes on where hardly any trial has a score", "[ml]") {
  std::vector<Score> scores;
  const auto sparse = [](const Point& p) { return p[0] > 0.9 ? hill(p) : Score{}; };
  const auto points = drive(*make_tpe(plane, any, 96, 3), sparse, scores);
  CHECK(points.size() == 96);
  std::vector<Score> none;
  CHECK(drive(*make_tpe(plane, any, 64, 3), [](const Point&) { return Score{}; }, none).size() == 64);
}
