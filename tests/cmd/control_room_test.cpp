// The control room of a running daemon: settings that hold at once, backtests beside it, tenants, what is told of it.

#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/net/http_client.h"
#include "core/store/digest.h"
#include "tests/support/child.h"
#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr int start_limit_ms = 60'000;
constexpr int stop_limit_ms = 30'000;

/// A demo, spoken to over its socket.
struct Room {
  TempFolder folder;
  std::string home = folder / "home";
  std::unique_ptr<Child> daemon;

  explicit Room(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"run", "--demo", "--speed", "1200", "--home", home, "--set", "dashboard.port=0"};
    words.insert(words.end(), more.begin(), more.end());
    daemon = std::make_unique<Child>(words, folder / "run.log");
    const std::string text = wait_for_text(daemon->out_path(), "run.started", start_limit_ms);
    INFO(read_file(daemon->out_path()));
    REQUIRE_FALSE(text.empty());
  }

  [[nodiscard]] HttpReply ask(const std::string& method, const std::string& path, const std::string& body = "",
                              std::vector<HttpHeader> headers = {}) const {
    HttpRequest request;
    request.method = method;
    request.url = "http://localhost" + path;
    request.unix_socket = home + "/run/aitrade.sock";
    request.headers = std::move(headers);
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = body;
    HttpClient client;
    HttpOutcome outcome = client.perform(request);
    INFO(method << " " << path);
    REQUIRE(outcome.is_reply());
    return outcome.reply;
  }

  [[nodiscard]] rapidjson::Document json(const std::string& method, const std::string& path,
                                         const std::string& body = "", int status = 200) const {
    const HttpReply reply = ask(method, path, body);
    INFO(method << " " << path << ": " << reply.body);
    REQUIRE(reply.status == status);
    rapidjson::Document document;
    document.Parse(reply.body.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }

  [[nodiscard]] Finished run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--home", home});
    return run_aitrade(words);
  }

  /// Puts another value of max_concurrent_positions into the overlay, as by hand.
  void edit(const std::string& before, const std::string& after) const {
    const std::string key = "max_concurrent_positions = ";
    const Finished done = run_shell("sed -i 's/" + key + before + "/" + key + after + "/' " + home +
                                        "/config/config.local.toml", folder.path());
    REQUIRE(done.exit_code == 0);
  }

  [[nodiscard]] std::string running(const std::string& key) const {
    const auto settings = json("GET", "/api/v1/settings");
    for (const auto& one : settings["settings"].GetArray()) {
      if (one["key"].GetString() == key) return one["running"].IsString() ? one["running"].GetString() : "";
    }
    return "no such key";
  }
};

/// A variable of the environment that a daemon inherits.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::vector<std::string> texts_of(const rapidjson::Value& list) {
  std::vector<std::string> texts;
  for (const auto& item : list.GetArray()) texts.emplace_back(item.GetString());
  return texts;
}

}  // namespace

