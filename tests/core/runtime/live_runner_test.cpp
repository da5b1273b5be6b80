#include "core/runtime/live_runner.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/core/runtime/fakes.h"
#include "tests/support/trading.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr InstrumentId btc{0};

/// A daemon's engine thread, run on the thread of the test until its mailbox is closed.
struct Rig {
  Rig()
      : engine(setup()),
        venue(script),
        journal(script),
        clock(minute(warm_bars)),
        runner(LiveParts{engine, venue, journal, clock, board, notices}, options()) {
    AccountRestored account;
    account.cash = account.day_start_equity = account.peak_equity = usd("10000");
    account.day_start = midnight;
    std::vector<Event> events{make(account), make(FeedUp{})};
    for (; next < warm_bars; ++next) events.push_back(make(HistoryLoaded{btc, flat(next)}));
    REQUIRE(runner.open(std::move(events)));
    runner.show_state("running");
    script.clear();
    journal.events.clear();
  }

  static EngineSetup setup() {
    EngineSetup out;
    out.rules = script_rules();
    out.instruments = {spot()};
    return out;
  }

  LiveOptions options() {
    LiveOptions out;
    out.acknowledge = [this](Time upto) { acknowledged = upto; };
    return out;
  }

  Event make(EventBody body) const {
    Event e;
    e.at = e.when = clock.now();
    e.body = std::move(body);
    return e;
  }

  void push(EventBody body, CommandDone done = {}) {
    Event e;  // unstamped, as the API and the feed hand it over
    e.body = std::move(body);
    runner.mailbox().push(std::move(e), std::move(done));
  }

  void push_candle(const Candle& candle, bool backfill = false) {
    push(CandleClosed{btc, candle, backfill});
  }

  Status run() {
    runner.mailbox().close();
    return runner.run();
  }

  template <class T>
  std::int64_t journaled() const {
    return std::count_if(journal.events.begin(), journal.events.end(),
                         [](const Event& e) { return std::holds_alternative<T>(e.body); });
  }

  Script script;
  Engine engine;
  OutsideVenue venue;
  WatchedJournal journal;
  ManualClock clock;
  ViewBoard board;
  KeptNotices notices;
  std::int64_t next{0};
  Time acknowledged;
  LiveRunner runner;
};

OperatorCommand command(OperatorAction action) { return OperatorCommand{action, "cli:1000", "test"}; }

}  // namespace

TEST_CASE("live runner: a command is answered when it is on disk", "[runtime][live]") {
  Rig rig;
  rig.push(command(OperatorAction::pause), [&](const Status& status) {
    CHECK(status);
    rig.script.emplace_back("answered");
  });
  REQUIRE(rig.run());
  CHECK(rig.script == Script{"append", "commit to disk", "answered"});
  CHECK(rig.board.read()->paused);
  CHECK(rig.board.read()->state == "paused");
}

TEST_CASE("live runner: every event's way through the loop is measured", "[runtime][live]") {
  Rig rig;
  CHECK(rig.board.read()->loop_latency.count == 0);
  for (int i = 0; i < 3; ++i) rig.push(Tick{});
  REQUIRE(rig.run());
  const LatencySummary loop = rig.board.read()->loop_latency;
  CHECK(loop.count == 3);
  CHECK(loop.p50 > Duration{0});
  CHECK(loop.p50 <= loop.p99);
}

TEST_CASE("live runner: an event without a time gets the clock's", "[runtime][live]") {
  Rig rig;
  rig.clock.advance(seconds{7});
  rig.push(Tick{});
  REQUIRE(rig.run());
  REQUIRE(rig.journal.events.size() == 1);
  CHECK(rig.journal.events[0].at == rig.clock.now());
  CHECK(rig.journal.events[0].when == rig.clock.now());
}

TEST_CASE("live runner: a candle decides, is journaled, sent and acknowledged", "[runtime][live]") {
  Rig rig;
  rig.push_candle(flat(rig.next, "100", go_long));
  REQUIRE(rig.run());
  CHECK(rig.script == Script{"append", "commit to disk", "submit"});
  CHECK(rig.acknowledged == minute(rig.next + 1));
  CHECK(rig.runner.entries() == 1);
  CHECK(rig.board.read()->entries == 1);
  CHECK(rig.board.read()->ready);
}

