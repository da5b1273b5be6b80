// A running daemon hears that another model is active.
#pragma once

#include "cmd/cli.h"
#include "core/config/paths.h"

namespace aitrade::cli {

/// Asks the daemon, if one runs, to go by the model that is active now. Returns whether it does; says on stderr why
/// one that runs does not.
bool tell_daemon(const Paths& paths, Context& context);

}  // namespace aitrade::cli
