// What was tried before on the same candles: the best of a search is also the best of all searches before it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cmd/tune_ledger.h"

namespace aitrade::cli {

/// The trials of one ledger file.
struct StoredTrials {
  Study study;
  std::vector<TrialRecord> trials;   // by number
};

/// Reads a ledger without opening it for writing; a torn last line is left out.
/// Errors: not_found, invalid: no trial ledger, corrupt: a line that is no trial
Result<StoredTrials> read_trials(const std::filesystem::path& path);

struct EarlierTrials {
  std::size_t searches{0}, trials{0};
  std::size_t ideas{0};              // effective number of trials, each search by itself
  std::vector<double> sharpes;       // per day, of trials with spread
};

/// Counts the trials of all other searches in the folder on the same pair over a period that overlaps, whatever the
/// strategy. The same search by another build is the same search; shards of one are one. Files that cannot be read
/// are not counted.
EarlierTrials earlier_trials(const std::filesystem::path& folder, const Study& now);

}  // namespace aitrade::cli
