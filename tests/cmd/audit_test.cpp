// `aitrade audit`: what it finds does not depend on how many threads looked.

#include <catch2/catch.hpp>

#include <string>

#include "strategies/registry.h"
#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

TEST_CASE("audit causality: one thread and several give the same bytes", "[cmd][audit]") {
  const Home home;
  const std::string file = home.folder.write("btc.csv", to_csv(made_candles(4, 3000, 40'000)));
  const auto audit = [&](const std::string& threads) {
    const Finished result = home.run({"audit", "causality", file, "--pair", "BTC/USD", "--timeframes", "1m", "--cuts",
                                      "150", "--threads", threads, "--json"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
  };
  const std::string one = audit("1");
  CHECK(holds(one, "\"warm_up_checks\""));
  CHECK(one == audit("2"));
  CHECK(one == audit("7"));
  CHECK(one == audit("200"));   // more threads than cuts
  for (const StrategyInfo& info : all_strategies()) {   // those that are switched off too
    CHECK(one.find('"' + std::string(info.name) + " 1m\"") != std::string::npos);
  }
}
