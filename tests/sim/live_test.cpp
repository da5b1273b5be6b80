// Live trading as people run it: daemon, vault and exchange, each on its own; what the ledger holds afterwards is what
// the exchange holds, to the last digit.
#include "tests/support/live_rig.h"

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "core/base/random.h"
#include "core/store/venue_books.h"
#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Fills: id to the venue's texts of price, quantity, cost and fee.
std::map<std::string, std::string> fills_of_exchange(const LiveRig& rig) {
  std::map<std::string, std::string> out;
  const auto truth = rig.truth("fills");
  for (const auto& fill : truth.GetObject()) {
    const auto text = [&](const char* name) { return std::string(fill.value[name].GetString()); };
    const auto value = [&](const char* name) { return to_string(Decimal::parse_or_die(text(name)).trimmed()); };
    out[fill.name.GetString()] = value("price") + " " + value("vol") + " " + value("cost") + " " + value("fee");
  }
  return out;
}

std::map<std::string, std::string> fills_of_ledger(const LiveRig& rig) {
  std::map<std::string, std::string> out;
  Database db = rig.ledger();
  auto rows = db.prepare("SELECT exchange_fill_id, words FROM fills");
  REQUIRE(rows.has_value());
  for (;;) {
    const auto has_row = rows->step();
    REQUIRE(has_row.has_value());
    if (!*has_row) return out;
    std::istringstream words{std::string(rows->text(1))};
    std::string price, quantity, cost, fee;
    words >> price >> quantity >> cost >> fee;
    const auto value = [](const std::string& text) { return to_string(Decimal::parse_or_die(text).trimmed()); };
    out[std::string(rows->text(0))] = value(price) + " " + value(quantity) + " " + value(cost) + " " + value(fee);
  }
}

void require_equal_books(const LiveRig& rig) {
  const auto theirs = fills_of_exchange(rig);
  const auto ours = fills_of_ledger(rig);
  CHECK(ours == theirs);

  std::map<std::string, int> copies;
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) ++copies[order.value["cl_ord_id"].GetString()];
  Database db = rig.ledger();
  for (const auto& [id, count] : copies) {
    INFO("client id " << id);
    CHECK(count == 1);
    auto known = db.prepare("SELECT count(*) FROM orders WHERE client_order_id=?");
    REQUIRE(known.has_value());
    REQUIRE(known->bind_all(id).step().value_or(false));
    CHECK(known->integer(0) == 1);
  }

  DeskNames desk;
  desk.account = "default";
  desk.exchange = "kraken";
  const auto books = venue_books(db, desk);
  REQUIRE(books.has_value());
  const auto truth = rig.truth("balances");
  const auto& balances = truth["assets"];
  for (const auto& [asset, expected] : books->expected) {
    INFO(asset);
    const auto found = balances.FindMember(asset.c_str());
    const Decimal there = found == balances.MemberEnd()
                              ? Decimal{}
                              : Decimal::parse_or_die(found->value["balance"].GetString());
    CHECK(to_string(expected.trimmed()) == to_string(there.trimmed()));
  }
  const Finished check = run_aitrade({"db", "check", "--home", rig.home});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
}

/// Every position has a stop at the exchange of just its size.
void require_protected(const LiveRig& rig) {
  std::map<std::string, Decimal> stops;
  const auto orders = rig.truth("orders");
  for (const auto& order : orders.GetObject()) {
    const bool is_open = std::string(order.value["status"].GetString()) == "open";
    const bool is_stop = std::string(order.value["descr"]["ordertype"].GetString()).starts_with("stop-loss");
    if (!is_open || !is_stop) continue;
    const Decimal left = difference(Decimal::parse_or_die(order.value["vol"].GetString()),
                                    Decimal::parse_or_die(order.value["vol_exec"].GetString()))
                             .value_or(Decimal{});
    Decimal& all = stops[order.value["descr"]["pair"].GetString()];
    all = sum(all, left).value_or(all);
  }
  Database db = rig.ledger();
  auto rows = db.prepare("SELECT pair, quantity, closing FROM positions WHERE quantity <> '0'");
  REQUIRE(rows.has_value());
  for (;;) {
    const auto has_row = rows->step();
    REQUIRE(has_row.has_value());
    if (!*has_row) return;
    if (rows->text(2) != "none") continue;
    std::string name(rows->text(0));
    if (name.starts_with("BTC")) name.replace(0, 3, "XBT");
    std::erase(name, '/');
    INFO(name);
    CHECK(to_string(stops[name].trimmed()) == to_string(Decimal::parse_or_die(rows->text(1)).trimmed()));
  }
}

const std::vector<std::string> market{"--synthetic", "7", "--start", "2024-01-01", "--deposit", "USD=5000"};

}  // namespace

