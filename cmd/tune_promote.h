// `aitrade tune promote`: what a search found becomes configuration, by a command of its own.
//
// The values go to the overlay of the configuration (config.local.toml), whole or not at all, and hold from the next
// start. What stood there before, where the values come from and how they were judged is kept in an append-only file
// beside the trial ledgers, and --rollback puts it back.
#pragma once

#include <string>
#include <vector>

#include "cmd/tune_search.h"

namespace aitrade::cli {

struct PromoteOptions {
  bool is_dry{false};
  bool anyway{false};
  bool rolls_back{false};
};

/// Judges the ledger as `tune` would, earlier searches included, and promotes its best. Exit code 3, and nothing
/// changes, when it is no edge, when the configuration is another one than it was searched under, or when the overlay
/// was changed since (rollback); --anyway does it all the same.
Result<ExitCode> run_promote(const PromoteOptions& options, const std::vector<std::string>& ledgers,
                             const SearchOptions& search, Context& context);

}  // namespace aitrade::cli
