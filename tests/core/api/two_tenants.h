// Two tenants beside the owner of the engine, each with a row in every table that knows tenants.
//
// A tenant's words carry its mark, so one look at a reply says whose rows it holds.
#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/api/api.h"
#include "core/api/backtest_desk.h"
#include "core/store/schema.h"
#include "tests/core/api/sample_view.h"

namespace aitrade::test {

inline const Time two_tenants_now = Time::from_seconds(1'643'112'000);

struct TwoTenants {
  std::filesystem::path folder;
  Time now = two_tenants_now;
  ViewBoard views;
  std::vector<OperatorCommand> commands;
  std::unique_ptr<Gatekeeper> gate;
  std::unique_ptr<BacktestDesk> backtests;
  ApiContext context{views, {}, [this] { return now; }, {}, "0.1.0", "abc"};

  explicit TwoTenants(bool tenant_control = false) {
    std::string pattern = (std::filesystem::temp_directory_path() / "aitrade-tenants-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    GateSettings settings;
    settings.access_db = folder / "access.db";
    settings.tenant_keys_control = tenant_control;
    settings.admin_key = Secret("adminadminADMIN-0123456789-ZYXWVU");
    settings.read_key = Secret("readreadREADREAD-0123456789-ZYXWVU");
    gate = std::make_unique<Gatekeeper>(std::move(settings));
    for (const char* id : {"alpha", "beta"}) {
      REQUIRE(TenantStore(access()).add(TenantId{id}, mark(id), "free", "test", now));
    }
    fill(Profile::ledger);
    fill(Profile::telemetry);
    fill(Profile::access);
    BacktestPlace place;
    place.folder = folder / "backtests";
    place.program = "/bin/false";
    place.wall = [this] { return now; };
    backtests = std::make_unique<BacktestDesk>(std::move(place));
    context.backtests = backtests.get();
    context.gate = gate.get();
    context.steady = [this] { return now; };
    context.store = [this] { return StorePlace{file(Profile::ledger), file(Profile::telemetry)}; };
    context.submit = [this](const OperatorCommand& command) {
      commands.push_back(command);
      return ok();
    };
    EngineView view = sample_view(now);
    view.run = mark("default");
    view.entries_held = mark("default");
    views.publish(std::make_shared<const EngineView>(std::move(view)));
  }

  TwoTenants(const TwoTenants&) = delete;
  TwoTenants& operator=(const TwoTenants&) = delete;

  ~TwoTenants() {
    backtests.reset();
    std::filesystem::remove_all(folder);
  }

  static std::string mark(const std::string& tenant) { return "mark-of-" + tenant; }

  [[nodiscard]] const AccessStore& access() const { return **gate->store(); }

  [[nodiscard]] std::filesystem::path file(Profile profile) const {
    return folder / (profile == Profile::ledger ? "trading.db" : profile == Profile::access ? "access.db" : "telemetry.db");
  }

  std::string key(const std::string& tenant, Scope scope = Scope::read) {
    const auto made = access().create({TenantId{tenant}, scope, mark(tenant), Duration{hours{9000}}}, "test", now);
    REQUIRE(made);
    return std::string(made->text.reveal());
  }

  Response ask(const std::string& method, const std::string& target, std::vector<HttpHeader> headers,
               const std::string& body = "") {
    now = now + minutes{1};
    Request r;
    r.method = method;
    const auto question = target.find('?');
    r.path = target.substr(0, question);
    if (question != std::string::npos) r.query = target.substr(question + 1);
    r.peer_address = "127.0.0.1";
    r.headers = std::move(headers);
    r.body = body;
    if (!body.empty()) r.headers.push_back({"Content-Type", "application/json"});
    return handle(r, context);
  }

  /// The whole of a reply, streamed or not.
  static std::string text_of(const Response& reply) {
    std::string all = reply.body + reply.error_message;
    bool more = static_cast<bool>(reply.stream);
    while (more) more = reply.stream(all);
    return all;
  }

 private:
  /// Puts a row of each tenant into every table that has a tenant: texts are its mark, numbers its number.
  void fill(Profile profile) const {
    auto database = open_writer(file(profile), profile, now);
    REQUIRE(database);
    REQUIRE(database->execute("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON"));
    std::vector<std::string> tables;
    auto names = database->prepare("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
                                   "WHERE m.type='table' AND c.name='tenant_id' ORDER BY m.name");
    REQUIRE(names);
    while (*names->step()) tables.emplace_back(names->text(0));
    REQUIRE(tables.size() >= (profile == Profile::ledger ? 12U : 3U));
    for (const std::string& table : tables) {
      if (table == "api_keys") continue;   // made by the gate
      std::int64_t number = 1000;          // the same in all tables, so that rows that belong together find each other
      for (const char* tenant : {"default", "alpha", "beta"}) insert(*database, table, tenant, ++number);
    }
    if (profile == Profile::ledger) {
      for (const char* tenant : {"default", "alpha", "beta"}) {
        REQUIRE(database->execute("INSERT INTO tenants VALUES('" + std::string(tenant) + "','x','active','free',0,0)"));
      }
    }
    if (profile == Profile::telemetry) {   // one that is an alert
      for (const char* tenant : {"default", "alpha", "beta"}) {
        REQUIRE(database->execute("INSERT INTO thought_log(tenant_id, ts_ns, category, message, severity) VALUES('" +
                                  std::string(tenant) + "'," + std::to_string(now.ns) + ",'notice','" + mark(tenant) +
                                  "','warning')"));
      }
    }
  }

  void insert(Database& database, const std::string& table, const std::string& tenant, std::int64_t number) const {
    auto columns = database.prepare("SELECT name, type FROM pragma_table_info(?)");
    REQUIRE(columns);
    columns->bind_all(table);
    std::string into, values;
    while (*columns->step()) {
      const std::string name(columns->text(0)), type(columns->text(1));
      into += (into.empty() ? "" : ",") + name;
      const std::string text = name == "tenant_id" ? tenant : name == "metadata" ? "{\"m\":\"" + mark(tenant) + "\"}"
                                                            : mark(tenant);
      const std::int64_t value = name.ends_with("_ns") ? now.ns + number : number;
      values += (values.empty() ? "" : ",") + (type == "TEXT" ? "'" + text + "'" : std::to_string(value));
    }
    const Status added = database.execute("INSERT INTO " + table + "(" + into + ") VALUES(" + values + ")");
    INFO(table << ": " << (added ? "" : added.error().what));
    REQUIRE(added);
  }
};

}  // namespace aitrade::test
