// Several engines behind one API: each tenant sees and commands its own, every route for both.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

/// An engine of its own for alpha and beta, and a second one for beta.
struct ManyEngines {
  TwoTenants rig{true};
  ViewBoard boards[3];
  std::mutex mutex;                                             // engines are told at once, each on a thread
  std::vector<std::pair<std::string, OperatorCommand>> given;   // account and what it was told
  std::string refusing;                                         // an account that takes no commands
  std::vector<HttpHeader> admin{{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"}};

  ManyEngines() {
    std::vector<EngineSeat> seats;
    const std::pair<const char*, const char*> whose[] = {{"alpha", "one"}, {"beta", "two"}, {"beta", "three"}};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& [tenant, account] = whose[i];
      EngineView view = test::sample_view(rig.now);
      view.run = TwoTenants::mark(tenant) + "-" + account;
      view.entries_held = TwoTenants::mark(tenant);
      boards[i].publish(std::make_shared<const EngineView>(std::move(view)));
      seats.push_back({TenantId{tenant}, account, "kraken", &boards[i]});
      EngineDoor door;
      door.submit = [this, account = std::string(account)](const OperatorCommand& command) -> Status {
        if (account == refusing) return fail(ErrorCode::busy, "it hangs");
        const std::lock_guard lock(mutex);
        given.emplace_back(account, command);
        return ok();
      };
      door.store = rig.context.store;
      rig.context.doors.push_back(std::move(door));
    }
    rig.context.views = TenantViews(std::move(seats));
    rig.context.submit = {};
    rig.context.store = {};
  }

  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> accounts;
    for (const auto& [account, command] : given) accounts.push_back(account);
    std::sort(accounts.begin(), accounts.end());
    accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
    return accounts;
  }

  /// A control request as the administrator, who may name a tenant and an account.
  Response control(const std::string& command, const std::string& tenant, const std::string& account,
                   const std::string& body = "") {
    given.clear();
    std::vector<HttpHeader> headers = admin;
    if (!tenant.empty()) headers.push_back({"X-Tenant-ID", tenant});
    if (!account.empty()) headers.push_back({"X-Account-ID", account});
    return rig.ask("POST", "/api/v1/control/" + command, std::move(headers), body);
  }
};

bool holds(const std::string& text, const std::string& tenant) {
  return text.find(TwoTenants::mark(tenant)) != std::string::npos;
}

std::string filled(std::string_view path, const std::string& id) {
  const auto brace = path.find('{');
  if (brace == std::string_view::npos) return std::string(path);
  return std::string(path.substr(0, brace)) + id + std::string(path.substr(path.find('}') + 1));
}

using Accounts = std::vector<std::string>;

}  // namespace

TEST_CASE("engines: with engines of both, no route tells one tenant of the other, nor acts on it [P28, N34, CR2]",
          "[api][engines][tenants][CR2]") {
  ManyEngines many;
  const std::pair<const char*, const char*> both[] = {{"alpha", "beta"}, {"beta", "alpha"}};
  for (const auto& [own, other] : both) {
    const std::string key = many.rig.key(own, Scope::control);
    int seen = 0;
    many.given.clear();
    for (const RouteInfo& route : routes()) {
      if (route.path == "/ws/live") continue;   // over sockets: stream_test.cpp
      for (const std::string& id : {TwoTenants::mark(other), std::string(other), std::string("BTC-USD")}) {
        const std::string path = filled(route.path, id);
        INFO(own << ": " << route.method << " " << path);
        const Response reply = many.rig.ask(std::string(route.method), path, {{"X-API-Key", key}});
        const std::string text = TwoTenants::text_of(reply);
        CHECK_FALSE(holds(text, other));
        CHECK_FALSE(holds(text, "default"));
        if (route.access == Access::admin) CHECK(reply.status == 403);
        if (holds(text, own)) ++seen;
        const std::string foreign = std::string(own) == "alpha" ? "two" : "one";
        CHECK(many.rig.ask(std::string(route.method), path, {{"X-API-Key", key}, {"X-Account-ID", foreign}}).status >=
              (route.access == Access::open ? 200 : 400));
      }
    }
    CHECK(seen > 40);   // it does see its own
    for (const std::string& account : many.told()) CHECK((account == "one") == (std::string(own) == "alpha"));
    CHECK(many.rig.ask("GET", "/api/v1/settings", {{"X-API-Key", key}}).status == 404);
    CHECK(many.rig.ask("GET", "/api/v1/engines?scope=all", {{"X-API-Key", key}}).status == 403);
  }
}

