#include "core/store/journal_store.h"
#include "core/store/ledger.h"
#include "core/store/ledger_check.h"
#include "core/store/queries.h"
#include "core/store/recording_codec.h"
#include "core/store/recovery.h"
#include "core/store/schema.h"
#include "core/store/telemetry.h"
#include "tests/core/store/scratch.h"
#include "tests/core/store/script.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

using namespace aitrade;

namespace {

/// Opens the ledger, recalls, and starts a journal.
std::unique_ptr<JournalStore> begin(const std::filesystem::path& state, const std::string& run,
                                    Script& script) {
  Database ledger = must(open_writer(state / "trading.db", Profile::ledger, script_start));
  const Recall recalled = must(recall(ledger, script_names(), script_start));
  script.resume(recalled);
  return must(JournalStore::start(std::move(ledger), script_options(state, run)));
}

LedgerCheck check_files(const std::filesystem::path& state) {
  Database ledger = must(open_writer(state / "trading.db", Profile::ledger, script_start));
  return must(ledger_check(ledger));
}

void require_sound(const std::filesystem::path& state) {
  const LedgerCheck check = check_files(state);
  for (const std::string& problem : check.problems)
    UNSCOPED_INFO(problem);
  REQUIRE(check.is_sound());
}

void copy_state(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::create_directories(to);
  for (const char* name : {"trading.db", "trading.db-wal", "trading.db-shm"}) {
    if (std::filesystem::exists(from / name)) std::filesystem::copy_file(from / name, to / name);
  }
}

}  // namespace

TEST_CASE("journal: a run leaves a sound ledger, a recording and telemetry") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  for (int i = 0; i < 500; ++i)
    must(play(*journal, script.next()));
  must(journal->close());
  require_sound(scratch.path());

  Database ledger = must(open_reader(scratch / "trading.db", Profile::ledger));
  const TenantId tenant;
  CHECK(must(trades(ledger, tenant, {})).size() > 15);
  CHECK(must(fills(ledger, tenant, {})).size() > 30);
  CHECK(must(decisions(ledger, tenant, {})).size() > 15);
  CHECK(must(trades(ledger, TenantId{"other"}, {})).empty());
  CHECK(must(ledger.integer("SELECT close_ns FROM watermarks")) == script.clock().ns);
  CHECK(must(ledger.integer("SELECT count(*) FROM runs WHERE ended_ns IS NOT NULL")) == 1);
  Database telemetry = must(open_reader(scratch / "telemetry.db", Profile::telemetry));
  CHECK(must(thoughts(telemetry, tenant, newest(10))).size() == 10);
  CHECK_FALSE(must(equity(telemetry, tenant, {})).empty());

  auto reader = must(RecordingReader::open(scratch / "runs/r1"));
  std::uint64_t events = 0;
  for (;;) {
    auto record = must(reader->next());
    if (!record) break;
    ++events;
    CHECK(number(record->event.seq) == events);
  }
  CHECK(events == 500);
}

TEST_CASE("journal: pages are cut by key, in both directions") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  for (int i = 0; i < 300; ++i)
    must(play(*journal, script.next()));
  must(journal->close());
  Database ledger = must(open_reader(scratch / "trading.db", Profile::ledger));
  const auto all = must(orders(ledger, {}, {}));
  std::vector<std::int64_t> forward;
  Page page{0, std::nullopt, 7};
  for (;;) {
    const auto slice = must(orders(ledger, {}, page));
    if (slice.empty()) break;
    for (const auto& row : slice)
      forward.push_back(row.id);
    page.after = forward.back();
  }
  REQUIRE(forward.size() == all.size());
  const auto backward = must(orders(ledger, {}, newest(3)));
  CHECK(backward.front().id == all.back().id);
  CHECK(backward.size() == 3);
}

