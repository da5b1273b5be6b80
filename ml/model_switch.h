// A gate whose model can change while the engine runs: by an event, so that a replay changes it at the same place.
//
// It does no I/O itself: whoever makes it says how a model is come by. What was learnt about a model that gated before
// is kept, so that one that was found useless stays off when it comes back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ml/model_gate.h"

namespace aitrade::ml {

class ModelSwitch final : public EntryGate {
 public:
  /// Returns the gate of a model by its word; one of no model, which leaves it to the rules, where it cannot be had.
  /// Called on the engine thread: what it returns has been read before.
  using Maker = std::function<std::unique_ptr<ModelGate>(const std::string& model, bool is_shadow)>;

  ModelSwitch(std::unique_ptr<ModelGate> first, Maker make) : gate_(std::move(first)), make_(std::move(make)) {}

  [[nodiscard]] bool wants_snapshot() const override { return gate_->wants_snapshot(); }

  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override {
    return gate_->assess(opinion, market);
  }

  bool on_candidate(InstrumentId instrument, Time now, const Opinion& opinion, const GateOpinion& answer) override {
    return gate_->on_candidate(instrument, now, opinion, answer);
  }

  bool on_turn(InstrumentId instrument, Time now, const Opinion& opinion) override {
    return gate_->on_turn(instrument, now, opinion);
  }

  bool on_candle(InstrumentId instrument, const Candle& candle) override { return gate_->on_candle(instrument, candle); }

  [[nodiscard]] GateState state() const override { return gate_->state(); }

  void restore(const GateState& state) override;

  /// Candidates of the model before are followed no further; its test is kept.
  void use_model(const std::string& model, bool is_shadow) override;

  [[nodiscard]] std::optional<std::string> take_notice() override { return gate_->take_notice(); }

  [[nodiscard]] const ModelGate& gate() const { return *gate_; }

 private:
  std::unique_ptr<ModelGate> gate_;
  Maker make_;
  std::map<std::uint64_t, GateState> known_;   // by model, without candidates under way
};

}  // namespace aitrade::ml
