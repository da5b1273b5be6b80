// Numbered, forward-only migrations, embedded in the binary from
// share/schema/<database>/NNNN_name.sql.
//
// Each runs in one transaction together with its row in schema_migrations and the user_version
// bump, so a crash leaves the old schema or the new one, never a mix. A file that already holds
// data is copied before it is changed. A schema newer than the binary is refused.
#pragma once

#include "core/store/database.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

struct Migration {
  int version{0};  // 1, 2, ... without holes
  std::string name;
  std::string_view sql;
};

/// Returns the embedded migrations of one database, oldest first.
std::vector<Migration> embedded_migrations(Profile profile);

struct MigrationReport {
  int from{0};
  int to{0};
  std::filesystem::path backup;  // empty when there was nothing to keep
};

/// Brings the schema up to the newest of `migrations`; `now` is written beside each.
///
/// Errors: corrupt (a schema newer than the binary, an applied migration with
/// another checksum; both end a command with 78), and those of Database. After an error the old
/// schema stands.
Result<MigrationReport> migrate(Database& database, std::span<const Migration> migrations,
                                Time now);

/// Refuses a schema that is not exactly the newest one the binary knows; for readers.
Status check_schema(Database& database);

/// Opens the writing connection of a file, created when absent, and migrates it.
Result<Database> open_writer(const std::filesystem::path& path, Profile profile, Time now,
                             const OpenOptions& options = {});

/// Opens a read-only connection whose schema is the one this binary knows.
Result<Database> open_reader(const std::filesystem::path& path, Profile profile,
                             const OpenOptions& options = {});

/// Opens a read-only connection for a tool. A log that a crash left behind, with nobody holding
/// `lock_file`, is first moved into the file under that lock, through the writing path.
Result<Database> open_settled_reader(const std::filesystem::path& lock_file,
                                     const std::filesystem::path& path, Profile profile, Time now);

/// Walks every page once without comparing indexes, for starts. Errors: corrupt, naming the newest backup
/// beside the file when there is one.
Status quick_check(Database& database);

/// Copies a database into `target`, verified with integrity_check, synced and renamed into place.
Status backup_database(const std::filesystem::path& source, Profile profile,
                       const std::filesystem::path& target, const OpenOptions& options = {});

}  // namespace aitrade
