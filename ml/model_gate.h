// The gate of a trained model: lets a candidate pass when what the model says of it pays.
//
// Without a model it lets everything pass and records the features, so that every decision of every run is a row to
// train on. With one it asks it, records the answer, and, unless it only watches, rejects what does not clear
// break-even and the margin; a learner beside it goes on learning from outcomes and has a part in the answer as far as
// its skill has shown (ml/online.h). When the outcomes say that the model does not help, it switches itself off for good: what
// it knows of its model goes into the ledger, and the next start goes on there.
//
// Invariants:
//   1. What cannot be answered, for whatever reason, is decided by the rules alone, and the record says why.
//   2. Equal events give equal answers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/trading/gate.h"
#include "ml/bundle.h"
#include "ml/shadow.h"

namespace aitrade::ml {

struct GateSettings {
  double cost{0};                       // round trip, fraction of price: what expected values reckon with
  ExitPlan exits{ExitPlan::plain()};    // of the desk
  std::vector<Duration> time_stops;     // by the strategy that leads; 0 or absent: no limit of its own
  bool is_shadow{false};                // answers are recorded and decide nothing
  bool is_unusable{false};              // a model is active, but it could not be loaded
  std::uint64_t model{0};               // first eight bytes of its id
  SkillRules skill{};
  OnlineRules online{};
};

/// The bracket of an opinion as a candidate decided at `now`, with the ATR that its features know.
Candidate candidate_of(const Opinion& opinion, Time now, std::span<const double> features, const GateSettings& settings);

class ModelGate final : public EntryGate {
 public:
  /// No model: records and lets pass.
  explicit ModelGate(GateSettings settings) : settings_(std::move(settings)) {}

  ModelGate(std::shared_ptr<const Bundle> bundle, GateSettings settings);

  [[nodiscard]] bool wants_snapshot() const override { return true; }

  /// Accepts when p >= (1 + cost / stop) / (1 + RR) + margin.
  /// Source: trading-core.md 5.2, rewrite
  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override;

  bool on_candidate(InstrumentId instrument, Time now, const Opinion& opinion, const GateOpinion& answer) override;
  bool on_turn(InstrumentId instrument, Time now, const Opinion& opinion) override;
  bool on_candle(InstrumentId instrument, const Candle& candle) override;
  [[nodiscard]] GateState state() const override;

  /// Says it when the gate was off; ignores the state of another model.
  void restore(const GateState& state) override;
  [[nodiscard]] std::optional<std::string> take_notice() override;

  /// The first eight bytes of the id of the model that it asks; 0 without one.
  [[nodiscard]] std::uint64_t model() const { return bundle_ != nullptr ? settings_.model : 0; }

  /// What became of what it judged; nothing without a model.
  [[nodiscard]] const ShadowLedger* ledger() const { return ledger_ ? &*ledger_ : nullptr; }

 private:
  bool note_if_off(bool was_off, bool is_changed);
  void answer(const Opinion& opinion, const FeatureVector& x, GateOpinion& out) const;

  std::shared_ptr<const Bundle> bundle_;
  GateSettings settings_;
  std::optional<ShadowLedger> ledger_;
  std::optional<std::string> notice_;
};

}  // namespace aitrade::ml
