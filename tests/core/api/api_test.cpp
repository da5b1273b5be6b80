#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/api/api.h"
#include "core/api/view_json.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

const Time noon = Time::from_seconds(1'643'112'000);

struct Fixture {
  ViewBoard views;
  std::vector<OperatorCommand> commands;
  Status answer;
  ApiContext context{views, {}, [] { return noon; }, {}, "0.1.0", "abc"};

  explicit Fixture(bool reads_open = false) {
    context.access.reads_open = reads_open;
    context.submit = [this](const OperatorCommand& command) {
      commands.push_back(command);
      return answer;
    };
    views.publish(std::make_shared<const EngineView>(test::sample_view(noon)));
  }

  [[nodiscard]] Response get(const std::string& path, bool is_local = false) const {
    return handle(request("GET", path, is_local), context);
  }

  [[nodiscard]] Response post(const std::string& path, const std::string& body,
                              bool is_local = true) const {
    Request r = request("POST", path, is_local);
    r.body = body;
    r.headers.push_back({"Content-Type", "application/json"});
    return handle(r, context);
  }

  static Request request(const std::string& method, const std::string& target, bool is_local) {
    Request r;
    r.method = method;
    const auto question = target.find('?');
    r.path = target.substr(0, question);
    if (question != std::string::npos) r.query = target.substr(question + 1);
    r.is_local = is_local;
    r.peer_uid = 1000;
    r.peer_address = is_local ? "" : "127.0.0.1";
    return r;
  }
};

/// Routes that answer from the ledger or the candles alone, which the fixture has not.
bool needs_books(const std::string& path) {
  for (const char* part : {"/export/", "/fills", "/orders", "/thoughts", "/chart", "/settings", "/alerts",
                           "/attribution", "/strategy-performance", "/favorites", "/backtest/", "/tenants"}) {
    if (path.find(part) != std::string::npos) return true;
  }
  return false;
}

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document json;
  json.Parse(text.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

}  // namespace

TEST_CASE("api: health is public and says nothing else, with reads locked (DPLY4)", "[api][DPLY4]") {
  const Fixture f;

  const Response response = f.get("/api/v1/health");

  CHECK(response.status == 200);
  CHECK(response.body == R"({"status":"ok"})");
}

TEST_CASE("api: ready tells coarse reasons only", "[api]") {
  Fixture f;
  CHECK(f.get("/api/v1/ready").status == 200);

  EngineView view = test::sample_view(noon);
  view.ready = false;
  view.halted = true;
  view.ledger_ok = false;
  f.views.publish(std::make_shared<const EngineView>(view));

  const Response response = f.get("/api/v1/ready");
  CHECK(response.status == 503);
  CHECK(response.body == R"({"status":"not_ready","reasons":["db","halted"]})");
}

TEST_CASE("api: each route asks for what its line in the table says", "[api]") {
  const Fixture locked;
  const Fixture open(true);

  for (const RouteInfo& route : routes()) {
    INFO(route.path);
    const std::string path(route.path);
    if (path == "/api/v1/session" || path == "/api/v1/ws-ticket" || path == "/ws/live") continue;   // access_test.cpp
    if (path == "/api/v1/billing/plans") continue;                                              // off: billing_test.cpp
    const auto over_tcp = [&](const Fixture& f) {
      return handle(Fixture::request(std::string(route.method), path, false), f.context).status;
    };
    switch (route.access) {
      case Access::open:
        CHECK(over_tcp(locked) == 200);
        break;
      case Access::read:
        CHECK(over_tcp(locked) == 401);
        if (path.find('{') != std::string::npos || needs_books(path)) {   // records_test.cpp
          CHECK(over_tcp(open) != 401);
          CHECK(locked.get(path, true).status != 401);
          break;
        }
        CHECK(over_tcp(open) == 200);
        CHECK(locked.get(path, true).status == 200);
        break;
      case Access::admin:
      case Access::control:
        CHECK(over_tcp(locked) == 403);
        CHECK(over_tcp(open) == 403);
        break;
      case Access::signature:   // signals_test.cpp, billing_test.cpp
        CHECK(over_tcp(locked) == 503);
        CHECK(over_tcp(open) == 503);
        break;
    }
  }
  CHECK(open.commands.empty());
}

TEST_CASE("api: an unknown key is refused even where none is needed", "[api]") {
  const Fixture f(true);
  Request request = Fixture::request("GET", "/api/v1/status", false);
  request.headers.push_back({"X-API-Key", "atk_something"});

  CHECK(handle(request, f.context).status == 401);
}

TEST_CASE("api: credentials in a URL are refused before anything else", "[api]") {
  const Fixture f(true);

  for (const char* query : {"api_key=x", "limit=1&Token=y", "password=", "ticket"}) {
    const Response response = f.get(std::string("/api/v1/health?") + query);
    CHECK(response.status == 400);
    CHECK(response.error_code == "credentials_in_url");
  }
}

TEST_CASE("api: status has the keys that scripts rely on", "[api]") {
  const Fixture f(true);

  const auto json = parsed(f.get("/api/v1/status").body);

  for (const char* key : {"mode", "state", "paused", "pause_reason", "equity", "day_pnl", "positions",
                          "pairs", "uptime_s", "status", "halted", "version", "build_id", "timestamp"}) {
    INFO(key);
    CHECK(json.HasMember(key));
  }
  CHECK(json["uptime_s"].GetDouble() == 29.0 * 3600);
  CHECK(json["equity"].IsString());
  CHECK(json["positions"].Size() == 2);
  CHECK(std::string(json["positions"][1]["unrealized_pnl"].GetString()) == "-6.3495");
  CHECK(json["positions"][1]["protected"].IsFalse());
  CHECK(std::string(json["positions"][0]["protection"].GetString()) == "PROTECTED");
  CHECK(std::string(json["positions"][1]["protection"].GetString()) == "EXPOSED");
  CHECK(json["positions"][1]["bare"].IsString());
}

TEST_CASE("api: undefined numbers are null, money is exact text", "[api]") {
  EngineView view;
  view.equity = Money::parse_or_die("-0.00000001");
  view.drawdown = std::nan("");
  view.pairs.resize(2);
  view.pairs[1].analysis.emplace();
  view.pairs[1].analysis->score = -0.25;
  view.pairs[1].analysis->spread = std::nan("");
  view.pairs[1].analysis->depth_bid = 125'000;
  view.pairs[1].analysis->whale_bias = 1;

  const auto json = parsed(status_json(view, {"0.1.0", "abc", noon}));

  CHECK(std::string(json["equity"].GetString()) == "-0.00000001");
  CHECK(json["drawdown"].IsNull());
  CHECK(json["pairs"][0]["last"].IsNull());
  CHECK(json["pairs"][0]["book"].IsNull());  // absent, not zeros (X04, M4)
  const auto& book = json["pairs"][1]["book"];
  CHECK(book["score"].GetDouble() == -0.25);
  CHECK(book["spread"].IsNull());
  CHECK(book["depth_bid"].GetDouble() == 125'000);
  CHECK(book["whale_bias"].GetDouble() == 1);
  CHECK(json["uptime_s"].GetDouble() == 0.0);
}

TEST_CASE("api: lists obey limit, and refuse every other parameter", "[api]") {
  const Fixture f(true);

  CHECK(parsed(f.get("/api/v1/trades?limit=3").body).Size() == 3);
  CHECK(parsed(f.get("/api/v1/decisions").body).Size() == 24);
  CHECK(parsed(f.get("/api/v1/equity?limit=10").body).Size() == 10);
  for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=1&limit=2", "limit=x", "sort=pnl",
                            "limit=';DROP TABLE fills;--"}) {
    INFO(query);
    CHECK(f.get(std::string("/api/v1/trades?") + query).status == 400);
  }
  CHECK(f.get("/api/v1/status?limit=1").status == 400);
}

