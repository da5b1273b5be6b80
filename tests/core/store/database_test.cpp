#include "core/store/database.h"

#include "core/store/schema.h"
#include "tests/core/store/scratch.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <limits>
#include <sys/wait.h>
#include <unistd.h>

using namespace aitrade;

namespace {

const Time now = Time::from_seconds(1'700'000'000);

std::string pragma(Database& database, const std::string& name) {
  auto value = database.text("PRAGMA " + name);
  return value ? *value : "(none)";
}

Status read_everything(const std::filesystem::path& path) {
  AITRADE_TRY(Database db, Database::open(path, OpenMode::reader, Profile::ledger));
  AITRADE_TRY(Statement all, db.prepare("SELECT key, value FROM meta"));
  for (;;) {
    AITRADE_TRY(const bool has_row, all.step());
    if (!has_row) return ok();
  }
}

}  // namespace

TEST_CASE("database: the settings of a ledger writer are in force") {
  Scratch scratch;
  auto opened = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  Database& db = opened;
  CHECK(pragma(db, "journal_mode") == "wal");
  CHECK(pragma(db, "synchronous") == "2");
  CHECK(pragma(db, "wal_autocheckpoint") == "0");
  CHECK(pragma(db, "busy_timeout") == "5000");
  CHECK(pragma(db, "foreign_keys") == "1");
  CHECK(pragma(db, "mmap_size") == "0");
  CHECK(pragma(db, "cell_size_check") == "1");
  CHECK(pragma(db, "trusted_schema") == "0");
  CHECK(pragma(db, "temp_store") == "2");
  CHECK(pragma(db, "cache_size") == "-8000");
  CHECK(pragma(db, "auto_vacuum") == "2");
  CHECK(pragma(db, "application_id") == std::to_string(0x4149544c));
  // Defensive mode: the schema table cannot be written.
  REQUIRE(db.execute("PRAGMA writable_schema=ON").has_value());
  CHECK_FALSE(db.execute("DELETE FROM sqlite_schema").has_value());
}

TEST_CASE("database: telemetry and market files are NORMAL, and every table is STRICT") {
  Scratch scratch;
  for (const Profile profile : {Profile::ledger, Profile::telemetry, Profile::market}) {
    auto db = must(open_writer(scratch / (std::string(to_string(profile)) + ".db"), profile, now));
    CHECK(pragma(db, "synchronous") == (profile == Profile::ledger ? "2" : "1"));
    const auto loose = db.integer(
        "SELECT count(*) FROM pragma_table_list WHERE schema='main' AND type='table' AND strict=0 "
        "AND name NOT LIKE 'sqlite_%'");
    CHECK(*loose == 0);
  }
}

TEST_CASE("database: the ledger has no REAL column for money") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  auto rows = db.prepare(
      "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
      "WHERE m.type='table' AND c.type='REAL' ORDER BY 1");
  REQUIRE(rows.has_value());
  while (*rows->step()) {
    const std::string column(rows->text(0));
    INFO(column);
    for (const char* word : {"price", "quantity", "fee", "cash", "equity", "pnl", "stop"}) {
      CHECK(column.find(word) == std::string::npos);
    }
  }
}

TEST_CASE("database: a reader cannot write and leaves the log untouched on close") {
  Scratch scratch;
  const auto path = scratch / "trading.db";
  auto writer = must(open_writer(path, Profile::ledger, now));
  REQUIRE(writer.execute("INSERT INTO meta VALUES('a','1')").has_value());
  const auto wal = writer.wal_bytes();
  REQUIRE(wal > 0);
  {
    auto reader = must(open_reader(path, Profile::ledger));
    CHECK(*reader.text("SELECT value FROM meta WHERE key='a'") == "1");
    CHECK(pragma(reader, "query_only") == "1");
    CHECK_FALSE(reader.execute("INSERT INTO meta VALUES('b','1')").has_value());
  }
  CHECK(writer.wal_bytes() == wal);
  REQUIRE(writer.checkpoint(true).has_value());
  CHECK(writer.wal_bytes() == 0);
}

