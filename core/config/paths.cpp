#include "core/config/paths.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace aitrade {

namespace {

namespace fs = std::filesystem;

/// Returns the variable, or "" when it is unset.
std::string value_of(const EnvironmentMap& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

/// Returns the first of systemd's colon-separated directories.
std::string first_directory(std::string text) {
  return text.substr(0, text.find(':'));
}

class Finder {
 public:
  explicit Finder(const EnvironmentMap& environment) : environment_(environment) {}

  /// systemd's variable as it is, else the XDG one or its default below HOME, plus "aitrade".
  Result<fs::path> directory(const char* systemd, const char* xdg, const char* below_home) const {
    if (const std::string given = first_directory(value_of(environment_, systemd));
        !given.empty()) {
      return absolute(systemd, given);
    }
    if (const std::string given = value_of(environment_, xdg); !given.empty()) {
      AITRADE_TRY(const fs::path base, absolute(xdg, given));
      return base / "aitrade";
    }
    const std::string home = value_of(environment_, "HOME");
    if (home.empty()) {
      return fail(ErrorCode::invalid, std::string("no directory for files: HOME and ") + xdg +
                                          " are unset; set one or use --home DIR");
    }
    AITRADE_TRY(const fs::path base, absolute("HOME", home));
    return base / below_home / "aitrade";
  }

 private:
  static Result<fs::path> absolute(const char* variable, const std::string& text) {
    fs::path path(text);
    if (path.is_absolute()) return path;
    return fail(ErrorCode::invalid,
                std::string(variable) + " = '" + text + "' must be an absolute path");
  }

  const EnvironmentMap& environment_;
};

Status make(const fs::path& directory, fs::perms mode) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return ok();
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (!error) fs::create_directory(directory, error);
  if (!error) fs::permissions(directory, mode, error);
  if (!error) return ok();
  const bool full =
      error == std::errc::no_space_on_device || error == std::errc::read_only_file_system;
  return fail(full ? ErrorCode::full : ErrorCode::io,
              "cannot create directory '" + directory.string() + "': " + error.message());
}

}  // namespace

EnvironmentMap process_environment() {
  EnvironmentMap map;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    map.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return map;
}

std::filesystem::path Paths::resolve(std::string_view text) const {
  if (text == ":memory:" || text.starts_with('/')) return fs::path(text);
  const std::array<std::pair<std::string_view, const fs::path*>, 6> places{
      {{"data/", &state_dir},
       {"config/", &config_dir},
       {"logs/", &log_dir},
       {"run/", &runtime_dir},
       {"cache/", &cache_dir},
       {"models/", &models_dir}}};
  for (const auto& [prefix, directory] : places) {
    if (text == prefix.substr(0, prefix.size() - 1)) return *directory;
    if (text.starts_with(prefix)) return *directory / fs::path(text.substr(prefix.size()));
  }
  return state_dir / fs::path(text);
}

Result<Paths> find_paths(const fs::path& home, const EnvironmentMap& environment) {
  Paths paths;
  if (!home.empty()) {
    std::error_code error;
    const fs::path root = fs::absolute(home, error).lexically_normal();
    if (error) return fail(ErrorCode::io, "--home '" + home.string() + "': " + error.message());
    paths.config_dir = root / "config";
    paths.state_dir = root / "data";
    paths.cache_dir = root / "cache";
    paths.runtime_dir = root / "run";
    paths.log_dir = root / "logs";
    paths.models_dir = root / "models";
    return paths;
  }
  const Finder find(environment);
  AITRADE_TRY(paths.config_dir,
              find.directory("CONFIGURATION_DIRECTORY", "XDG_CONFIG_HOME", ".config"));
  AITRADE_TRY(paths.state_dir, find.directory("STATE_DIRECTORY", "XDG_STATE_HOME", ".local/state"));
  AITRADE_TRY(paths.cache_dir, find.directory("CACHE_DIRECTORY", "XDG_CACHE_HOME", ".cache"));
  const bool has_runtime = !value_of(environment, "RUNTIME_DIRECTORY").empty() ||
                           !value_of(environment, "XDG_RUNTIME_DIR").empty();
  if (has_runtime) {
    AITRADE_TRY(paths.runtime_dir, find.directory("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", ""));
  } else {
    paths.runtime_dir = paths.state_dir / "run";  // where nobody made a runtime directory for us
  }
  const std::string logs = first_directory(value_of(environment, "LOGS_DIRECTORY"));
  paths.log_dir = logs.empty() ? paths.state_dir / "logs" : fs::path(logs);
  paths.models_dir = paths.state_dir / "models";
  paths.system_config = "/etc/aitrade/config.toml";
  return paths;
}

Status make_directories(const Paths& paths) {
  using enum fs::perms;
  const fs::perms own = owner_all;
  const fs::perms group = owner_all | group_read | group_exec;
  AITRADE_TRY_STATUS(make(paths.config_dir, own));
  AITRADE_TRY_STATUS(make(paths.state_dir, own));
  AITRADE_TRY_STATUS(make(paths.cache_dir, own));
  AITRADE_TRY_STATUS(make(paths.runtime_dir, own));
  AITRADE_TRY_STATUS(make(paths.trading_db().parent_path(), own));
  AITRADE_TRY_STATUS(make(paths.runs_dir(), own));
  AITRADE_TRY_STATUS(make(paths.backups_dir(), own));
  AITRADE_TRY_STATUS(make(paths.log_dir, group));
  return make(paths.models_dir, group);
}

}  // namespace aitrade
