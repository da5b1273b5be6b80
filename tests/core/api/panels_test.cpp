// The smaller panels: heartbeat, scanner, limits, alerts, favourites, records by group, a record begun anew.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <string>

#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

struct Rig : TwoTenants {
  std::string admin = key("default", Scope::admin);

  rapidjson::Document json(const std::string& method, const std::string& path, const std::string& body = "") {
    const Response reply = ask(method, path, {{"X-API-Key", admin}}, body);
    INFO(method << " " << path << ": " << reply.error_message);
    REQUIRE(reply.status == 200);
    rapidjson::Document document;
    document.Parse(reply.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }

  int status(const std::string& method, const std::string& path, const std::string& body = "") {
    return ask(method, path, {{"X-API-Key", admin}}, body).status;
  }
};

}  // namespace

TEST_CASE("panels: the heartbeat names engines and stale pairs", "[api][panels]") {
  Rig rig;
  const auto beat = rig.json("GET", "/api/v1/ops/heartbeat");
  CHECK(std::string(beat["status"].GetString()) == "degraded");
  REQUIRE(beat["engines"].Size() == 1);
  const auto& engine = beat["engines"][0];
  CHECK(engine["stale_pairs_count"].GetInt() == 1);
  CHECK(std::string(engine["stale_pairs"][0].GetString()) == "SOL/USD");
  CHECK(engine["last_scan_age_s"].GetDouble() == 22.0);
  CHECK(engine["running"].IsTrue());
}

TEST_CASE("panels: the scanner has a line a pair, spreads as fractions", "[api][panels]") {
  Rig rig;
  const auto scanner = rig.json("GET", "/api/v1/scanner");
  REQUIRE(scanner.MemberCount() == 3);
  CHECK(std::string(scanner["BTC/USD"]["price"].GetString()) == "36590.2");
  CHECK(scanner["BTC/USD"]["spread"].GetDouble() < 1e-5);
  CHECK(scanner["SOL/USD"]["stale"].IsTrue());
  const auto exchanges = rig.json("GET", "/api/v1/integrations/exchanges");
  CHECK(exchanges["count"].GetInt() == 1);
  CHECK(exchanges["integrations"][0]["pairs"].Size() == 3);
}

TEST_CASE("panels: limits tell what is full, files tell sizes and no paths", "[api][panels]") {
  Rig rig;
  rig.context.fills = [] { return std::vector<Occupancy>{{"a", 3, 4, "count"}, {"b", 5, 0, "bytes"}}; };
  const auto limits = rig.json("GET", "/api/v1/limits");
  REQUIRE(limits["limits"].Size() == 2);
  CHECK(limits["limits"][0]["max"].GetDouble() == 4);
  CHECK(limits["limits"][1]["max"].IsNull());
  const Response files = rig.ask("GET", "/api/v1/storage", {{"X-API-Key", rig.admin}});
  CHECK(files.status == 200);
  CHECK(files.body.find(rig.folder.string()) == std::string::npos);
}

TEST_CASE("panels: an alert is seen once, by whoever was first", "[api][panels]") {
  Rig rig;
  const auto alerts = rig.json("GET", "/api/v1/alerts");
  REQUIRE(alerts.Size() == 1);
  CHECK(alerts[0]["acked_at"].IsNull());
  const std::string path = "/api/v1/alerts/" + std::to_string(alerts[0]["id"].GetInt64()) + "/ack";
  const auto acked = rig.json("POST", path);
  CHECK(acked["acked_at"].IsString());
  const std::string by = acked["acked_by"].GetString();
  CHECK(by.starts_with("key:"));
  const std::string other = rig.key("default", Scope::admin);
  CHECK(rig.ask("POST", path, {{"X-API-Key", other}}).body.find(by) != std::string::npos);
  CHECK(rig.json("GET", "/api/v1/alerts")[0]["acked_at"].IsString());
  CHECK(rig.json("GET", "/api/v1/alerts?level=critical").Size() == 0);
  for (const char* id : {"0", "-1", "99999", "x", "1.5"}) {
    CHECK(rig.status("POST", "/api/v1/alerts/" + std::string(id) + "/ack") == 404);
  }
}

TEST_CASE("panels: a test alert says who it reached", "[api][panels]") {
  Rig rig;
  CHECK(rig.json("POST", "/api/v1/alerts/test")["failed"].Size() == 1);
  std::string said;
  rig.context.alert = [&said](const std::string& text) {
    said = text;
    return ok();
  };
  CHECK(rig.json("POST", "/api/v1/alerts/test", R"({"message":"hello"})")["delivered"].Size() == 1);
  CHECK(said == "hello");
  CHECK(rig.status("POST", "/api/v1/alerts/test", R"({"message":")" + std::string(501, 'x') + "\"}") == 400);
}

