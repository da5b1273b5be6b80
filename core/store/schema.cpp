#include "core/store/schema.h"

#include "core/base/embedded.h"
#include "core/store/digest.h"
#include "core/store/instance_lock.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace aitrade {

extern const EmbeddedFile trading_schema[];
extern const std::size_t trading_schema_count;
extern const EmbeddedFile telemetry_schema[];
extern const std::size_t telemetry_schema_count;
extern const EmbeddedFile market_schema[];
extern const std::size_t market_schema_count;
extern const EmbeddedFile access_schema[];
extern const std::size_t access_schema_count;

namespace {

std::string checksum(std::string_view text) {
  return to_hex(view(sha256(text)));
}

std::span<const EmbeddedFile> embedded_files(Profile profile) {
  switch (profile) {
    case Profile::ledger:
      return {trading_schema, trading_schema_count};
    case Profile::telemetry:
      return {telemetry_schema, telemetry_schema_count};
    case Profile::market:
      return {market_schema, market_schema_count};
    case Profile::access:
      return {access_schema, access_schema_count};
  }
  return {};
}

constexpr const char* bookkeeping =
    "CREATE TABLE IF NOT EXISTS schema_migrations("
    "version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ns INTEGER NOT NULL, "
    "checksum TEXT NOT NULL) STRICT";

Status apply_one(Database& database, const Migration& migration, Time now) {
  AITRADE_TRY(Transaction transaction, Transaction::begin(database));
  AITRADE_TRY_STATUS(database.execute(bookkeeping));
  AITRADE_TRY_STATUS(database.execute(std::string(migration.sql)));
  AITRADE_TRY(Statement insert, database.prepare("INSERT INTO schema_migrations VALUES(?,?,?,?)"));
  AITRADE_TRY_STATUS(
      insert.bind_all(migration.version, migration.name, now, checksum(migration.sql)).run());
  AITRADE_TRY_STATUS(database.execute("PRAGMA user_version=" + std::to_string(migration.version)));
  return transaction.commit();
}

Status check_applied(Database& database, std::span<const Migration> migrations, int version) {
  AITRADE_TRY(Statement rows, database.prepare("SELECT version, checksum FROM schema_migrations "
                                               "ORDER BY version"));
  int expected = 0;
  for (;;) {
    AITRADE_TRY(const bool has_row, rows.step());
    if (!has_row) break;
    const auto index = static_cast<std::size_t>(expected++);
    if (rows.integer(0) != expected || index >= migrations.size() ||
        rows.text(1) != checksum(migrations[index].sql)) {
      return fail(ErrorCode::corrupt, database.path().string() + ": migration " +
                                          std::to_string(rows.integer(0)) +
                                          " is not the one this binary knows");
    }
  }
  if (expected == version) return ok();
  return fail(ErrorCode::corrupt, database.path().string() + ": schema_migrations ends at " +
                                      std::to_string(expected) + ", user_version is " +
                                      std::to_string(version));
}

Error too_new(const Database& database, int found, int newest) {
  return fail(ErrorCode::corrupt, database.path().string() + ": schema " + std::to_string(found) +
                                      " is newer than this binary (" + std::to_string(newest) +
                                      "); use a newer aitrade");
}

Status sync_path(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return fail(ErrorCode::io, path.string() + ": " + std::strerror(errno));
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!synced) return fail(ErrorCode::io, path.string() + ": fsync failed");
  return ok();
}

/// Returns the backup of this file that was written last, empty when there is none.
std::filesystem::path newest_backup(const std::filesystem::path& database) {
  std::filesystem::path newest;
  std::filesystem::file_time_type written;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(database.parent_path() / "backups", ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(database.stem().string()) || !name.ends_with(".db")) continue;
    const auto time = entry.last_write_time(ignored);
    if (newest.empty() || time > written) newest = entry.path();
    written = std::max(written, time);
  }
  return newest;
}

/// Moves the log of a file that nobody else has open into it.
Status settle(const std::filesystem::path& path, Profile profile) {
  AITRADE_TRY(Database writer, Database::open(path, OpenMode::writer, profile));
  return writer.checkpoint(true);
}

std::string quoted(const std::string& text) {
  std::string sql = "'";
  for (const char c : text) {
    sql += c;
    if (c == '\'') sql += c;
  }
  return sql + "'";
}

}  // namespace

std::vector<Migration> embedded_migrations(Profile profile) {
  std::vector<Migration> list;
  for (const EmbeddedFile& file : embedded_files(profile)) {
    const std::string_view name = file.name;
    Migration migration{0, std::string(name), file.text()};
    std::from_chars(name.data(), name.data() + name.size(), migration.version);
    AITRADE_CHECK(migration.version == static_cast<int>(list.size()) + 1);
    list.push_back(std::move(migration));
  }
  return list;
}

