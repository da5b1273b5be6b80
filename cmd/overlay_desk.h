// Changes of the overlay by a command, tried and kept as those of the page are.
#pragma once

#include <string>
#include <vector>

#include "cmd/cli.h"
#include "core/api/settings.h"
#include "core/config/paths.h"

namespace aitrade::cli {

struct Changed {
  std::string key, before, after;
};

/// The layers as every command has them; the overlay is where changes go.
SettingsDesk overlay_desk(const Paths& paths, const Context& context);

/// Returns "key: what is wrong".
std::string words_of(const SettingsDesk::Fault& fault);

/// What a dry run of the desk says would change.
Result<std::vector<Changed>> changes_in(const SettingsDesk::Outcome& outcome);

}  // namespace aitrade::cli