TEST_CASE("live: entries, stops, exits and a kill -9; ledger and exchange agree to the last digit", "[sim][live]") {
  const LiveRig rig("120", market);
  auto daemon = rig.start();
  REQUIRE_FALSE(wait_for_text(daemon->out_path(), "position.opened", LiveRig::limit_ms).empty());
  daemon->signal(SIGKILL);
  REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);

  daemon = rig.start();
  const std::string closed = wait_for_text(daemon->out_path(), "trade.closed", LiveRig::limit_ms);
  INFO(read_file(daemon->out_path()));
  CHECK_FALSE(closed.empty());
  pass_time(5'000);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  require_equal_books(rig);
  require_protected(rig);
  const Finished reconciled = rig.ask("reconcile");
  INFO(reconciled.out << reconciled.err);
  CHECK(reconciled.exit_code == 0);
  const Finished examined = rig.ask("doctor", {"--live"});
  INFO(examined.out << examined.err);
  CHECK(examined.exit_code == 0);   // the breakers of the demo are off: a warning, as the money is made up
  CHECK(examined.out.find("the key may trade and not withdraw") != std::string::npos);
  WARN(rig.count("SELECT count(*) FROM fills") << " fills, " << rig.count("SELECT count(*) FROM orders") << " orders, "
                                               << rig.count("SELECT count(*) FROM trades") << " trades");
}

TEST_CASE("live: killed at random moments, no order is doubled and no fill lost", "[sim][live]") {
  const LiveRig rig("120", market);
  Random random(20'261'126);
  const char* text = std::getenv("AITRADE_KILLS");
  const int kills = text == nullptr ? 4 : std::atoi(text);
  for (int i = 0; i < kills; ++i) {
    auto daemon = rig.start();
    pass_time(static_cast<int>(200 + random.below(6'000)));   // the moment is the subject of the test
    daemon->signal(SIGKILL);
    REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
  }
  auto daemon = rig.start();
  pass_time(4'000);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  require_equal_books(rig);
  require_protected(rig);
  WARN("after " << kills << " kills: " << rig.count("SELECT count(*) FROM fills") << " fills, "
                << rig.count("SELECT count(*) FROM orders") << " orders");
}

TEST_CASE("live: real money wants three yeses", "[sim][live]") {
  const LiveRig rig("60", market);
  const auto run = [&](std::vector<std::string> more) { return rig.ask("run", more); };
  const Finished no_flag = run({});
  CHECK(no_flag.exit_code == 78);
  CHECK_THAT(no_flag.err, Catch::Contains("--live was not given"));
  const Finished no_mode = run({"--live", "--set", "app.mode=\"paper\""});
  CHECK(no_mode.exit_code == 78);
  CHECK_THAT(no_mode.err, Catch::Contains("without app.mode"));
  const Finished no_vault = run({"--live", "--set", "vault.path=\"" + (rig.folder / "nowhere") + "\""});
  CHECK(no_vault.exit_code == 78);
}

TEST_CASE("live: real money wants somebody who may administer the page", "[sim][live]") {
  const LiveRig rig("60", market);
  std::filesystem::remove_all(std::filesystem::path(rig.home) / "data" / "access.db");
  const Finished nobody = rig.ask("run", {"--live"});
  CHECK(nobody.exit_code == 78);
  CHECK_THAT(nobody.err, Catch::Contains("aitrade passwd"));
  CHECK_THAT(nobody.err, Catch::Contains("aitrade key create --scopes admin"));
  // A key for reading is none; one to administer, kept in the vault, is enough.
  CHECK(run_aitrade({"key", "create", "--home", rig.home}).exit_code == 0);
  CHECK(rig.ask("run", {"--live"}).exit_code == 78);
  rig.folder.write("admin", "not-a-real-one-0123456789-abcdefgh");
  const std::string set = "aitrade vault set DASHBOARD_ADMIN_KEY --home home --set 'vault.path=\"" +
                          (rig.folder / "secrets/vault") + "\"' --set 'vault.passphrase_file=\"" +
                          (rig.folder / "pass") + "\"' < admin";
  REQUIRE(run_shell(set, rig.folder.path()).exit_code == 0);
  auto daemon = rig.start();
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
}

TEST_CASE("live: a rehearsal needs no vault and no account, and its replay decides the same", "[sim][live]") {
  const TempFolder folder;
  Child daemon({"run", "--demo", "--live", "--speed", "240", "--home", folder / "home", "--set", "dashboard.port=0"},
               folder / "run.log");
  const std::string text = wait_for_text(daemon.out_path(), "position.opened", LiveRig::limit_ms);
  INFO(read_file(daemon.out_path()));
  CHECK_FALSE(text.empty());
  daemon.signal(SIGINT);
  CHECK(daemon.wait(30'000) == 130);
  const std::filesystem::path runs = std::filesystem::path(folder / "home") / "data" / "demo" / "runs";
  const std::string run = std::filesystem::directory_iterator(runs)->path().filename().string();
  const Finished replay = run_aitrade({"replay", run, "--home", folder / "home"});
  INFO(replay.out << replay.err);
  CHECK(replay.exit_code == 0);
}
