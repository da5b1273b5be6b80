// Rows of operations.md 10.2 and trading-core.md Appendix A that need the exchange's side: reading after reading, stops
// that fire there, fills in pages. In memory and in virtual time.
#include "tests/live/world.h"

#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::live_test;

namespace {

/// A world without trouble, its starting balances taken.
struct CalmWorld {
  explicit CalmWorld(std::uint64_t seed) : world(options_of(seed), folder / "trading.db") {
    world.calm();
    world.quiet();
    world.advance(minutes{5});
  }

  static Options options_of(std::uint64_t seed) {
    Options options;
    options.seed = seed;
    options.crashes = 0;
    options.call_faults = options.frame_faults = 0;
    return options;
  }

  const Position& position() { return world.process()->engine().desk().portfolio().at(InstrumentId{0}); }

  /// Votes until a position of the first pair is open.
  bool enter() {
    for (int i = 0; i < 60 && !position().is_open(); ++i) {
      world.vote();
      world.advance(seconds{20});
    }
    return position().is_open();
  }

  /// What the fills of the exchange leave in our hands.
  Quantity held() {
    Quantity out;
    for (const loopback::VenueFill& fill : world.venue().matching().fills()) {
      if (fill.pair == 0 && !fill.client_id.empty()) out += fill.side == Side::buy ? fill.quantity : -fill.quantity;
    }
    return out;
  }

  void require_sound() {
    world.advance(minutes{4});
    world.check_end();
    INFO(describe(world.report(), 0));
    CHECK(world.report().failures.empty());
  }

  std::int64_t count(const char* sql) {
    auto rows = world.process()->ledger().prepare(sql);
    REQUIRE(rows.has_value());
    REQUIRE(rows->step().value_or(false));
    return rows->integer(0);
  }

  test::TempFolder folder;
  World world;
};

}  // namespace

TEST_CASE("reconcile: a position outlives ten readings and restarts, its entry long gone from the open orders "
          "[X15] [operations X1]",
          "[live][rows]") {
  CalmWorld calm(3);
  int held = 0;
  for (int cycle = 0; cycle < 10; ++cycle) {
    REQUIRE(calm.enter());
    const auto& orders = calm.world.venue().matching().orders();
    for (const loopback::VenueOrder& order : orders) {
      CHECK((order.terms.side == Side::sell || !order.is_live()));   // the entry is over
    }
    calm.world.crash("by the test");
    calm.world.advance(seconds{75});
    CHECK(calm.position().quantity == calm.held());
    if (calm.position().is_open()) ++held;
  }
  CHECK(held >= 3);   // the others left by stop or target meanwhile
  CHECK(calm.count("SELECT count(*) FROM trades WHERE quantity='0' OR (entry_price=exit_price AND fees='0')") == 0);
  calm.require_sound();
}

TEST_CASE("stop: one that fires at the exchange closes the trade once, with its price [X14]", "[live][rows]") {
  CalmWorld calm(5);
  REQUIRE(calm.enter());
  calm.world.advance(seconds{3});
  REQUIRE(calm.position().is_open());
  const std::int64_t before = calm.count("SELECT count(*) FROM trades");
  const auto sells = [&] {
    int count = 0;
    for (const auto& order : calm.world.venue().matching().orders()) {
      if (order.terms.pair == 0 && order.terms.side == Side::sell && order.filled.is_positive()) ++count;
    }
    return count;
  };
  const int sold = sells();
  calm.world.move_price(0, 0.9);
  calm.world.advance(seconds{40});
  CHECK_FALSE(calm.position().is_open());
  CHECK(calm.held().is_zero());
  CHECK(sells() == sold + 1);   // nobody sells twice
  CHECK(calm.count("SELECT count(*) FROM trades") == before + 1);
  calm.require_sound();   // every fill with the exchange's price, quantity, cost and fee
}

TEST_CASE("fills: an entry of two hundred fills is read in pages behind a restart, each once [E4]", "[live][rows]") {
  CalmWorld calm(7);
  calm.world.venue().matching().set_pieces(200);
  const std::size_t fills = calm.world.venue().matching().fills().size();
  for (int i = 0; i < 2400 && calm.world.venue().matching().fills().size() < fills + 150; ++i) {
    calm.world.vote();
    calm.world.advance(milliseconds{250});
  }
  CHECK(calm.world.venue().matching().fills().size() >= fills + 150);   // four pages
  calm.world.crash("before it could hear of them");
  calm.world.venue().matching().set_pieces(1);
  calm.world.advance(minutes{2});
  CHECK(calm.position().quantity == calm.held());
  calm.require_sound();
}
