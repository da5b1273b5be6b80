// Which trained model gates, and the gate of an engine.
#pragma once

#include <memory>
#include <string>

#include "core/config/config.h"
#include "core/config/paths.h"
#include "core/trading/rules.h"
#include "ml/model_gate.h"

namespace aitrade::cli {

struct ModelChoice {
  std::shared_ptr<const ml::Bundle> bundle;   // nullptr: the rules decide alone
  std::string id;                             // of the bundle
  bool is_unusable{false};                    // one is active, but it cannot be used
  bool is_shadow{false};
  std::string note;                           // for people: which one gates, or why none does
};

/// Returns the model that ai.model_path names, unless ai.gate is off. A model that cannot be used never stops a
/// start: the rules decide alone, and the note says why (P1).
ModelChoice active_model(const Config& config, const Paths& paths);

/// Returns the word that a recording keeps of a choice: "-", "unusable" or the id.
std::string model_word(const ModelChoice& choice);

/// Returns the choice that a recording names. Errors: not_found, corrupt, unsupported: that model cannot be had
Result<ModelChoice> recorded_model(const std::string& word, const Config& config, const Paths& paths);

/// Returns what a gate of an engine of these rules reckons with.
ml::GateSettings gate_settings(const ModelChoice& choice, const TradingRules& rules);

/// Builds a gate for an engine of these rules: of the model, or one that only records what candidates look like.
std::unique_ptr<ml::ModelGate> make_gate(const ModelChoice& choice, const TradingRules& rules);

/// The same from what a gate of these rules reckons with; what of it comes from a choice is overwritten.
std::unique_ptr<ml::ModelGate> make_gate(const ModelChoice& choice, ml::GateSettings reckons);

}  // namespace aitrade::cli
