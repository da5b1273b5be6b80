// Who may reach the daemon: bootstrap keys of the environment, the gatekeeper, the password of a demo.
#pragma once

#include <memory>

#include "cmd/compose.h"
#include "cmd/outside.h"
#include "core/api/api.h"
#include "core/auth/gatekeeper.h"
#include "core/vault/vault.h"

namespace aitrade::cli {

/// Keys that are no rows: they come with the environment or the vault.
struct BootstrapKeys {
  OutsideSecrets outside;        // of webhooks and the payment service
  Secret admin, read;
  std::string password_record;   // of the page, in place of the stored one
};

/// Takes the bootstrap keys out of the environment, its memory wiped. Before any thread.
///
/// Errors: corrupt for one that is too short or a sample value, or two names with different values: the
///         command ends with 78
Result<BootstrapKeys> take_bootstrap_keys();

/// Takes from the vault what the environment did not bring (operations.md 1.9). Errors: as above.
Status take_bootstrap_keys(const VaultReader& vault, BootstrapKeys& keys);

/// Refuses to trade with real money behind a page that nobody could ever administer: no admin key and no password.
///
/// Errors: unsupported, naming what to do: the command ends with 78
Status require_owner(const Settings& settings, const BootstrapKeys& keys);

/// Returns what is wrong with the tenants of [[accounts]]: those that nobody has made. Looks into access.db.
std::vector<Problem> unknown_tenants(const LoadReport& report, const Paths& paths);

/// Returns who may do what over TCP, as the configuration says.
AccessPolicy access_policy(const Config& config, bool is_demo);

/// Returns the limits of the configuration.
ApiLimits api_limits(const Config& config);

/// Builds the gatekeeper. A demo at which nobody could log in gets a password of its own, which is told to
/// the terminal once (decision 23).
std::unique_ptr<Gatekeeper> make_gate(const Settings& settings, BootstrapKeys keys, bool is_demo, Context& context);

}  // namespace aitrade::cli
