// Whose rows somebody sees: every route for two tenants, every credential with every choice of a tenant.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <string>
#include <vector>

#include "tests/core/api/two_tenants.h"

using namespace aitrade;
using test::TwoTenants;

namespace {

/// A path that a route answers, with somebody's id where one belongs.
std::string filled(std::string_view path, const std::string& id) {
  const auto brace = path.find('{');
  if (brace == std::string_view::npos) return std::string(path);
  return std::string(path.substr(0, brace)) + id + std::string(path.substr(path.find('}') + 1));
}

bool holds(const std::string& text, const std::string& tenant) {
  return text.find(TwoTenants::mark(tenant)) != std::string::npos;
}

}  // namespace

TEST_CASE("tenants: with the key of one, no route tells anything of another (N34, N37) [HARD7, D1, CR2]",
          "[api][tenants][N34][N37][HARD7][D1][CR2]") {
  TwoTenants rig(true);
  const std::string alpha = rig.key("alpha", Scope::control);
  rig.key("beta", Scope::control);
  REQUIRE(rig.backtests->start(TenantId{"beta"}, BacktestWish{"BTC/USD", "5m", "", "", "", 0, false, {}, {}},
                               TwoTenants::mark("beta")));
  int seen = 0;
  for (const RouteInfo& route : routes()) {
    if (route.path == "/ws/live") continue;   // over sockets: stream_test.cpp
    for (const std::string& id : {TwoTenants::mark("beta"), TwoTenants::mark("default"), std::string("beta"),
                                  std::string("1003"), std::string("BTC-USD")}) {
      const std::string path = filled(route.path, id);
      INFO(route.method << " " << path);
      const Response reply = rig.ask(std::string(route.method), path, {{"X-API-Key", alpha}});
      const std::string text = TwoTenants::text_of(reply);
      CHECK_FALSE(holds(text, "beta"));
      CHECK_FALSE(holds(text, "default"));
      if (route.access == Access::admin) CHECK(reply.status == 403);
      if (holds(text, "alpha")) ++seen;
    }
  }
  CHECK(seen > 40);   // it does see its own
  CHECK(rig.commands.empty());
}

TEST_CASE("tenants: lists and downloads hold one's own row, the same query for both (HARD7)", "[api][tenants][HARD7]") {
  TwoTenants rig;
  const std::string keys[] = {rig.key("alpha"), rig.key("beta")};
  for (const char* path :
       {"/api/v1/trades", "/api/v1/fills", "/api/v1/orders", "/api/v1/thoughts", "/api/v1/alerts",
        "/api/v1/equity", "/api/v1/strategy-performance", "/api/v1/attribution?group_by=pair",
        "/api/v1/export/trades.csv", "/api/v1/export/fills.csv", "/api/v1/export/orders.csv",
        "/api/v1/export/equity.csv"}) {
    INFO(path);
    const std::string a = TwoTenants::text_of(rig.ask("GET", path, {{"X-API-Key", keys[0]}}));
    const std::string b = TwoTenants::text_of(rig.ask("GET", path, {{"X-API-Key", keys[1]}}));
    CHECK(holds(a, "alpha"));
    CHECK(holds(b, "beta"));
    CHECK_FALSE(holds(a, "beta"));
    CHECK_FALSE(holds(b, "alpha"));
  }
}