TEST_CASE("engines: reads go by the account named, by header or query", "[api][engines]") {
  ManyEngines many;
  const std::string key = many.rig.key("beta");
  const auto run_of = [&](const std::string& target, std::vector<HttpHeader> headers) {
    headers.push_back({"X-API-Key", key});
    const Response reply = many.rig.ask("GET", target, std::move(headers));
    rapidjson::Document json;
    json.Parse(reply.body.c_str());
    return reply.status == 200 ? std::string(json["run"].GetString()) : std::to_string(reply.status);
  };
  CHECK(run_of("/api/v1/status", {}) == "mark-of-beta-two");
  CHECK(run_of("/api/v1/status", {{"X-Account-ID", "three"}}) == "mark-of-beta-three");
  CHECK(run_of("/api/v1/status?account=three", {}) == "mark-of-beta-three");
  CHECK(run_of("/api/v1/status?account=one", {}) == "404");
  CHECK(run_of("/api/v1/status?account=two&account=three", {}) == "400");
  const Response beats = many.rig.ask("GET", "/api/v1/ops/heartbeat", {{"X-API-Key", key}});
  CHECK(beats.body.find("\"account_id\":\"two\"") != std::string::npos);
  CHECK(beats.body.find("\"account_id\":\"three\"") != std::string::npos);
  CHECK(beats.body.find("\"account_id\":\"one\"") == std::string::npos);
}

namespace {

rapidjson::Document list_of(ManyEngines& many, std::vector<HttpHeader> headers, const std::string& query = "") {
  const Response reply = many.rig.ask("GET", "/api/v1/engines" + query, std::move(headers));
  rapidjson::Document json;
  REQUIRE(reply.status == 200);
  REQUIRE_FALSE(json.Parse(reply.body.c_str()).HasParseError());
  return json;
}

std::vector<std::string> accounts_of(const rapidjson::Document& json) {
  std::vector<std::string> accounts;
  for (const auto& one : json["engines"].GetArray()) accounts.emplace_back(one["account_id"].GetString());
  return accounts;
}

}  // namespace

TEST_CASE("engines: the administrator lists all, a tenant its own, with figures and exact sums", "[api][engines][U5]") {
  ManyEngines many;
  CHECK(accounts_of(list_of(many, many.admin)) == Accounts{"one", "two", "three"});
  CHECK(accounts_of(list_of(many, many.admin, "?scope=tenant")).empty());   // the default tenant has none
  CHECK(accounts_of(list_of(many, {many.admin[0], {"X-Tenant-ID", "beta"}})) == Accounts{"two", "three"});
  CHECK(accounts_of(list_of(many, {{"X-API-Key", many.rig.key("alpha")}})) == Accounts{"one"});

  for (std::size_t i = 1; i < 3; ++i) {   // of beta: figures to be added by hand
    EngineView view = test::sample_view(many.rig.now);
    view.equity = test::money(i == 1 ? "1000.00000001" : "2000.1");
    view.day_start_equity = test::money("1000");
    view.day_pnl = test::money(i == 1 ? "-25" : "125.00000001");
    view.exposure = test::money(i == 1 ? "250" : "0");
    view.drawdown = 0.25;
    view.paused = i == 1;
    view.state = i == 1 ? "paused" : "running";
    view.pause_reason = i == 1 ? "lunch" : "";
    many.boards[i].publish(std::make_shared<const EngineView>(std::move(view)));
  }
  const auto json = list_of(many, {{"X-API-Key", many.rig.key("beta")}});
  const auto& two = json["engines"][0];
  CHECK(std::string(two["tenant_id"].GetString()) == "beta");
  CHECK(std::string(two["state"].GetString()) == "paused");
  CHECK(std::string(two["reason"].GetString()) == "lunch");
  CHECK(std::string(two["day_pnl"].GetString()) == "-25");
  CHECK(two["day_return"].GetDouble() == -0.025);
  CHECK(std::string(two["exposure"].GetString()) == "250");
  CHECK(two["exposure_share"].GetDouble() == Approx(0.25));
  CHECK(two["drawdown"].GetDouble() == 0.25);
  CHECK(two["open_positions"].GetInt() == 2);
  CHECK(two["positions_protected"].GetInt() == 1);
  CHECK(two["positions_exposed"].GetInt() == 1);
  CHECK(two["positions_leaving"].GetInt() == 0);
  CHECK(two["updated_at"].IsString());
  CHECK(json["engines"][1]["reason"].IsNull());
  REQUIRE(json["totals"].Size() == 1);
  const auto& total = json["totals"][0];
  CHECK(std::string(total["currency"].GetString()) == "USD");
  CHECK(total["engines"].GetInt() == 2);
  CHECK(std::string(total["equity"].GetString()) == "3000.10000001");   // 1000.00000001 + 2000.1
  CHECK(std::string(total["day_pnl"].GetString()) == "100.00000001");   // -25 + 125.00000001
  CHECK(total["day_return"].GetDouble() == Approx(0.05));               // of 2000
  CHECK(std::string(total["exposure"].GetString()) == "250");
  CHECK(total["open_positions"].GetInt() == 4);
  CHECK(total["positions_protected"].GetInt() == 2);
}

