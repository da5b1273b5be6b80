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

/// What the exchange says of one account; `whose` stands before it where there are several.
std::vector<Preflight> ask_account(const Settings& settings, const VenueCredentials& credentials, MarketLink& market,
                                   const std::string& whose) {
  std::vector<Preflight> out;
  const auto bad = [&](const Error& error, std::string remedy) {
    out.push_back({"exchange", Grade::fail, whose + error.what, std::move(remedy)});
  };
  const auto good = [&](const char* name, const std::string& detail) { out.push_back({name, Grade::ok, whose + detail, ""}); };
  auto ledger = open_writer(settings.paths.trading_db(), Profile::ledger, wall_now());
  if (!ledger) {
    bad(ledger.error(), "aitrade db check");
    return out;
  }
  const auto found = look_at_venue(*settings.config, market, market.symbols(), credentials, *ledger);
  if (!found) {
    bad(found.error(), "nothing is traded until this is mended");
    return out;
  }
  good("exchange", "answers, its clock agrees, " + std::to_string(found->pairs.size()) +
                       " pair(s) are listed, the key may trade and not withdraw");
  for (const std::string& warning : found->warnings) {
    out.push_back({"key", Grade::warn, whose + warning, "make the key over at the exchange"});
  }
  const std::string free = readable_money(found->free_quote) + " free in the currency of the account";
  if (found->free_quote.is_positive()) {
    good("balance", free);
  } else {
    out.push_back({"balance", Grade::warn, whose + free, "there is nothing to trade with"});
  }
  return out;
}

/// What the exchange says of every account, or the one thing that kept it from being asked.
std::vector<Preflight> ask_venue(const Settings& settings, const DoctorOptions& options, Context& context) {
  std::vector<Preflight> out;
  const auto bad = [&](const char* name, const Error& error, std::string remedy) {
    out.push_back({name, Grade::fail, error.what, std::move(remedy)});
  };
  const Log log;
  const auto accounts = load_venue_credentials(settings, options.vault, log, context);
  if (!accounts) {
    bad("credentials", accounts.error(), credentials_hint(accounts.error()));
    return out;
  }
  out.push_back({"credentials", Grade::ok, "key of " + std::to_string(accounts->size()) + " account(s) in the vault", ""});
  auto lock = InstanceLock::take(settings.paths.lock_file(), wall_now());   // nonces have one writer
  if (!lock) {
    bad("exchange", lock.error(), "a daemon runs: it checks by itself; aitrade status says what it found");
    return out;
  }
  MarketLinkOptions how;
  how.live = true;
  auto market = MarketLink::open(*settings.config, how);
  if (!market) {
    bad("exchange", market.error(), "nothing is traded until this is mended");
    return out;
  }
  for (const VenueCredentials& credentials : *accounts) {
    const auto own = settings.config->accounts.empty() ? Result<OwnSettings>(OwnSettings{settings, {}})
                                                       : own_settings(settings, credentials.account);
    if (!own) {
      bad("exchange", own.error(), "aitrade config check");
      continue;
    }
    const std::string whose = accounts->size() > 1 ? "account " + credentials.account + ": " : "";
    for (Preflight& check : ask_account(own->settings, credentials, *market, whose)) out.push_back(std::move(check));
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
                  "of risk, and asks the exchange for its clock, the rights of the key, pairs, fees and balances, for "
                  "each account. Each failure says what to do. `run --live` obeys the same list. Exit 0 when nothing fails, 3 when something "
                  "does, with --strict also for warnings."},
      run_doctor);
  app.add_flag("--live", options.live, "judge for real money, and ask the exchange");
  app.add_flag("--strict", options.strict, "warnings count as failures");
  app.add_flag("--offline", options.offline, "ask nothing of the network");
  add_vault_options(app, options.vault);
}

}  // namespace aitrade::cli
