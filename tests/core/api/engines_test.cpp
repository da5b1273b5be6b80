// Several engines behind one API: each tenant sees and commands its own, every route for both.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

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
