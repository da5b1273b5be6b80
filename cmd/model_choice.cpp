#include "cmd/model_choice.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include "ml/model_store.h"

namespace aitrade::cli {
namespace {

constexpr const char* no_model = "-";
constexpr const char* unusable_model = "unusable";

/// The first eight bytes of an id, for a record.
std::uint64_t short_of(const std::string& id) {
  std::uint64_t out = 0;
  std::from_chars(id.data(), id.data() + id.size(), out, 16);
  return out;
}

void use(ModelChoice& choice, std::string id, ml::Bundle bundle) {
  choice.id = std::move(id);
  choice.bundle = std::make_shared<const ml::Bundle>(std::move(bundle));
}

}  // namespace

ModelChoice active_model(const Config& config, const Paths& paths) {
  ModelChoice choice;
  const std::filesystem::path path = paths.resolve(config.ai.model_path);
  std::error_code error;
  if (config.ai.gate == GateMode::off || !std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return choice;
  }
  choice.is_shadow = config.ai.gate == GateMode::shadow;
  auto loaded = ml::read_bundle(path);
  if (!loaded) {
    choice.is_unusable = true;
    choice.note = "the active model is not used, the rules decide alone: " + loaded.error().what;
    return choice;
  }
  use(choice, std::move(loaded->id), std::move(loaded->bundle));
  choice.note = "model " + choice.id + (choice.is_shadow ? " answers and decides nothing (ai.gate = \"shadow\")" : " gates entries");
  return choice;
}

std::string model_word(const ModelChoice& choice) {
  if (choice.bundle != nullptr) return choice.id;
  return choice.is_unusable ? unusable_model : no_model;
}

Result<ModelChoice> recorded_model(const std::string& word, const Config& config, const Paths& paths) {
  ModelChoice choice;
  choice.is_shadow = config.ai.gate == GateMode::shadow;
  choice.is_unusable = word == unusable_model;
  if (word == no_model || choice.is_unusable) return choice;
  const ml::ModelStore store(paths.resolve(config.ai.model_path).parent_path());
  auto bundle = store.load(word);
  if (!bundle) return std::move(bundle).error().within("the model that gated this run");
  use(choice, word, std::move(*bundle));
  return choice;
}

ml::GateSettings gate_settings(const ModelChoice& choice, const TradingRules& rules) {
  ml::GateSettings settings;
  settings.cost = to_double(rules.risk.cost);
  settings.exits = {rules.exits, rules.risk.cost, rules.primary};
  for (const StrategyChoice& strategy : rules.strategies) {
    const std::size_t i = number(strategy.id);
    if (i >= settings.time_stops.size()) settings.time_stops.resize(i + 1);
    settings.time_stops[i] = strategy.info->time_stop;
  }
  settings.is_shadow = choice.is_shadow;
  settings.is_unusable = choice.is_unusable;
  settings.model = short_of(choice.id);
  return settings;
}

std::unique_ptr<ml::ModelGate> make_gate(const ModelChoice& choice, ml::GateSettings reckons) {
  reckons.is_shadow = choice.is_shadow;
  reckons.is_unusable = choice.is_unusable;
  reckons.model = short_of(choice.id);
  if (choice.bundle == nullptr) return std::make_unique<ml::ModelGate>(std::move(reckons));
  return std::make_unique<ml::ModelGate>(choice.bundle, std::move(reckons));
}

std::unique_ptr<ml::ModelGate> make_gate(const ModelChoice& choice, const TradingRules& rules) {
  return make_gate(choice, gate_settings(choice, rules));
}

}  // namespace aitrade::cli