TEST_CASE("database: a checkpoint does not wait for readers and cuts the log when they are gone", "[store][D3]") {
  Scratch scratch;
  auto writer = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  REQUIRE(writer.checkpoint(true).has_value());
  REQUIRE(writer.execute("INSERT INTO meta VALUES('a','1'),('b','2')").has_value());
  auto reader = must(open_reader(scratch / "trading.db", Profile::ledger));
  {
    auto held = must(reader.prepare("SELECT value FROM meta ORDER BY key"));
    REQUIRE(*held.step());
    REQUIRE(writer.execute("UPDATE meta SET value='9'").has_value());
    const auto start = std::chrono::steady_clock::now();
    CHECK(writer.checkpoint(true).has_value());
    CHECK(std::chrono::steady_clock::now() - start < milliseconds{2000});  // the busy timeout is 5 s
    CHECK(writer.wal_bytes() > 0);
    REQUIRE(*held.step());
    CHECK(held.text(0) == "2");  // its snapshot stands
  }
  CHECK(writer.checkpoint(true).has_value());
  CHECK(writer.wal_bytes() == 0);
}

TEST_CASE("database: errors are told apart") {
  Scratch scratch;
  CHECK(Database::open(scratch / "none.db", OpenMode::reader, Profile::ledger).error().code ==
        ErrorCode::not_found);
  { std::ofstream(scratch / "noise.db") << std::string(8192, 'x'); }
  CHECK(Database::open(scratch / "noise.db", OpenMode::writer, Profile::ledger).error().code ==
        ErrorCode::corrupt);
  REQUIRE(open_writer(scratch / "market.db", Profile::market, now).has_value());
  CHECK(Database::open(scratch / "market.db", OpenMode::writer, Profile::ledger).error().code ==
        ErrorCode::corrupt);
}

TEST_CASE("database: a damaged page is reported as corrupt") {
  Scratch scratch;
  const auto path = scratch / "trading.db";
  {
    auto db = must(open_writer(path, Profile::ledger, now));
    for (int i = 0; i < 2000; ++i) {
      REQUIRE(db.execute("INSERT INTO meta VALUES('key" + std::to_string(i) + "','" +
                         std::string(50, 'v') + "')")
                  .has_value());
    }
    REQUIRE(db.checkpoint(true).has_value());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0, std::ios::end);
    const auto size = static_cast<long>(file.tellp());
    for (long page = size / 2; page < size; page += 4096) {
      file.seekp(page / 4096 * 4096);
      file << std::string(64, '\x7f');
    }
  }
  CHECK(read_everything(path).error().code == ErrorCode::corrupt);
}

TEST_CASE("database: waiting for a foreign lock is bounded (K2)", "[store][K2]") {
  Scratch scratch;
  const auto path = scratch / "trading.db";
  auto holder = must(open_writer(path, Profile::ledger, now));
  auto held = Transaction::begin(holder);
  REQUIRE(held.has_value());
  OpenOptions options;
  options.busy_timeout = milliseconds{200};
  auto other = Database::open(path, OpenMode::writer, Profile::ledger, options);
  REQUIRE(other.has_value());
  const auto start = std::chrono::steady_clock::now();
  auto begun = Transaction::begin(*other);
  const auto waited = std::chrono::steady_clock::now() - start;
  REQUIRE_FALSE(begun.has_value());
  CHECK(begun.error().code == ErrorCode::busy);
  CHECK(waited >= milliseconds{150});
  CHECK(waited < milliseconds{2000});
  REQUIRE(held->commit().has_value());
  CHECK(Transaction::begin(*other).has_value());  // the caller lives on
}

TEST_CASE("database: typed values come back as they went in") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "telemetry.db", Profile::telemetry, now));
  REQUIRE(
      db.execute("CREATE TABLE t(i INTEGER, r REAL, x TEXT, b BLOB, n TEXT) STRICT").has_value());
  auto insert = db.prepare("INSERT INTO t VALUES(?,?,?,?,?)");
  REQUIRE(insert.has_value());
  const std::array<std::byte, 3> bytes{std::byte{0}, std::byte{255}, std::byte{7}};
  insert->bind_all(std::numeric_limits<std::int64_t>::min(), 0.1, std::string("a\0b", 3));
  insert->bind_blob(4, bytes).bind_null(5);
  REQUIRE(insert->run().has_value());
  insert->bind_all(true, std::numeric_limits<double>::quiet_NaN(),
                   Money::parse_or_die("-0.00000001"), std::nullopt,
                   std::optional<Time>(now).has_value() ? "set" : "");
  REQUIRE(insert->run().has_value());
  auto rows = db.prepare("SELECT i,r,x,b,n FROM t ORDER BY rowid");
  REQUIRE(*rows->step());
  CHECK(rows->integer(0) == std::numeric_limits<std::int64_t>::min());
  CHECK(rows->real(1) == 0.1);
  CHECK(rows->text(2).size() == 3);
  CHECK(rows->blob(3).size() == 3);
  CHECK(rows->is_null(4));
  REQUIRE(*rows->step());
  CHECK(rows->is_null(1));
  CHECK(rows->text(2) == "-0.00000001");
}
