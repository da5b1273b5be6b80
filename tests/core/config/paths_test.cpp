// Where files go: --home, systemd, XDG.
#include "core/config/paths.h"

#include <catch2/catch.hpp>

#include <filesystem>

namespace aitrade {

TEST_CASE("paths: --home puts everything under one directory", "[config][paths]") {
  const auto paths =
      find_paths("/srv/bot", {{"HOME", "/home/a"}, {"STATE_DIRECTORY", "/var/lib/x"}});

  REQUIRE(paths);
  CHECK(paths->config_file() == "/srv/bot/config/config.toml");
  CHECK(paths->overlay_file() == "/srv/bot/config/config.local.toml");
  CHECK(paths->trading_db() == "/srv/bot/data/trading.db");
  CHECK(paths->socket() == "/srv/bot/run/aitrade.sock");
  CHECK(paths->log_dir == "/srv/bot/logs");
  CHECK(paths->system_config.empty());
  CHECK(paths->resolve("data/lock") == "/srv/bot/data/lock");
  CHECK(paths->resolve("logs") == "/srv/bot/logs");
  CHECK(paths->resolve("models/a.json") == "/srv/bot/models/a.json");
  CHECK(paths->resolve("other.db") == "/srv/bot/data/other.db");
  CHECK(paths->resolve("/abs/x.db") == "/abs/x.db");
  CHECK(paths->resolve(":memory:") == ":memory:");
}

TEST_CASE("paths: XDG directories, with their defaults below HOME", "[config][paths]") {
  const auto paths = find_paths("", {{"HOME", "/home/a"}, {"XDG_CACHE_HOME", "/tmp/cache"}});

  REQUIRE(paths);
  CHECK(paths->config_dir == "/home/a/.config/aitrade");
  CHECK(paths->state_dir == "/home/a/.local/state/aitrade");
  CHECK(paths->cache_dir == "/tmp/cache/aitrade");
  CHECK(paths->runtime_dir == "/home/a/.local/state/aitrade/run");
  CHECK(paths->log_dir == "/home/a/.local/state/aitrade/logs");
  CHECK(paths->system_config == "/etc/aitrade/config.toml");
}

TEST_CASE("paths: systemd's directories go before XDG", "[config][paths]") {
  const auto paths = find_paths("", {{"HOME", "/home/a"},
                                     {"STATE_DIRECTORY", "/var/lib/aitrade:/var/lib/more"},
                                     {"RUNTIME_DIRECTORY", "/run/aitrade"},
                                     {"LOGS_DIRECTORY", "/var/log/aitrade"},
                                     {"CONFIGURATION_DIRECTORY", "/etc/aitrade"},
                                     {"CACHE_DIRECTORY", "/var/cache/aitrade"}});

  REQUIRE(paths);
  CHECK(paths->state_dir == "/var/lib/aitrade");
  CHECK(paths->runtime_dir == "/run/aitrade");
  CHECK(paths->log_dir == "/var/log/aitrade");
  CHECK(paths->config_dir == "/etc/aitrade");
  CHECK(paths->cache_dir == "/var/cache/aitrade");
}

TEST_CASE("paths: without any place to go they say which variable to set", "[config][paths]") {
  const auto nowhere = find_paths("", {});
  REQUIRE_FALSE(nowhere);
  CHECK_THAT(nowhere.error().what, Catch::Contains("HOME"));

  const auto relative = find_paths("", {{"HOME", "/home/a"}, {"XDG_STATE_HOME", "state"}});
  REQUIRE_FALSE(relative);
  CHECK_THAT(relative.error().what, Catch::Contains("XDG_STATE_HOME"));
}

TEST_CASE("paths: directories are made once, for their owner only", "[config][paths]") {
  std::string name = (std::filesystem::temp_directory_path() / "aitrade-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const auto paths = find_paths(std::filesystem::path(name) / "new", {});
  REQUIRE(paths);

  CHECK(make_directories(*paths));
  CHECK(make_directories(*paths));

  using std::filesystem::perms;
  const auto mode = [](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions();
  };
  CHECK(mode(paths->state_dir) == perms::owner_all);
  CHECK(mode(paths->runs_dir()) == perms::owner_all);
  CHECK(mode(paths->log_dir) == (perms::owner_all | perms::group_read | perms::group_exec));
  std::filesystem::remove_all(name);
}

}  // namespace aitrade
