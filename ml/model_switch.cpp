#include "ml/model_switch.h"

namespace aitrade::ml {

void ModelSwitch::restore(const GateState& state) {
  gate_->restore(state);
  GateState& kept = known_[state.model];
  kept = state;
  kept.alive.clear();   // by the time it comes back their candles are gone
}

void ModelSwitch::use_model(const std::string& model, bool is_shadow) {
  if (gate_->model() != 0) {
    GateState& kept = known_[gate_->model()];
    kept = gate_->state();
    kept.alive.clear();
  }
  gate_ = make_(model, is_shadow);
  if (const auto found = known_.find(gate_->model()); found != known_.end()) gate_->restore(found->second);
}

}  // namespace aitrade::ml
