// A disk that is full, end to end, on a small disk of its own: what cannot be written is refused with 73,
// what was there stays, and the next start goes on.
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/support/daemon_rig.h"
#include "tests/support/home.h"
#include "tests/support/small_disk.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr std::size_t mega = 1024 * 1024;

/// Asks `aitrade status` until it says `part`; false when it never does.
bool status_says(const DaemonRig& rig, const std::string& part, int limit_ms) {
  constexpr int step_ms = 100;
  for (int waited = 0; waited < limit_ms; waited += step_ms) {
    if (holds(rig.ask({"status", "--json"}).out, part)) return true;
    pass_time(step_ms);
  }
  return false;
}

void skipped() { WARN("skipped: mounting a small disk is not allowed here; core/store tests use a failing VFS"); }

}  // namespace

TEST_CASE("full disk: an import that does not fit leaves the store as it was", "[cmd][faults][disk]") {
  const TempFolder folder;
  const std::string home = folder / "home";
  const SmallDisk disk(home, 3 * mega);
  if (!disk.is_there()) return skipped();
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--home", home});
    return run_aitrade(words);
  };
  const std::string few = folder.write("few.csv", to_csv(made_candles(1, 2'000, 40'000)));
  const std::string many = folder.write("many.csv", to_csv(made_candles(2, 500'000, 2'000)));
  REQUIRE(run({"import", few, "--pair", "BTC/USD"}).exit_code == 0);
  const std::string before = run({"data", "cat", "BTC/USD"}).out;

  const Finished refused = run({"import", many, "--pair", "ETH/USD"});
  INFO(refused.err);
  CHECK(refused.exit_code == 73);
  CHECK(refused.out.empty());
  CHECK(holds(refused.err, "market.db"));
  CHECK(holds(refused.err, "full"));
  CHECK(run({"data", "cat", "ETH/USD"}).exit_code == 4);
  CHECK(run({"data", "cat", "BTC/USD"}).out == before);
  CHECK(run({"db", "check"}).exit_code == 0);

  disk.fill();
  CHECK(run({"import", few, "--pair", "SOL/USD"}).exit_code == 73);
  CHECK(run({"pause"}).exit_code == 73);
  CHECK(run({"data", "cat", "BTC/USD"}).exit_code == 73);  // even a reader of SQLite's log needs a page
  disk.free();
  CHECK(run({"db", "check"}).exit_code == 0);  // an empty trading.db is left: nothing was stored in it
  CHECK(run({"data", "cat", "BTC/USD"}).out == before);
  CHECK(run({"import", few, "--pair", "SOL/USD"}).exit_code == 0);
  CHECK(run({"db", "check"}).exit_code == 0);
}

TEST_CASE("full disk: output that does not fit is 73", "[cmd][faults][disk]") {
  const TempFolder folder;
  const std::string home = folder / "home";
  const std::string file = folder.write("BTCUSD_1m.csv", to_csv(made_candles(1, 2'000, 40'000)));
  REQUIRE(run_aitrade({"import", file, "--home", home}).exit_code == 0);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"data", "cat", "BTC/USD"}, {"backtest", file}, {"indicators", file, "rsi:14"}, {"config", "schema"}}) {
    Start start{.arguments = words, .out_path = "/dev/full"};
    start.arguments.insert(start.arguments.end(), {"--home", home});
    const Finished refused = run_aitrade(start);
    INFO(words[0] << ": " << refused.err);
    CHECK(refused.exit_code == 73);
    CHECK(holds(refused.err, "cannot write standard output"));
  }
}

TEST_CASE("full disk: a daemon does not begin without its reserve", "[cmd][faults][disk]") {
  const DaemonRig rig("600");
  const SmallDisk disk(rig.home, 2 * mega);
  if (!disk.is_there()) return skipped();
  const Finished refused = run_aitrade(rig.run_arguments());
  INFO(refused.err);
  CHECK(refused.exit_code == 73);
  CHECK(holds(refused.err, "reserve"));
}

TEST_CASE("full disk: a daemon pauses on its reserve, ends with 73, and loses nothing", "[cmd][faults][disk]") {
  const DaemonRig rig("600");
  const SmallDisk disk(rig.home, 60 * mega);
  if (!disk.is_there()) return skipped();
  auto daemon = rig.start();
  REQUIRE(status_says(rig, "\"direction\"", 60'000));   // a position
  const std::string before = rig.ask({"export", "fills"}).out;
  REQUIRE(before.size() > 100);

  disk.fill();
  CHECK(status_says(rig, "disk_full", 60'000));   // the reserve was given up for exits; entries stop
  CHECK(daemon->is_running());
  rig.require_sound();

  disk.fill();
  CHECK_FALSE(wait_for_text(daemon->out_path(), "ledger cannot be written", 60'000).empty());
  CHECK(daemon->wait(90'000) == 73);
  INFO(read_file(daemon->out_path()));
  disk.free();
  rig.require_sound();
  const std::string after = rig.ask({"export", "fills"}).out;
  CHECK(after.starts_with(before));

  daemon = rig.start();
  const Finished status = rig.ask({"status", "--json"});
  CHECK(holds(status.out, "\"paused\":true"));   // until somebody has looked
  CHECK(rig.ask({"resume"}).exit_code == 0);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  rig.require_sound();
}