TEST_CASE("api: an unchanged view is not sent twice", "[api]") {
  Fixture f(true);
  Request request = Fixture::request("GET", "/api/v1/view", false);
  const Response first = handle(request, f.context);
  const std::string tag(header_value(first.headers, "ETag"));
  request.headers.push_back({"If-None-Match", tag});

  CHECK(first.status == 200);
  CHECK(handle(request, f.context).status == 304);
  EngineView view = test::sample_view(noon);
  view.equity += Money::parse_or_die("0.01");
  f.views.publish(std::make_shared<const EngineView>(view));
  CHECK(handle(request, f.context).status == 200);
}

TEST_CASE("api: unknown paths and methods", "[api]") {
  const Fixture f(true);

  CHECK(f.get("/api/v1/nothing").status == 404);
  CHECK(f.get("/api/v1/status/").status == 404);
  const Response response = f.post("/api/v1/status", "");
  CHECK(response.status == 405);
  CHECK(header_value(response.headers, "Allow") == "GET, HEAD");
  CHECK(header_value(f.get("/api/v1/control/pause").headers, "Allow") == "POST");
}

TEST_CASE("api: control over the socket reaches the engine and tells its effect", "[api]") {
  Fixture f;

  const Response response = f.post("/api/v1/control/pause", R"({"reason":"news"})");

  CHECK(response.status == 200);
  REQUIRE(f.commands.size() == 1);
  CHECK(f.commands[0].action == OperatorAction::pause);
  CHECK(f.commands[0].reason == "news");
  CHECK(f.commands[0].actor == "local:1000");
  CHECK(std::string(parsed(response.body)["status"].GetString()) == "paused");
}

