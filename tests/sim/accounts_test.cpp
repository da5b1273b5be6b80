// Engines of several tenants in one daemon, as processes: whose positions a command closes, what outlives kill -9, and
// that one that fails costs the others nothing.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/net/http_client.h"
#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* accounts_toml = R"([[accounts]]
id = "first"
tenant = "alpha"
bankroll = 4000

[[accounts]]
id = "second"
tenant = "beta"
bankroll = 3000
)";

/// Two tenants with an engine each at one exchange.
struct TwoEngines {
  DaemonRig rig;
  std::string config;

  explicit TwoEngines(const std::string& speed, std::vector<PairTape> tapes = {{"BTC/USDT"}, {"ETH/USDT"}})
      : rig(speed, std::move(tapes)), config(rig.folder.write("accounts.toml", accounts_toml)) {
    for (const char* tenant : {"alpha", "beta"}) REQUIRE(rig.ask({"tenant", "add", tenant}).exit_code == 0);
  }

  [[nodiscard]] std::unique_ptr<Child> start() const { return rig.start({"--config", config}); }

  /// A command with the accounts in its configuration.
  [[nodiscard]] Finished ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--config", config});
    return rig.ask(words);
  }

  [[nodiscard]] fs::path folder(const std::string& account) const {
    return fs::path(rig.home) / "data" / "accounts" / account;
  }

  [[nodiscard]] std::int64_t count(const std::string& account, const std::string& sql, bool is_telemetry = false) const {
    const fs::path file = folder(account) / (is_telemetry ? "telemetry.db" : "trading.db");
    auto opened = open_settled_reader(fs::path(rig.home) / "data" / "lock", file,
                                      is_telemetry ? Profile::telemetry : Profile::ledger, Time{});
    INFO(file.string());
    REQUIRE(opened.has_value());
    const auto value = opened->integer(sql);
    INFO(sql);
    REQUIRE(value.has_value());
    return *value;
  }

  [[nodiscard]] HttpReply get(const std::string& path, const std::string& tenant) const {
    HttpRequest request;
    request.method = "GET";
    request.url = "http://localhost" + path;
    request.unix_socket = rig.home + "/run/aitrade.sock";
    request.headers.push_back({"X-Tenant-ID", tenant});
    HttpClient client;
    HttpOutcome outcome = client.perform(request);
    REQUIRE(outcome.is_reply());
    return outcome.reply;
  }

  struct Engine {
    std::string state;
    bool is_halted{false}, is_paused{false};
    std::uint64_t positions{0}, trades{0};
  };

  /// The engines by tenant.
  [[nodiscard]] std::map<std::string, Engine> engines() const {
    const Finished status = rig.ask({"status", "--json"});
    INFO(status.out << status.err);
    REQUIRE(status.exit_code == 0);
    rapidjson::Document json;
    json.Parse(status.out.c_str());
    REQUIRE(json.HasMember("engines"));
    std::map<std::string, Engine> list;
    for (const auto& one : json["engines"].GetArray()) {
      list[one["tenant_id"].GetString()] = {one["state"].GetString(), one["halted"].GetBool(), one["paused"].GetBool(),
                                            one["open_positions"].GetUint64(), one["trades_total"].GetUint64()};
    }
    return list;
  }

  /// Waits until the engines are as wanted.
  bool wait_for(const std::function<bool(std::map<std::string, Engine>&)>& wanted) const {
    for (int i = 0; i < 600; ++i) {
      auto list = engines();
      if (wanted(list)) return true;
      pass_time(50);
    }
    return false;
  }

  /// Waits until it is said that a tenant's engine enters nothing for this reason; "": that it enters.
  [[nodiscard]] bool wait_for_hold(const std::string& tenant, const std::string& why) const {
    for (int i = 0; i < 600; ++i) {
      if (get("/api/v1/status", tenant).body.find("\"entries_held\":\"" + why + "\"") != std::string::npos) return true;
      pass_time(50);
    }
    return false;
  }

  /// Whether an order of ours, not the market, closed something of a tenant.
  [[nodiscard]] bool was_closed(const std::string& tenant) const {
    return get("/api/v1/trades?limit=1000", tenant).body.find("\"reason\":\"close_all\"") != std::string::npos;
  }

  /// Gives a command that closes, while a position is held; given again where the market was faster.
  [[nodiscard]] bool until_closed(const std::string& tenant, const std::vector<std::string>& command,
                                  const std::vector<std::string>& undo) const {
    for (int i = 0; i < 20; ++i) {
      if (i > 0 && !undo.empty()) REQUIRE(ask(undo).exit_code == 0);
      REQUIRE(wait_for([&tenant](auto& e) { return e[tenant].positions > 0; }));
      const Finished done = ask(command);
      INFO(done.out << done.err);
      REQUIRE(done.exit_code == 0);
      CHECK(done.out.find("\"remaining\":0") != std::string::npos);
      if (was_closed(tenant)) return true;
    }
    return false;
  }

  /// Every recording of both accounts gives its actions again.
  void require_replays() const {
    for (const char* account : {"first", "second"}) {
      for (const auto& run : fs::directory_iterator(folder(account) / "runs")) {
        const Finished replay = rig.ask({"replay", run.path().filename().string()});
        INFO(run.path() << replay.out << replay.err);
        CHECK(replay.exit_code == 0);
        CHECK(replay.out.find("\"identical\":true") != std::string::npos);
      }
    }
  }
};