TEST_CASE("journal: the terms of an order are what the venue confirmed, not what was asked of it") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  Order order;
  ScriptStep last;
  while (order.client_id.sequence == 0) {
    last = script.next();
    for (const Action& action : last.actions) {
      if (const auto* submit = std::get_if<SubmitOrder>(&action)) order = submit->order;
    }
    must(play(*journal, last));
  }
  const auto half = Quantity::from_raw(order.quantity.raw() / 2);
  const auto quantity_of = [&] {
    must(journal->commit(true));
    Database ledger = must(open_reader(scratch / "trading.db", Profile::ledger));
    const auto rows = must(orders(ledger, {}, newest(1)));
    REQUIRE(rows.size() == 1);
    return rows.front().quantity;
  };
  const auto step = [&](EventBody body, std::vector<Action> actions) {
    Event event;
    event.seq = EventSeq{number(last.event.seq) + 1};
    event.when = last.event.when;
    event.at = last.event.at + milliseconds{1};
    event.body = std::move(body);
    last.event = event;
    ActionList list;
    for (Action& action : actions) list.add(std::move(action));
    must(journal->append(event, list));
  };
  step(Tick{}, {ReplaceOrder{order.client_id, order.instrument, {}, {}, half}});
  CHECK(quantity_of() == to_string(order.quantity));   // it may be refused, or cross the end of the order
  step(OrderReplaced{order.client_id, {}, {}, half}, {});
  CHECK(quantity_of() == to_string(half));
  must(journal->close());
}

TEST_CASE("journal: after a stop at any turn the ledger is whole and the next run goes on (P5)") {
  Scratch scratch;
  const auto live = scratch / "live";
  const auto copy = scratch / "copy";
  std::filesystem::create_directories(live);
  Script script(3);
  auto journal = begin(live, "r1", script);
  for (int i = 0; i < 120; ++i) {
    const ScriptStep step = script.next();
    must(journal->append(step.event, step.actions));
    must(journal->commit(true));
    if (i % 3 != 0) continue;
    copy_state(live, copy);  // what a killed process leaves behind
    require_sound(copy);
    Script second(99);
    second.set_clock(script.clock());
    auto next = begin(copy, "r2", second);
    CHECK(second.cash() == script.cash());
    CHECK(second.held() == script.held());
    for (int k = 0; k < 25; ++k)
      must(play(*next, second.next()));
    must(next->close());
    require_sound(copy);
    CHECK(must(Database::open(copy / "trading.db", OpenMode::reader, Profile::ledger))
              .integer("SELECT count(*) FROM runs")
              .value_or(0) == 2);
  }
}

TEST_CASE(
    "journal: an order in flight at the stop is adopted, and its sequence is not used again") {
  Scratch scratch;
  Script script;
  {
    auto journal = begin(scratch.path(), "r1", script);
    for (int i = 0; i < 10; ++i)
      must(play(*journal, script.next()));  // the tenth submits
    must(journal->close());
  }
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  REQUIRE(ledger.execute("UPDATE risk_state SET next_sequence=1").has_value());
  Recall found = must(recall(ledger, script_names(), script_start));
  CHECK_FALSE(found.is_first_start);
  REQUIRE(found.events.size() == 2);
  CHECK(std::get<AccountRestored>(found.events[0].body).next_sequence == 2);
  const Order order = std::get<OrderAdopted>(found.events[1].body).order;
  CHECK(order.state == OrderState::journaled);
  CHECK(order.client_id == ClientOrderId{1, 1, OrderRole::entry, 0});
  StoreNames live = script_names();
  live.desks[0].mode = "live";
  CHECK(recall(ledger, live, script_start).error().code == ErrorCode::invalid);
  StoreNames fewer = script_names();
  fewer.instruments.erase(fewer.instruments.begin());
  CHECK(recall(ledger, fewer, script_start).error().code == ErrorCode::invalid);
}

TEST_CASE("journal: a first start gives the bankroll, epoch 1 and sequence 1") {
  Scratch scratch;
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  const Recall found = must(recall(ledger, script_names(), script_start));
  CHECK(found.is_first_start);
  CHECK(found.watermarks.empty());
  REQUIRE(found.events.size() == 1);
  const auto& account = std::get<AccountRestored>(found.events[0].body);
  CHECK(account.cash == Money::parse_or_die("10000"));
  CHECK(account.epoch == 1);
  CHECK(account.next_sequence == 1);
  CHECK_FALSE(account.paused);
  CHECK_FALSE(must(recall(ledger, script_names(), script_start)).is_first_start);
}

