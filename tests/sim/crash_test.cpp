// kill -9 at random moments of a run that goes on beside its exchange; the gap is backfilled at each start.
//
// Laws after every kill: the ledger is sound, cash and holdings are what its fills imply to the last unit,
// no order id and no fill twice. The number of kills is AITRADE_KILLS, else a short form.

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/base/random.h"
#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

int kills_wanted() {
  const char* text = std::getenv("AITRADE_KILLS");
  return text == nullptr ? 8 : std::atoi(text);
}

/// Three pairs with their month of recorded minutes when it is there, else with made candles.
std::vector<PairTape> tapes() {
  std::vector<PairTape> three;
  for (const std::string base : {"BTC", "ETH", "SOL"}) {
    std::string file =
        std::string(AITRADE_SOURCE_DIR) + "/../shared/data/binance_" + base + "USDT_1m_2026-03-23_30d.csv.gz";
    if (!fs::exists(file)) {
      WARN("the recorded market data are not beside this tree: a made tape is used");
      file.clear();
    }
    three.push_back({base + "/USDT", file});
  }
  return three;
}

}  // namespace

TEST_CASE("crash: killed at random moments, nothing is lost and nothing doubled", "[sim][crash]") {
  const DaemonRig rig("7200", tapes());
  Random random(20'260'323);
  const int kills = kills_wanted();
  for (int i = 0; i < kills; ++i) {
    auto daemon = rig.start();
    pass_time(static_cast<int>(50 + random.below(2'500)));  // the moment is the subject of the test
    daemon->signal(SIGKILL);
    REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
    INFO("kill " << i);
    rig.require_sound();
  }
  auto daemon = rig.start();
  pass_time(1'000);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  rig.require_sound();

  CHECK(rig.count("SELECT count(*) - count(DISTINCT client_order_id) FROM orders") == 0);
  CHECK(rig.count("SELECT count(*) - count(DISTINCT exchange_fill_id) FROM fills") == 0);
  const auto fills = rig.count("SELECT count(*) FROM fills");
  const auto entries = rig.count("SELECT count(*) FROM orders WHERE role = 'entry'");
  CHECK(fills > 0);
  WARN("after " << kills << " kills: " << entries << " entries, " << fills << " fills, ledger sound each time");
}

TEST_CASE("crash: a pause outlives kill -9 and blocks entries", "[sim][crash]") {
  const DaemonRig rig("600", tapes());
  auto daemon = rig.start();
  const Finished pause = run_aitrade({"pause", "--home", rig.home, "--reason", "lunch"});
  INFO(pause.err);
  REQUIRE(pause.exit_code == 0);
  daemon->signal(SIGKILL);
  daemon->wait(10'000);

  daemon = rig.start();
  const Finished status = run_aitrade({"status", "--home", rig.home, "--json"});
  INFO(status.out);
  CHECK(status.exit_code == 0);
  CHECK(status.out.find("\"paused\":true") != std::string::npos);
  CHECK(status.out.find("lunch") != std::string::npos);

  const Finished resume = run_aitrade({"resume", "--home", rig.home});
  CHECK(resume.exit_code == 0);
  daemon->signal(SIGINT);
  CHECK(daemon->wait(30'000) == 130);
}
