// One SQLite connection with the settings of reliability.md 6.2, its statements and transactions.
//
// Exactly one connection in the world writes or checkpoints a database file (decision 5): the one
// opened as `writer`. Every other connection is a `reader`: read-only, query_only, and unable to
// checkpoint, not even on close. The settings are read back at open; a difference is an error.
//
// A connection belongs to one thread at a time. A failed fsync of the ledger ends the process here:
// after it the page cache may lie, and only a restart from disk is honest.
#pragma once

#include "core/base/fixed.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

namespace aitrade {

enum class OpenMode { writer, reader };

/// Which of the four files it is: sets application_id, durability and the schema.
enum class Profile { ledger, telemetry, market, access };

/// Returns "trading", "telemetry", "market" or "access": file stem and folder under share/schema.
std::string_view to_string(Profile profile);

struct OpenOptions {
  milliseconds busy_timeout{5000};  // wait for a foreign lock, then ErrorCode::busy
  milliseconds read_limit{30000};   // a reader's statement older than this is cancelled; 0 = never
  bool for_backup{false};           // reader without query_only: VACUUM INTO fails under it
  std::string vfs;                  // empty: the system's; tests name one that fails on purpose
};

namespace store_detail {
struct Connection;
}  // namespace store_detail

class Database;

/// A prepared statement. A failed bind is reported by the next step().
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& bind_integer(int index, std::int64_t value);
  Statement& bind_real(int index, double value);  // NaN and infinity become NULL
  Statement& bind_text(int index, std::string_view value);
  Statement& bind_blob(int index, std::span<const std::byte> value);
  Statement& bind_null(int index);

  /// Binds parameters 1, 2, ... by type: integers and bool, Time (ns), text, exact decimals as
  /// their canonical text, double, std::nullopt, optionals of these.
  template <class... Args>
  Statement& bind_all(const Args&... args) {
    int index = 0;
    (bind_one(++index, args), ...);
    return *this;
  }

  /// Advances: true when there is a row, false when done. Errors: as Database.
  Result<bool> step();

  /// Runs to the end and resets, ready to be bound again.
  Status run();

  /// Clears row and bindings.
  void reset();

  // Columns of the current row, from 0. Views live until the next step or reset.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

  [[nodiscard]] Time time(int column) const { return Time{integer(column)}; }

 private:
  friend class Database;
  struct Connection;

  Statement(store_detail::Connection& connection, sqlite3_stmt* handle)
      : connection_(&connection), handle_(handle) {}

  void note(int code);

  template <class T>
  void bind_one(int index, const T& value) {
    if constexpr (std::is_same_v<T, std::nullopt_t>) {
      bind_null(index);
    } else if constexpr (std::is_integral_v<T>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      bind_real(index, value);
    } else if constexpr (std::is_same_v<T, Time>) {
      bind_integer(index, value.ns);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      bind_text(index, value);
    } else {
      bind_other(index, value);
    }
  }

  template <class Tag, int Decimals>
  void bind_other(int index, const Fixed<Tag, Decimals>& value) {
    bind_text(index, to_string(value));
  }

  template <class T>
  void bind_other(int index, const std::optional<T>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_null(index);
    }
  }

  store_detail::Connection* connection_;  // borrowed; the Database may move but must outlive this
  sqlite3_stmt* handle_;
  int bind_error_{0};
  bool running_{false};
};

class Database {
 public:
  /// Opens a file (a writer creates it), applies the settings and reads them back.
  ///
  /// Errors: not_found (reader, no such file), corrupt (not a database, another application's file,
  /// damaged), full (read-only or no space), busy, io, unsupported (network file system).
  static Result<Database> open(const std::filesystem::path& path, OpenMode mode, Profile profile,
                               const OpenOptions& options = {});

  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  /// Compiles one statement. The Database must outlive it, and may move.
  Result<Statement> prepare(std::string_view sql);

  /// Runs statements without parameters or rows.
  Status execute(const std::string& sql);

  /// Returns the first column of the first row; errors: not_found when there is no row.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  /// Moves the WAL into the file; `truncate` empties it (shutdown, backup). Writer only. Waits for nobody:
  /// what readers still need stays in the WAL, which loses nothing and is no error.
  Status checkpoint(bool truncate);

  /// Returns the size of the WAL in bytes, 0 when there is none.
  [[nodiscard]] std::uint64_t wal_bytes() const;

  [[nodiscard]] std::int64_t last_insert_id() const;

  /// How many rows the last statement changed.
  [[nodiscard]] std::int64_t changes() const;

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] Profile profile() const;
  [[nodiscard]] OpenMode mode() const;

 private:
  explicit Database(std::unique_ptr<store_detail::Connection> connection);

  std::unique_ptr<store_detail::Connection> connection_;
};

/// BEGIN IMMEDIATE; rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);

  Transaction(Transaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }

  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// Ends the transaction; after an error it is rolled back.
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

/// Refuses network file systems, where locking and shared memory are unsafe; errors: unsupported,
/// io.
Status check_local_file_system(const std::filesystem::path& directory);

}  // namespace aitrade
