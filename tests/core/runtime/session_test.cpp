#include "core/runtime/session.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/core/runtime/fakes.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

struct Rig {
  Rig() : engine(setup()), venue(script), journal(script), session(engine, venue, journal, true) {
    AccountRestored account;
    account.cash = account.day_start_equity = account.peak_equity = usd("10000");
    account.day_start = midnight;
    std::vector<Event> events{make(account, midnight), make(FeedUp{}, midnight)};
    for (; next < warm_bars; ++next) events.push_back(candle(quiet));
    REQUIRE(session.turn(events));
    script.clear();
  }

  static EngineSetup setup() {
    EngineSetup out;
    out.rules = script_rules();
    out.instruments = {spot()};
    return out;
  }

  static Event make(EventBody body, Time when) {
    Event e;
    e.at = e.when = when;
    e.body = std::move(body);
    return e;
  }

  Event candle(double volume) const {
    const Candle c = flat(next, "100", volume);
    return make(CandleClosed{InstrumentId{0}, c, false}, c.close_time());
  }

  Status give(double volume) {
    Event e = candle(volume);
    ++next;
    return session.turn(std::span(&e, 1));
  }

  std::int64_t count(const char* what) const { return std::count(script.begin(), script.end(), what); }

  Script script;
  Engine engine;
  OutsideVenue venue;
  WatchedJournal journal;
  Session session;
  std::int64_t next{0};
};

}  // namespace

TEST_CASE("session: the journal is told, and is on disk, before a venue outside", "[runtime][session]") {
  Rig rig;
  REQUIRE(rig.give(go_long));
  CHECK(rig.script == Script{"append", "commit to disk", "submit"});
  REQUIRE(rig.venue.submitted.size() == 1);
  CHECK(rig.venue.submitted[0].quantity == qty("2"));
}

TEST_CASE("session: a turn without orders does not wait for the disk", "[runtime][session]") {
  Rig rig;
  REQUIRE(rig.give(quiet));
  CHECK(rig.script == Script{"append", "commit"});
}

TEST_CASE("session: fills and commands wait for the disk", "[runtime][session]") {
  Rig rig;
  Event pause = Rig::make(OperatorCommand{OperatorAction::pause, "cli:1", "x"}, minute(rig.next));
  REQUIRE(rig.session.turn(std::span(&pause, 1)));
  CHECK(rig.script == Script{"append", "commit to disk"});
}

TEST_CASE("session: when the commit fails nothing is sent, and a later one sends it once",
          "[runtime][session]") {
  Rig rig;
  rig.journal.commit_fails = true;
  CHECK_FALSE(rig.give(go_long));
  CHECK_FALSE(rig.session.retry_commit());
  CHECK(rig.venue.submitted.empty());
  rig.journal.commit_fails = false;
  REQUIRE(rig.session.retry_commit());
  CHECK(rig.venue.submitted.size() == 1);
  CHECK(rig.count("commit to disk") == 1);  // still to disk, though it is another call
  REQUIRE(rig.session.retry_commit());
  REQUIRE(rig.give(quiet));
  CHECK(rig.venue.submitted.size() == 1);
}

TEST_CASE("session: an order that the journal refused to take is never sent", "[runtime][session]") {
  Rig rig;
  rig.journal.append_fails = true;
  CHECK_FALSE(rig.give(go_long));
  rig.journal.append_fails = false;
  // There is a hole in the journal now: no later commit may send what is in it.
  CHECK_FALSE(rig.session.retry_commit());
  CHECK_FALSE(rig.session.retry_commit());
  CHECK_FALSE(rig.give(quiet));
  CHECK(rig.venue.submitted.empty());
}

TEST_CASE("session: numbers are consecutive and receipt never runs backwards", "[runtime][session]") {
  Rig rig;
  std::vector<Event> events;
  for (const int offset : {5, 3, 9, 9, 1}) events.push_back(Rig::make(Tick{}, minute(100 + offset)));
  REQUIRE(rig.session.turn(events));
  const std::vector<Event>& kept = rig.journal.events;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    REQUIRE(number(kept[i].seq) == i + 1);
    if (i > 0) REQUIRE(kept[i].at >= kept[i - 1].at);
  }
  CHECK(rig.session.next_seq() == kept.size() + 1);
  CHECK(kept.back().at == minute(109));
  CHECK(kept.back().when == minute(101));  // what an event says of itself stays
}