TEST_CASE("api: kill needs its own confirmation, and is a pause, a close-all and a halt", "[api][CR1]") {
  Fixture f(true);
  CHECK(f.post("/api/v1/control/kill", "").status == 400);
  CHECK(f.post("/api/v1/control/kill", R"({"confirm":"CLOSE ALL"})").status == 400);
  CHECK(f.post("/api/v1/control/kill", R"({"confirm":"KILL"})", false).status == 403);
  CHECK(f.commands.empty());
  const auto json = parsed(f.post("/api/v1/control/kill", R"({"confirm":"KILL","reason":"smoke"})").body);
  CHECK(std::string(json["status"].GetString()) == "halted");
  REQUIRE(f.commands.size() == 3);
  CHECK(f.commands[0].action == OperatorAction::pause);
  CHECK(f.commands[1].action == OperatorAction::close_all);
  CHECK(f.commands[2].action == OperatorAction::halt);
  CHECK(f.commands[2].reason == "smoke");
}

TEST_CASE("api: only resume clears a halt, and only when it says so", "[api]") {
  Fixture f(true);
  CHECK(f.post("/api/v1/control/pause", R"({"clear_halt":true})").status == 400);
  CHECK(f.post("/api/v1/control/resume", R"({"clear_halt":"yes"})").status == 400);
  CHECK(f.post("/api/v1/control/resume", R"({"clear_halt":true})").status == 200);
  REQUIRE(f.commands.size() == 2);
  CHECK(f.commands[0].action == OperatorAction::clear_halt);
  CHECK(f.commands[1].action == OperatorAction::resume);
}

TEST_CASE("api: close_all needs its confirmation and reports what is left", "[api]") {
  Fixture f;

  CHECK(f.post("/api/v1/control/close_all", "").status == 400);
  CHECK(f.post("/api/v1/control/close_all", R"({"confirm":"close all"})").status == 400);
  CHECK(f.commands.empty());

  const auto json = parsed(f.post("/api/v1/control/close_all", R"({"confirm":"CLOSE ALL"})").body);
  CHECK(json["remaining"].GetUint() == 2);
  CHECK(std::string(json["status"].GetString()) == "closing");
}

