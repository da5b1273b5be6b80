// Search spaces: what the user's text means, and which values an axis takes.

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

#include "ml/search_space.h"

using namespace aitrade;
using namespace aitrade::ml;

namespace {

const std::vector<ParameterBounds> known{{"fast", 12, 2, 1000, true},
                                         {"width", 1.5, 0.01, 20, false},
                                         {"shift", 0, -1, 1, false},
                                         {"limit", 45, 0, 80, false}};

std::string error_of(const char* text) {
  const auto axes = parse_axes(text, known);
  REQUIRE_FALSE(axes.has_value());
  CHECK(axes.error().code == ErrorCode::invalid);
  return axes.error().what;
}

Axis only(const char* text) {
  const auto axes = parse_axes(text, known);
  REQUIRE(axes);
  REQUIRE(axes->size() == 1);
  return axes->front();
}

}  // namespace

TEST_CASE("search space: names, ranges, steps and single values", "[ml]") {
  const auto axes = parse_axes("fast=5:40:5,width=0.5:2,limit=30", known);
  REQUIRE(axes);
  REQUIRE(axes->size() == 3);
  CHECK((*axes)[0] == Axis{"fast", 5, 40, 5, true});
  CHECK((*axes)[1] == Axis{"width", 0.5, 2, 0, false});
  CHECK((*axes)[2] == Axis{"limit", 30, 30, 0, false});
}

TEST_CASE("search space: no text is every parameter from half to twice its value", "[ml]") {
  const auto axes = parse_axes("", known);
  REQUIRE(axes);
  REQUIRE(axes->size() == 4);
  CHECK((*axes)[0] == Axis{"fast", 6, 24, 0, true});
  CHECK((*axes)[1] == Axis{"width", 0.75, 3, 0, false});
  CHECK((*axes)[2] == Axis{"shift", -1, 1, 0, false});
  CHECK((*axes)[3] == Axis{"limit", 22.5, 80, 0, false});
}

TEST_CASE("search space: what cannot be meant is refused by name", "[ml]") {
  CHECK(error_of("speed=1:2").find("no such parameter (known: fast, width, shift, limit)") != std::string::npos);
  CHECK(error_of("fast").find("name=low:high:step") != std::string::npos);
  CHECK(error_of("fast=a:3").find("\"a\" is no number") != std::string::npos);
  CHECK(error_of("fast=9:3").find("above the high end") != std::string::npos);
  CHECK(error_of("fast=1:3").find("bounds") != std::string::npos);
  CHECK(error_of("fast=2:3:0").find("step") != std::string::npos);
  CHECK(error_of("fast=2:9:1.5").find("whole") != std::string::npos);
  CHECK(error_of("fast=2:9:1:1").find("name=low:high:step") != std::string::npos);
  CHECK(error_of("fast=2:3,fast=4:5").find("twice") != std::string::npos);
}

TEST_CASE("search space: levels are decimals, not sums with their noise", "[ml]") {
  CHECK(only("width=0.1:0.5:0.1").levels() == std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5});
  CHECK(only("fast=5:42:5").levels() == std::vector<double>{5, 10, 15, 20, 25, 30, 35, 40});
  CHECK(only("fast=10:20").levels() == std::vector<double>{10, 13, 15, 18, 20});
  CHECK(only("fast=10:12").levels() == std::vector<double>{10, 11, 12});
  CHECK(only("fast=10").levels() == std::vector<double>{10});
}

TEST_CASE("search space: values lie on the axis, ends included", "[ml]") {
  const Axis stepped = only("width=0.1:0.5:0.15");   // 0.1, 0.25, 0.4
  CHECK(stepped.at(0) == 0.1);
  CHECK(stepped.at(1) == 0.4);
  CHECK(only("fast=3:9").at(0.5) == 6);
  CHECK(only("fast=3:9").unit_of(6) == 0.5);
  CHECK(only("fast=3").unit_of(3) == 0.5);

  Random random(7);
  std::set<double> drawn;
  for (int i = 0; i < 300; ++i) drawn.insert(stepped.draw(random));
  CHECK(drawn == std::set<double>{0.1, 0.25, 0.4});
  drawn.clear();
  for (int i = 0; i < 300; ++i) drawn.insert(only("fast=3:6").draw(random));
  CHECK(drawn == std::set<double>{3, 4, 5, 6});
}
