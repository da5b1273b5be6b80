#include "cmd/preflight.h"

#include <sqlite3.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cmd/client.h"
#include "cmd/vault_preflight.h"
#include "core/net/url.h"
#include "core/store/instance_lock.h"
#include "core/store/ledger.h"
#include "core/store/ledger_check.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade::cli {
namespace {

namespace fs = std::filesystem;

std::string percent(double share) {
  std::string text = std::to_string(share * 100);   // "0.500000"
  text.erase(text.find_last_not_of('0') + 1);
  return (text.back() == '.' ? text.substr(0, text.size() - 1) : text) + " %";
}

using Checks = std::vector<Preflight>;

void add(Checks& checks, std::string name, Grade grade, std::string detail, std::string remedy = {}) {
  checks.push_back({std::move(name), grade, std::move(detail), grade == Grade::ok ? "" : std::move(remedy)});
}

/// The nearest folder above that exists: where the data folder would be made.
fs::path existing(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::exists(path, ignored) && path != path.parent_path()) path = path.parent_path();
  return path;
}

void check_folder(const Settings& settings, Checks& checks) {
  const fs::path folder = existing(settings.paths.state_dir);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    add(checks, "folder", Grade::fail, folder.string() + ": " + std::strerror(errno), "make it writable for this user");
  } else if (const Status local = check_local_file_system(folder); !local) {
    add(checks, "folder", Grade::fail, local.error().what, "put the data on a local disk (--home)");
  } else {
    add(checks, "folder", Grade::ok, settings.paths.state_dir.string() + " is local and writable");
  }
}

void check_disk(const Settings& settings, Checks& checks) {
  constexpr std::uint64_t least = 48ULL << 20;   // the reserve, and room for the journal
  struct statvfs about {};
  const fs::path folder = existing(settings.paths.state_dir);
  if (::statvfs(folder.c_str(), &about) != 0) {
    return add(checks, "disk", Grade::fail, folder.string() + ": " + std::strerror(errno), "look at the file system");
  }
  const std::uint64_t free = static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
  const auto wanted = static_cast<std::uint64_t>(settings.config->monitoring.min_free_disk_mb) << 20;
  const Grade grade = free < least ? Grade::fail : free < wanted ? Grade::warn : Grade::ok;
  add(checks, "disk", grade, std::to_string(free >> 20) + " MB free", "make room: what cannot be written is not traded");
}

void check_ledger(const Settings& settings, bool is_live, Checks& checks) {
  std::error_code ignored;
  const Paths& paths = settings.paths;
  if (!fs::exists(paths.trading_db(), ignored)) {
    return add(checks, "ledger", Grade::ok, "none yet: the first run makes it");
  }
  const auto holder = lock_holder(paths.lock_file());
  const bool is_running = holder && holder->has_value();
  auto ledger = is_running ? open_reader(paths.trading_db(), Profile::ledger)
                           : open_settled_reader(paths.lock_file(), paths.trading_db(), Profile::ledger, wall_now());
  if (!ledger) return add(checks, "ledger", Grade::fail, ledger.error().what, "aitrade db check tells more");
  const auto check = ledger_check(*ledger);
  if (!check || !check->is_sound()) {
    add(checks, "ledger", Grade::fail, check ? check->problems.front() : check.error().what,
        "aitrade db check tells all of it");
  } else {
    add(checks, "ledger", Grade::ok, is_running ? "sound, and a daemon writes it" : "sound");
  }
  const auto control = control_state(*ledger, TenantId{});
  if (!control) return add(checks, "latches", Grade::fail, control.error().what, "aitrade db check tells more");
  const std::string by = control->actor + (control->reason.empty() ? "" : ": " + control->reason);
  if (control->halted) {
    add(checks, "latches", is_live ? Grade::fail : Grade::warn, "halted by " + by,
        "look at why; then aitrade resume --clear-halt");
    checks.back().is_for_entries = true;
  } else if (control->paused) {
    add(checks, "latches", Grade::warn, "entries are paused by " + by, "aitrade resume, when that is over");
  } else {
    add(checks, "latches", Grade::ok, "neither paused nor halted");
  }
}