TEST_CASE("live runner: the same candle from stream and poll is one candle", "[runtime][live]") {
  Rig rig;
  for (int poll = 0; poll < 2; ++poll) {
    for (int i = 0; i < 5; ++i) rig.push_candle(flat(rig.next + i));
  }
  REQUIRE(rig.run());
  CHECK(rig.journaled<CandleClosed>() == 5);
}

TEST_CASE("live runner: gaps pass the same door as in a backtest", "[runtime][live]") {
  Rig rig;
  rig.push_candle(flat(rig.next));
  rig.push_candle(flat(rig.next + 3));
  SECTION("a short one is filled") {
    REQUIRE(rig.run());
    CHECK(rig.journaled<CandleClosed>() == 4);
    CHECK(rig.journaled<SeriesBroken>() == 0);
  }
  SECTION("a long one breaks the series") {
    rig.push_candle(flat(rig.next + 200));
    REQUIRE(rig.run());
    CHECK(rig.journaled<CandleClosed>() == 5);
    CHECK(rig.journaled<SeriesBroken>() == 1);
    CHECK_FALSE(rig.board.read()->ready);
  }
}

TEST_CASE("live runner: an outlier waits for its confirmation", "[runtime][live]") {
  Rig rig;
  rig.push_candle(flat(rig.next));
  rig.push_candle(flat(rig.next + 1, "150"));
  SECTION("a spike is dropped") {
    rig.push_candle(flat(rig.next + 2));
    REQUIRE(rig.run());
    CHECK(rig.engine.desk().portfolio().mark(btc) == px("100"));
  }
  SECTION("a step is believed with the next candle") {
    rig.push_candle(flat(rig.next + 2, "150"));
    REQUIRE(rig.run());
    CHECK(rig.journaled<CandleClosed>() == 3);
    CHECK(rig.engine.desk().portfolio().mark(btc) == px("150"));
  }
}

TEST_CASE("live runner: while the ledger cannot be written nothing is sent, entries pause, and it recovers",
          "[runtime][live][K2]") {
  Rig rig;
  rig.journal.commit_fails = true;
  rig.push_candle(flat(rig.next, "100", go_long));
  bool resolved = false;
  rig.push(command(OperatorAction::resume), [&](const Status& status) {
    CHECK_FALSE(status);  // what is not on disk is not confirmed
    CHECK(rig.venue.submitted.empty());
    CHECK(rig.engine.state().paused);
    CHECK(rig.engine.pause_reason() == "ledger_not_writable");
    rig.journal.commit_fails = false;
    rig.push_candle(flat(rig.next + 1, "100", go_long));
    rig.push(Tick{}, [&](const Status& later) {
      CHECK(later);
      resolved = true;
      rig.runner.mailbox().close();
    });
  });
  REQUIRE(rig.runner.run());
  CHECK(resolved);
  CHECK(rig.venue.submitted.size() == 1);  // the one decided before, once it was on disk
  CHECK(rig.board.read()->ledger_ok);
  CHECK(rig.board.read()->paused);  // until somebody resumes
  REQUIRE(rig.notices.notices.size() == 1);
  CHECK(rig.notices.notices[0].level == Notify::Level::critical);
}

TEST_CASE("live runner: a ledger that is broken ends the run", "[runtime][live]") {
  Rig rig;
  rig.journal.commit_fails = true;
  rig.journal.commit_error = ErrorCode::corrupt;
  rig.push_candle(flat(rig.next, "100", go_long));
  bool answered = false;
  rig.push(command(OperatorAction::pause), [&](const Status& status) {
    answered = true;
    CHECK_FALSE(status);
  });
  CHECK(rig.run().error().code == ErrorCode::corrupt);
  CHECK(answered);
  CHECK(rig.venue.submitted.empty());
}

TEST_CASE("live runner: more letters than a turn holds are all handled", "[runtime][live]") {
  Rig rig;
  for (int i = 0; i < 1'000; ++i) rig.push(FeedUp{});
  REQUIRE(rig.run());
  CHECK(rig.journal.events.size() == 1'000);
  CHECK(rig.runner.progress() >= 4);
}