Result<MigrationReport> migrate(Database& database, std::span<const Migration> migrations,
                                Time now) {
  AITRADE_TRY(const std::int64_t found, database.integer("PRAGMA user_version"));
  const int newest = static_cast<int>(migrations.size());
  MigrationReport report{static_cast<int>(found), static_cast<int>(found), {}};
  if (report.from > newest) return too_new(database, report.from, newest);
  if (report.from > 0) AITRADE_TRY_STATUS(check_applied(database, migrations, report.from));
  if (report.from == newest) return report;
  if (report.from > 0) {
    report.backup =
        database.path().parent_path() / "backups" /
        (database.path().stem().string() + "-schema-" + std::to_string(report.from) + ".db");
    AITRADE_TRY_STATUS(backup_database(database.path(), database.profile(), report.backup));
  }
  for (const Migration& migration : migrations.subspan(static_cast<std::size_t>(report.from))) {
    if (auto applied = apply_one(database, migration, now); !applied) {
      return std::move(applied).error().within("migration " + migration.name);
    }
    report.to = migration.version;
  }
  return report;
}

Status check_schema(Database& database) {
  AITRADE_TRY(const std::int64_t found, database.integer("PRAGMA user_version"));
  const int newest = static_cast<int>(embedded_files(database.profile()).size());
  if (found > newest) return too_new(database, static_cast<int>(found), newest);
  if (found < newest) {
    return fail(ErrorCode::corrupt, database.path().string() + ": schema " + std::to_string(found) +
                                        " is older than this binary (" + std::to_string(newest) +
                                        "); run aitrade db migrate");
  }
  return ok();
}

Result<Database> open_writer(const std::filesystem::path& path, Profile profile, Time now,
                             const OpenOptions& options) {
  AITRADE_TRY(Database database, Database::open(path, OpenMode::writer, profile, options));
  const auto migrations = embedded_migrations(profile);
  AITRADE_TRY(const MigrationReport report, migrate(database, migrations, now));
  static_cast<void>(report);
  return database;
}

Result<Database> open_reader(const std::filesystem::path& path, Profile profile,
                             const OpenOptions& options) {
  AITRADE_TRY(Database database, Database::open(path, OpenMode::reader, profile, options));
  AITRADE_TRY_STATUS(check_schema(database));
  return database;
}

Result<Database> open_settled_reader(const std::filesystem::path& lock_file,
                                     const std::filesystem::path& path, Profile profile, Time now) {
  std::error_code failure;
  const auto log = std::filesystem::file_size(path.string() + "-wal", failure);
  if (!failure && log > 0) {
    AITRADE_TRY(const auto holder, lock_holder(lock_file));
    if (!holder) {
      AITRADE_TRY(const InstanceLock lock, InstanceLock::take(lock_file, now));
      static_cast<void>(lock);  // held until the log is empty
      const auto settled = settle(path, profile);
      // On a full disk the log stays; it can be read where it is.
      if (!settled && settled.error().code != ErrorCode::full) return Error(settled.error());
    }
  }
  OpenOptions options;
  options.read_limit = milliseconds{0};
  return open_reader(path, profile, options);
}

Status quick_check(Database& database) {
  AITRADE_TRY(const std::string verdict, database.text("PRAGMA quick_check(1)"));
  if (verdict == "ok") return ok();
  const std::filesystem::path backup = newest_backup(database.path());
  return fail(ErrorCode::corrupt,
              database.path().string() + ": damaged: " + verdict +
                  (backup.empty() ? "" : "; the newest backup is " + backup.string()));
}

Status backup_database(const std::filesystem::path& source, Profile profile,
                       const std::filesystem::path& target, const OpenOptions& options) {
  std::error_code failure;
  std::filesystem::create_directories(target.parent_path(), failure);
  if (failure) return fail(ErrorCode::io, target.parent_path().string() + ": " + failure.message());
  const std::filesystem::path scratch = target.string() + ".new";
  std::filesystem::remove(scratch, failure);  // left by a crash
  OpenOptions reading = options;
  reading.for_backup = true;
  reading.read_limit = milliseconds{0};
  {
    AITRADE_TRY(Database database, Database::open(source, OpenMode::reader, profile, reading));
    AITRADE_TRY_STATUS(database.execute("VACUUM INTO " + quoted(scratch.string())));
  }
  {
    AITRADE_TRY(Database copy, Database::open(scratch, OpenMode::reader, profile, reading));
    AITRADE_TRY(const std::string verdict, copy.text("PRAGMA integrity_check"));
    if (verdict != "ok") return fail(ErrorCode::corrupt, scratch.string() + ": " + verdict);
  }
  AITRADE_TRY_STATUS(sync_path(scratch, O_RDONLY));
  std::filesystem::rename(scratch, target, failure);
  if (failure) return fail(ErrorCode::io, target.string() + ": " + failure.message());
  return sync_path(target.parent_path(), O_RDONLY | O_DIRECTORY);
}

}  // namespace aitrade