void check_vault(const Settings& settings, bool is_live, Checks& checks) {
  const auto finding = vault_finding(settings, is_live);
  if (!finding) return add(checks, "vault", Grade::ok, is_live ? "there, and its file is private" : "nothing against it");
  add(checks, "vault", is_live ? Grade::fail : Grade::warn, finding->what, "aitrade vault init, aitrade vault set");
}

/// An exchange on this machine deals in made-up money: there a limit is only worth a warning.
bool is_made_up(const Config& config) {
  const auto parts = parse_url(config.venue("kraken").rest_url);
  return parts && is_loopback_host(parts->host);
}

void check_risk(const Config& config, Checks& checks) {
  const Grade worst = is_made_up(config) ? Grade::warn : Grade::fail;
  const double risk = to_double(config.risk.max_risk_per_trade);
  const double exposure = to_double(config.risk.max_total_exposure_pct);
  const std::string detail =
      "at most " + percent(risk) + " of equity lost in a trade, " + percent(exposure) + " held";
  const Grade grade = risk > 0.02 || exposure > 1 ? worst : risk > 0.01 ? Grade::warn : Grade::ok;
  add(checks, "risk", grade, detail, "lower risk.max_risk_per_trade (0.01) or risk.max_total_exposure_pct (1)");
  const MonitoringConfig& guards = config.monitoring;
  const bool all_on = guards.auto_pause_on_stale_data && guards.auto_pause_on_ws_disconnect &&
                      guards.auto_pause_on_consecutive_losses && guards.auto_pause_on_drawdown;
  const bool is_loose = guards.consecutive_losses_pause_threshold > 5 || guards.drawdown_pause_pct > 10;
  add(checks, "breakers", !all_on ? worst : is_loose ? Grade::warn : Grade::ok,
      !all_on ? "one of stale data, stream loss, losses, drawdown does not pause"
      : is_loose ? "they trip late: more than 5 losses in a row or 10 percent of drawdown" : "all of them pause",
      "monitoring.auto_pause_on_* and their limits");
}

void check_page(const Config& config, bool is_live, Checks& checks) {
  const std::string& host = config.dashboard.host;
  const bool is_local = host == "127.0.0.1" || host == "::1" || !config.dashboard.enabled;
  const bool is_plain = !is_local && config.dashboard.tls_cert.empty() && config.dashboard.trusted_proxies.empty();
  if (is_plain) {
    return add(checks, "page", is_live ? Grade::fail : Grade::warn, "it listens on " + host + " without TLS",
               "dashboard.host = \"127.0.0.1\", and a tunnel or a proxy with TLS in front");
  }
  const bool is_open = !config.dashboard.require_api_key_for_reads;
  add(checks, "page", is_live && is_open ? Grade::warn : Grade::ok,
      is_open ? "anybody on this machine may read it" : "reads need a key", "dashboard.require_api_key_for_reads = true");
}

void check_versions(Checks& checks) {
  const int version = sqlite3_libversion_number();
  const bool is_affected = version < 3051003 && version != 3050007 && version != 3044006;   // reliability.md 6.2
  const std::string race = ", of the versions with the rare WAL-reset race: there is one writer only, by design";
  add(checks, "sqlite", Grade::ok, sqlite3_libversion() + (is_affected ? race : ""));
  add(checks, "model", Grade::ok, "none: decisions are by rules only");
}

}  // namespace

std::string_view to_string(Grade grade) {
  return grade == Grade::ok ? "ok" : grade == Grade::warn ? "warn" : "fail";
}

std::vector<Preflight> preflight(const Settings& settings, bool is_live) {
  Checks checks;
  check_folder(settings, checks);
  check_disk(settings, checks);
  check_ledger(settings, is_live, checks);
  check_vault(settings, is_live, checks);
  if (is_live) check_risk(*settings.config, checks);
  check_page(*settings.config, is_live, checks);
  check_versions(checks);
  return checks;
}

const Preflight* forbids_start(const std::vector<Preflight>& checks) {
  const auto found = std::find_if(checks.begin(), checks.end(), [](const Preflight& check) {
    return check.grade == Grade::fail && !check.is_for_entries;
  });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace aitrade::cli
