// The two counters of the venue against its published tables, and the reserve that only exits may
// use.
#include "exchanges/kraken/rate_counters.h"

#include <catch2/catch.hpp>

namespace aitrade::kraken {
namespace {

const Time start = Time::from_seconds(1'700'000'000);

}  // namespace

TEST_CASE("kraken rest counter: fills, refuses, and decays by tier", "[kraken][rates]") {
  RestCounter counter(Tier::starter, 0);
  for (int i = 0; i < 15; ++i)
    CHECK(counter.take(start, 1, Purpose::ordinary));
  CHECK_FALSE(counter.take(start, 1, Purpose::ordinary));
  CHECK(counter.level(start) == Approx(15));
  // One unit decays in 1 / 0.33 s.
  CHECK_FALSE(counter.take(start + milliseconds{3'030}, 1, Purpose::ordinary));
  CHECK(counter.take(start + milliseconds{3'031}, 1, Purpose::ordinary));
  CHECK(counter.level(start + hours{1}) == 0);
}

TEST_CASE("kraken rest counter: tells how long to wait, and that is enough", "[kraken][rates]") {
  for (const Tier tier : {Tier::starter, Tier::intermediate, Tier::pro}) {
    RestCounter counter(tier);
    while (counter.take(start, 2, Purpose::ordinary)) {
    }
    const Duration wait = counter.wait(start, 2, Purpose::ordinary);
    CHECK(wait > Duration{});
    CHECK_FALSE(counter.take(start + wait - milliseconds{1}, 2, Purpose::ordinary));
    CHECK(counter.take(start + wait, 2, Purpose::ordinary));
  }
}

TEST_CASE("kraken rest counter: reading for an exit finds room when all else is used",
          "[kraken][rates][safety]") {
  RestCounter counter(Tier::intermediate);
  while (counter.take(start, 1, Purpose::ordinary)) {
  }
  CHECK(counter.take(start, 2, Purpose::exit));
  CHECK(counter.take(start, 2, Purpose::exit));
  CHECK(counter.take(start, 1, Purpose::exit));
  CHECK_FALSE(counter.take(start, 1, Purpose::exit));
}

TEST_CASE("kraken rest counter: order entry costs nothing; a ban stops all", "[kraken][rates]") {
  RestCounter counter(Tier::starter);
  while (counter.take(start, 1, Purpose::exit)) {
  }
  CHECK(counter.take(start, 0, Purpose::ordinary));
  counter.ban(start, start + seconds{60});
  CHECK_FALSE(counter.take(start + seconds{59}, 0, Purpose::exit));
  CHECK(counter.wait(start, 0, Purpose::exit) == Duration{seconds{60}});
  CHECK(counter.take(start + seconds{60}, 0, Purpose::exit));
  CHECK(counter.wait(start + seconds{60}, 1, Purpose::exit) > Duration{seconds{3}});
}

// reliability.md 8.5: on a limit, everything but protection is frozen.
TEST_CASE("kraken rest counter: a limit that was passed holds back all but what protects", "[kraken][rates][safety]") {
  RestCounter counter(Tier::starter);
  counter.overstep(start, start + seconds{30});
  CHECK_FALSE(counter.take(start + seconds{29}, 1, Purpose::ordinary));
  CHECK_FALSE(counter.take(start + seconds{1}, 0, Purpose::exit));   // not at once
  CHECK(counter.take(start + seconds{2}, 0, Purpose::exit));         // an order costs nothing
  CHECK_FALSE(counter.take(start + seconds{2}, 1, Purpose::exit));   // a look at one: when the count has fallen
  CHECK(counter.take(start + seconds{4}, 1, Purpose::exit));
  CHECK(counter.wait(start + seconds{4}, 1, Purpose::ordinary) == Duration{seconds{26}});
}

TEST_CASE("kraken trading counter: costs by the age of the order", "[kraken][rates]") {
  struct Row {
    int age;
    double amend, edit, cancel;
  };

  // kraken.md 7: amend and edit have a fixed 1, cancel none; add is 1 at any age.
  for (const Row& row :
       {Row{0, 4, 7, 8}, Row{4, 4, 7, 8}, Row{5, 3, 6, 6}, Row{9, 3, 6, 6}, Row{10, 2, 5, 5},
        Row{14, 2, 5, 5}, Row{15, 1, 3, 4}, Row{44, 1, 3, 4}, Row{45, 1, 2, 2}, Row{89, 1, 2, 2},
        Row{90, 1, 1, 1}, Row{299, 1, 1, 1}, Row{300, 1, 1, 0}}) {
    INFO(row.age);
    CHECK(trading_cost(OrderAction::add, seconds{row.age}) == 1);
    CHECK(trading_cost(OrderAction::amend, seconds{row.age}) == row.amend);
    CHECK(trading_cost(OrderAction::edit, seconds{row.age}) == row.edit);
    CHECK(trading_cost(OrderAction::cancel, seconds{row.age}) == row.cancel);
  }
  CHECK(batch_add_cost(5) == 2.5);
}

TEST_CASE("kraken trading counter: a quote cancelled at once costs nine", "[kraken][rates]") {
  TradingCounter counter(Tier::starter, 0);
  int quotes = 0;
  Time now = start;
  for (int second = 0; second < 3600; ++second, now = now + seconds{1}) {
    if (!counter.has_room(now, "BTC/USD", 9, Purpose::ordinary)) continue;
    REQUIRE(counter.take(now, "BTC/USD", OrderAction::add, {}, Purpose::ordinary));
    REQUIRE(counter.take(now, "BTC/USD", OrderAction::cancel, seconds{1}, Purpose::ordinary));
    ++quotes;
  }
  CHECK(quotes == (3600 + 60) / 9);  // one in nine seconds, and the counter's worth at the start
}

TEST_CASE("kraken trading counter: cancels are always taken, and count", "[kraken][rates]") {
  TradingCounter counter(Tier::starter, 0);
  while (counter.take(start, "BTC/USD", OrderAction::add, {}, Purpose::ordinary)) {
  }
  CHECK(counter.level(start, "BTC/USD") == Approx(60));
  CHECK(counter.take(start, "BTC/USD", OrderAction::cancel, seconds{1}, Purpose::ordinary));
  CHECK(counter.level(start, "BTC/USD") == Approx(68));
  CHECK(counter.take(start, "ETH/USD", OrderAction::add, {},
                     Purpose::ordinary));  // pairs do not share
}

TEST_CASE("kraken trading counter: entries leave room for a cancel and a stop",
          "[kraken][rates][safety]") {
  TradingCounter counter(Tier::pro);
  while (counter.take(start, "BTC/USD", OrderAction::add, {}, Purpose::ordinary)) {
  }
  CHECK_FALSE(counter.take_batch(start, "BTC/USD", 2, Purpose::ordinary));
  CHECK(counter.take(start, "BTC/USD", OrderAction::cancel, seconds{1}, Purpose::exit));
  CHECK(counter.take(start, "BTC/USD", OrderAction::add, {}, Purpose::exit));
  CHECK(counter.level(start, "BTC/USD") == Approx(180));
  CHECK_FALSE(counter.take(start, "BTC/USD", OrderAction::add, {}, Purpose::exit));
}

TEST_CASE("kraken trading counter: the venue's own numbers win", "[kraken][rates]") {
  TradingCounter counter(Tier::starter, 9);
  counter.observe(start, "BTC/USD", 55);
  CHECK_FALSE(counter.has_room(start, "BTC/USD", 1, Purpose::ordinary));
  CHECK(counter.wait(start, "BTC/USD", 1, Purpose::ordinary) == Duration{seconds{5}});
  counter.set_max(125);
  CHECK(counter.has_room(start, "BTC/USD", 1, Purpose::ordinary));
  counter.observe(start, "BTC/USD", -3);
  CHECK(counter.level(start, "BTC/USD") == 0);
}

TEST_CASE("kraken counters: a clock that goes back gives nothing away", "[kraken][rates]") {
  RestCounter counter(Tier::pro, 0);
  while (counter.take(start, 1, Purpose::ordinary)) {
  }
  CHECK(counter.level(start - hours{1}) == Approx(20));
  CHECK_FALSE(counter.take(start - hours{1}, 1, Purpose::ordinary));
  CHECK(tier_of("pro") == Tier::pro);
  CHECK_FALSE(tier_of("gold").has_value());
}

}  // namespace aitrade::kraken
