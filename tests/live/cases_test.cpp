// Single stories of the live world, each told by hand: one fault at one moment.
#include "tests/live/world.h"

#include <catch2/catch.hpp>

#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::live_test;

namespace {

/// A world without faults but those that a case makes.
Options calm_options(std::uint64_t seed = 5) {
  Options options;
  options.seed = seed;
  options.call_faults = options.frame_faults = options.crashes = 0;
  options.trouble_every = hours{1000};
  options.only = Trouble::late_fill;   // of nothing; and no operator
  return options;
}

struct Story {
  explicit Story(const Options& options) : world(options, folder / "trading.db") { world.advance(minutes{4}); }

  /// Votes until a position is held with its stop at the exchange.
  void enter() {
    for (int i = 0; i < 10 && stop() == nullptr; ++i) {
      world.vote();
      world.advance(minutes{1});
    }
    REQUIRE(stop() != nullptr);
    world.quiet();
  }

  [[nodiscard]] const loopback::VenueOrder* stop() {
    for (const loopback::VenueOrder& order : world.venue().matching().orders()) {
      if (order.is_live() && order.terms.side == Side::sell) return &order;
    }
    return nullptr;
  }

  void require_no_failure() {
    for (const std::string& failure : world.report().failures) FAIL_CHECK(failure);
  }

  test::TempFolder folder;
  World world;
};

}  // namespace

// reliability.md 1.3, `reconciled`: false when the last good periodic pass is older than ten minutes.
TEST_CASE("live case: an account that cannot be read for ten minutes enters nothing, and enters again when it is read") {
  Story story(calm_options());
  World& world = story.world;
  world.quiet();
  world.rest_is_out(true);
  world.advance(minutes{11});
  const InstrumentId pair{0};
  CHECK(world.process()->account().is_synced());
  CHECK(world.process()->account().entries_blocked(pair, world.now()).find("could not be read") != std::string::npos);
  const auto before = world.report().entries;
  for (int i = 0; i < 3; ++i) {
    world.vote();
    world.advance(minutes{1});
  }
  CHECK(world.report().entries == before);
  world.rest_is_out(false);
  world.advance(minutes{2});
  CHECK(world.process()->account().entries_blocked(pair, world.now()).empty());
  story.require_no_failure();
}

// reliability.md 3.6 and 4.4: the stop itself is asked for, not the whole account, whose reading runs out of room.
TEST_CASE("live case: an exit whose stop has gone unseen is not held up by the counter of reads") {
  Story story(calm_options());
  World& world = story.world;
  story.enter();
  const loopback::VenueOrder* stop = story.stop();
  const std::string id = stop->id;
  const std::size_t pair = stop->terms.pair;
  world.venue().set_read_lag(seconds{20});
  REQUIRE(world.venue().matching().vanish(id, world.now()));
  world.process()->post(OperatorCommand{OperatorAction::close_all, "cli:1000", "test"}, world.now());
  world.advance(seconds{20});
  const Time seen = world.now();
  Quantity held;
  do {
    world.advance(seconds{1});
    held = Quantity{};
    for (const loopback::VenueFill& fill : world.venue().matching().fills()) {
      if (fill.pair == pair) held += fill.side == Side::buy ? fill.quantity : -fill.quantity;
    }
  } while (!held.is_zero() && world.now() - seen < seconds{60});
  INFO(describe(world.report(), 5));
  CHECK(world.now() - seen <= seconds{13});   // the longest pause between two looks, and the way to the exchange
}

// reliability.md 3.6, 3: "if the exit is refused, re-place the stop at once" cannot be kept while nothing is taken.
TEST_CASE("live case: while the exchange takes no orders, a stop is not taken off for an exit") {
  for (const Trouble mode : {Trouble::cancel_only, Trouble::post_only}) {
    Story story(calm_options());
    World& world = story.world;
    story.enter();
    world.trouble(mode);
    world.advance(seconds{1});
    REQUIRE(world.market().system() != "online");
    world.process()->post(OperatorCommand{OperatorAction::close_all, "cli:1000", "test"}, world.now());
    for (int i = 0; i < 200 && world.market().system() != "online"; ++i) {
      CHECK(story.stop() != nullptr);
      world.advance(seconds{1});
    }
    REQUIRE(world.market().system() == "online");
    world.advance(seconds{5});
    CHECK(story.stop() == nullptr);
    CHECK_FALSE(world.process()->engine().desk().portfolio().at(InstrumentId{0}).is_open());
    story.require_no_failure();
  }
}
