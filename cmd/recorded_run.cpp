#include "cmd/recorded_run.h"

#include "cmd/demo_config.h"
#include "cmd/strategy_keys.h"

namespace aitrade::cli {

Result<std::filesystem::path> find_run(const std::string& run, const Paths& paths) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (const fs::path& folder : {fs::path(run), paths.runs_dir() / run, paths.state_dir / "demo" / "runs" / run}) {
    if (fs::is_directory(folder, ignored)) return folder;
  }
  std::string known;
  for (const fs::path& folder : {paths.runs_dir(), paths.state_dir / "demo" / "runs"}) {
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
