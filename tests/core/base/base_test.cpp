#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/ring.h"

using namespace aitrade;

namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::invalid, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  AITRADE_TRY(const int first, half(value));
  AITRADE_TRY(const int second, half(first));
  return second;
}

}  // namespace

TEST_CASE("result: carries a value or the first error", "[base][result]") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().what == "odd");
  CHECK(fail(ErrorCode::io, "x").within("a").what == "a: x");
}

TEST_CASE("random: known first numbers, independent forks", "[base][random]") {
  Random a(42);
  Random b(42);
  for (int i = 0; i < 100; ++i) REQUIRE(a.next() == b.next());
  Random root(7);
  Random latency = root.fork("latency");
  root.next();
  CHECK(latency.next() == Random(7).fork("latency").next());
  CHECK(Random(7).fork("latency").next() != Random(7).fork("slippage").next());
}

TEST_CASE("random: normal numbers have mean 0 and deviation 1", "[base][random]") {
  Random random(3);
  double sum = 0;
  double squares = 0;
  constexpr int n = 100'000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / n) < 0.02);            // 6 standard errors
  CHECK(std::abs(squares / n - 1.0) < 0.03);  // 6 standard errors
}

TEST_CASE("ring: behaves as the tail of a vector for every capacity [M3]", "[base][ring]") {
  for (std::size_t capacity = 1; capacity <= 17; ++capacity) {
    Ring<int> ring(capacity);
    std::vector<int> all;
    for (int i = 0; i < 60; ++i) {
      ring.push(i);
      all.push_back(i);
      if (i % 7 == 3) {
        ring.update_last(-i);
        all.back() = -i;
      }
      REQUIRE(ring.size() >= std::min(all.size(), capacity));
      for (std::size_t k = 0; k < ring.size(); ++k) REQUIRE(ring.back(k) == all[all.size() - 1 - k]);
    }
  }
}

TEST_CASE("ids: an order's name is its row", "[base][ids]") {
  CHECK(to_string(ClientOrderId{12, 3, OrderRole::protect, 1}) == "3-12-protect-1");
}
