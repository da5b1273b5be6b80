// What stands against the vault before a start, as far as can be seen without its passphrase.
//
// Paper trading needs no vault: there a finding is a warning and the start goes on. Live trading stops
// at the first one. A missing file is a finding only for live; a missing .env never is.
#pragma once

#include <optional>

#include "cmd/compose.h"
#include "core/base/result.h"

namespace aitrade::cli {

/// Returns what is wrong with the vault, or nothing. `is_live`: it is needed.
std::optional<Error> vault_finding(const Settings& settings, bool is_live);

}  // namespace aitrade::cli
