#include "core/store/database.h"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/statfs.h>
#include <system_error>
#include <utility>
#include <vector>

namespace aitrade {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int progress_operations = 20'000;  // virtual machine steps between two looks at the clock

int application_id(Profile profile) {
  switch (profile) {
    case Profile::ledger:
      return 0x4149544c;  // "AITL"
    case Profile::telemetry:
      return 0x41495454;  // "AITT"
    case Profile::market:
      return 0x4149544d;  // "AITM"
    case Profile::access:
      return 0x41495441;  // "AITA"
  }
  return 0;
}

bool is_out_of_space(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG || system_error == EROFS ||
         system_error == EACCES || system_error == EPERM;
}

ErrorCode classify(int extended, int system_error) {
  switch (extended & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return ErrorCode::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_INTERRUPT:
      return ErrorCode::timeout;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return is_out_of_space(system_error) ? ErrorCode::full : ErrorCode::io;
    case SQLITE_NOTFOUND:
      return ErrorCode::not_found;
    default:
      return ErrorCode::invalid;  // CONSTRAINT, ERROR, MISUSE: a bug in the statement or its values
  }
}

struct Setting {
  const char* pragma;
  std::string value;     // as given
  std::string expected;  // as read back
};

}  // namespace

std::string_view to_string(Profile profile) {
  switch (profile) {
    case Profile::ledger:
      return "trading";
    case Profile::telemetry:
      return "telemetry";
    case Profile::market:
      return "market";
    case Profile::access:
      return "access";
  }
  return "";
}

struct store_detail::Connection {
  sqlite3* handle{nullptr};
  std::filesystem::path path;
  Profile profile{Profile::ledger};
  OpenMode mode{OpenMode::reader};
  milliseconds busy_timeout{0};
  milliseconds read_limit{0};
  SteadyClock::time_point deadline;

  ~Connection() {
    if (handle != nullptr) sqlite3_close_v2(handle);
  }

  /// Translates the newest error; ends the process when continuing would be dishonest.
  [[nodiscard]] Error error(int code, std::string_view doing) const {
    const int primary = code & 0xff;
    const bool is_fsync = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
    const bool is_precious = mode == OpenMode::writer && profile == Profile::ledger;
    const char* text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    std::string what = path.string() + ": " + std::string(doing) + ": " + text;
    if (primary == SQLITE_FULL) what += ": " + std::string(std::strerror(ENOSPC));   // one phrase to look for, whoever hit it
    if (primary == SQLITE_NOMEM || (is_fsync && is_precious)) {
      std::fprintf(stderr, "aitrade: %s; stopping, because only a restart from disk is honest\n",
                   what.c_str());
      std::abort();
    }
    const int system_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
    return Error{classify(code, system_error), std::move(what)};
  }

  static int on_progress(void* self) {
    return SteadyClock::now() > static_cast<store_detail::Connection*>(self)->deadline ? 1 : 0;
  }
};

// ---- statement --------------------------------------------------------------------------------

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_error_(other.bind_error_),
      running_(other.running_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    connection_ = other.connection_;
    handle_ = std::exchange(other.handle_, nullptr);
    bind_error_ = other.bind_error_;
    running_ = other.running_;
  }
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

Statement& Statement::bind_integer(int index, std::int64_t value) {
  note(sqlite3_bind_int64(handle_, index, value));
  return *this;
}

Statement& Statement::bind_real(int index, double value) {
  note(std::isfinite(value) ? sqlite3_bind_double(handle_, index, value)
                            : sqlite3_bind_null(handle_, index));
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view value) {
  // An empty view may hold a null pointer, which would bind NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  note(sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::span<const std::byte> value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  note(sqlite3_bind_blob64(handle_, index, data, value.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null(int index) {
  note(sqlite3_bind_null(handle_, index));
  return *this;
}

Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK) return connection_->error(bind_error_, "bind");
  if (!running_) {
    running_ = true;
    connection_->deadline = SteadyClock::now() + connection_->read_limit;
  }
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  running_ = false;
  if (code == SQLITE_DONE) return false;
  Error failure = connection_->error(sqlite3_extended_errcode(connection_->handle), "step");
  sqlite3_reset(handle_);
  return failure;
}