TEST_CASE("control room: settings hold at once where they can, and a replay decides the same", "[cmd][room]") {
  Room room;
  const std::string run = room.json("GET", "/api/v1/status")["run"].GetString();

  const auto changed = room.json("PATCH", "/api/v1/settings",
                                 R"({"trading":{"max_concurrent_positions":2},"app":{"name":"room"}})");
  CHECK(texts_of(changed["applied"]) == std::vector<std::string>{"trading.max_concurrent_positions"});
  CHECK(texts_of(changed["pending_restart"]) == std::vector<std::string>{"app.name"});
  CHECK(room.running("trading.max_concurrent_positions") == "2");
  CHECK(room.running("app.name") == "\"aitrade\"");

  const auto refused = room.json("PATCH", "/api/v1/settings", R"({"risk":{"max_daily_loss":0.9,"nonsense":1}})", 400);
  REQUIRE(refused["errors"].Size() == 1);
  CHECK(std::string(refused["errors"][0]["path"].GetString()) == "risk.nonsense");
  const auto bounds = room.json("PATCH", "/api/v1/settings", R"({"risk":{"max_daily_loss":0.9}})", 400);
  CHECK(std::string(bounds["errors"][0]["path"].GetString()) == "risk.max_daily_loss");
  CHECK_FALSE(std::string(bounds["errors"][0]["message"].GetString()).empty());

  const Finished diff = room.run({"config", "diff"});
  CHECK(diff.exit_code == 3);
  CHECK_THAT(diff.out, Catch::Contains("app.name"));
  CHECK_THAT(diff.out, !Catch::Contains("max_concurrent_positions"));

  // By hand into the overlay, then by command, then by signal.
  room.edit("2", "3");
  const Finished reload = room.run({"reload"});
  CHECK(reload.exit_code == 0);
  CHECK(reload.out.find("trading.max_concurrent_positions") != std::string::npos);
  CHECK(room.running("trading.max_concurrent_positions") == "3");
  room.edit("3", "4");
  room.daemon->signal(SIGHUP);
  for (int i = 0; i < 100 && room.running("trading.max_concurrent_positions") != "4"; ++i) pass_time(50);
  CHECK(room.running("trading.max_concurrent_positions") == "4");
  room.edit("4", "-4");
  CHECK(room.run({"reload"}).exit_code == 78);
  CHECK(room.ask("GET", "/api/v1/settings").status == 409);   // it says that the files are broken
  room.edit("-4", "4");

  pass_time(1'500);   // some market under the new rules
  room.daemon->signal(SIGTERM);
  REQUIRE(room.daemon->wait(stop_limit_ms) == 143);
  const Finished replay = room.run({"replay", run});
  INFO(replay.out << replay.err);
  CHECK(replay.exit_code == 0);
  const Finished thoughts = room.run({"export", "thoughts", "--demo"});
  CHECK(thoughts.exit_code == 0);
  CHECK(thoughts.out.find("settings of ") != std::string::npos);
  CHECK(room.run({"export", "signals", "--demo"}).out.starts_with("time,pair,direction,quantity,stop,target"));
}

TEST_CASE("control room: strategies and prices change at once, one that does not run waits, and a replay decides the same",
          "[cmd][room]") {
  Room room;
  const std::string run = room.json("GET", "/api/v1/status")["run"].GetString();
  const auto changed = room.json("PATCH", "/api/v1/settings",
                                 R"({"monitoring":{"stale_after_seconds":240},)"
                                 R"("strategies":{"keltner":{"weight":0.7},"trend":{"enabled":false},"breakout":{"enabled":true}}})");
  const auto applied = texts_of(changed["applied"]);
  for (const char* key : {"monitoring.stale_after_seconds", "strategies.keltner.weight",
                          "strategies.trend.enabled"}) {
    INFO(key);
    CHECK(std::find(applied.begin(), applied.end(), key) != applied.end());
  }
  const auto waiting = texts_of(changed["pending_restart"]);   // its indicators are not warm
  CHECK(std::find(waiting.begin(), waiting.end(), "strategies.breakout.enabled") != waiting.end());
  const auto told = room.json("GET", "/api/v1/strategies");
  for (const auto& one : told.GetArray()) {
    if (std::string(one["name"].GetString()) == "trend") CHECK(one["weight"].GetDouble() == 0.0);
  }
  pass_time(1'000);   // some market under the new rules
  room.daemon->signal(SIGTERM);
  REQUIRE(room.daemon->wait(stop_limit_ms) == 143);
  const Finished replay = room.run({"replay", run});
  INFO(replay.out << replay.err);
  CHECK(replay.exit_code == 0);
}

TEST_CASE("control room: a signed signal from outside enters once, is in the ledger, and a replay gives the same",
          "[cmd][room][X9]") {
  constexpr const char* secret = "signal-test-secret-0123456789";
  const Variable variable("SIGNAL_WEBHOOK_SECRET", secret);
  Room room({"--set", "webhooks.enabled=true"});
  const std::string run = room.json("GET", "/api/v1/status")["run"].GetString();
  const auto send = [&](const std::string& body, const char* key) {
    const std::string second = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                                                  std::chrono::system_clock::now().time_since_epoch()).count());
    return room.ask("POST", "/api/v1/signals/webhook", body,
                    {{"X-Signal-Timestamp", second},
                     {"X-Signal-Signature", to_hex(view(hmac_sha256(key, second + "." + body)))}});
  };
  const auto price = [&] {
    const auto scanner = room.json("GET", "/api/v1/scanner");
    return std::string(scanner["BTC/USD"]["price"].IsString() ? scanner["BTC/USD"]["price"].GetString() : "");
  };
  std::string last;
  for (int i = 0; i < 200 && (last = price()).empty(); ++i) pass_time(25);
  REQUIRE_FALSE(last.empty());
  const std::string body = R"({"event_id":"evt-1","pair":"BTC/USD","direction":"long","entry_price":)" + last +
                           R"(,"stop_pct":0.02,"risk_reward":3,"confidence":0.9,"confluence":8,"source":"desk-one"})";
  CHECK(send(body, "another-secret-0123456789").status == 401);
  const HttpReply first = send(body, secret);
  INFO(first.body);
  REQUIRE(first.status == 200);
  CHECK_THAT(first.body, Catch::Contains(R"("duplicate":false,"event_id":"evt-1")"));
  const HttpReply again = send(body, secret);
  CHECK_THAT(again.body, Catch::Contains(R"("duplicate":true)"));
  const auto result = [](const std::string& text) { return text.substr(text.find("\"result\"")); };
  CHECK(result(again.body) == result(first.body));
  room.daemon->signal(SIGTERM);
  REQUIRE(room.daemon->wait(stop_limit_ms) == 143);
  CHECK_THAT(read_file(room.daemon->out_path()), !Catch::Contains(secret));
  const Finished replay = room.run({"replay", run});
  INFO(replay.out << replay.err);
  CHECK(replay.exit_code == 0);
  CHECK_THAT(replay.out, Catch::Contains("identical"));
}