constexpr const char* entries_sql = "SELECT count(*) FROM intents WHERE role='entry'";

/// CR2: reads of the two differ, and nobody gets another's or the default's instead.
void require_own_reads(const TwoEngines& two) {
  for (const char* path : {"/api/v1/status", "/api/v1/risk", "/api/v1/performance", "/api/v1/positions"}) {
    INFO(path);
    CHECK(two.get(path, "alpha").status == 200);
    if (std::string(path) != "/api/v1/positions") CHECK(two.get(path, "alpha").body != two.get(path, "beta").body);
    CHECK(two.get(path, "nobody").status == 404);
  }
  CHECK(two.get("/api/v1/positions", "default").body == "[]");
  CHECK(two.ask({"status", "--tenant", "nobody"}).exit_code == 4);
  CHECK(two.ask({"pause", "--tenant", "nobody"}).exit_code == 4);
}

/// Every row is of the tenant that owns it, and says who asked.
void require_own_rows(const TwoEngines& two) {
  for (const auto& [account, tenant] : {std::pair{"first", "alpha"}, std::pair{"second", "beta"}}) {
    const std::string others = std::string(" WHERE tenant_id <> '") + tenant + "'";
    for (const char* table : {"trades", "orders", "fills", "intents", "audit_log", "positions", "control_state"}) {
      INFO(account << " " << table);
      CHECK(two.count(account, "SELECT count(*) FROM " + std::string(table) + others) == 0);
    }
    CHECK(two.count(account, "SELECT count(*) FROM thought_log" + others, true) == 0);
    CHECK(two.count(account, "SELECT count(*) FROM audit_log WHERE action='halt' AND actor LIKE 'local:%'") > 0);
  }
}

}  // namespace

