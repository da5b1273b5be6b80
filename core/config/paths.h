// Where the program keeps its files: the directories of cli.md 4 and the names of operations.md
// 0.3.
//
// `--home DIR` puts everything under one directory; else systemd's *_DIRECTORY variables where set;
// else the XDG directories. Nothing is created here except by make_directories().
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace aitrade {

using EnvironmentMap = std::map<std::string, std::string>;

/// Returns the variables of this process. Read once, at start.
EnvironmentMap process_environment();

struct Paths {
  std::filesystem::path config_dir;
  std::filesystem::path state_dir;  // "data" of operations.md 0.3
  std::filesystem::path cache_dir;
  std::filesystem::path runtime_dir;  // socket and heartbeat
  std::filesystem::path log_dir;
  std::filesystem::path models_dir;
  std::filesystem::path system_config;  // /etc/aitrade/config.toml; empty under --home
  std::filesystem::path ledger_file;    // where app.db_path points; empty: state_dir/trading.db
  std::string account;                  // of [[accounts]], whose books are meant; empty: those of app.account_id

  [[nodiscard]] std::filesystem::path config_file() const { return config_dir / "config.toml"; }

  [[nodiscard]] std::filesystem::path overlay_file() const {
    return config_dir / "config.local.toml";
  }

  [[nodiscard]] std::filesystem::path trading_db() const {
    return ledger_file.empty() || !account.empty() ? books_dir() / "trading.db" : ledger_file;
  }

  /// Ledger, telemetry and recordings of an account.
  [[nodiscard]] std::filesystem::path books_dir() const {
    return account.empty() ? state_dir : state_dir / "accounts" / account;
  }

  /// The same of what a demo or a tape leaves.
  [[nodiscard]] std::filesystem::path demo_dir() const {
    return account.empty() ? state_dir / "demo" : state_dir / "demo" / "accounts" / account;
  }

  [[nodiscard]] std::filesystem::path telemetry_db() const { return books_dir() / "telemetry.db"; }

  [[nodiscard]] std::filesystem::path market_db() const { return state_dir / "market.db"; }

  /// Keys, the password of the page and who used them.
  [[nodiscard]] std::filesystem::path access_db() const { return state_dir / "access.db"; }

  [[nodiscard]] std::filesystem::path runs_dir() const { return books_dir() / "runs"; }

  [[nodiscard]] std::filesystem::path backups_dir() const { return state_dir / "backups"; }

  /// Highest generation of the vault that was seen.
  [[nodiscard]] std::filesystem::path vault_mark() const { return state_dir / "vault.seen"; }

  [[nodiscard]] std::filesystem::path lock_file() const { return state_dir / "lock"; }

  [[nodiscard]] std::filesystem::path socket() const { return runtime_dir / "aitrade.sock"; }

  [[nodiscard]] std::filesystem::path heartbeat() const { return runtime_dir / "heartbeat"; }

  /// Returns where a path of the configuration points: "data/x" is below state_dir, and likewise
  /// "config/", "logs/", "run/", "cache/" and "models/"; absolute paths stay; other relative ones
  /// are below state_dir. ":memory:" stays as it is.
  [[nodiscard]] std::filesystem::path resolve(std::string_view text) const;
};

/// Returns the directories for `--home` (empty: none given) and an environment.
///
/// Errors: invalid when neither --home nor HOME nor the XDG variables say where to go, or when an
/// XDG
///         variable is not an absolute path.
Result<Paths> find_paths(const std::filesystem::path& home, const EnvironmentMap& environment);

/// Creates the directories that are missing: 0700, logs and models 0750. Errors: full, io.
Status make_directories(const Paths& paths);

}  // namespace aitrade