TEST_CASE("journal: a fill that comes twice counts once, one with other numbers is an incident") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  ScriptStep filled;
  for (int i = 0; i < 11; ++i) {
    filled = script.next();
    must(play(*journal, filled));
  }
  REQUIRE(std::holds_alternative<OrderFilled>(filled.event.body));
  ScriptStep again{filled.event, ActionList()};
  again.event.seq = EventSeq{1000};
  must(play(*journal, again));
  CHECK(journal->health().duplicate_fills == 1);
  must(journal->close());
  require_sound(scratch.path());

  Script second;
  auto next = begin(scratch.path(), "r2", second);
  std::get<OrderFilled>(again.event.body).fill.quantity += Quantity::from_raw(1);
  must(play(*next, again));
  must(next->close());
  const LedgerCheck check = check_files(scratch.path());
  REQUIRE(check.problems.size() == 1);
  CHECK(check.problems[0].find("fill_conflict") != std::string::npos);
  CHECK(check.fills == 1);
}

TEST_CASE("journal: an order id that was used stops the journal") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  ScriptStep step;
  for (int i = 0; i < 10; ++i) {
    step = script.next();
    must(play(*journal, step));
  }
  REQUIRE(step.actions.has_orders());
  step.event.seq = EventSeq{99};
  CHECK(play(*journal, step).error().code == ErrorCode::invalid);
  CHECK_FALSE(play(*journal, script.next()).has_value());
  CHECK_FALSE(journal->health().is_ok);
}

TEST_CASE("journal: pause and halt survive, are audited, and the trail shows edits") {
  Scratch scratch;
  const PauseRequest request{TenantId{}, true, "lunch", "cli:1000"};
  const auto pause = [&] {
    return store_pause(scratch / "lock", scratch / "trading.db", request, script_start);
  };
  must(pause());
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  ScriptStep step = script.next();
  step.actions.add(RunStateChanged{false, true, "drawdown", "system"});
  must(play(*journal, step));
  must(journal->close());
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  const auto account =
      std::get<AccountRestored>(must(recall(ledger, script_names(), script_start)).events[0].body);
  CHECK_FALSE(account.paused);
  CHECK(account.halted);
  CHECK(account.pause_reason == "drawdown");
  CHECK(must(ledger.integer("SELECT count(*) FROM audit_log")) == 2);
  must(check_audit(ledger));
  must(ledger.execute("UPDATE audit_log SET detail='dinner' WHERE id=1"));
  CHECK(check_audit(ledger).error().code == ErrorCode::corrupt);
}

TEST_CASE("journal: a wrong cash or holding is found to the last unit") {
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  for (int i = 0; i < 30; ++i)
    must(play(*journal, script.next()));
  must(journal->close());
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  REQUIRE(must(ledger_check(ledger)).is_sound());
  const Money cash = Money::parse_or_die(must(ledger.text("SELECT cash FROM risk_state")));
  must(ledger.execute("UPDATE risk_state SET cash='" + to_string(cash + Money::from_raw(1)) + "'"));
  CHECK(must(ledger_check(ledger)).problems.size() == 1);
  must(ledger.execute("UPDATE risk_state SET cash='" + to_string(cash) + "'"));
  must(ledger.execute("UPDATE fills SET quantity='99' WHERE id=1"));
  CHECK(must(ledger_check(ledger)).problems.size() >= 2);
}