TEST_CASE("control room: webhooks and billing do not start without their secrets, nor from a file of settings", "[cmd][room]") {
  const TempFolder folder;
  const auto start = [&](const std::vector<std::string>& more, std::map<std::string, std::string> environment = {}) {
    std::vector<std::string> words{"run", "--demo", "--home", folder / "home", "--set", "dashboard.port=0"};
    words.insert(words.end(), more.begin(), more.end());
    return run_aitrade(Start{.arguments = std::move(words), .environment = std::move(environment)});
  };
  const std::vector<std::string> on{"--set", "webhooks.enabled=true"};
  const auto refuses = [&](const Finished& done, const std::string& because) {
    INFO(done.err);
    CHECK(done.exit_code == 78);
    CHECK_THAT(done.err, Catch::Contains(because) && !Catch::Contains("0123456789"));
  };
  refuses(start(on), "without a secret: put SIGNAL_WEBHOOK_SECRET");
  refuses(start({"--set", "webhooks.secret=abc"}), "unknown key");
  refuses(start({"--set", "billing.stripe.enabled=true", "--set", "billing.stripe.price_id_pro=price_1"}), "STRIPE_SECRET_KEY");
  refuses(start(on, {{"SIGNAL_WEBHOOK_SECRET", "short"}}), "SIGNAL_WEBHOOK_SECRET is shorter");

  // Of accounts: each its own, of one that there is.
  const std::string secret = "signal-test-secret-0123456789";
  refuses(start(on, {{"NOBODY_SIGNAL_WEBHOOK_SECRET", secret}}), "NOBODY_SIGNAL_WEBHOOK_SECRET: there is no such account");
  const std::string accounts = folder.write("accounts.toml", "[[accounts]]\nid = \"second\"\nbankroll = 1000\n");
  refuses(start({"--set", "webhooks.enabled=true", "--config", accounts},
                {{"SIGNAL_WEBHOOK_SECRET", secret}, {"SECOND_SIGNAL_WEBHOOK_SECRET", secret}}),
          "two accounts share a SIGNAL_WEBHOOK_SECRET");
}

TEST_CASE("control room: a backtest runs beside the daemon and leaves a report, and ends with it [X13]",
          "[cmd][room][X13]") {
  Room room;
  std::string pair;
  for (int i = 0; i < 600 && pair.empty(); ++i) {
    const auto scanner = room.json("GET", "/api/v1/scanner");
    for (const auto& one : scanner.GetObject()) {
      if (one.value["bars"].GetInt() > 200) pair = one.name.GetString();
    }
    pass_time(50);
  }
  REQUIRE_FALSE(pair.empty());
  const auto started = room.json("POST", "/api/v1/backtest/run", R"({"pair":")" + pair + R"(","timeframe":"1m","bars":180})", 202);
  const std::string path = "/api/v1/backtest/runs/" + std::string(started["run_id"].GetString());
  std::string status;
  for (int i = 0; i < 600 && status != "completed" && status != "failed"; ++i) {
    status = room.json("GET", path)["status"].GetString();
    pass_time(50);
  }
  const auto run = room.json("GET", path);
  INFO(room.ask("GET", path).body);
  REQUIRE(status == "completed");
  CHECK(run["summary"].HasMember("metrics"));
  CHECK(run["has_report"].IsTrue());
  const HttpReply report =
      room.ask("GET", "/api/v1/backtest/reports/" + std::string(started["run_id"].GetString()));
  CHECK(report.status == 200);
  CHECK(report.body.starts_with("<!doctype html>"));
  CHECK(std::string(header_value(report.headers, "Content-Security-Policy")).find("sandbox") != std::string::npos);
  CHECK(room.json("GET", "/api/v1/limits")["limits"].Size() > 4);
  room.daemon->signal(SIGTERM);
  CHECK(room.daemon->wait(stop_limit_ms) == 143);
}

TEST_CASE("control room: tenants and their keys come from the command line, beside the daemon", "[cmd][room]") {
  Room room;
  CHECK(room.run({"tenant", "add", "acme", "--name", "Acme Ltd"}).exit_code == 0);
  CHECK(room.run({"tenant", "add", "acme"}).exit_code != 0);
  CHECK(room.run({"tenant", "add", "Acme"}).exit_code == 2);
  CHECK(room.run({"key", "create", "--tenant", "nobody"}).exit_code == 4);
  const Finished key = room.run({"key", "create", "--tenant", "acme", "-q"});
  REQUIRE(key.exit_code == 0);
  CHECK_THAT(room.run({"tenant", "list"}).out, Catch::Contains("Acme Ltd"));
  const auto status = [&room](const std::string& tenant) {
    return room.ask("GET", "/api/v1/status", "", {{"X-Tenant-ID", tenant}});
  };
  CHECK(status("acme").body.find(R"("state":"no_engine")") != std::string::npos);
  CHECK(status("default").body.find(R"("state":"no_engine")") == std::string::npos);
  CHECK(status("nobody").status == 404);
  CHECK(room.run({"tenant", "status", "acme", "suspended"}).exit_code == 0);
  CHECK_THAT(room.run({"tenant", "status", "acme"}).out, Catch::Contains("suspended"));
  CHECK(room.run({"tenant", "status", "nobody"}).exit_code == 4);
  room.daemon->signal(SIGTERM);
  CHECK(room.daemon->wait(stop_limit_ms) == 143);
}
