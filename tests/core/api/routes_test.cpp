// The whole table of routes against every credential (security.md 14): what is new stands in it without a word here.

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

std::string filled(std::string_view path) {
  const auto brace = path.find('{');
  if (brace == std::string_view::npos) return std::string(path);
  return std::string(path.substr(0, brace)) + "nothing" + std::string(path.substr(path.find('}') + 1));
}

/// Whether a status says that somebody may come in, whatever else is wrong with the request.
bool lets_in(int status) { return status != 401 && status != 403; }

}  // namespace

TEST_CASE("routes: each with no key, a wrong one, and every scope, of the owner and of a tenant (N34 to N40)",
          "[api][routes][N34][N38][N39][N40]") {
  TwoTenants rig(false);   // keys of tenants do not control
  struct Who {
    const char* what;
    std::string key;
    Access most;           // that they reach; open: nothing
    bool is_tenant{false};
  };
  const std::string expired = [&rig] {
    const auto made = rig.access().create({TenantId{}, Scope::admin, "old", Duration{hours{1}}}, "test", rig.now - hours{48});
    REQUIRE(made);
    return std::string(made->text.reveal());
  }();
  std::string changed = rig.key("default", Scope::admin);
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  const std::vector<Who> everybody{
      {"no key", "", Access::open},
      {"a wrong key", std::string(make_key().text.reveal()), Access::open},
      {"nonsense", "x", Access::open},
      {"an expired key", expired, Access::open},
      {"a key with one character changed", changed, Access::open},
      {"a read key", rig.key("default"), Access::read},
      {"a control key", rig.key("default", Scope::control), Access::read},   // controls only where that is configured
      {"an admin key", rig.key("default", Scope::admin), Access::admin},
      {"a tenant's read key", rig.key("alpha"), Access::read, true},
      {"a tenant's control key", rig.key("alpha", Scope::control), Access::read, true},
  };
  int seen = 0;
  for (const RouteInfo& route : routes()) {
    if (route.access == Access::open || route.path == "/ws/live") continue;   // over sockets: stream_test.cpp
    if (route.path == "/api/v1/keys/{id}" || route.path == "/api/v1/backtest/run") continue;   // below, for what they do
    for (const Who& who : everybody) {
      rig.now = test::two_tenants_now + hours{seen};   // past every limit on wrong keys
      INFO(route.method << " " << route.path << " with " << who.what);
      std::vector<HttpHeader> headers;
      if (!who.key.empty()) headers.push_back({"X-API-Key", who.key});
      const int status = rig.ask(std::string(route.method), filled(route.path), headers).status;
      ++seen;
      if (route.access == Access::signature) {
        CHECK(status == 503);   // off here; keys open nothing
        continue;
      }
      const bool may = static_cast<int>(who.most) >= static_cast<int>(route.access);
      if (who.most == Access::open) {
        CHECK(status == 401);
      } else if (may) {
        CHECK(lets_in(status));
      } else {
        CHECK(status == 403);
      }
    }
  }
  CHECK(seen > 500);
  CHECK(std::all_of(rig.commands.begin(), rig.commands.end(),
                    [](const OperatorCommand& c) { return c.actor.starts_with("key:"); }));   // of the administrator alone
}

TEST_CASE("routes: where keys of tenants may control, each controls its own and nothing of the owner's engine", "[api][routes][N35][N38]") {
  TwoTenants rig(true);
  const std::string alpha = rig.key("alpha", Scope::control);
  for (const RouteInfo& route : routes()) {
    if (route.access != Access::control || !route.path.starts_with("/api/v1/control/")) continue;
    INFO(route.path);
    const int status = rig.ask(std::string(route.method), filled(route.path), {{"X-API-Key", alpha}}, R"({"confirm":"CLOSE ALL"})").status;
    CHECK(status == 404);
  }
  CHECK(rig.commands.empty());
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", {{"X-API-Key", alpha}}, R"({"tenant_id":"beta"})").status == 503);
}

TEST_CASE("routes: the table is what the document says, scope by scope", "[api][routes]") {
  TwoTenants rig;
  const std::string document = rig.ask("GET", "/api/v1/openapi.json", {{"X-API-Key", rig.key("default")}}).body;
  for (const RouteInfo& route : routes()) {
    INFO(route.method << " " << route.path);
    CHECK(document.find("\"" + std::string(route.path) + "\":{") != std::string::npos);
    CHECK(document.find("\"x-scope\":\"" + std::string(to_string(route.access)) + "\"") != std::string::npos);
  }
  // Signatures are no keys: their routes ask for none.
  const auto at = document.find("\"/api/v1/signals/webhook\":{");
  REQUIRE(at != std::string::npos);
  CHECK(document.substr(at, 300).find(R"("security":[])") != std::string::npos);
}