TEST_CASE("journal: a turn that waits for a foreign lock fails in time and is stored later (K2)", "[store][K2]") {
  Scratch scratch;
  OpenOptions quick;
  quick.busy_timeout = milliseconds{100};
  Script script;
  Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start, quick));
  script.resume(must(recall(ledger, script_names(), script_start)));
  auto journal = must(JournalStore::start(std::move(ledger), script_options(scratch.path(), "r1")));
  Database foreign =
      must(Database::open(scratch / "trading.db", OpenMode::writer, Profile::ledger));
  {
    auto held = must(Transaction::begin(foreign));
    ScriptStep step = script.next();
    must(journal->append(step.event, step.actions));
    step.actions.add(AccountChanged{});
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 9; ++i) {
      step = script.next();
      must(journal->append(step.event, step.actions));
    }
    CHECK(journal->commit(true).error().code == ErrorCode::busy);
    CHECK(std::chrono::steady_clock::now() - start < milliseconds{2000});
    must(held.commit());
  }
  must(play(*journal, script.next()));
  must(journal->close());
  require_sound(scratch.path());
  CHECK(check_files(scratch.path()).orders == 1);
}

TEST_CASE("journal: fifty readers never block the writer (D3)", "[store][D3]") {
  constexpr int readers_count = 50;
  constexpr int turns = 200;
  Scratch scratch;
  Script script;
  auto journal = begin(scratch.path(), "r1", script);
  for (int i = 0; i < 300; ++i)
    must(play(*journal, script.next()));
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < readers_count; ++i) {
    readers.emplace_back([&] {
      auto db = open_reader(scratch / "trading.db", Profile::ledger);
      if (!db) ++refused;
      while (db && !stop)
        ++(fills(*db, {}, {}).has_value() ? reads : refused);
    });
  }
  // A reader in the middle of a statement holds its snapshot all the time: the hardest neighbour.
  Database slow = must(open_reader(scratch / "trading.db", Profile::ledger));
  Statement held = must(slow.prepare("SELECT id FROM fills"));
  REQUIRE(must(held.step()));
  std::vector<double> waits;
  for (int i = 0; i < turns; ++i) {
    const ScriptStep step = script.next();
    must(journal->append(step.event, step.actions));
    const auto start = std::chrono::steady_clock::now();
    must(journal->commit(true));  // busy would be an error here
    waits.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  stop = true;
  for (std::thread& reader : readers)
    reader.join();
  std::sort(waits.begin(), waits.end());
  WARN(turns << " durable turns beside " << readers_count << " readers: p50 " << waits[turns / 2] << " ms, p99 "
             << waits[turns - 2] << " ms, reads " << reads.load());
  CHECK(reads > 0);
  CHECK(refused == 0);
  CHECK(must(held.step()));  // its snapshot is still whole
  must(journal->close());
}

TEST_CASE("telemetry: one time format, cut exactly at the millisecond, across midnight (D2)", "[store][D2]") {
  Scratch scratch;
  Database db = must(open_writer(scratch / "telemetry.db", Profile::telemetry, script_start));
  const Time midnight = must(parse_time("2024-03-01T00:00:00Z"));
  const auto put = [&](Time at, const char* severity) {
    Statement s = must(db.prepare("INSERT INTO metrics(ts_ns,name,value) VALUES(?,'m',1)"));
    must(s.bind_all(at).run());
    Statement t =
        must(db.prepare("INSERT INTO thought_log(ts_ns,category,message,severity) "
                        "VALUES(?,'notice','x',?)"));
    must(t.bind_all(at, severity).run());
  };
  put(midnight - milliseconds{1}, "debug");
  put(midnight, "debug");
  put(midnight + milliseconds{1}, "debug");
  put(midnight - milliseconds{1}, "warning");
  CHECK(must(metric_count(db, {}, "m", midnight + hours{2}, hours{2})) == 2);
  CHECK(must(metric_count(db, {}, "m", midnight, hours{1})) == 3);
  must(Telemetry::prune(db, midnight, midnight - hours{24}));
  CHECK(must(db.integer("SELECT min(ts_ns) FROM metrics")) == midnight.ns);
  CHECK(must(db.integer("SELECT count(*) FROM metrics")) == 2);
  CHECK(must(db.integer("SELECT count(*) FROM thought_log")) == 3);
}
