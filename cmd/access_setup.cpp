#include "cmd/access_setup.h"

#include <ostream>
#include <string>
#include <utility>

#include "core/auth/password.h"
#include "core/vault/passphrase.h"

namespace aitrade::cli {
namespace {

/// A variable and the name it had before.
Result<Secret> take_key(const char* name, const char* older) {
  const SecretBytes value = take_variable(name);
  const SecretBytes before = take_variable(older);
  if (!value.empty() && !before.empty() && !equal_secrets(value.text(), before.text())) {
    return fail(ErrorCode::corrupt, std::string(name) + " and " + older + " differ");
  }
  const SecretBytes& chosen = value.empty() ? before : value;
  if (chosen.empty()) return Secret();
  if (const std::string fault = fault_of_bootstrap_key(chosen.text()); !fault.empty()) {
    return fail(ErrorCode::corrupt, std::string(value.empty() ? older : name) + " " + fault +
                                        "; make one with `openssl rand -base64 33`, or use `aitrade key create`");
  }
  return Secret(std::string(chosen.text()));
}

bool is_loopback(const Config& config) { return config.dashboard.host == "127.0.0.1"
    || config.dashboard.host == "::1"; }

}  // namespace

Result<BootstrapKeys> take_bootstrap_keys() {
  BootstrapKeys keys;
  AITRADE_TRY(keys.admin, take_key("DASHBOARD_ADMIN_KEY", "DASHBOARD_SECRET_KEY"));
  AITRADE_TRY(keys.read, take_key("DASHBOARD_READ_KEY", "DASHBOARD_READONLY_KEY"));
  return keys;
}

AccessPolicy access_policy(const Config& config, bool is_demo) {
  AccessPolicy policy;
  policy.is_loopback = is_loopback(config);
  // Opened for the demo, or by configuration in paper mode on loopback (decision 23).
  policy.reads_open = policy.is_loopback && (is_demo || !config.dashboard.require_api_key_for_reads);
  policy.public_origin = config.dashboard.public_origin;
  policy.trusted_proxies = config.dashboard.trusted_proxies;
  policy.username = config.dashboard.admin_username;
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
  gate.sessions.idle = seconds{dashboard.session_idle_seconds};
  gate.sessions.absolute = seconds{dashboard.session_ttl_seconds};
  const auto stored = AccessStore(*gate.access_db).password(gate.username);
  const bool is_wanted = is_demo && dashboard.enabled && stored && !stored->has_value() && context.err_is_terminal &&
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
