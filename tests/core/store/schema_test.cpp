#include "core/store/schema.h"

#include "tests/core/store/scratch.h"

#include <catch2/catch.hpp>

using namespace aitrade;

namespace {

const Time now = Time::from_seconds(1'700'000'000);

std::vector<Migration> two() {
  auto list = embedded_migrations(Profile::ledger);
  list.push_back({static_cast<int>(list.size()) + 1, "next.sql",
                  "ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note='x';"});
  return list;
}

}  // namespace

TEST_CASE("schema: a new file gets every migration and remembers it") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  const auto known = embedded_migrations(Profile::ledger);
  CHECK(*db.integer("PRAGMA user_version") == static_cast<std::int64_t>(known.size()));
  CHECK(*db.integer("SELECT applied_ns FROM schema_migrations WHERE version=1") == now.ns);
  CHECK(db.text("SELECT checksum FROM schema_migrations WHERE version=1")->size() == 64);
  CHECK_FALSE(std::filesystem::exists(scratch / "backups"));
}

TEST_CASE("schema: an older file is backed up, then brought forward") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  REQUIRE(db.execute("INSERT INTO meta VALUES('a','1')").has_value());
  const auto list = two();
  auto report = migrate(db, list, now);
  REQUIRE(report.has_value());
  CHECK(report->from + 1 == report->to);
  CHECK(*db.text("SELECT note FROM meta WHERE key='a'") == "x");
  REQUIRE(std::filesystem::exists(report->backup));
  auto copy = Database::open(report->backup, OpenMode::reader, Profile::ledger);
  REQUIRE(copy.has_value());
  CHECK(*copy->integer("PRAGMA user_version") == report->from);
  CHECK(*copy->text("SELECT value FROM meta WHERE key='a'") == "1");
}

TEST_CASE("schema: a newer file is refused by writer and reader") {
  Scratch scratch;
  const auto path = scratch / "trading.db";
  {
    auto db = must(open_writer(path, Profile::ledger, now));
    REQUIRE(migrate(db, two(), now).has_value());
  }
  CHECK(open_writer(path, Profile::ledger, now).error().code == ErrorCode::corrupt);
  CHECK(open_reader(path, Profile::ledger).error().code == ErrorCode::corrupt);
}

TEST_CASE("schema: a failure inside a migration leaves the old schema whole") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  auto list = two();
  list.back().sql = "ALTER TABLE meta ADD COLUMN note TEXT; INSERT INTO nowhere VALUES(1);";
  const auto before = *db.integer("PRAGMA user_version");
  CHECK_FALSE(migrate(db, list, now).has_value());
  CHECK(*db.integer("PRAGMA user_version") == before);
  CHECK(*db.integer("SELECT count(*) FROM pragma_table_info('meta')") == 2);
  CHECK(migrate(db, two(), now).has_value());
}

TEST_CASE("schema: an edited migration is found by its checksum") {
  Scratch scratch;
  auto db = must(open_writer(scratch / "trading.db", Profile::ledger, now));
  REQUIRE(db.execute("UPDATE schema_migrations SET checksum='0' WHERE version=1").has_value());
  CHECK(migrate(db, embedded_migrations(Profile::ledger), now).error().code == ErrorCode::corrupt);
}