Status Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) {
      reset();
      return std::move(row).error();
    }
    if (!*row) break;
  }
  reset();
  return ok();
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  bind_error_ = SQLITE_OK;
  running_ = false;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(handle_, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::span<const std::byte> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  if (data == nullptr) return {};
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

// ---- opening ------------------------------------------------------------------------------------

Database::Database(std::unique_ptr<store_detail::Connection> connection)
    : connection_(std::move(connection)) {}

Database::Database(Database&& other) noexcept = default;
Database& Database::operator=(Database&& other) noexcept = default;
Database::~Database() = default;

namespace {

std::vector<Setting> settings(OpenMode mode, Profile profile, const OpenOptions& options) {
  const std::string timeout = std::to_string(options.busy_timeout.count());
  std::vector<Setting> list{
      {"busy_timeout", timeout, timeout}, {"foreign_keys", "1", "1"},
      {"cell_size_check", "1", "1"},      {"trusted_schema", "0", "0"},
      {"temp_store", "2", "2"},           {"wal_autocheckpoint", "0", "0"},
  };
  if (mode == OpenMode::writer) {
    const bool is_ledger = profile == Profile::ledger || profile == Profile::access;
    list.push_back({"auto_vacuum", "2", "2"});  // before the first table, else it has no effect
    list.push_back({"journal_mode", "wal", "wal"});
    list.push_back({"synchronous", is_ledger ? "2" : "1", is_ledger ? "2" : "1"});
    list.push_back({"cache_size", "-8000", "-8000"});
    list.push_back({"journal_size_limit", "67108864", "67108864"});
  } else {
    list.push_back({"cache_size", "-2000", "-2000"});
    list.push_back({"query_only", options.for_backup ? "0" : "1", options.for_backup ? "0" : "1"});
  }
  return list;
}

Status apply(Database& database, const Setting& setting) {
  const std::string name = setting.pragma;
  AITRADE_TRY(std::string found, database.text("PRAGMA " + name));
  if (found == setting.expected)
    return ok();  // settings kept in the file would take its write lock
  AITRADE_TRY_STATUS(database.execute("PRAGMA " + name + "=" + setting.value));
  AITRADE_TRY(found, database.text("PRAGMA " + name));
  if (found != setting.expected) {
    return fail(ErrorCode::unsupported, database.path().string() + ": PRAGMA " + name + " is " +
                                            found + ", required is " + setting.expected);
  }
  return ok();
}

/// mmap_size has no row when the library was built without it, which is as good as 0.
Status turn_off_memory_map(Database& database) {
  AITRADE_TRY_STATUS(database.execute("PRAGMA mmap_size=0"));
  const auto found = database.integer("PRAGMA mmap_size");
  if (found && *found != 0) return fail(ErrorCode::unsupported, "PRAGMA mmap_size is not 0");
  return ok();
}

Status check_identity(Database& database) {
  const int wanted = application_id(database.profile());
  AITRADE_TRY(const std::int64_t found, database.integer("PRAGMA application_id"));
  if (found == wanted) return ok();
  AITRADE_TRY(const std::int64_t objects, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (found != 0 || objects != 0) {
    return fail(ErrorCode::corrupt, database.path().string() + ": not an aitrade " +
                                        std::string(to_string(database.profile())) + " database");
  }
  if (database.mode() == OpenMode::reader) {
    return fail(ErrorCode::not_found, database.path().string() + ": the database is empty");
  }
  return database.execute("PRAGMA application_id=" + std::to_string(wanted));
}

Status harden(sqlite3* handle, OpenMode mode) {
  int on = 0;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
  if (on != 1) return fail(ErrorCode::unsupported, "SQLite refuses defensive mode");
  if (mode == OpenMode::writer) return ok();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &on);
  if (on != 1) return fail(ErrorCode::unsupported, "SQLite would checkpoint on close");
  return ok();
}

}  // namespace

Result<Database> Database::open(const std::filesystem::path& path, OpenMode mode, Profile profile,
                                const OpenOptions& options) {
  std::error_code ignored;
  if (mode == OpenMode::reader && !std::filesystem::exists(path, ignored)) {
    return fail(ErrorCode::not_found, path.string() + ": no such database");
  }
  const auto parent = path.parent_path();
  AITRADE_TRY_STATUS(check_local_file_system(parent.empty() ? "." : parent));

  auto connection = std::make_unique<store_detail::Connection>();
  connection->path = path;
  connection->profile = profile;
  connection->mode = mode;
  connection->busy_timeout = options.busy_timeout;
  connection->read_limit = options.read_limit;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == OpenMode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                              : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  Database database(std::move(connection));
  if (code != SQLITE_OK) return database.connection_->error(code, "open");
  sqlite3* handle = database.connection_->handle;
  AITRADE_TRY_STATUS(harden(handle, mode));
  for (const Setting& setting : settings(mode, profile, options)) {
    AITRADE_TRY_STATUS(apply(database, setting));
  }
  AITRADE_TRY_STATUS(turn_off_memory_map(database));
  AITRADE_TRY_STATUS(check_identity(database));
  if (mode == OpenMode::reader && options.read_limit.count() > 0) {
    sqlite3_progress_handler(handle, progress_operations, &store_detail::Connection::on_progress,
                             database.connection_.get());
  }
  return database;
}

Status check_local_file_system(const std::filesystem::path& directory) {
  struct statfs info {};

  if (statfs(directory.c_str(), &info) != 0) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                directory.string() + ": " + std::strerror(errno));
  }
  // NFS, SMB, CIFS, SMB2, AFS (two), Ceph, Lustre, GFS2, OCFS2, Coda.
  constexpr std::array<std::uint32_t, 11> network{0x6969,     0x517b,     0xff534d42, 0xfe534d42,
                                                  0x5346414f, 0x6b414653, 0x00c36400, 0x0bd00bd0,
                                                  0x01161970, 0x7461636f, 0x73757245};
  const auto type = static_cast<std::uint32_t>(info.f_type);
  for (const std::uint32_t magic : network) {
    if (type == magic) {
      return fail(ErrorCode::unsupported,
                  directory.string() + ": is on a network file system, where a database is unsafe");
    }
  }
  return ok();
}

