// `aitrade init`: makes the directories and a commented configuration file.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/strategy_keys.h"
#include "cmd/vault_access.h"
#include "core/config/document.h"
#include "core/config/paths.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <ostream>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  bool force{false};
  bool dry_run{false};
  bool with_vault{false};
  VaultOptions vault;
};

/// One thing that init does, or finds done.
struct Step {
  std::string action;  // "create", "keep", "replace"
  fs::path path;
  std::string mode;
};

std::vector<Step> plan(const Paths& paths, bool force) {
  std::vector<Step> steps;
  const auto directory = [&](const fs::path& path, const char* mode) {
    std::error_code error;
    steps.push_back({fs::is_directory(path, error) ? "keep" : "create", path, mode});
  };
  directory(paths.config_dir, "0700");
  directory(paths.state_dir, "0700");
  directory(paths.cache_dir, "0700");
  directory(paths.runtime_dir, "0700");
  directory(paths.runs_dir(), "0700");
  directory(paths.backups_dir(), "0700");
  directory(paths.log_dir, "0750");
  directory(paths.models_dir, "0750");
  std::error_code error;
  const bool exists = fs::exists(fs::symlink_status(paths.config_file(), error));
  steps.push_back({exists && force ? "replace" : "create", paths.config_file(), "0640"});
  return steps;
}

Error write_error(const fs::path& file, int number) {
  const bool full = number == ENOSPC || number == EROFS || number == EDQUOT;
  return fail(full ? ErrorCode::full : ErrorCode::io,
              "cannot write '" + file.string() + "': " + std::generic_category().message(number));
}

/// Writes a new file beside the target and moves it there, so that a crash leaves old or new.
Status write_file(const fs::path& file, const std::string& text) {
  const fs::path fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const int handle =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (handle < 0) return write_error(fresh, errno);
  int failed = ::fchmod(handle, 0640) == 0 ? 0 : errno;
  for (std::size_t done = 0; failed == 0 && done < text.size();) {
    const ssize_t count = ::write(handle, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) failed = errno;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (failed == 0 && ::fsync(handle) != 0) failed = errno;
  if (::close(handle) != 0 && failed == 0) failed = errno;
  if (failed == 0 && ::rename(fresh.c_str(), file.c_str()) != 0) failed = errno;
  if (failed == 0) return ok();
  ::unlink(fresh.c_str());
  return write_error(file, failed);
}

Result<ExitCode> run_init(const InitOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  const fs::path file = paths.config_file();
  std::error_code error;
  if (!options.force && fs::exists(fs::symlink_status(file, error))) {
    return report_failure(context,
                          fail(ErrorCode::io, "'" + file.string() + "' exists and stays as it is"),
                          ExitCode::cannot_write, "replace it with --force");
  }
  std::vector<Step> steps = plan(paths, options.force);
  bool has_vault = false;
  if (options.with_vault) {
    AITRADE_TRY(const Settings settings, load_settings(context));
    const fs::path place = vault_place(settings).file;
    has_vault = fs::exists(fs::symlink_status(place, error));
    steps.push_back({has_vault ? "keep" : "create", place, "0600"});
  }
  if (!options.dry_run) {
    AITRADE_TRY_STATUS(make_directories(paths));
    // The vault first: without a passphrase nothing else is half done that a second try would stumble over.
    if (options.with_vault && !has_vault) {
      AITRADE_TRY(const ExitCode made, make_empty_vault(options.vault, context));
      if (made != ExitCode::done) return made;
    }
    AITRADE_TRY_STATUS(write_file(file, example_file(KeyTable(strategy_keys()), true)));
  }
  Table table({{.name = "action"}, {.name = "mode"}, {.name = "path"}});
  for (const Step& step : steps) {
    table.add({Cell::of(step.action), Cell::of(step.mode), Cell::of(step.path.string())});
  }
  table.print(context, resolve_format(context, Format::csv), "init");
  return ExitCode::done;
}

}  // namespace

void add_init(CommandList& commands) {
  auto [app, options] = commands.add<InitOptions>(
      {.name = "init",
       .group = "operations",
       .summary = "makes the directories and a commented configuration file",
       .examples = {"aitrade init", "aitrade init --home ./bot --dry-run", "aitrade init --vault"},
       .details =
           "Prints what it does. Everything also works without it: paper trading with the\n"
           "defaults needs no file. Exit code 73 when there is a configuration file already.\n"
           "--vault makes an empty vault as well, as `aitrade vault init` does; one that exists stays."},
      run_init);
  app.add_flag("--force", options.force, "replace an existing configuration file");
  app.add_flag("--dry-run", options.dry_run, "print the plan, change nothing");
  app.add_flag("--vault", options.with_vault, "make an empty vault too");
  add_vault_options(app, options.vault);
}

}  // namespace aitrade::cli
