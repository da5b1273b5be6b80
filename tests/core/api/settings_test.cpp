#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/api/api.h"
#include "core/api/settings.h"
#include "tests/core/api/sample_view.h"

using namespace aitrade;

namespace {

struct Rig {
  std::filesystem::path folder;
  ViewBoard views;
  std::unique_ptr<SettingsDesk> desk;
  EnvironmentMap environment;
  std::string files;   // of the configuration below the overlay

  Rig() {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-settings-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    desk = std::make_unique<SettingsDesk>(
        [this](const std::vector<std::string>& overrides) {
          LoadOptions options;
          options.paths.config_dir = folder;
          options.environment = environment;
          options.overrides = overrides;
          return load_config(options, {});
        },
        KeyTable({}), folder / "config.local.toml");
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  ~Rig() {
    ::chmod(folder.c_str(), 0700);
    std::filesystem::remove_all(folder);
  }

  Response ask(const std::string& method, const std::string& body = "") {
    ApiContext context{views, {}, [] { return Time{}; }, {}, "0.1.0", "abc"};
    context.settings = desk.get();
    Request r;
    r.method = method;
    r.path = "/api/v1/settings";
    r.is_local = true;
    r.body = body;
    if (!body.empty()) r.headers.push_back({"Content-Type", "application/json"});
    return handle(r, context);
  }

  [[nodiscard]] std::string overlay() const {
    std::ifstream in(folder / "config.local.toml");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
};

}  // namespace

TEST_CASE("settings: every key with bounds, kind and origin", "[api][settings]") {
  Rig rig;
  rapidjson::Document json;
  json.Parse(rig.ask("GET").body.c_str());
  REQUIRE(json["settings"].Size() > 50);
  bool is_found = false;
  for (const auto& setting : json["settings"].GetArray()) {
    if (std::string(setting["key"].GetString()) != "risk.max_daily_loss") continue;
    is_found = true;
    CHECK(setting["max"].IsNumber());
    CHECK_FALSE(std::string(setting["help"].GetString()).empty());
    CHECK(std::string(setting["origin"].GetString()) == "default");
  }
  CHECK(is_found);
}

TEST_CASE("settings: a dry run tells what would change and keeps nothing", "[api][settings]") {
  Rig rig;
  const Response reply = rig.ask("PATCH", R"({"dry_run":true,"risk":{"max_daily_loss":0.01}})");
  CHECK(reply.status == 200);
  CHECK(reply.body.find("risk.max_daily_loss") != std::string::npos);
  CHECK(reply.body.find("\"persisted\":false") != std::string::npos);
  CHECK(rig.overlay().empty());
}

TEST_CASE("settings: a change is kept exactly, and the next one beside it", "[api][settings]") {
  Rig rig;
  CHECK(rig.ask("PATCH", R"({"risk":{"max_daily_loss":0.01}})").status == 200);
  CHECK(rig.ask("PATCH", R"({"ai":{"min_confidence":0.7},"risk":{"max_daily_loss":0.02}})").status == 200);
  const std::string text = rig.overlay();
  CHECK(text.find("risk.max_daily_loss = 0.02\n") != std::string::npos);
  CHECK(text.find("0.01") == std::string::npos);
  CHECK(text.find("ai.min_confidence = 0.7\n") != std::string::npos);
  CHECK(rig.ask("GET").body.find("config.local.toml") != std::string::npos);
  struct stat facts{};
  REQUIRE(::stat((rig.folder / "config.local.toml").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("settings: nothing of a change that is wrong anywhere is kept (X10)", "[api][settings][X10]") {
  Rig rig;
  for (const char* body :
       {R"({"risk":{"max_daily_loss":5}})", R"({"risk":{"max_daily_loss":0.01,"nonsense":1}})", R"({"nonsense":1})",
        R"({"risk":{"max_daily_loss":NaN}})", R"({"risk":{"max_daily_loss":1e999}})",
            R"({"risk":{"max_daily_loss":null}})",
        R"({"risk":{"max_open_positions":2.5}})", R"({"risk":{"max_daily_loss":0.01,"max_daily_loss":0.02}})", R"([1])",
        R"({"dry_run":1})", R"({"ai":{"min_confidence":0.7},"risk":{"max_daily_loss":"a\nb = 1"}})", ""}) {
    INFO(body);
    CHECK(rig.ask("PATCH", body).status == 400);
    CHECK(rig.overlay().empty());
  }
}

TEST_CASE("settings: what the environment sets is said to be shadowed", "[api][settings]") {
  Rig rig;
  rig.environment["AITRADE__RISK__MAX_DAILY_LOSS"] = "0.02";
  const Response reply = rig.ask("PATCH", R"({"risk":{"max_daily_loss":0.01}})");
  CHECK(reply.status == 200);
  CHECK(reply.body.find(R"("shadowed_by_env":["risk.max_daily_loss"])") != std::string::npos);
}

TEST_CASE("settings: a file that says the same in a table is left as it was", "[api][settings]") {
  Rig rig;
  const std::string before = "[risk]\nmax_daily_loss = 0.015\n";
  std::ofstream(rig.folder / "config.local.toml") << before;
  CHECK(rig.ask("PATCH", R"({"risk":{"max_daily_loss":0.01}})").status == 409);
  CHECK(rig.overlay() == before);
}

TEST_CASE("settings: what can change at once does, the rest waits and says so", "[api][settings]") {
  Rig rig;
  std::vector<std::string> asked;
  const LoadReport start = load_config_text("", "start", {});
  rig.desk->run_with(*start.config, {"risk.max_daily_loss", "ai.min_confidence"},
                     [&](const Config& next, const std::vector<Change>& changes, const std::string&) {
                       for (const Change& one : changes) asked.push_back(one.key + "=" + one.after);
                       CHECK(next.app.name == start.config->app.name);   // only what can change
                       return std::vector<std::string>{"risk.max_daily_loss"};
                     });
  const Response reply = rig.ask("PATCH", R"({"risk":{"max_daily_loss":0.01},"ai":{"min_confidence":0.7},"app":{"name":"x"}})");
  CHECK(reply.status == 200);
  CHECK(asked == std::vector<std::string>{"risk.max_daily_loss=0.01", "ai.min_confidence=0.7"});
  CHECK(reply.body.find(R"("applied":["risk.max_daily_loss"])") != std::string::npos);
  CHECK(reply.body.find(R"("pending_restart":["app.name","ai.min_confidence"])") != std::string::npos);
  const std::string list = rig.ask("GET").body;
  CHECK(list.find(R"("pending":true)") != std::string::npos);
  CHECK(list.find(R"("applies":"now")") != std::string::npos);

  const Response dry = rig.ask("PATCH", R"({"dry_run":true,"risk":{"max_daily_loss":0.02},"app":{"name":"y"}})");
  CHECK(dry.body.find(R"("applied":[])") != std::string::npos);
  CHECK(dry.body.find(R"("pending_restart":["app.name"])") != std::string::npos);
}

TEST_CASE("settings: faults name the path and say what is wrong", "[api][settings][X10]") {
  Rig rig;
  rapidjson::Document json;
  json.Parse(rig.ask("PATCH", R"({"risk":{"max_daily_loss":5},"ai":{"min_confidence":-1}})").body.c_str());
  REQUIRE(json.HasMember("errors"));
  REQUIRE(json["errors"].Size() == 2);
  CHECK(std::string(json["errors"][0]["path"].GetString()).find("max_daily_loss") != std::string::npos);
  CHECK(std::string(json["error"]["code"].GetString()) == "bad_settings");
}
