// The lines of a trial ledger: a search and a trial as JSON, and back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cmd/tune_ledger.h"

namespace aitrade::cli {

/// Returns a trial as a line, without its end.
std::string line_of(const TrialRecord& trial);

/// Reads a trial of a search with so many axes; nothing when the line is no such trial.
std::optional<TrialRecord> trial_of(const std::string& line, std::size_t axes);

/// Reads a header of whatever version; nothing when the line is none.
std::optional<Study> study_of_line(const std::string& line);

}  // namespace aitrade::cli
