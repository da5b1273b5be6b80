// `aitrade close-all`: closes every position, and is done only when the account is seen to be flat.

#include <rapidjson/document.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <thread>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/whose.h"

namespace aitrade::cli {
namespace {

struct CloseAllOptions {
  std::string reason;
  Whose whose;
  bool dry_run{false};
  int wait_s{60};
};

struct Account {
  std::string name;  // what has to be typed: the mode
  std::string plan;  // one line for each position
  std::size_t positions{0};
};

Result<Account> read_engine(const Daemon& daemon) {
  AITRADE_TRY(const HttpReply reply, call(daemon, "GET", "/api/v1/status"));
  AITRADE_TRY_STATUS(check_reply(reply));
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  if (json.HasParseError() || !json.IsObject() || !json.HasMember("mode") ||
      !json["mode"].IsString() || !json.HasMember("positions") || !json["positions"].IsArray()) {
    return fail(ErrorCode::network, "the daemon's answer cannot be read");
  }
  Account account;
  account.name = json["mode"].GetString();
  for (const auto& position : json["positions"].GetArray()) {
    std::string line = "  close";
    for (const char* key : {"direction", "quantity", "pair"}) {
      const bool has = position.IsObject() && position.HasMember(key) && position[key].IsString();
      line += std::string(" ") + (has ? position[key].GetString() : "?");
    }
    account.plan += line + "\n";
    ++account.positions;
  }
  return account;
}

/// Adds up the engines that are meant.
Result<Account> read_account(const Daemon& daemon, const Whose& whose) {
  AITRADE_TRY(const std::vector<RunningEngine> engines, running_engines(daemon, whose));
  Account all;
  for (const RunningEngine& engine : engines) {
    AITRADE_TRY(const Account one, read_engine(daemon_of(daemon, engine)));
    if (all.name.empty() || one.name == "live") all.name = one.name;
    all.plan += engines.size() > 1 && one.positions > 0 ? engine.tenant + "/" + engine.account + "\n" + one.plan : one.plan;
    all.positions += one.positions;
  }
  return all;
}

/// Waits until the daemon reports no position. Returns how many are left at the end.
Result<std::size_t> wait_until_flat(const Daemon& daemon, const Whose& whose, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    AITRADE_TRY(const Account account, read_account(daemon, whose));
    if (account.positions == 0 || std::chrono::steady_clock::now() >= end) return account.positions;
    std::this_thread::sleep_for(milliseconds{200});
  }
}

Result<ExitCode> run_close_all(const CloseAllOptions& options, Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  const Daemon daemon{paths.socket().string(), ""};
  AITRADE_TRY(const Account account, read_account(daemon, options.whose));
  if (!context.global.json || options.dry_run) {
    context.out << (account.positions == 0 ? "no open positions\n" : account.plan);
  }
  if (options.dry_run) return ExitCode::done;
  const std::string question = "close " + std::to_string(account.positions) +
                               " position(s) of the account '" + account.name + "'";
  AITRADE_TRY(const bool is_confirmed, confirm(context, question, account.name));
  if (!is_confirmed) return ExitCode::negative;
  AITRADE_TRY(const std::string reply, control_whose(daemon, options.whose, "close_all", options.reason, "CLOSE ALL"));
  AITRADE_TRY(const std::size_t left, wait_until_flat(daemon, options.whose, std::chrono::seconds{options.wait_s}));
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.close_all/1");
    json.field("status", left == 0 ? "flat" : "closing");
    json.field("closed", static_cast<std::uint64_t>(account.positions - std::min(left, account.positions)));
    json.field("remaining", static_cast<std::uint64_t>(left)).end_object();
    context.out << json.take() << '\n';
  } else if (left == 0) {
    context.out << "flat: nothing is open\n";
  }
  if (left == 0) return ExitCode::done;
  return fail(ErrorCode::timeout, std::to_string(left) + " position(s) are still open after " +
                                      std::to_string(options.wait_s) + " s");
}

}  // namespace

void add_close_all(CommandList& commands) {
  auto [app, options] = commands.add<CloseAllOptions>(
      {.name = "close-all",
       .group = "live",
       .summary = "close every position and wait until the account is flat",
       .examples = {"aitrade close-all --dry-run", "aitrade close-all --yes --reason 'end of test'"},
       .details = "Asks for the account name unless --yes is given. Exit 0 only when nothing is open "
                  "any more, 5 when positions remain after --wait seconds. Of several engines all are meant, or those "
                  "that --tenant and --account name."},
      run_close_all);
  add_whose(app, options.whose);
  app.add_option("--reason", options.reason, "why, for the record");
  app.add_option("--wait", options.wait_s, "seconds to wait for the account to be flat")
      ->check(CLI::Range(1, 3600));
  app.add_flag("--dry-run", options.dry_run, "print what would be closed, change nothing");
}

}  // namespace aitrade::cli