TEST_CASE("api: control bodies are strict", "[api]") {
  Fixture f;
  const std::string deep = std::string(100'000, '[');

  for (const std::string& body :
       {std::string("["), std::string("[]"), std::string("1"), std::string(R"({"reson":"x"})"),
        std::string(R"({"reason":1})"), std::string(R"({"reason":"a","reason":"b"})"),
        R"({"reason":")" + std::string(501, 'x') + R"("})", deep}) {
    INFO(body.substr(0, 40));
    CHECK(f.post("/api/v1/control/pause", body).status == 400);
  }
  Request form = Fixture::request("POST", "/api/v1/control/pause", true);
  form.body = "reason=x";
  form.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  CHECK(handle(form, f.context).status == 415);
  CHECK(f.commands.empty());
}

TEST_CASE("api: failures of a command become statuses without internals", "[api]") {
  Fixture f;

  const auto status = [&f](Error error) {
    f.answer = std::move(error);
    return f.post("/api/v1/control/resume", "").status;
  };

  CHECK(status({ErrorCode::timeout, "x"}) == 504);
  CHECK(status({ErrorCode::busy, "x"}) == 503);
  CHECK(status({ErrorCode::rejected, "the engine is halted"}) == 409);
  CHECK(status({ErrorCode::io, "/secret/path"}) == 500);
  CHECK(f.post("/api/v1/control/resume", "").error_message.find("/secret") == std::string::npos);
}

TEST_CASE("api: the page is served whole, and holds to its policy", "[api]") {
  const Fixture f;

  for (const char* path : {"/", "/static/app.js", "/static/api.js", "/static/candles.js", "/static/chart.js",
      "/static/control.js",
                           "/static/format.js", "/static/history.js", "/static/panels.js", "/static/table.js",
                           "/static/style.css"}) {
    INFO(path);
    const Response response = f.get(path);
    CHECK(response.status == 200);
    CHECK(response.body.size() > 500);
    for (const char* banned : {"innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "style=\"", "onclick=",
                               "document.write", "https://"}) {
      CHECK(response.body.find(banned) == std::string::npos);
    }
  }
  CHECK(f.get("/static/../app.js").status == 404);
  CHECK(f.get("/static/").status == 404);
  CHECK(f.get("/favicon.ico").status == 204);
}

TEST_CASE("api: an unexplained balance is adopted by name, where real money is traded", "[api]") {
  Fixture f;
  CHECK(f.post("/api/v1/control/adopt/USD", "").status == 409);
  std::vector<std::string> asked;
  Result<std::string> answer = std::string("-12.50");
  f.context.adopt = [&](const std::string& asset, const std::string& actor) {
    asked.push_back(asset + " " + actor);
    return answer;
  };
  const Response done = f.post("/api/v1/control/adopt/USD", R"({"reason":"a present"})");
  CHECK(done.status == 200);
  const auto json = parsed(done.body);
  CHECK(std::string(json["status"].GetString()) == "adopted");
  CHECK(std::string(json["amount"].GetString()) == "-12.50");
  CHECK(asked == std::vector<std::string>{"USD local:1000"});
  CHECK(f.post("/api/v1/control/adopt/usd", "").status == 400);
  CHECK(f.post("/api/v1/control/adopt/USD", R"({"amount":"5"})").status == 400);   // nobody names the amount
  CHECK(f.post("/api/v1/control/adopt/USD", "", false).status == 403);
  answer = fail(ErrorCode::not_found, "no difference in USD to adopt");
  CHECK(f.post("/api/v1/control/adopt/USD", "").status == 404);
  answer = fail(ErrorCode::busy, "seen once");
  CHECK(f.post("/api/v1/control/adopt/USD", "").status == 503);
  CHECK(asked.size() == 3);
}

TEST_CASE("api: another model is taken, or it is the one that gates already", "[api]") {
  Fixture f;
  CHECK(f.post("/api/v1/model", "").status == 404);   // there are no models
  Result<std::string> answer = std::string("0123456789ab");
  f.context.take_model = [&](const std::string& actor) {
    CHECK(actor == "local:1000");
    return answer;
  };
  const Response done = f.post("/api/v1/model", "");
  CHECK(done.status == 200);
  CHECK(std::string(parsed(done.body)["status"].GetString()) == "model_taken");
  CHECK(std::string(parsed(done.body)["model"].GetString()) == "0123456789ab");
  answer = std::string();
  const Response same = f.post("/api/v1/model", "");
  CHECK(std::string(parsed(same.body)["status"].GetString()) == "unchanged");
  CHECK_FALSE(parsed(same.body).HasMember("model"));
  answer = fail(ErrorCode::busy, "still starting");
  CHECK(f.post("/api/v1/model", "").status == 503);
  CHECK(f.post("/api/v1/model", "", false).status == 403);
}
