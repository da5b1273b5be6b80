// From the configuration of the daemon to that of one account's engine.
#pragma once

#include <cstddef>
#include <string>

#include "core/config/config.h"

namespace aitrade {

inline constexpr std::size_t accounts_max = 16;   // engines of one daemon: each is two threads and a writer

/// Returns the configuration as one account has it: its id, money, pairs, strategies and limits in place of the shared
/// ones, and no other account in it. It stands alone: a recording that carries it can be replayed by it.
Config account_config(const Config& config, const AccountConfig& account);

/// Returns the account of that id, or null.
const AccountConfig* find_account(const Config& config, const std::string& id);

}  // namespace aitrade
