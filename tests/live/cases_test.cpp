// Single stories of the live world, each told by hand: one fault at one moment.
#include "tests/live/world.h"

#include <catch2/catch.hpp>

#include "core/store/ledger_check.h"
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

// operations.md 8.9: what the owner does by hand is seen, and the books follow.
TEST_CASE("live case: the coins of a position are sold by hand, in part and then all, and the books follow") {
  Story story(calm_options());
  World& world = story.world;
  story.enter();
  const std::size_t at = story.stop()->terms.pair;
  const InstrumentId pair{static_cast<std::uint32_t>(at)};
  const auto held = [&] { return world.process()->engine().desk().portfolio().at(pair).quantity; };
  const Quantity all = held();
  REQUIRE(all.is_positive());
  const Quantity half = Quantity::from_raw(all.raw() / 2);
  // All that is free goes with the half of the position: nothing of the owner's own is left.
  const auto sell_by_hand = [&](Quantity of_position) {
    for (const loopback::VenueOrder& order : world.venue().matching().orders()) {
      const bool is_stop = order.is_live() && order.terms.side == Side::sell && order.terms.pair == at;
      if (is_stop) REQUIRE(world.venue().matching().cancel(order.id, "by hand", world.now()).has_value());
    }
    loopback::OrderTerms terms;
    terms.pair = at;
    terms.kind = loopback::Kind::market;
    terms.side = Side::sell;
    const Money free = world.venue().accounts().available(world.cast.instruments[at].symbol.base);
    terms.quantity = Quantity::from_raw(free.raw()) - held() + of_position;
    REQUIRE(world.venue().matching().place(terms, world.now()).has_value());
  };
  Database& ledger = world.process()->ledger();
  const auto count = [&](const char* sql) { return ledger.integer(sql).value_or(-1); };
  // What the position lacks is taken from it. The rest cannot be protected meanwhile, so it leaves at the market.
  sell_by_hand(half);
  world.advance(minutes{3});
  INFO(describe(world.report(), 40));
  CHECK(ledger.text("SELECT quantity FROM holdings_taken").value_or("") == to_string(half));
  CHECK(held().is_zero());
  CHECK(count("SELECT count(*) FROM trades WHERE pair = (SELECT pair FROM holdings_taken)") == 1);
  // All of it: the trade ends with what the owner did.
  world.vote();
  for (int i = 0; i < 10 && held().is_zero(); ++i) {
    world.vote();
    world.advance(minutes{1});
  }
  REQUIRE(held().is_positive());
  world.quiet();
  sell_by_hand(held());
  world.advance(minutes{3});
  CHECK(held().is_zero());
  CHECK(count("SELECT count(*) FROM trades WHERE close_reason = 'taken'") == 1);
  CHECK(count("SELECT count(*) FROM holdings_taken") == 2);
  const LedgerCheck check = *ledger_check(ledger);
  for (const std::string& problem : check.problems) FAIL_CHECK(problem);
  CHECK(world.process()->account().entries_blocked(pair, world.now()).empty());
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
