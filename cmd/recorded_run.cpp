#include "cmd/recorded_run.h"

#include <vector>

#include "cmd/demo_config.h"
#include "cmd/strategy_keys.h"

namespace aitrade::cli {

namespace {

/// Where runs lie: of the state, of what a demo or a tape left, and of each account of both.
std::vector<std::filesystem::path> run_folders(const Paths& paths) {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders{paths.runs_dir(), paths.demo_dir() / "runs"};
  std::error_code ignored;
  for (const fs::path& above : {paths.state_dir / "accounts", paths.state_dir / "demo" / "accounts"}) {
    for (const auto& entry : fs::directory_iterator(above, ignored)) folders.push_back(entry.path() / "runs");
  }
  return folders;
}

}  // namespace

Result<std::filesystem::path> find_run(const std::string& run, const Paths& paths) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(run, ignored)) return fs::path(run);
  const std::vector<fs::path> places = run_folders(paths);
  for (const fs::path& folder : places) {
    if (fs::is_directory(folder / run, ignored)) return folder / run;
  }
  std::string known;
  for (const fs::path& folder : places) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      known += (known.empty() ? "" : ", ") + entry.path().filename().string();
    }
  }
  return fail(ErrorCode::not_found, "no run \"" + run + "\"" + (known.empty() ? "" : "; there are " + known));
}

Result<RecordedSetup> recorded_setup(const RecordingHeader& header, const Paths& paths) {
  AITRADE_TRY(const ReplayShape recorded, read_replay_preamble(header.config_text));
  const LoadReport report = load_config_text(header.config_text, "recording", strategy_keys());
  if (report.config == nullptr) return to_error(report).within("the recorded configuration");
  for (std::size_t i = 0; i < header.strategies.size(); ++i) {
    const bool same = i < strategy_keys().size() && strategy_keys()[i].name == header.strategies[i].second;
    if (!same) return fail(ErrorCode::invalid, "the recording was made with other strategies");
  }
  RunShape shape;
  shape.instruments = header.instruments;
  shape.base = recorded.base;
  shape.timeframes = recorded.timeframes;
  shape.strategy = recorded.strategy;
  std::vector<std::string> notes;
  RecordedSetup setup;
  AITRADE_TRY(setup.engine, compose_engine(*report.config, shape, notes));
  setup.engine.rules.stale_after = recorded.stale_after;
  if (recorded.is_live) require_live(setup.engine.rules);
  AITRADE_TRY(const ModelChoice model, recorded_model(recorded.model, *report.config, paths));
  setup.models_read = std::make_unique<ModelShelf>(paths.resolve(report.config->ai.model_path).parent_path());
  setup.gate = make_switch(model, setup.engine.rules, *setup.models_read);
  setup.engine.gate = setup.gate.get();
  setup.models = compose_models(*report.config);
  set_spreads(*report.config, header.instruments, setup.models);
  setup.base = recorded.base;
  return setup;
}

}  // namespace aitrade::cli
