#include "cmd/whose.h"

#include <rapidjson/document.h>

#include <CLI/CLI.hpp>

#include <system_error>
#include <utility>

namespace aitrade::cli {
namespace {

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString() ? found->value.GetString() : "";
}

}  // namespace

void add_whose(CLI::App& app, Whose& whose) {
  app.add_option("--tenant", whose.tenant, "only the engines of this tenant");
  app.add_option("--account", whose.account, "only the engine of this account");
}

Daemon daemon_of(const Daemon& daemon, const RunningEngine& engine) {
  Daemon out = daemon;
  out.tenant = engine.tenant;
  out.account = engine.account;
  return out;
}

Daemon daemon_of(const Daemon& daemon, const Whose& whose) {
  Daemon out = daemon;
  out.tenant = whose.tenant;
  out.account = whose.account;
  return out;
}

Result<std::vector<RunningEngine>> running_engines(const Daemon& daemon, const Whose& whose) {
  Daemon asked = daemon;
  asked.tenant = whose.tenant;
  const char* path = whose.tenant.empty() ? "/api/v1/engines?scope=all" : "/api/v1/engines";
  AITRADE_TRY(const HttpReply reply, call(asked, "GET", path));
  AITRADE_TRY_STATUS(check_reply(reply));
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  const bool is_list = !json.HasParseError() && json.IsObject() && json.HasMember("engines") && json["engines"].IsArray();
  if (!is_list) return fail(ErrorCode::network, "the daemon's answer cannot be read");
  std::vector<RunningEngine> engines;
  for (const auto& one : json["engines"].GetArray()) {
    if (!one.IsObject()) continue;
    RunningEngine engine{text_of(one, "tenant_id"), text_of(one, "account_id"), text_of(one, "state"), text_of(one, "mode")};
    engine.is_halted = one.HasMember("halted") && one["halted"].IsTrue();
    if (one.HasMember("open_positions") && one["open_positions"].IsUint64()) engine.positions = one["open_positions"].GetUint64();
    if (whose.account.empty() || whose.account == engine.account) engines.push_back(std::move(engine));
  }
  if (engines.empty()) return fail(ErrorCode::not_found, "the daemon has no such engine");
  return engines;
}

Result<std::string> control_whose(const Daemon& daemon, const Whose& whose, std::string_view command,
                                  std::string_view reason, std::string_view confirm, milliseconds limit, bool clear_halt) {
  Daemon meant = daemon_of(daemon, whose);
  if (whose.tenant.empty() && !whose.account.empty()) {
    AITRADE_TRY(const std::vector<RunningEngine> engines, running_engines(daemon, whose));
    if (engines.size() > 1) return fail(ErrorCode::invalid, "several tenants have an account '" + whose.account + "': add --tenant");
    meant = daemon_of(daemon, engines.front());
  }
  return control(meant, command, reason, confirm, limit, clear_halt, whose.is_anybody());
}

Result<std::vector<AccountBooks>> books_of(const Settings& settings, const Whose& whose) {
  std::vector<AccountBooks> books;
  const auto add = [&](const std::string& tenant, const std::string& account, const Paths& paths) {
    const bool is_meant = (whose.tenant.empty() || whose.tenant == tenant) &&
                          (whose.account.empty() || whose.account == account);
    if (is_meant) books.push_back({TenantId{tenant}, account, paths});
  };
  const Config& config = *settings.config;
  if (config.accounts.empty()) add(TenantId{}.name, config.app.account_id, settings.paths);
  for (const AccountConfig& account : config.accounts) {
    add(account.tenant, account.id, account_settings(settings, account).paths);
  }
  if (books.empty()) return fail(ErrorCode::not_found, "the configuration has no such account");
  return books;
}

Status store_in(const std::vector<AccountBooks>& books, PauseRequest request) {
  for (const AccountBooks& one : books) {
    std::error_code error;
    std::filesystem::create_directories(one.paths.trading_db().parent_path(), error);
    request.tenant = one.tenant;
    AITRADE_TRY_STATUS(store_pause(one.paths.lock_file(), one.paths.trading_db(), request, wall_now()));
  }
  return ok();
}

}  // namespace aitrade::cli
