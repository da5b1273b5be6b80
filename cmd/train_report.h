// What `train` says: how the model was chosen, what the test part showed, and one sentence on whether it helps.
#pragma once

#include <optional>
#include <string>

#include "cmd/cli.h"
#include "cmd/train_candidates.h"
#include "ml/training.h"

namespace aitrade::cli {

/// Everything that is printed.
struct TrainResult {
  CandidateSet candidates;
  ml::TrainRules rules;
  ml::Development development;
  std::optional<ml::TestFigures> test;   // nothing: it stayed closed
  std::optional<ml::Verdict> verdict;    // with the test
  std::uint64_t openings{0};             // of this test part before this run
  std::string data_hash;
  std::string id;                        // of the stored bundle; "" when none was stored
  bool is_active{false};                 // it was activated
  std::string incumbent;                 // id of the active model it was compared with; ""
  std::string command_line;
  double elapsed_ms{0};
};

/// Returns the object "aitrade.train/1" with a newline at its end.
std::string train_json(const TrainResult& result);

/// Returns the summary for people.
std::string train_text(const TrainResult& result);

}  // namespace aitrade::cli