TEST_CASE("panels: favourites are pairs, each once, of one tenant", "[api][panels]") {
  Rig rig;
  rig.json("DELETE", "/api/v1/favorites/NOTHING-HERE");
  CHECK(rig.json("POST", "/api/v1/favorites", R"({"symbol":"btc-usd"})")["favorites"].Size() == 1);
  CHECK(rig.json("POST", "/api/v1/favorites", R"({"symbol":"BTC/USD"})")["favorites"].Size() == 1);
  CHECK(rig.json("POST", "/api/v1/favorites", R"({"symbol":"ETH/USD"})")["favorites"].Size() == 2);
  CHECK(std::string(rig.json("GET", "/api/v1/favorites")["favorites"][0].GetString()) == "BTC/USD");
  CHECK(rig.json("DELETE", "/api/v1/favorites/BTC-USD")["favorites"].Size() == 1);
  CHECK(rig.status("POST", "/api/v1/favorites", R"({"symbol":"<script>"})") == 400);
  CHECK(rig.status("POST", "/api/v1/favorites", "{}") == 400);
  const Response theirs = rig.ask("GET", "/api/v1/favorites", {{"X-API-Key", rig.key("alpha")}});
  CHECK(theirs.body.find("ETH/USD") == std::string::npos);
}

TEST_CASE("panels: sums of trades by what they have in common, exact, and from a reset on", "[api][panels]") {
  Rig rig;
  auto ledger = open_writer(rig.folder / "trading.db", Profile::ledger, rig.now);
  REQUIRE(ledger);
  REQUIRE(ledger->execute("DELETE FROM trades WHERE tenant_id='default'"));
  const auto add = [&](int i, const char* pair, const char* strategy, const char* pnl, Time exit) {
    auto insert = ledger->prepare(
        "INSERT INTO trades(trade_id, tenant_id, account_id, exchange, mode, pair, direction, quantity, entry_price, "
        "exit_price, strategy, pnl, fees, slippage, r_multiple, bars, close_reason, entry_ns, exit_ns, run_id, event_seq) "
        "VALUES(?,'default','main','kraken','paper',?,'long','1','1','1',?,?,'0.1','0',0.5,3,'target',?,?,'run',1)");
    REQUIRE(insert);
    REQUIRE(insert->bind_all("t" + std::to_string(i), pair, strategy, pnl, exit - minutes{5}, exit).run());
  };
  const Time noon = test::two_tenants_now;
  add(1, "BTC/USD", "trend", "0.1", noon - hours{1});
  add(2, "BTC/USD", "keltner", "0.2", noon - hours{2});
  add(3, "ETH/USD", "trend", "-0.3", noon - hours{24 * 10});

  const auto by_pair = rig.json("GET", "/api/v1/attribution?group_by=pair");
  REQUIRE(by_pair["stats"].Size() == 2);
  CHECK(std::string(by_pair["stats"][0]["total_pnl"].GetString()) == "0.3");
  CHECK(by_pair["stats"][1]["profit_factor"].GetDouble() == 0);
  CHECK(std::string(by_pair["summary"]["total_pnl"].GetString()) == "0");
  CHECK(by_pair["summary"]["mean_r"].GetDouble() == 0.5);
  CHECK(rig.json("GET", "/api/v1/strategy-performance")["trend"]["total_trades"].GetInt() == 2);
  CHECK(rig.json("GET", "/api/v1/performance")["total_trades"].GetInt() == 3);
  CHECK(rig.json("GET", "/api/v1/performance?period=7d")["total_trades"].GetInt() == 2);
  CHECK(rig.json("GET", "/api/v1/performance")["sharpe_ratio"].IsNull());
  CHECK(rig.status("GET", "/api/v1/performance?period=century") == 400);
  CHECK(rig.status("GET", "/api/v1/attribution?group_by=tenant_id") == 400);

  CHECK(rig.status("POST", "/api/v1/paper/reset", "{}") == 400);
  CHECK(rig.commands.empty());
  CHECK(rig.json("POST", "/api/v1/paper/reset", R"({"confirm":"RESET"})")["ok"].IsTrue());
  REQUIRE(rig.commands.size() == 1);
  CHECK(rig.commands[0].action == OperatorAction::close_all);
  CHECK(rig.json("GET", "/api/v1/performance")["total_trades"].GetInt() == 0);
  CHECK(rig.json("GET", "/api/v1/trades").Size() == 3);   // nothing is lost

  EngineView live = test::sample_view(rig.now);
  live.mode = "live";
  rig.views.publish(std::make_shared<const EngineView>(live));
  CHECK(rig.status("POST", "/api/v1/paper/reset", R"({"confirm":"RESET"})") == 400);
}