TEST_CASE("engines: money that does not belong together is no sum, and none leaves what money can hold", "[api][engines]") {
  ManyEngines many;
  const char* currencies[] = {"USD", "USD", "EUR"};
  for (std::size_t i = 0; i < 3; ++i) {
    EngineView view = test::sample_view(many.rig.now);
    view.currency = currencies[i];
    view.equity = test::money("90000000000");
    many.boards[i].publish(std::make_shared<const EngineView>(std::move(view)));
  }
  const auto json = list_of(many, many.admin);
  REQUIRE(json["totals"].Size() == 2);
  CHECK(std::string(json["totals"][0]["currency"].GetString()) == "EUR");
  CHECK(std::string(json["totals"][0]["equity"].GetString()) == "90000000000");
  CHECK(json["totals"][1]["equity"].IsNull());   // 180 billion
  CHECK(json["totals"][1]["day_pnl"].IsString());
}

TEST_CASE("engines: one that failed says why to the administrator, and to its tenant that it did", "[api][engines]") {
  ManyEngines many;
  EngineView view;   // it never had figures
  view.state = "failed";
  view.failure = "the ledger: no database";
  view.entries_held = "the engine has failed; the log of the daemon says why";
  many.boards[2].publish(std::make_shared<const EngineView>(std::move(view)));
  const auto all = list_of(many, many.admin);
  CHECK(std::string(all["engines"][2]["reason"].GetString()) == "the ledger: no database");
  CHECK(all["engines"][2]["updated_at"].IsNull());
  CHECK(all["totals"][0]["engines"].GetInt() == 2);   // what never had figures adds nothing
  const auto own = list_of(many, {{"X-API-Key", many.rig.key("beta")}});
  CHECK(std::string(own["engines"][1]["reason"].GetString()) == "the engine has failed; the log of the daemon says why");
}

TEST_CASE("engines: a command goes to the engines of the tenant it names [CR1]", "[api][engines][CR1]") {
  ManyEngines many;
  CHECK(many.control("pause", "alpha", "").status == 200);
  CHECK(many.told() == Accounts{"one"});
  CHECK(many.control("pause", "beta", "").status == 200);
  CHECK(many.told() == Accounts{"three", "two"});
  CHECK(many.control("kill", "beta", "three", R"({"confirm":"KILL"})").status == 200);
  CHECK(many.told() == Accounts{"three"});
  CHECK(many.given.size() == 3);   // pause, close all, halt
  CHECK(many.control("close/BTC-USD", "alpha", "").status == 200);
  CHECK(many.told() == Accounts{"one"});
  CHECK(many.control("pause", "alpha", "two").status == 404);   // not theirs
  CHECK(many.control("pause", "nobody", "").status == 404);
  CHECK(many.control("pause", "", "").status == 404);           // the default tenant has none
  CHECK(many.given.empty());
  CHECK(many.control("pause", "", "", R"({"all_tenants":true})").status == 200);
  CHECK(many.told() == Accounts{"one", "three", "two"});
  const std::string key = many.rig.key("alpha", Scope::control);
  many.given.clear();
  CHECK(many.rig.ask("POST", "/api/v1/control/pause", {{"X-API-Key", key}}, R"({"all_tenants":true})").status == 403);
  CHECK(many.given.empty());
}

TEST_CASE("engines: the answer says what each made of it, and one that hangs does not stop the others", "[api][engines]") {
  ManyEngines many;
  many.refusing = "two";
  const Response some = many.control("close_all", "beta", "", R"({"confirm":"CLOSE ALL"})");
  CHECK(some.status == 200);
  rapidjson::Document json;
  REQUIRE_FALSE(json.Parse(some.body.c_str()).HasParseError());
  CHECK(std::string(json["status"].GetString()) == "partial");
  REQUIRE(json["engines"].Size() == 1);
  CHECK(std::string(json["engines"][0]["account"].GetString()) == "three");
  REQUIRE(json["failed"].Size() == 1);
  CHECK(std::string(json["failed"][0]["account"].GetString()) == "two");
  CHECK(std::string(json["failed"][0]["code"].GetString()) == "busy");
  CHECK(many.control("pause", "beta", "two").status == 503);
  CHECK(many.control("pause", "beta", "three").status == 200);
}

TEST_CASE("engines: a close is remembered under the tenant that owns the positions, with who asked [E1]",
          "[api][engines][E1]") {
  ManyEngines many;
  CHECK(many.control("close_all", "beta", "", R"({"confirm":"CLOSE ALL","reason":"because"})").status == 200);
  REQUIRE(many.given.size() == 2);
  const std::string actor = many.given.front().second.actor;
  CHECK_FALSE(actor.empty());
  const auto audit = [&many](const std::string& tenant) {
    std::vector<HttpHeader> headers = many.admin;
    headers.push_back({"X-Tenant-ID", tenant});
    return many.rig.ask("GET", "/api/v1/audit?action=close_all", std::move(headers)).body;
  };
  CHECK(audit("beta").find("because") != std::string::npos);
  CHECK(audit("beta").find("\"actor\":\"" + actor + "\"") != std::string::npos);
  CHECK(audit("beta").find("\"target\":\"three\"") != std::string::npos);
  CHECK(audit("alpha").find("because") == std::string::npos);
  CHECK(audit("default").find("because") == std::string::npos);
}
