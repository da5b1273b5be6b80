#include "cmd/access_setup.h"

#include <ostream>
#include <string>
#include <utility>

#include "cmd/client.h"
#include "core/auth/password.h"
#include "core/vault/passphrase.h"

namespace aitrade::cli {
namespace {

Status check_key(const std::string& name, std::string_view key) {
  const std::string fault = fault_of_bootstrap_key(key);
  if (fault.empty()) return ok();
  return fail(ErrorCode::corrupt, name + " " + fault +
                                      "; make one with `openssl rand -base64 33`, or use `aitrade key create`");
}

/// A variable and the name it had before.
Result<Secret> take_key(const char* name, const char* older) {
  const SecretBytes value = take_variable(name);
  const SecretBytes before = take_variable(older);
  if (!value.empty() && !before.empty() && !equal_secrets(value.text(), before.text())) {
    return fail(ErrorCode::corrupt, std::string(name) + " and " + older + " differ");
  }
  const SecretBytes& chosen = value.empty() ? before : value;
  if (chosen.empty()) return Secret();
  AITRADE_TRY_STATUS(check_key(value.empty() ? older : name, chosen.text()));
  return Secret(std::string(chosen.text()));
}

/// The first of the names that the vault holds; empty when it holds none.
Result<Secret> key_in(const VaultReader& vault, const char* name, const char* older) {
  for (const char* one : {name, older}) {
    if (!vault.holds(one)) continue;
    AITRADE_TRY(Secret found, vault.secret(one));
    AITRADE_TRY_STATUS(check_key(one, found.reveal()));
    return found;
  }
  return Secret();
}

constexpr const char* hash_name = "DASHBOARD_ADMIN_PASSWORD_HASH";

/// A record that `aitrade passwd` would write.
Result<std::string> checked_record(std::string_view text) {
  const auto fits = fits_password(text, "x");
  if (!fits && fits.error().code == ErrorCode::corrupt) {
    return fail(ErrorCode::corrupt, std::string(hash_name) + " is no record of a password; see `aitrade passwd`");
  }
  return std::string(text);
}

bool is_loopback(const Config& config) { return config.dashboard.host == "127.0.0.1"
    || config.dashboard.host == "::1"; }

}  // namespace

Result<BootstrapKeys> take_bootstrap_keys() {
  BootstrapKeys keys;
  AITRADE_TRY(keys.admin, take_key("DASHBOARD_ADMIN_KEY", "DASHBOARD_SECRET_KEY"));
  AITRADE_TRY(keys.read, take_key("DASHBOARD_READ_KEY", "DASHBOARD_READONLY_KEY"));
  AITRADE_TRY(keys.outside, take_outside_secrets());
  const SecretBytes record = take_variable(hash_name);
  if (!record.empty()) {
    AITRADE_TRY(keys.password_record, checked_record(record.text()));
  }
  return keys;
}

Status take_bootstrap_keys(const VaultReader& vault, BootstrapKeys& keys) {
  if (keys.admin.empty()) {
    AITRADE_TRY(keys.admin, key_in(vault, "DASHBOARD_ADMIN_KEY", "DASHBOARD_SECRET_KEY"));
  }
  if (keys.read.empty()) {
    AITRADE_TRY(keys.read, key_in(vault, "DASHBOARD_READ_KEY", "DASHBOARD_READONLY_KEY"));
  }
  if (keys.password_record.empty() && vault.holds(hash_name)) {
    AITRADE_TRY(const Secret record, vault.secret(hash_name));
    AITRADE_TRY(keys.password_record, checked_record(record.reveal()));
  }
  return take_outside_secrets(vault, keys.outside);
}

Status require_owner(const Settings& settings, const BootstrapKeys& keys) {
  const DashboardConfig& dashboard = settings.config->dashboard;
  if (!dashboard.enabled || !keys.admin.empty() || !keys.password_record.empty()) return ok();
  const AccessStore access(settings.paths.access_db());
  AITRADE_TRY_STATUS(access.migrate(wall_now()));
  AITRADE_TRY(const auto password, access.password(dashboard.admin_username));
  if (password) return ok();
  AITRADE_TRY(const std::vector<ApiKeyRow> stored, access.keys());
  const Time now = wall_now();
  for (const ApiKeyRow& key : stored) {
    if (key.scope == Scope::admin && key.tenant == TenantId{} && key.is_live(now)) return ok();
  }
  return fail(ErrorCode::unsupported,
              "live trading: nobody could administer the page: set a password with `aitrade passwd`, make a key with "
              "`aitrade key create --scopes admin`, put DASHBOARD_ADMIN_KEY into the vault, or switch the page off with "
              "dashboard.enabled = false");
}

std::vector<Problem> unknown_tenants(const LoadReport& report, const Paths& paths) {
  std::vector<Problem> problems;
  const AccessStore access(paths.access_db());
  for (const AccountConfig& account : report.config->accounts) {
    if (account.tenant == TenantId{}.name) continue;
    const auto found = TenantStore(access).find(TenantId{account.tenant});
    if (found || found.error().code != ErrorCode::not_found) continue;   // unreadable: keys say so
    problems.push_back({Severity::error, report.origin_of("accounts").place, "accounts", "",
                        "account '" + account.id + "': there is no tenant '" + account.tenant +
                            "'; make it with `aitrade tenant add " + account.tenant + "`"});
  }
  return problems;
}

AccessPolicy access_policy(const Config& config, bool is_demo) {
  AccessPolicy policy;
  policy.is_loopback = is_loopback(config);
  // Opened for the demo, or by configuration in paper mode on loopback (decision 23).
  policy.reads_open = policy.is_loopback && (is_demo || !config.dashboard.require_api_key_for_reads);
  policy.public_origin = config.dashboard.public_origin;
  policy.trusted_proxies = config.dashboard.trusted_proxies;
  policy.username = config.dashboard.admin_username;
  policy.cors_origins = config.dashboard.cors_origins;
  return policy;
}

ApiLimits api_limits(const Config& config) {
  ApiLimits limits;
  limits.is_on = config.dashboard.rate_limit_enabled;
  limits.address = {config.dashboard.rate_limit_requests_per_minute / 60.0,
                    static_cast<double>(config.dashboard.rate_limit_burst)};
  return limits;
}

std::unique_ptr<Gatekeeper> make_gate(const Settings& settings, BootstrapKeys keys, bool is_demo, Context& context) {
  const DashboardConfig& dashboard = settings.config->dashboard;
  GateSettings gate;
  gate.access_db = settings.paths.access_db();
  gate.admin_key = std::move(keys.admin);
  gate.read_key = std::move(keys.read);
  gate.reads_open = access_policy(*settings.config, is_demo).reads_open;
  gate.tenant_keys_control = dashboard.allow_tenant_keys_for_control;
  gate.username = dashboard.admin_username;
  gate.past_due_grace = hours{24 * settings.config->billing.grace_days_past_due};
  gate.sessions.idle = seconds{dashboard.session_idle_seconds};
  gate.sessions.absolute = seconds{dashboard.session_ttl_seconds};
  gate.password_record = std::move(keys.password_record);
  const AccessStore access(*gate.access_db);
  static_cast<void>(access.migrate(wall_now()));   // what cannot be read refuses keys, and says so then
  const auto stored = access.password(gate.username);
  const bool is_wanted = is_demo && dashboard.enabled && gate.password_record.empty() && stored && !stored->has_value() && context.err_is_terminal &&
                         context.global.verbosity >= 0;
  if (is_wanted) {
    const auto phrase = generate_passphrase();
    auto record = phrase ? make_password_record(phrase->text()) : Result<std::string>(std::string());
    if (record && !record->empty()) {
      gate.password_record = *std::move(record);
      context.err << "to pause and close from the page log in as " << gate.username << " with: " << phrase->text()
          << '\n';
      context.err.flush();
    }
  }
  return std::make_unique<Gatekeeper>(std::move(gate));
}

}  // namespace aitrade::cli
