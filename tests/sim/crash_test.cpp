// kill -9 at random moments of a run that goes on beside its exchange; the gap is backfilled at each start.
//
// Laws after every kill: the ledger is sound, cash and holdings are what its fills imply to the last unit,
// no order id and no fill twice. The number of kills is AITRADE_KILLS, else a short form.

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/base/random.h"
#include "core/store/instance_lock.h"
#include "core/store/queries.h"
#include "core/store/schema.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/tape.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

const std::string source_dir = AITRADE_SOURCE_DIR;
constexpr int start_limit_ms = 60'000;

int kills_wanted() {
  const char* text = std::getenv("AITRADE_KILLS");
  return text == nullptr ? 8 : std::atoi(text);
}

/// The month of recorded minutes when it is there, else made candles.
std::string tape_file(const TempFolder& folder) {
  const std::string recorded =
      source_dir + "/../shared/data/binance_BTCUSDT_1m_2026-03-23_30d.csv.gz";
  if (fs::exists(recorded)) return "BTC/USDT=" + recorded;
  WARN("the recorded market data are not beside this tree: a made tape is used");
  return "BTC/USDT=" + folder.write("tape.csv", to_csv(made_candles(3, 20'000, 40'000)));
}

/// A loopback exchange in a process of its own, and how to run the daemon against it.
struct Rig {
  explicit Rig(const std::string& speed)
      : exchange({"sim", "--dialect", "kraken", "--tape", tape_file(folder), "--speed", speed, "--port", "0"},
                 folder / "sim.log") {
    const std::string text = wait_for_text(exchange.out_path(), "\"rest_url\"", start_limit_ms);
    REQUIRE_FALSE(text.empty());
    rest = value_of(text, "rest_url");
    ws = value_of(text, "ws_url");
  }

  static std::string value_of(const std::string& json, const std::string& key) {
    const auto begin = json.find("\"" + key + "\":\"") + key.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
  }

  [[nodiscard]] std::vector<std::string> run_arguments() const {
    return {"run",   "--home",  home,
            "--config", source_dir + "/share/demo.toml",
            "--set", "exchange.kraken.rest_url=\"" + rest + "\"",
            "--set", "exchange.kraken.ws_url=\"" + ws + "\"",
            "--set", "trading.pairs=[\"BTC/USDT\"]",
            "--set", "dashboard.port=0"};
  }

  std::unique_ptr<Child> start(const std::string& log) const {
    auto child = std::make_unique<Child>(run_arguments(), folder / log);
    const std::string text = wait_for_text(child->out_path(), "run.started", start_limit_ms);
    INFO(read_file(child->out_path()));
    REQUIRE_FALSE(text.empty());
    return child;
  }

  /// The ledger must be sound, whatever moment the process died at.
  void check_ledger() const {
    const Finished check = run_aitrade({"db", "check", "--home", home, "--json"});
    INFO(check.out);
    INFO(check.err);
    REQUIRE(check.exit_code == 0);
  }

  TempFolder folder;
  std::string home = folder / "home";
  std::string rest, ws;
  Child exchange;
};

Database ledger_of(const Rig& rig) {
  const fs::path data = fs::path(rig.home) / "data";
  auto opened = open_settled_reader(data / "lock", data / "trading.db", Profile::ledger, Time{});
  REQUIRE(opened.has_value());
  return std::move(*opened);
}

}  // namespace

TEST_CASE("crash: killed at random moments, nothing is lost and nothing doubled", "[sim][crash]") {
  Rig rig("3600");
  Random random(20'260'323);
  const int kills = kills_wanted();
  for (int i = 0; i < kills; ++i) {
    auto daemon = rig.start("run.log");
    pass_time(static_cast<int>(50 + random.below(2'500)));  // the moment is the subject of the test
    daemon->signal(SIGKILL);
    REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
    INFO("kill " << i);
    rig.check_ledger();
  }
  auto daemon = rig.start("run.log");
  pass_time(1'000);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  rig.check_ledger();

  Database ledger = ledger_of(rig);
  const auto count = [&](const char* sql) {
    const auto value = ledger.integer(sql);
    REQUIRE(value.has_value());
    return *value;
  };
  CHECK(count("SELECT count(*) - count(DISTINCT client_order_id) FROM orders") == 0);
  CHECK(count("SELECT count(*) - count(DISTINCT exchange_fill_id) FROM fills") == 0);
  const auto fills = count("SELECT count(*) FROM fills");
  const auto entries = count("SELECT count(*) FROM orders WHERE role = 'entry'");
  CHECK(fills > 0);
  WARN("after " << kills << " kills: " << entries << " entries, " << fills << " fills, ledger sound each time");
}

TEST_CASE("crash: a pause outlives kill -9 and blocks entries", "[sim][crash]") {
  Rig rig("600");
  auto daemon = rig.start("run.log");
  const Finished pause = run_aitrade({"pause", "--home", rig.home, "--reason", "lunch"});
  INFO(pause.err);
  REQUIRE(pause.exit_code == 0);
  daemon->signal(SIGKILL);
  daemon->wait(10'000);

  daemon = rig.start("run.log");
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

TEST_CASE("crash: a second instance is refused and names the first", "[sim][run]") {
  Rig rig("60");
  auto daemon = rig.start("run.log");
  const Finished second = run_aitrade(rig.run_arguments());
  INFO(second.err);
  CHECK(second.exit_code == 75);
  CHECK(daemon->is_running());
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
}
