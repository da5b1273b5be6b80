// How much instruments move together, and what a set of positions risks in all.
#include "core/trading/correlation.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId a{0};
constexpr InstrumentId b{1};

/// Two walks whose returns are x and rho x + sqrt(1 - rho^2) y.
ReturnCorrelation walked(double rho, int quarters, bool with_holes = false) {
  ReturnCorrelation out(2);
  Random random(5);
  double pa = 100;
  double pb = 50;
  for (int i = 0; i < quarters; ++i) {
    const Time t = midnight + minutes{15} * i;
    out.on_close(a, t, pa);
    if (!with_holes || i % 2 == 0) out.on_close(b, t, pb);
    const double x = random.normal();
    const double y = random.normal();
    pa *= std::exp(0.01 * x);
    pb *= std::exp(0.01 * (rho * x + std::sqrt(1 - rho * rho) * y));
  }
  out.on_close(a, midnight + minutes{15} * quarters, pa);
  return out;
}

}  // namespace

TEST_CASE("correlation: of walks that share a part, near the truth", "[trading][correlation]") {
  CHECK(walked(0.8, 2000).between(a, b) == Approx(0.8).margin(0.1));
  CHECK(walked(-0.5, 2000).between(a, b) == Approx(-0.5).margin(0.15));
  CHECK(walked(0.0, 2000).between(a, b) == Approx(0.0).margin(0.2));
  CHECK(walked(1.0, 100).between(b, a) == Approx(1.0));
}

TEST_CASE("correlation: too few returns count as moving together", "[trading][correlation]") {
  CHECK(walked(-1.0, 10).between(a, b) == 1);
  CHECK(walked(-1.0, 40).between(a, b) == Approx(-1));
  CHECK(walked(-1.0, 400, true).samples(a, b) == 0);   // never both ends of the same fifteen minutes
}

TEST_CASE("correlation: prices between the boundaries and repeats change nothing", "[trading][correlation]") {
  ReturnCorrelation noisy = walked(0.5, 200);
  const double before = noisy.between(a, b);
  noisy.on_close(a, midnight + minutes{7}, 1);
  noisy.on_close(b, midnight + minutes{15}, 1);
  CHECK(noisy.between(a, b) == before);
}

TEST_CASE("correlation: heat adds up as the correlation says, and room fills it to the limit") {
  const ReturnCorrelation same(2);   // unknown: 1
  const std::array<double, 2> both{0.01, 0.02};
  CHECK(same.heat(both) == Approx(0.03));
  const std::array<double, 2> hedged{0.01, -0.02};
  CHECK(same.heat(hedged) == Approx(0.01));
  const std::array<double, 2> first{0.02, 0};
  CHECK(same.room(first, b, 1, 0.03) == Approx(0.01));
  CHECK(same.room(first, b, -1, 0.03) == Approx(0.05));
  CHECK(same.room(both, b, 1, 0.03) == Approx(0).margin(1e-12));
  const ReturnCorrelation known = walked(0.8, 500);
  const double room = known.room(first, b, 1, 0.03);
  const std::array<double, 2> filled{0.02, room};
  CHECK(known.heat(filled) == Approx(0.03));
}
