// Every route with every kind of credential, and log-ins by way of requests.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/api/api.h"
#include "core/auth/password.h"
#include "core/store/schema.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

constexpr const char* here = "http://127.0.0.1:8080";
constexpr const char* password = "seven green bottles";

struct Rig {
  std::filesystem::path folder;
  Time now = Time::from_seconds(1'643'112'000);
  ViewBoard views;
  std::vector<OperatorCommand> commands;
  std::unique_ptr<Gatekeeper> gate;
  ApiContext context{views, {}, [this] { return now; }, {}, "0.1.0", "abc"};

  explicit Rig(bool reads_open = false, bool tenant_control = false) {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-api-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    static const std::string record = *make_password_record(password);
    GateSettings settings;
    settings.access_db = folder / "access.db";
    settings.reads_open = reads_open;
    settings.tenant_keys_control = tenant_control;
    settings.password_record = record;
    gate = std::make_unique<Gatekeeper>(std::move(settings));
    context.gate = gate.get();
    context.steady = [this] { return now; };
    context.access.reads_open = reads_open;
    context.submit = [this](const OperatorCommand& command) {
      commands.push_back(command);
      return ok();
    };
    views.publish(std::make_shared<const EngineView>(test::sample_view(now)));
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() { std::filesystem::remove_all(folder); }

  std::string key(Scope scope, Duration life = hours{9000}) {
    const auto made = (*gate->store())->create({TenantId{}, scope, "test", life}, "test", now);
    REQUIRE(made);
    return std::string(made->text.reveal());
  }

  void revoke(const std::string& key) { REQUIRE((*gate->store())->revoke(key.substr(4, 10), "test", now)); }

  Response ask(const std::string& method, const std::string& target, std::vector<HttpHeader> headers = {},
               const std::string& body = "") {
    Request r;
    r.method = method;
    const auto question = target.find('?');
    r.path = target.substr(0, question);
    if (question != std::string::npos) r.query = target.substr(question + 1);
    r.peer_address = "127.0.0.1";
    r.headers = std::move(headers);
    r.origin_allowed = r.header("Origin") == here;
    r.body = body;
    if (!body.empty() && r.header("Content-Type").empty()) r.headers.push_back({"Content-Type", "application/json"});
    return handle(r, context);
  }

  struct LoggedIn {
    std::string cookie, csrf;
  };

  LoggedIn log_in() {
    const Response reply = ask("POST", "/api/v1/session", {{"Origin", here}}, R"({"password":"seven green bottles"})");
    REQUIRE(reply.status == 200);
    const std::string set(header_value(reply.headers, "Set-Cookie"));
    rapidjson::Document json;
    json.Parse(reply.body.c_str());
    return {set.substr(0, set.find(';')), json["csrf"].GetString()};
  }
};

/// A body that a route accepts, so that what refuses it is the credential.
std::string body_of(std::string_view path) {
  if (path.find("close_all") != std::string_view::npos) return R"({"confirm":"CLOSE ALL"})";
  if (path.find("kill") != std::string_view::npos) return R"({"confirm":"KILL"})";
  return "";
}

bool is_refused(int status) { return status == 401 || status == 403; }

}  // namespace

TEST_CASE("access: each route with no key, a wrong, read, control, admin, expired and revoked one",
    "[api][access][N1][N38][N40]") {
  Rig rig(false, true);
  const std::string read = rig.key(Scope::read), control = rig.key(Scope::control), admin = rig.key(Scope::admin);
  const std::string expired = rig.key(Scope::admin, minutes{1}), revoked = rig.key(Scope::admin);
  rig.revoke(revoked);
  const std::string wrong(make_key().text.reveal());
  rig.now = rig.now + minutes{2};

  for (const RouteInfo& route : routes()) {
    INFO(route.method << " " << route.path);
    const std::string path(route.path), method(route.method);
    const std::string body = body_of(path);
    const auto with = [&](const std::string& key) {
      rig.now = rig.now + minutes{16};   // each refusal counts for a quarter of an hour
      return rig.ask(method, path, {{"X-API-Key", key}}, body).status;
    };
    const auto before = rig.commands.size();
    if (route.access == Access::open) {
      CHECK_FALSE(rig.ask(method, path, {}, body).status == 401);
      continue;
    }
    if (route.access == Access::signature) {   // off here; no key opens it, and none is asked for
      for (const std::string& key : {read, admin, wrong}) CHECK(with(key) == 503);
      CHECK(rig.ask(method, path, {}, body).status == 503);
      continue;
    }
    CHECK(rig.ask(method, path, {}, body).status == 401);
    CHECK(with(wrong) == 401);
    CHECK(with(expired) == 401);
    CHECK(with(revoked) == 401);
    if (route.access != Access::read) CHECK(with(read) == 403);
    if (route.access == Access::admin) CHECK(with(control) == 403);
    CHECK(rig.commands.size() == before);   // no effect
    if (path == "/ws/live") continue;        // opens by an upgrade only
    if (route.access == Access::read) CHECK_FALSE(is_refused(with(read)));
    if (route.access <= Access::control) CHECK_FALSE(is_refused(with(control)));
    CHECK_FALSE(is_refused(with(admin)));
  }
  CHECK_FALSE(rig.commands.empty());
}

TEST_CASE("access: refusals of keys look alike, and Bearer is the same as X-API-Key (N40)", "[api][access][N40]") {
  Rig rig;
  const std::string key = rig.key(Scope::read);
  const std::string wrong(make_key().text.reveal());
  const Response one = rig.ask("GET", "/api/v1/status", {{"X-API-Key", wrong}});
  const Response two = rig.ask("GET", "/api/v1/status", {{"X-API-Key", "nonsense"}});
  CHECK(one.status == 401);
  CHECK(one.error_message == two.error_message);
  CHECK(rig.ask("GET", "/api/v1/status", {{"Authorization", "Bearer " + key}}).status == 200);
  CHECK(rig.ask("GET", "/api/v1/status?api_key=" + key).error_code == "credentials_in_url");
  CHECK(rig.ask("GET", "/api/v1/status?%61pi_key=" + key).error_code == "credentials_in_url");
}

TEST_CASE("access: a key that was shown in a URL is refused, and the trail says which, once (N10)", "[api][access][N10]") {
  Rig rig;
  const std::string key = rig.key(Scope::read);
  const auto flagged = [&rig] {
    auto database = open_reader(rig.folder / "access.db", Profile::access);
    REQUIRE(database);
    auto rows = database->prepare("SELECT actor, target, detail FROM audit_log WHERE action = 'key_in_url' AND tenant_id = 'default'");
    REQUIRE(rows);
    std::vector<std::string> list;
    while (*rows->step()) list.push_back(std::string(rows->text(0)) + " " + std::string(rows->text(1)) + " " + std::string(rows->text(2)));
    return list;
  };
  const std::string wrong(make_key().text.reveal());
  CHECK(rig.ask("GET", "/api/v1/status?api_key=" + wrong).error_code == "credentials_in_url");
  CHECK(rig.ask("GET", "/api/v1/status?token=").error_code == "credentials_in_url");
  CHECK(flagged().empty());   // nobody's
  for (int i = 0; i < 3; ++i) CHECK(rig.ask("GET", "/?%61pi_key=" + key).error_code == "credentials_in_url");
  const auto said = flagged();
  REQUIRE(said.size() == 1);
  CHECK(said[0].starts_with("key:" + key.substr(4, 10)));
  CHECK(said[0].find(key.substr(15)) == std::string::npos);   // never the secret part
}

TEST_CASE("access: keys of tenants control only where it is configured, and never kill (HARD5, N39)",
    "[api][access][HARD5][N39]") {
  Rig closed(false, false), open(false, true);
  const std::string denied = closed.key(Scope::control), allowed = open.key(Scope::control);
  CHECK(closed.ask("POST", "/api/v1/control/pause", {{"X-API-Key", denied}}).status == 403);
  CHECK(closed.commands.empty());
  CHECK(open.ask("POST", "/api/v1/control/pause", {{"X-API-Key", allowed}}).status == 200);
  CHECK(open.commands.size() == 1);
  CHECK(open.commands[0].actor == "key:" + allowed.substr(4, 10));
  CHECK(open.ask("POST", "/api/v1/control/kill", {{"X-API-Key", allowed}}, R"({"confirm":"KILL"})").status == 403);
  CHECK(open.ask("POST", "/api/v1/control/resume", {{"X-API-Key", allowed}}, R"({"clear_halt":true})").status == 403);
  CHECK(open.commands.size() == 1);
}

TEST_CASE("access: open reads are for reading", "[api][access]") {
  Rig rig(true);
  CHECK(rig.ask("GET", "/api/v1/status").status == 200);
  CHECK(rig.ask("POST", "/api/v1/control/pause").status == 401);
  CHECK(rig.ask("GET", "/api/v1/keys").status == 401);
  CHECK(rig.ask("GET", "/api/v1/status", {{"X-API-Key", "wrong"}}).status == 401);
  CHECK(rig.ask("GET", "/api/v1/status", {{"Cookie", "aitrade_local=stale"}}).status == 401);
}

TEST_CASE("access: a log-in gives a cookie that scripts and other sites cannot use (N105)", "[api][access][N105]") {
  Rig rig;
  const Response reply = rig.ask("POST", "/api/v1/session", {{"Origin", here}},
      R"({"username":"admin","password":"seven green bottles"})");
  REQUIRE(reply.status == 200);
  const std::string cookie(header_value(reply.headers, "Set-Cookie"));
  CHECK(cookie.starts_with("aitrade_local="));
  for (const char* part : {"HttpOnly", "SameSite=Strict", "Path=/"}) CHECK(cookie.find(part) != std::string::npos);
  CHECK(reply.body.find(cookie.substr(14, 43)) == std::string::npos);

  rig.context.access.public_origin = "https://desk.example";
  const Response secure = rig.ask("POST", "/api/v1/session", {}, R"({"password":"seven green bottles"})");
  CHECK(secure.status == 200);
  rig.context.access.is_loopback = false;
  CHECK(rig.ask("POST", "/api/v1/session", {{"Origin", here}}, R"({"password":"seven green bottles"})").status == 403);
}

TEST_CASE("access: what a log-in refuses", "[api][access][N4][N6]") {
  Rig rig;
  const std::string right = R"({"password":"seven green bottles"})";
  CHECK(rig.ask("POST", "/api/v1/session", {{"Origin", "https://evil.example"}}, right).status == 403);
  CHECK(rig.ask("POST", "/api/v1/session", {{"Content-Type", "application/x-www-form-urlencoded"}},
      "password=x").status == 415);
  CHECK(rig.ask("POST", "/api/v1/session", {}, R"({"password":")" + std::string(20'000, 'x') + R"("})").status == 413);
  CHECK(rig.ask("POST", "/api/v1/session", {}, R"({"password":1})").status == 400);
  for (int i = 0; i < 5; ++i) {
    const Response wrong = rig.ask("POST", "/api/v1/session", {}, R"({"password":"wrong"})");
    CHECK(wrong.status == 401);
    CHECK(wrong.delay > milliseconds{0});
  }
  const Response sixth = rig.ask("POST", "/api/v1/session", {}, right);
  CHECK(sixth.status == 429);
  CHECK_FALSE(header_value(sixth.headers, "Retry-After").empty());
  rig.now = rig.now + minutes{16};
  CHECK(rig.ask("POST", "/api/v1/session", {}, right).status == 200);
}

TEST_CASE("access: changes with a cookie need token, origin and JSON (N12 to N15)",
    "[api][access][N12][N13][N14][N15]") {
  Rig rig;
  const auto mine = rig.log_in();
  const auto other = rig.log_in();
  const auto pause = [&](std::vector<HttpHeader> headers, const std::string& body = "") {
    headers.push_back({"Cookie", mine.cookie});
    return rig.ask("POST", "/api/v1/control/pause", std::move(headers), body).status;
  };
  CHECK(rig.ask("GET", "/api/v1/status", {{"Cookie", mine.cookie}}).status == 200);
  CHECK(pause({{"Origin", here}}) == 403);
  CHECK(pause({{"Origin", here}, {"X-CSRF-Token", other.csrf}}) == 403);
  CHECK(pause({{"Origin", "https://evil.example"}, {"X-CSRF-Token", mine.csrf}}) == 403);
  CHECK(pause({{"X-CSRF-Token", mine.csrf}}) == 403);
  CHECK(pause({{"Origin", here}, {"X-CSRF-Token", mine.csrf}, {"Sec-Fetch-Site", "cross-site"}}) == 403);
  CHECK(pause({{"Origin", here}, {"X-CSRF-Token", mine.csrf}, {"Content-Type", "text/plain"}}, "{}") == 415);
  CHECK(pause({{"Origin", here}, {"X-API-Key", rig.key(Scope::admin)}}) == 403);   // both: a cookie's request
  CHECK(rig.commands.empty());
  CHECK(pause({{"Origin", here}, {"X-CSRF-Token", mine.csrf}, {"Sec-Fetch-Site", "same-origin"}}) == 200);
  CHECK(rig.commands.size() == 1);
  CHECK(rig.commands[0].actor.starts_with("session:"));
}

TEST_CASE("access: a log-out ends the session, the page learns who it is", "[api][access][N106]") {
  Rig rig;
  const auto mine = rig.log_in();
  CHECK(rig.ask("GET", "/api/v1/session", {{"Cookie", mine.cookie}}).body.find(mine.csrf) != std::string::npos);
  const Response reply = rig.ask("DELETE", "/api/v1/session", {{"Cookie", mine.cookie}, {"Origin", here},
      {"X-CSRF-Token", mine.csrf}});
  CHECK(reply.status == 200);
  CHECK(header_value(reply.headers, "Set-Cookie").find("Max-Age=0") != std::string_view::npos);
  const Response after = rig.ask("GET", "/api/v1/status", {{"Cookie", mine.cookie}});
  CHECK(after.status == 401);
  CHECK(header_value(after.headers, "Set-Cookie").find("Max-Age=0") != std::string_view::npos);
  CHECK(rig.ask("GET", "/api/v1/session").body.find(R"("kind":"nobody")") != std::string::npos);
}

TEST_CASE("access: keys are made, listed and revoked by the administrator", "[api][access]") {
  Rig rig;
  const std::string admin = rig.key(Scope::admin);
  const Response made = rig.ask("POST", "/api/v1/keys", {{"X-API-Key", admin}},
      R"({"scope":"read","label":"watcher"})");
  REQUIRE(made.status == 201);
  rapidjson::Document json;
  json.Parse(made.body.c_str());
  const std::string key = json["key"].GetString(), id = json["id"].GetString();
  rig.now = rig.now + seconds{1};
  CHECK(rig.ask("GET", "/api/v1/status", {{"X-API-Key", key}}).status == 200);
  const std::string list = rig.ask("GET", "/api/v1/keys", {{"X-API-Key", admin}}).body;
  CHECK(list.find("watcher") != std::string::npos);
  CHECK(list.find(key.substr(15)) == std::string::npos);
  CHECK(rig.ask("DELETE", "/api/v1/keys/" + id, {{"X-API-Key", admin}}).status == 200);
  rig.now = rig.now + seconds{1};
  CHECK(rig.ask("GET", "/api/v1/status", {{"X-API-Key", key}}).status == 401);
  CHECK(rig.ask("DELETE", "/api/v1/keys/" + id, {{"X-API-Key", admin}}).status == 409);
  CHECK(rig.ask("GET", "/api/v1/audit?limit=2", {{"X-API-Key", admin}}).body.find("key_revoked") != std::string::npos);
}
