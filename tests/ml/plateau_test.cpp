// Plateau scores: a needle loses against a hill, on a grid and among scattered trials.

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "ml/plateau.h"

using namespace aitrade::ml;

TEST_CASE("plateau: on a grid it is the mean with the neighbours one level away", "[ml]") {
  const std::vector<Axis> axes{{"a", 1, 3, 1, true}, {"b", 1, 3, 1, true}};
  std::vector<Point> points;
  std::vector<Score> scores;
  for (double a = 1; a <= 3; ++a) {
    for (double b = 1; b <= 3; ++b) {
      points.push_back({a, b});
      scores.emplace_back(10 * a + b);
    }
  }
  const auto plateaus = plateau_scores(axes, points, scores, Neighbours::grid);
  CHECK(*plateaus[4] == Approx((22 + 12 + 32 + 21 + 23) / 5.0));
  CHECK(*plateaus[0] == Approx((11 + 21 + 12) / 3.0));   // a corner has two
}

TEST_CASE("plateau: a needle ranks below a hill", "[ml]") {
  const std::vector<Axis> axes{{"a", 1, 9, 1, true}};
  const std::vector<Point> points{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}};
  const std::vector<Score> scores{0., 5., 0., 0., 0., 2., 3., 2., 0.};
  const auto plateaus = plateau_scores(axes, points, scores, Neighbours::grid);
  CHECK(*plateaus[1] < *plateaus[6]);
  CHECK(*plateaus[6] == Approx(7.0 / 3));
}

TEST_CASE("plateau: a neighbour without a score counts as the worst of all", "[ml]") {
  const std::vector<Axis> axes{{"a", 1, 4, 1, true}};
  const std::vector<Point> points{{1}, {2}, {3}, {4}};
  const std::vector<Score> scores{-2., 4., {}, {}};
  const auto plateaus = plateau_scores(axes, points, scores, Neighbours::grid);
  CHECK(*plateaus[1] == Approx(0));   // (4 - 2 - 2) / 3
  CHECK_FALSE(plateaus[2].has_value());
  CHECK_FALSE(plateau_scores(axes, points, std::vector<Score>(4), Neighbours::grid)[0].has_value());
}

TEST_CASE("plateau: scattered trials look at the nearest in units of the axes", "[ml]") {
  const std::vector<Axis> axes{{"a", 0, 1000, 0, false}};
  const std::vector<Point> points{{0}, {10}, {30}, {900}};
  const std::vector<Score> scores{1., 2., 6., 100.};
  const auto plateaus = plateau_scores(axes, points, scores, Neighbours::scattered);
  CHECK(*plateaus[0] == Approx(3));               // with 10 and 30
  CHECK(*plateaus[3] == Approx((100 + 6 + 2) / 3.0));
  CHECK(*plateau_scores(axes, std::vector<Point>{{1}}, std::vector<Score>{2.}, Neighbours::scattered)[0] == 2);
}