TEST_CASE("tenants: another's id and one that there is not are the same (N34) [A4]", "[api][tenants][N34][A4]") {
  TwoTenants rig;
  const std::string alpha = rig.key("alpha");
  const std::vector<HttpHeader> with{{"X-API-Key", alpha}};
  const Response foreign = rig.ask("GET", "/api/v1/tenants/beta", with);
  const Response unknown = rig.ask("GET", "/api/v1/tenants/nobody", with);
  CHECK(foreign.status == 404);
  CHECK(foreign.error_message == unknown.error_message);
  CHECK(foreign.error_code == unknown.error_code);
  CHECK(rig.ask("GET", "/api/v1/tenants/alpha", {}).status == 401);
  const Response own = rig.ask("GET", "/api/v1/tenants/alpha", with);
  CHECK(own.status == 200);
  CHECK(own.body.find("stripe") == std::string::npos);
  CHECK(own.body.find("updated_at") == std::string::npos);   // the administrator's
  const std::vector<HttpHeader> admin{{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"}};
  CHECK(rig.ask("GET", "/api/v1/tenants/beta", admin).body.find(R"("id":"beta")") != std::string::npos);
  CHECK(rig.ask("GET", "/api/v1/trades/" + TwoTenants::mark("beta"), with).status == 404);
  CHECK(rig.ask("GET", "/api/v1/trades/" + TwoTenants::mark("alpha"), with).status == 200);
}

TEST_CASE("tenants: one principal decides scope and tenant: each credential, each choice [A1]", "[api][tenants][A1]") {
  TwoTenants rig(true);
  const std::string none, wrong = std::string(make_key().text.reveal());
  struct Case {
    const char* what;
    std::string key;
    int own, chosen, unknown;         // status of a read: without a choice, of "beta", of nobody
    const char* sees;                 // whose rows without a choice
    int pause, audit;                 // status of control and of administration
  };
  const std::vector<Case> cases{
      {"nothing", none, 401, 401, 401, "", 401, 401},
      {"a wrong key", wrong, 401, 401, 401, "", 401, 401},
      {"the read key", "readreadREADREAD-0123456789-ZYXWVU", 200, 404, 404, "default", 403, 403},
      {"the admin key", "adminadminADMIN-0123456789-ZYXWVU", 200, 200, 404, "default", 200, 200},
      {"a stored read key", rig.key("default"), 200, 404, 404, "default", 403, 403},
      {"a stored control key", rig.key("default", Scope::control), 200, 404, 404, "default", 200, 403},
      {"a stored admin key", rig.key("default", Scope::admin), 200, 200, 404, "default", 200, 200},
      {"a tenant's read key", rig.key("alpha"), 200, 404, 404, "alpha", 403, 403},
      {"a tenant's control key", rig.key("alpha", Scope::control), 200, 404, 404, "alpha", 404, 403},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    const auto ask = [&](const char* method, const char* path, const char* tenant) {
      rig.now = rig.now + minutes{16};   // each refusal counts for a quarter of an hour
      std::vector<HttpHeader> headers;
      if (!one.key.empty()) headers.push_back({"X-API-Key", one.key});
      if (*tenant != '\0') headers.push_back({"X-Tenant-ID", tenant});
      return rig.ask(method, path, std::move(headers));
    };
    for (const char* path : {"/api/v1/trades", "/api/v1/export/trades.csv", "/api/v1/thoughts"}) {
      INFO(path);
      const Response own = ask("GET", path, "");
      CHECK(own.status == one.own);
      if (own.status == 200) CHECK(holds(TwoTenants::text_of(own), one.sees));
      const Response chosen = ask("GET", path, "beta");
      CHECK(chosen.status == one.chosen);
      CHECK(holds(TwoTenants::text_of(chosen), "beta") == (one.chosen == 200));
      CHECK(ask("GET", path, "nobody").status == one.unknown);
    }
    CHECK(ask("POST", "/api/v1/control/pause", "").status == one.pause);
    CHECK(ask("POST", "/api/v1/control/pause", "beta").status == (one.chosen == 401 ? 401 : 404));   // it has no engine
    CHECK(ask("GET", "/api/v1/audit", "").status == one.audit);
  }
}

TEST_CASE("tenants: reads that are open show the owner's, whatever they ask for [A1]", "[api][tenants][A1]") {
  TwoTenants rig;
  GateSettings open;
  open.access_db = rig.folder / "access.db";
  open.reads_open = true;
  Gatekeeper gate(std::move(open));
  rig.context.gate = &gate;
  const std::string text = TwoTenants::text_of(rig.ask("GET", "/api/v1/trades", {{"X-Tenant-ID", "beta"}}));
  CHECK(holds(text, "default"));
  CHECK_FALSE(holds(text, "beta"));
}

TEST_CASE("tenants: reads of the engine differ by tenant, an unknown one is an error [CR2]", "[api][tenants][CR2]") {
  TwoTenants rig;
  const std::string owner = rig.key("default"), alpha = rig.key("alpha");
  for (const char* path : {"/api/v1/positions", "/api/v1/performance", "/api/v1/risk", "/api/v1/status",
                           "/api/v1/scanner", "/api/v1/view", "/api/v1/metrics", "/api/v1/ops/heartbeat"}) {
    INFO(path);
    const Response mine = rig.ask("GET", path, {{"X-API-Key", owner}});
    const Response theirs = rig.ask("GET", path, {{"X-API-Key", alpha}});
    CHECK(mine.status == 200);
    CHECK(theirs.status == 200);
    CHECK(mine.body != theirs.body);
    CHECK(theirs.body.find("BTC/USD") == std::string::npos);
  }
  CHECK(rig.ask("GET", "/api/v1/settings", {{"X-API-Key", alpha}}).status == 404);
  CHECK(rig.ask("GET", "/api/v1/status", {{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"},
                                          {"X-Tenant-ID", "nobody"}}).status == 404);
}

TEST_CASE("tenants: a tenant in the body changes nothing (N35)", "[api][tenants][N35]") {
  TwoTenants rig(true);
  const std::string owner = rig.key("default", Scope::control);
  CHECK(rig.ask("POST", "/api/v1/control/pause", {{"X-API-Key", owner}}, R"({"tenant_id":"beta"})").status == 400);
  CHECK(rig.ask("POST", "/api/v1/control/close_all", {{"X-API-Key", rig.key("alpha", Scope::control)}},
                R"({"confirm":"CLOSE ALL"})").status == 404);
  CHECK(rig.commands.empty());
}

TEST_CASE("tenants: made, suspended and let in again by the administrator, at once", "[api][tenants]") {
  TwoTenants rig;
  const std::vector<HttpHeader> admin{{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"}};
  CHECK(rig.ask("POST", "/api/v1/tenants", admin, R"({"id":"gamma","name":"Gamma"})").status == 201);
  CHECK(rig.ask("POST", "/api/v1/tenants", admin, R"({"id":"gamma"})").status == 409);
  for (const char* bad : {R"({"id":"Gamma"})", R"({"id":""})", R"({"id":"a b"})", R"({"id":"x","plan":"P R O"})",
                          R"({"id":"x","more":1})", R"({})"}) {
    INFO(bad);
    CHECK(rig.ask("POST", "/api/v1/tenants", admin, bad).status == 400);
  }
  const Response made = rig.ask("POST", "/api/v1/keys", admin, R"({"tenant":"gamma"})");
  REQUIRE(made.status == 201);
  CHECK(rig.ask("POST", "/api/v1/keys", admin, R"({"tenant":"gamma","scope":"admin"})").status == 400);
  CHECK(rig.ask("POST", "/api/v1/keys", admin, R"({"tenant":"nobody"})").status == 404);
  rapidjson::Document json;
  json.Parse(made.body.c_str());
  const std::vector<HttpHeader> key{{"X-API-Key", json["key"].GetString()}};
  const auto with_status = [&](const char* status) {
    const Response changed = rig.ask("PATCH", "/api/v1/tenants/gamma", admin, R"({"status":")" + std::string(status) + "\"}");
    CHECK(changed.status == 200);
    return rig.ask("GET", "/api/v1/status", key);
  };
  CHECK(rig.ask("GET", "/api/v1/status", key).status == 200);
  for (const char* status : {"suspended", "canceled", "incomplete"}) {
    INFO(status);
    const Response refused = with_status(status);
    CHECK(refused.status == 403);
    CHECK(refused.error_code == "tenant_inactive");
  }
  CHECK(with_status("trialing").status == 200);
  CHECK(with_status("past_due").status == 200);
  rig.now = rig.now + hours{73};
  CHECK(rig.ask("GET", "/api/v1/status", key).status == 403);
  CHECK(with_status("active").status == 200);
  CHECK(rig.ask("PATCH", "/api/v1/tenants/gamma", admin, R"({"status":"asleep"})").status == 400);
  CHECK(rig.ask("PATCH", "/api/v1/tenants/default", admin, R"({"status":"suspended"})").status == 409);
  CHECK(rig.ask("PATCH", "/api/v1/tenants/nobody", admin, R"({"status":"active"})").status == 404);
  CHECK(rig.ask("GET", "/api/v1/tenants", admin).body.find("gamma") != std::string::npos);
}

TEST_CASE("tenants: what one does is remembered under it, and the administrator sees both trails [E1]",
          "[api][tenants][E1]") {
  TwoTenants rig;
  const std::vector<HttpHeader> admin{{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"}, {"X-Tenant-ID", "alpha"}};
  const std::vector<HttpHeader> owner{{"X-API-Key", "adminadminADMIN-0123456789-ZYXWVU"}};
  CHECK(rig.ask("POST", "/api/v1/alerts/test", admin, R"({"message":"hello"})").status == 200);
  const std::string theirs = rig.ask("GET", "/api/v1/audit", admin).body;
  CHECK(theirs.find("alert_test") != std::string::npos);
  CHECK(theirs.find("ledger-") != std::string::npos);
  CHECK(theirs.find("access-") != std::string::npos);
  CHECK(rig.ask("GET", "/api/v1/audit", owner).body.find("alert_test") == std::string::npos);
  CHECK(rig.ask("GET", "/api/v1/audit?action=alert_test", admin).body.find("tenant_created") == std::string::npos);
  const std::string csv = TwoTenants::text_of(rig.ask("GET", "/api/v1/export/audit.csv", admin));
  CHECK(csv.starts_with("id,time,trail,actor"));
  CHECK(csv.find("alert_test") != std::string::npos);
  CHECK_FALSE(holds(csv, "default"));
}

TEST_CASE("tenants: a key belongs to one (N71)", "[api][tenants][N71]") {
  TwoTenants rig;
  const std::string key = rig.key("alpha");
  auto database = open_writer(rig.folder / "access.db", Profile::access, rig.now);
  REQUIRE(database);
  CHECK_FALSE(database->execute("INSERT INTO api_keys SELECT 'abcdefghij', key_hash, 'beta', scope, label, created_ns, "
                                "expires_ns, NULL, NULL FROM api_keys WHERE tenant_id='alpha'"));
}
