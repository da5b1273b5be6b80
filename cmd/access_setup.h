// Who may reach the daemon: bootstrap keys of the environment, the gatekeeper, the password of a demo.
#pragma once

#include <memory>

#include "cmd/compose.h"
#include "core/api/api.h"
#include "core/auth/gatekeeper.h"

namespace aitrade::cli {

/// Keys that are no rows: they come with the environment.
struct BootstrapKeys {
  Secret admin, read;
};

/// Takes the bootstrap keys out of the environment, its memory wiped. Before any thread.
///
/// Errors: corrupt for one that is too short or a sample value, or two names with different values: the
///         command ends with 78
Result<BootstrapKeys> take_bootstrap_keys();

/// Returns who may do what over TCP, as the configuration says.
AccessPolicy access_policy(const Config& config, bool is_demo);

/// Returns the limits of the configuration.
ApiLimits api_limits(const Config& config);

/// Builds the gatekeeper. A demo at which nobody could log in gets a password of its own, which is told to
/// the terminal once (decision 23).
std::unique_ptr<Gatekeeper> make_gate(const Settings& settings, BootstrapKeys keys, bool is_demo, Context& context);

}  // namespace aitrade::cli
