// Shards of one search put together: a sweep over many machines without a server of ours.
//
// Each machine runs `tune --shard I/N` and writes a ledger of its own. The merged ledger holds every trial once, by
// number, as a single machine would have them; `tune --resume` ranks and judges it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/result.h"

namespace aitrade::cli {

struct MergedTrials {
  std::uint64_t trials{0};
  std::uint64_t missing{0};   // numbers below the highest that no ledger has
};

/// Writes the trials of `ledgers` to `out`, which must not exist, whole or not at all.
///
/// Errors: invalid (a file that is no ledger, ledgers of different searches, `out` exists), corrupt (two results of
///         one trial), not_found, full, io
Result<MergedTrials> merge_trials(const std::vector<std::filesystem::path>& ledgers, const std::filesystem::path& out);

}  // namespace aitrade::cli
