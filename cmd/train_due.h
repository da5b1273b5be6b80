// Training beside a daemon: in a process of its own, at the lowest priority, when it is due.
#pragma once

#include <string>

#include "cmd/cli.h"
#include "cmd/train_candidates.h"
#include "ml/model_store.h"
#include "ml/retrain.h"

namespace aitrade::cli {

struct DueOptions {
  bool if_due{false};
  std::string every{"168h"};
  std::size_t samples_new{500};
  unsigned memory_mb{0};        // 0: no limit
};

/// Lets everybody else have the processor first, and keeps within the memory that is allowed.
/// Errors: invalid for a limit that the system refuses
Status step_back(const DueOptions& options);

/// Whether to train on these candidates now. Errors: those of the watermark; invalid for --every
Result<ml::Due> decide_due(const DueOptions& options, const CandidateSet& candidates, const ml::ModelStore& store,
                           const std::filesystem::path& models);

/// Says that nothing is due, and why.
ExitCode say_not_due(const ml::Due& due, Context& context);

}  // namespace aitrade::cli