TEST_CASE("accounts: a close and a kill are of one tenant, a kill of all ends the process and latches [CR1, E1, CR2]",
          "[sim][accounts][CR1][E1][CR2]") {
  const TwoEngines two("1200");
  auto daemon = two.start();
  REQUIRE(two.wait_for([](auto& e) { return e["alpha"].positions > 0 && e["beta"].positions > 0; }));

  require_own_reads(two);

  // E1: the administrator closes beta's.
  CHECK(two.until_closed("beta", {"close-all", "--tenant", "beta", "--yes", "--json", "--reason", "e1"}, {}));
  CHECK_FALSE(two.was_closed("alpha"));
  CHECK(two.get("/api/v1/audit", "beta").body.find("\"action\":\"close_all\"") != std::string::npos);
  CHECK(two.get("/api/v1/audit", "beta").body.find("\"actor\":\"local:") != std::string::npos);
  CHECK(two.get("/api/v1/audit", "alpha").body.find("close_all") == std::string::npos);
  CHECK(two.get("/api/v1/audit", "default").body.find("close_all") == std::string::npos);

  // CR1: alpha alone is killed.
  CHECK(two.until_closed("alpha", {"kill", "--tenant", "alpha", "--yes", "--json", "--reason", "cr1"},
                         {"resume", "--clear-halt", "--tenant", "alpha"}));
  REQUIRE(daemon->is_running());
  auto after = two.engines();
  CHECK(after["alpha"].is_halted);
  CHECK(after["alpha"].positions == 0);
  CHECK_FALSE(after["beta"].is_halted);
  CHECK_FALSE(after["beta"].is_paused);
  const auto before = after["beta"].trades;
  CHECK(two.wait_for([before](auto& e) { return e["beta"].trades > before; }));   // it goes on
  CHECK(two.engines()["alpha"].positions == 0);
  CHECK(two.ask({"resume", "--tenant", "alpha"}).exit_code == 77);
  CHECK(two.wait_for([&two](auto&) { return two.ask({"health"}).exit_code == 3; }));   // from the next heartbeat on

  // The other one, too: then nobody is left, and the process ends.
  const Finished rest = two.ask({"kill", "--yes", "--json"});
  INFO(rest.out << rest.err);
  CHECK(rest.exit_code == 0);
  CHECK(daemon->wait(stop_limit_ms) == 0);
  const auto count_of_entries = [&two] { return two.count("first", entries_sql) + two.count("second", entries_sql); };
  const auto entries = count_of_entries();

  // Restarted: halted, both, and no order.
  daemon = two.start();
  after = two.engines();
  CHECK(after["alpha"].is_halted);
  CHECK(after["beta"].is_halted);
  CHECK(two.ask({"resume"}).exit_code == 77);
  pass_time(1'000);   // twenty minutes of the market
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  CHECK(count_of_entries() == entries);

  // Cleared: it trades again.
  daemon = two.start();
  CHECK(two.ask({"resume", "--clear-halt", "--reason", "looked at it"}).exit_code == 0);
  after = two.engines();
  CHECK(after["alpha"].state == "running");
  CHECK(after["beta"].state == "running");
  CHECK(two.wait_for([](auto& e) { return e["alpha"].positions + e["beta"].positions > 0; }));
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);

  require_own_rows(two);
  two.rig.require_sound();
  two.require_replays();
}

TEST_CASE("accounts: a suspended tenant enters nothing, what it holds stays in hand, and it goes on by itself",
          "[sim][accounts][billing]") {
  const TwoEngines two("1200");
  auto daemon = two.start();
  REQUIRE(two.wait_for([](auto& e) { return e["alpha"].positions > 0 && e["beta"].positions > 0; }));
  const auto entries_of_alpha = [&two] { return two.count("first", entries_sql); };

  REQUIRE(two.ask({"tenant", "status", "alpha", "suspended"}).exit_code == 0);
  REQUIRE(two.wait_for_hold("alpha", "the tenant is suspended"));
  const auto entries = entries_of_alpha();
  auto now = two.engines();
  CHECK_FALSE(now["alpha"].is_paused);
  CHECK(two.wait_for_hold("beta", ""));
  CHECK(two.ask({"health"}).exit_code == 0);   // nothing is wrong with the daemon
  const auto before = now["beta"].trades;
  REQUIRE(two.wait_for([before](auto& e) { return e["beta"].trades > before + 1; }));
  CHECK(entries_of_alpha() == entries);

  // People may still lower the risk; a pause is not ended meanwhile.
  CHECK(two.ask({"close-all", "--tenant", "alpha", "--yes"}).exit_code == 0);
  CHECK(two.engines()["alpha"].positions == 0);
  CHECK(two.ask({"pause", "--tenant", "alpha"}).exit_code == 0);
  CHECK(two.ask({"resume", "--tenant", "alpha"}).exit_code == 77);

  // It holds over kill -9, and before the first candle.
  daemon->signal(SIGKILL);
  REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
  daemon = two.start();
  REQUIRE(two.wait_for_hold("alpha", "the tenant is suspended"));
  REQUIRE(two.wait_for([](auto& e) { return e["beta"].positions > 0; }));
  CHECK(entries_of_alpha() == entries);

  // It may again: the pause by hand is still there, and ends by hand.
  REQUIRE(two.ask({"tenant", "status", "alpha", "active"}).exit_code == 0);
  REQUIRE(two.wait_for_hold("alpha", ""));
  CHECK(two.engines()["alpha"].is_paused);
  CHECK(two.ask({"resume", "--tenant", "alpha"}).exit_code == 0);
  CHECK(two.wait_for([](auto& e) { return e["alpha"].positions > 0; }));
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  two.rig.require_sound();
  two.require_replays();
}

