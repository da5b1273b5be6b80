// Reload: whole or not at all, seen by concurrent readers.
#include "core/config/snapshot.h"

#include "tests/core/config/catalog_support.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

namespace aitrade {

namespace {

using testing::small_catalog;

/// A file that the test may rewrite.
struct Source {
  std::string text;
  int calls{0};

  ConfigHolder::Loader loader() {
    return [this] {
      ++calls;
      return load_config_text(text, "config.toml", small_catalog());
    };
  }
};

}  // namespace

TEST_CASE("reload: one start loads once", "[config][reload][CF3]") {
  Source source;

  const ConfigHolder holder(source.loader(), small_catalog());
  for (int i = 0; i < 100; ++i)
    CHECK(holder.current());

  CHECK(source.calls == 1);
  CHECK(holder.loads() == 1);
}

TEST_CASE("reload: an invalid file changes nothing and says why", "[config][reload][CF3]") {
  Source source{"[risk]\nmax_daily_loss = 0.04\n"};
  ConfigHolder holder(source.loader(), small_catalog());
  const auto before = holder.current();

  source.text = "[risk]\nmax_daily_loss = 0.05\nkelly_fraction = 9\n";
  const ReloadReport report = holder.reload();

  CHECK_FALSE(report.applied);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].key == "risk.kelly_fraction");
  CHECK(holder.current() == before);
  CHECK(source.calls == 2);
}

TEST_CASE("reload: keys that need a restart wait, the others act", "[config][reload]") {
  Source source;
  ConfigHolder holder(source.loader(), small_catalog());

  source.text =
      "[dashboard]\nport = 9000\n[trading]\ncooldown_seconds = 5\n"
      "[strategies.keltner]\nkc_multiplier = 2.0\n";
  const ReloadReport report = holder.reload();

  REQUIRE(report.applied);
  CHECK(report.changes.size() == 3);
  REQUIRE(report.pending_restart().size() == 1);
  CHECK(report.pending_restart()[0].key == "dashboard.port");
  CHECK(report.pending_restart()[0].before == "8080");
  CHECK(report.pending_restart()[0].after == "9000");
  CHECK(holder.current()->dashboard.port == 8080);
  CHECK(holder.current()->trading.cooldown_seconds == 5);
  CHECK(holder.current()->strategies.at("keltner").parameters.at("kc_multiplier") == 2.0);
}

TEST_CASE("reload: values that contradict a waiting one are not applied", "[config][reload]") {
  Source source;
  ConfigHolder holder(source.loader(), small_catalog());

  // The larger bankroll waits for a restart; with the running one the position would be too large.
  source.text = "[risk]\ninitial_bankroll = 50000\nmax_position_usd = 20000\n";
  const ReloadReport report = holder.reload();

  CHECK_FALSE(report.applied);
  CHECK(holder.current()->risk.max_position_usd == Money::parse_or_die("200"));
}

TEST_CASE("reload: concurrent readers see the old or the new snapshot, never a mixture",
          "[config][reload][CF3]") {
  const std::string old_text = "[trading]\ncooldown_seconds = 100\nscan_interval_seconds = 100\n";
  const std::string new_text = "[trading]\ncooldown_seconds = 200\nscan_interval_seconds = 200\n";
  Source source{old_text};
  ConfigHolder holder(source.loader(), small_catalog());
  std::atomic<bool> stop{false};
  std::atomic<int> mixtures{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto config = holder.current();
        const int value = config->trading.cooldown_seconds;
        const bool known = value == 100 || value == 200;
        if (!known || config->trading.scan_interval_seconds != value) ++mixtures;
      }
    });
  }

  for (int i = 0; i < 20; ++i) {
    source.text = i % 2 == 0 ? new_text : old_text;
    CHECK(holder.reload().applied);
  }
  stop = true;
  readers.clear();

  CHECK(mixtures == 0);
  CHECK(holder.loads() == 21);
}

}  // namespace aitrade
