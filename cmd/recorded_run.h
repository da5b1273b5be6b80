// Recorded runs, as `replay` and `parity` open them.
#pragma once

#include <filesystem>
#include <string>

#include "cmd/compose.h"
#include "cmd/live_model.h"
#include "core/store/recording.h"

namespace aitrade::cli {

/// Finds the folder of a run by its id, or takes a folder as it is. Errors: not_found, naming the runs there are.
Result<std::filesystem::path> find_run(const std::string& run, const Paths& paths);

/// What a recording was made with.
struct RecordedSetup {
  std::unique_ptr<ModelShelf> models_read;
  std::unique_ptr<ml::ModelSwitch> gate;   // the engine borrows it
  EngineSetup engine;
  VenueModels models;
  Duration base{};
};

/// Builds the engine and the costs that a recording was made with, the model that gated included. Errors: corrupt,
/// invalid, not_found when that model is no longer stored.
Result<RecordedSetup> recorded_setup(const RecordingHeader& header, const Paths& paths);

}  // namespace aitrade::cli