TEST_CASE("accounts: kill -9 loses nothing of either engine and doubles nothing", "[sim][accounts][crash]") {
  const TwoEngines two("7200");
  Random random(20'261'127);
  for (int i = 0; i < 4; ++i) {
    auto daemon = two.start();
    pass_time(static_cast<int>(50 + random.below(1'500)));   // the moment is the subject of the test
    daemon->signal(SIGKILL);
    REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
    INFO("kill " << i);
    two.rig.require_sound();
  }
  auto daemon = two.start();
  pass_time(500);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  two.rig.require_sound();
  for (const char* account : {"first", "second"}) {
    INFO(account);
    CHECK(two.count(account, "SELECT count(*) - count(DISTINCT client_order_id) FROM orders") == 0);
    CHECK(two.count(account, "SELECT count(*) - count(DISTINCT exchange_fill_id) FROM fills") == 0);
    CHECK(two.count(account, "SELECT count(*) FROM fills") > 0);
    CHECK(two.count(account, "SELECT count(*) FROM runs") == 5);
  }
}

TEST_CASE("accounts: an engine that fails, at its start or later, leaves the others alone", "[sim][accounts]") {
  const TwoEngines two("1200");
  {
    fs::create_directories(two.folder("first"));
    const Finished made = run_shell("printf 'no database at all, by no means, but long enough to be one' > " +
                                        (two.folder("first") / "trading.db").string(), two.rig.folder.path());
    REQUIRE(made.exit_code == 0);
  }
  auto daemon = two.start();
  CHECK(two.wait_for([](auto& e) { return e["alpha"].state == "failed" && e["beta"].state == "running"; }));
  CHECK(two.wait_for([](auto& e) { return e["beta"].trades > 0; }));
  const Finished health = two.ask({"health", "--json"});
  CHECK(health.exit_code == 3);
  CHECK(health.out.find("engine_failed") != std::string::npos);
  const Finished partial = two.ask({"pause", "--json"});
  CHECK(partial.exit_code == 3);
  CHECK(partial.out.find("\"status\":\"partial\"") != std::string::npos);
  CHECK(two.ask({"resume", "--tenant", "beta"}).exit_code == 0);
  CHECK(two.ask({"pause", "--tenant", "alpha"}).exit_code != 0);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);

  // Its books are made anew; then somebody takes a table away while it runs.
  fs::remove(two.folder("first") / "trading.db");
  daemon = two.start();
  REQUIRE(two.wait_for([](auto& e) { return e["alpha"].state == "running" && e["beta"].state == "running"; }));
  {
    auto foreign = Database::open(two.folder("first") / "trading.db", OpenMode::writer, Profile::ledger);
    REQUIRE(foreign.has_value());
    REQUIRE(foreign->execute("PRAGMA foreign_keys=OFF; DROP TABLE decisions"));
  }
  REQUIRE(two.wait_for([](auto& e) { return e["alpha"].state == "failed"; }));
  const auto before = two.engines()["beta"].trades;
  CHECK(two.wait_for([before](auto& e) { return e["beta"].trades > before; }));
  CHECK(two.engines()["beta"].state == "running");
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
}
