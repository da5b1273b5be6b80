// The secrets that the program knows by name, and which of them a configuration needs.
//
// One name in the environment, the vault and the secrets directory. Those of an exchange belong to an
// account: SWING_KRAKEN_API_KEY is that of account "swing", and the bare name that of "default" only,
// so that two accounts never trade with one key by accident.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/config.h"

namespace aitrade::cli {

/// Returns what a secret of that name is for ("Kraken"), or "" when nothing reads such a name.
std::string_view purpose_of(std::string_view name);

/// Returns what stands before the names of an account's secrets: "SWING_" for "swing", "" for "default".
std::string account_prefix(const std::string& account);

/// Returns the account and the exchange of each desk.
std::vector<std::pair<std::string, std::string>> desks_of(const Config& config);

/// One secret that live trading needs; any of the names will do.
struct WantedSecret {
  std::vector<std::string> names;
  std::string purpose;
};

/// Returns what live trading with this configuration needs, whatever its mode is.
std::vector<WantedSecret> wanted_secrets(const Config& config);

}  // namespace aitrade::cli