// ---- use ----------------------------------------------------------------------------------------

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(connection_->handle, sql.data(), static_cast<int>(sql.size()),
                                      0, &handle, nullptr);
  if (code != SQLITE_OK) return connection_->error(code, "prepare");
  return Statement(*connection_, handle);
}

Status Database::execute(const std::string& sql) {
  connection_->deadline = SteadyClock::now() + connection_->read_limit;
  const int code = sqlite3_exec(connection_->handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return connection_->error(code, "execute");
  return ok();
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  AITRADE_TRY(Statement statement, prepare(sql));
  AITRADE_TRY(const bool has_row, statement.step());
  if (!has_row) return fail(ErrorCode::not_found, "no row");
  return statement.integer(0);
}

Result<std::string> Database::text(std::string_view sql) {
  AITRADE_TRY(Statement statement, prepare(sql));
  AITRADE_TRY(const bool has_row, statement.step());
  if (!has_row) return fail(ErrorCode::not_found, "no row");
  return std::string(statement.text(0));
}

Status Database::checkpoint(bool truncate) {
  AITRADE_CHECK(connection_->mode == OpenMode::writer);
  // Without a busy handler it does what it can and returns instead of waiting for readers.
  sqlite3_busy_timeout(connection_->handle, 0);
  const int code = sqlite3_wal_checkpoint_v2(
      connection_->handle, nullptr,
      truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  sqlite3_busy_timeout(connection_->handle, static_cast<int>(connection_->busy_timeout.count()));
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return ok();
  return connection_->error(code, "checkpoint");
}

std::uint64_t Database::wal_bytes() const {
  std::error_code failure;
  const auto size = std::filesystem::file_size(connection_->path.string() + "-wal", failure);
  return failure ? 0 : size;
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(connection_->handle);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(connection_->handle);
}

const std::filesystem::path& Database::path() const {
  return connection_->path;
}

Profile Database::profile() const {
  return connection_->profile;
}

OpenMode Database::mode() const {
  return connection_->mode;
}

// ---- transaction
// ----------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(Database& database) {
  AITRADE_TRY_STATUS(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Fails when SQLite has already rolled back by itself (full disk), which is the state we want.
  static_cast<void>(database_->execute("ROLLBACK").has_value());
}

Status Transaction::commit() {
  AITRADE_CHECK(database_ != nullptr);
  AITRADE_TRY_STATUS(database_->execute("COMMIT"));
  database_ = nullptr;
  return ok();
}

}  // namespace aitrade
