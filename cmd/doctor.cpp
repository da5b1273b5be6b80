// `aitrade doctor`: what stands against running here; with --live, whether real money may be traded.
//
// The list of preflight.h, which `run --live` obeys too, and with --live what the exchange says of clock, key, pairs,
// fees and balances. Nothing is changed but the store of nonces, which a signed call needs.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/live_venue.h"
#include "cmd/output.h"
#include "cmd/preflight.h"
#include "cmd/readable.h"
#include "core/store/instance_lock.h"
#include "core/store/schema.h"

namespace aitrade::cli {
namespace {

struct DoctorOptions {
  bool live{false};
  bool strict{false};
  bool offline{false};
  VaultOptions vault;
};

/// What the exchange says, or the one thing that kept it from saying so.
std::vector<Preflight> ask_venue(const Settings& settings, const DoctorOptions& options, Context& context) {
  std::vector<Preflight> out;
  const auto bad = [&](const char* name, const Error& error, std::string remedy) {
    out.push_back({name, Grade::fail, error.what, std::move(remedy)});
  };
  const Config& config = *settings.config;
  const Log log;
  const auto accounts = load_venue_credentials(settings, options.vault, log, context);
  if (!accounts) {
    bad("credentials", accounts.error(), credentials_hint(accounts.error()));
    return out;
  }
  const auto good = [&](const char* name, std::string detail) { out.push_back({name, Grade::ok, std::move(detail), ""}); };
  good("credentials", "key of " + std::to_string(accounts->size()) + " account(s) in the vault");
  auto lock = InstanceLock::take(settings.paths.lock_file(), wall_now());   // nonces have one writer
  if (!lock) {
    bad("exchange", lock.error(), "a daemon runs: it checks by itself; aitrade status says what it found");
    return out;
  }
  const auto own = config.accounts.empty() ? Result<OwnSettings>(OwnSettings{settings, {}})
                                           : own_settings(settings, accounts->front().account);
  auto ledger = own ? open_writer(own->settings.paths.trading_db(), Profile::ledger, wall_now())
                    : Result<Database>(own.error());
  if (!ledger) {
    bad("exchange", ledger.error(), "aitrade db check");
    return out;
  }
  MarketLinkOptions how;
  how.live = true;
  auto market = MarketLink::open(config, how);
  const auto found = market ? look_at_venue(config, *market, market->symbols(), accounts->front(), *ledger)
                            : Result<LiveFindings>(market.error());
  if (!found) {
    bad("exchange", found.error(), "nothing is traded until this is mended");
    return out;
  }
  good("exchange", "answers, its clock agrees, " + std::to_string(found->pairs.size()) +
                       " pair(s) are listed, the key may trade and not withdraw");
  for (const std::string& warning : found->warnings) {
    out.push_back({"key", Grade::warn, warning, "make the key over at the exchange"});
  }
  const std::string free = readable_money(found->free_quote) + " free in the currency of the account";
  if (found->free_quote.is_positive()) {
    good("balance", free);
  } else {
    out.push_back({"balance", Grade::warn, free, "there is nothing to trade with"});
  }
  return out;
}

void print(const std::vector<Preflight>& checks, Grade worst, Context& context) {
  const char* verdict = worst == Grade::ok ? "pass" : worst == Grade::warn ? "warn" : "fail";
  if (resolve_format(context, Format::table) == Format::json) {
    JsonWriter json;
    json.begin_object().field("schema", "aitrade.doctor/1").field("status", verdict).key("checks").begin_array();
    for (const Preflight& check : checks) {
      json.begin_object().field("name", check.name).field("status", to_string(check.grade));
      json.field("detail", check.detail).field("remedy", check.remedy).end_object();
    }
    json.end_array().end_object();
    context.out << json.take() << '\n';
    return;
  }
  for (const Preflight& check : checks) {
    const char* mark = check.grade == Grade::ok ? "  ok    " : check.grade == Grade::warn ? "  warn  " : "  FAIL  ";
    context.out << mark << check.name << ": " << check.detail << '\n';
    if (!check.remedy.empty()) context.out << "        " << check.remedy << '\n';
  }
  context.out << verdict << '\n';
}

Result<ExitCode> run_doctor(const DoctorOptions& options, Context& context) {
  const auto settings = load_settings(context);
  if (!settings) {
    return report_failure(context, settings.error(), ExitCode::unsafe, "aitrade config check names every problem");
  }
  AITRADE_TRY_STATUS(make_directories(settings->paths));
  std::vector<Preflight> checks;
  if (options.live) {
    const bool says_live = settings->config->app.mode == Mode::live;
    checks.push_back({"mode", says_live ? Grade::ok : Grade::fail, says_live ? "live" : "paper",
                      says_live ? "" : "app.mode = \"live\""});
  }
  for (Preflight& check : preflight(*settings, options.live)) checks.push_back(std::move(check));
  if (options.live && !options.offline) {
    for (Preflight& check : ask_venue(*settings, options, context)) checks.push_back(std::move(check));
  }
  Grade worst = Grade::ok;
  for (const Preflight& check : checks) worst = std::max(worst, check.grade);
  print(checks, worst, context);
  return worst == Grade::fail || (options.strict && worst == Grade::warn) ? ExitCode::negative : ExitCode::done;
}

}  // namespace

void add_doctor(CommandList& commands) {
  auto [app, options] = commands.add<DoctorOptions>(
      {.name = "doctor",
       .group = "operations",
       .summary = "say what stands against running here, and with --live against real money",
       .examples = {"aitrade doctor", "aitrade doctor --live", "aitrade doctor --live --offline --json"},
       .details = "Looks at folders, disk, ledger, pause and halt, vault, page and versions; with --live also at the limits "
                  "of risk, and asks the exchange for its clock, the rights of the key, pairs, fees and balances. Each "
                  "failure says what to do. `run --live` obeys the same list. Exit 0 when nothing fails, 3 when something "
                  "does, with --strict also for warnings."},
      run_doctor);
  app.add_flag("--live", options.live, "judge for real money, and ask the exchange");
  app.add_flag("--strict", options.strict, "warnings count as failures");
  app.add_flag("--offline", options.offline, "ask nothing of the network");
  add_vault_options(app, options.vault);
}

}  // namespace aitrade::cli
