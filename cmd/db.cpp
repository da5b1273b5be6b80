// `aitrade db`: looks after the three database files of the state directory.
//
// `check` proves that files are whole and that the ledger's cash and holdings are what its fills
// imply; `migrate` brings schemas up to this binary, with a backup first.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "core/config/paths.h"
#include "core/store/instance_lock.h"
#include "core/store/ledger_check.h"
#include "core/store/schema.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace aitrade::cli {
namespace {

struct DbOptions {};

struct FileReport {
  std::string name;
  std::string detail;  // one line for people
  std::vector<std::string> problems;
  bool is_corrupt{false};
  bool is_ledger{false};
  LedgerCheck ledger;
};

Time system_now() {
  return Time{
      std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

struct StateFile {
  Profile profile;
  std::filesystem::path path;
  std::filesystem::path lock;
};

/// The database files that exist. Errors: not_found when there is none.
Result<std::vector<StateFile>> state_files(const Paths& paths) {
  std::vector<StateFile> files;
  const std::filesystem::path market_lock = paths.market_db().string() + ".lock";
  for (const StateFile& file :
       {StateFile{Profile::ledger, paths.trading_db(), paths.lock_file()},
        StateFile{Profile::telemetry, paths.telemetry_db(), paths.lock_file()},
        StateFile{Profile::market, paths.market_db(), market_lock},
        StateFile{Profile::access, paths.access_db(), paths.access_db().string() + ".lock"}}) {
    std::error_code failure;
    if (std::filesystem::exists(file.path, failure)) files.push_back(file);
  }
  std::error_code ignored;
  for (const auto& account : std::filesystem::directory_iterator(paths.state_dir / "accounts", ignored)) {
    Paths own = paths;
    own.account = account.path().filename().string();
    for (const StateFile& file : {StateFile{Profile::ledger, own.trading_db(), paths.lock_file()},
                                  StateFile{Profile::telemetry, own.telemetry_db(), paths.lock_file()}}) {
      if (std::filesystem::exists(file.path, ignored)) files.push_back(file);
    }
  }
  if (files.empty()) {
    return fail(ErrorCode::not_found, paths.state_dir.string() + ": no database here yet");
  }
  return files;
}

/// Checks one file; damage is a finding, anything else that hinders the check is an error.
Result<FileReport> check_file(const StateFile& file) {
  FileReport report;
  report.name = file.path.filename().string();
  const std::filesystem::path folder = file.path.parent_path();
  if (folder.parent_path().filename() == "accounts") report.name = folder.filename().string() + "/" + report.name;
  report.is_ledger = file.profile == Profile::ledger;
  const auto check = [&]() -> Status {
    AITRADE_TRY(Database database,
                open_settled_reader(file.lock, file.path, file.profile, system_now()));
    AITRADE_TRY(report.problems, file_check(database));
    report.is_corrupt = !report.problems.empty();
    if (report.is_corrupt || !report.is_ledger) return ok();
    AITRADE_TRY(report.ledger, ledger_check(database));
    report.problems = report.ledger.problems;
    return ok();
  };
  if (auto checked = check(); !checked) {
    const ErrorCode code = checked.error().code;
    if (code != ErrorCode::corrupt && code != ErrorCode::not_found) return std::move(checked).error();
    if (code == ErrorCode::not_found) {  // created, and the disk was full before anything was stored
      report.detail = "empty";
      return report;
    }
    report.is_corrupt = true;
    report.problems.push_back(checked.error().what);
  }
  report.detail = report.problems.empty() ? "ok" : report.is_corrupt ? "damaged" : "differs";
  return report;
}

void print_check_json(const std::vector<FileReport>& reports, bool is_sound, Context& context) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.db_check/1").field("ok", is_sound);
  json.key("files").begin_array();
  for (const FileReport& report : reports) {
    json.begin_object().field("file", report.name).field("ok", report.problems.empty());
    json.key("problems").begin_array();
    for (const std::string& problem : report.problems)
      json.string(problem);
    json.end_array();
    if (report.is_ledger) {
      json.field("orders", report.ledger.orders).field("fills", report.ledger.fills);
      json.field("trades", report.ledger.trades).field("positions", report.ledger.positions);
    }
    json.end_object();
  }
  json.end_array().end_object();
  context.out << json.take() << '\n';
}

Result<ExitCode> run_check(const DbOptions&, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  AITRADE_TRY(const std::vector<StateFile> files, state_files(paths));
  std::vector<FileReport> reports;
  ExitCode exit = ExitCode::done;
  for (const StateFile& file : files) {
    AITRADE_TRY(FileReport report, check_file(file));
    if (report.is_corrupt) {
      exit = ExitCode::unsafe;
    } else if (!report.problems.empty() && exit == ExitCode::done) {
      exit = ExitCode::negative;
    }
    reports.push_back(std::move(report));
  }
  if (context.global.json) {
    print_check_json(reports, exit == ExitCode::done, context);
    return exit;
  }
  for (const FileReport& report : reports) {
    context.out << report.name << ": " << report.detail;
    if (report.is_ledger && report.detail == "ok") {
      context.out << ", " << report.ledger.orders << " orders, " << report.ledger.fills
                  << " fills, cash and holdings equal to the last unit";
    }
    context.out << '\n';
    for (const std::string& problem : report.problems)
      context.out << "  " << problem << '\n';
  }
  return exit;
}

Result<MigrationReport> migrate_file(const StateFile& file) {
  AITRADE_TRY(Database database, Database::open(file.path, OpenMode::writer, file.profile));
  const auto migrations = embedded_migrations(file.profile);
  AITRADE_TRY(MigrationReport report, migrate(database, migrations, system_now()));
  AITRADE_TRY_STATUS(database.checkpoint(true));
  return report;
}

Result<ExitCode> run_migrate(const DbOptions&, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const Paths& paths = settings->paths;
  AITRADE_TRY(const std::vector<StateFile> files, state_files(paths));
  AITRADE_TRY(const InstanceLock lock, InstanceLock::take(paths.lock_file(), system_now()));
  static_cast<void>(lock);  // held to the end: nobody else may write meanwhile
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.db_migrate/1").key("files").begin_array();
  std::string lines;
  for (const StateFile& file : files) {
    std::optional<InstanceLock> own;
    if (file.lock != paths.lock_file()) {
      AITRADE_TRY(InstanceLock taken, InstanceLock::take(file.lock, system_now()));
      own.emplace(std::move(taken));
    }
    AITRADE_TRY(const MigrationReport report, migrate_file(file));
    const std::string name = file.path.filename().string();
    json.begin_object().field("file", name).field("from", report.from).field("to", report.to);
    json.key("backup");
    report.backup.empty() ? json.null() : json.string(report.backup.string());
    json.end_object();
    lines += name + ": schema " + std::to_string(report.to);
    lines += report.from == report.to ? ", up to date" : ", was " + std::to_string(report.from);
    if (!report.backup.empty()) lines += ", backup " + report.backup.string();
    lines += '\n';
  }
  json.end_array().end_object();
  context.out << (context.global.json ? json.take() + "\n" : lines);
  return ExitCode::done;
}

}  // namespace

void add_db(CommandList& commands) {
  CLI::App& db = commands.group({.name = "db",
                                 .group = "operations",
                                 .summary = "checks and migrates the databases",
                                 .examples = {"aitrade db check", "aitrade db migrate --json"},
                                 .details = ""});
  commands.add_under<DbOptions>(
      db,
      {.name = "check",
       .group = "operations",
       .summary = "proves that files are whole and the ledger adds up",
       .examples = {"aitrade db check", "aitrade db check --json"},
       .details =
           "Reads every page, then sums all fills exactly and compares cash and holdings to the "
           "last unit. Exit 3: the ledger differs from its fills. Exit 78: a file is damaged."},
      run_check);
  commands.add_under<DbOptions>(
      db,
      {.name = "migrate",
       .group = "operations",
       .summary = "brings the schemas up to this binary",
       .examples = {"aitrade db migrate"},
       .details = "Takes the data lock, so no daemon may run. A file that changes is copied into "
                  "backups/ first. A schema newer than the binary is refused with 78."},
      run_migrate);
}

}  // namespace aitrade::cli
