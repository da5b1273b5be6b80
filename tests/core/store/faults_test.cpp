// The ledger on a disk that fails: a VFS that refuses the n-th write, for every n until the
// scenario completes, and a disk whose fsync fails.
#include "core/store/ledger_check.h"
#include "core/store/recovery.h"
#include "core/store/reserve.h"
#include "core/store/schema.h"
#include "tests/core/store/failing_vfs.h"
#include "tests/core/store/scratch.h"
#include "tests/core/store/script.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdio>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

using namespace aitrade;

namespace {

/// Opens, recalls, trades, closes on the failing VFS; stops at the first refusal.
Status scenario(const std::filesystem::path& state, int& turns_acknowledged) {
  OpenOptions options;
  options.vfs = FailingVfs::name;
  AITRADE_TRY(Database ledger,
              open_writer(state / "trading.db", Profile::ledger, script_start, options));
  AITRADE_TRY(const Recall recalled, recall(ledger, script_names(), script_start));
  Script script(2);
  script.resume(recalled);
  JournalOptions journal_options = script_options(state, "r1");
  journal_options.telemetry_db.clear();
  AITRADE_TRY(auto journal, JournalStore::start(std::move(ledger), journal_options));
  for (int i = 0; i < 34; ++i) {
    const ScriptStep step = script.next();
    AITRADE_TRY_STATUS(journal->append(step.event, step.actions));
    AITRADE_TRY_STATUS(journal->commit(true));
    if (std::holds_alternative<OrderFilled>(step.event.body)) ++turns_acknowledged;
  }
  return journal->close();
}

}  // namespace

TEST_CASE("faults: a disk full at the n-th write leaves what the next open accepts (P12, P13)") {
  FailingVfs vfs;
  bool completed = false;
  int tried = 0;
  for (long n = 1; !completed && n < 2000; n += n < 60 ? 1 : 7) {
    Scratch scratch;
    ++tried;
    int acknowledged = 0;
    vfs.fail_writes_from(n);
    const Status done = scenario(scratch.path(), acknowledged);
    vfs.heal();
    INFO("write " << n << (done ? "" : ": " + done.error().what));
    completed = done.has_value();
    if (!done) {
      REQUIRE(done.error().code == ErrorCode::full);
      REQUIRE(done.error().what.find("No space left on device") != std::string::npos);
    }
    Database ledger = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
    const Recall recalled = must(recall(ledger, script_names(), script_start));
    CHECK_FALSE(recalled.events.empty());
    const LedgerCheck check = must(ledger_check(ledger));
    for (const std::string& problem : check.problems)
      UNSCOPED_INFO(problem);
    REQUIRE(check.is_sound());
    REQUIRE(check.fills >= static_cast<std::uint64_t>(acknowledged));
  }
  CHECK(completed);
  WARN("stops tried: " << tried);
}

TEST_CASE("faults: a full disk that finds room again stores what waited, in order") {
  FailingVfs vfs;
  Scratch scratch;
  OpenOptions options;
  options.vfs = FailingVfs::name;
  Database ledger =
      must(open_writer(scratch / "trading.db", Profile::ledger, script_start, options));
  Script script;
  script.resume(must(recall(ledger, script_names(), script_start)));
  JournalOptions journal_options = script_options(scratch.path(), "r1");
  journal_options.reserve_file = scratch / "reserve";
  auto journal = must(JournalStore::start(std::move(ledger), journal_options));
  CHECK(std::filesystem::file_size(scratch / "reserve") == ReserveFile::bytes_default);
  for (int i = 0; i < 9; ++i)
    must(play(*journal, script.next()));
  vfs.fail_writes_from(1);
  for (int i = 0; i < 3; ++i) {
    const ScriptStep step = script.next();
    must(journal->append(step.event, step.actions));
    CHECK(journal->commit(true).error().code == ErrorCode::full);
  }
  CHECK_FALSE(std::filesystem::exists(scratch / "reserve"));
  CHECK(journal->health().reserve_used);
  CHECK_FALSE(journal->health().is_ok);
  vfs.heal();
  const ScriptStep step = script.next();
  must(journal->append(step.event, step.actions));
  must(journal->commit(true));
  must(journal->close());
  Database again = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
  const LedgerCheck check = must(ledger_check(again));
  CHECK(check.is_sound());
  CHECK(check.orders == 1);
  CHECK(check.fills == 1);
}

TEST_CASE("faults: a ledger whose fsync fails ends the process") {
  Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(3);
    ::signal(SIGABRT, SIG_DFL);
    FailingVfs vfs;
    OpenOptions options;
    options.vfs = FailingVfs::name;
    auto ledger = open_writer(scratch / "trading.db", Profile::ledger, script_start, options);
    if (!ledger) ::_exit(1);
    vfs.fail_syncs();
    static_cast<void>(ledger->execute("INSERT INTO meta VALUES('a','b')").has_value());
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("faults: a migration stopped at any write leaves the old schema or the new one (P26)") {
  FailingVfs vfs;
  auto next = embedded_migrations(Profile::ledger);
  next.push_back({static_cast<int>(next.size()) + 1, "next.sql",
                  "ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note='x';"
                  "CREATE TABLE extra(a INTEGER) STRICT; INSERT INTO extra VALUES(1);"});
  bool completed = false;
  for (long n = 1; !completed && n < 200; ++n) {
    Scratch scratch;
    {
      Database old = must(open_writer(scratch / "trading.db", Profile::ledger, script_start));
      must(old.execute("INSERT INTO meta VALUES('a','b')"));
    }
    OpenOptions options;
    options.vfs = FailingVfs::name;
    vfs.fail_writes_from(n);
    {
      auto db = Database::open(scratch / "trading.db", OpenMode::writer, Profile::ledger, options);
      completed = db && migrate(*db, next, script_start);
    }
    vfs.heal();
    Database after =
        must(Database::open(scratch / "trading.db", OpenMode::writer, Profile::ledger));
    const auto version = must(after.integer("PRAGMA user_version"));
    const auto columns = must(after.integer("SELECT count(*) FROM pragma_table_info('meta')"));
    INFO("write " << n);
    REQUIRE(columns == (version == static_cast<std::int64_t>(next.size()) ? 3 : 2));
    REQUIRE(must(file_check(after)).empty());
    REQUIRE(migrate(after, next, script_start).has_value());
  }
  CHECK(completed);
}
