// Which model may gate a test window of a walk-forward test.
//
// One that has seen nothing of it. Either a model is trained for each window, on candidates of the train window alone
// whose outcomes were known well before its end, and gates only where it passes the test that `train` asks for, on the
// last fifth of those candidates; or one model is given, and refused when it knows of any test window.
#pragma once

#include <memory>
#include <string>

#include "cmd/model_choice.h"
#include "cmd/train_candidates.h"
#include "cmd/walkforward_report.h"

namespace aitrade::cli {

/// A gate that is not there until a moment, and answers from the candle on that closes then.
class LaterGate final : public EntryGate {
 public:
  LaterGate(std::unique_ptr<ml::ModelGate> gate, Time from) : gate_(std::move(gate)), from_(from) {}

  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView& market) const override;
  [[nodiscard]] bool wants_snapshot() const override { return gate_->wants_snapshot(); }
  bool on_candidate(InstrumentId instrument, Time now, const Opinion& opinion, const GateOpinion& answer) override;
  bool on_turn(InstrumentId instrument, Time now, const Opinion& opinion) override;
  bool on_candle(InstrumentId instrument, const Candle& candle) override;

  /// Candidates that the model let pass, and that it rejected.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }

  /// Candidates that it had nothing to say of, so that the rules decided.
  [[nodiscard]] std::uint64_t left() const { return left_; }

  /// Whether outcomes have shown that it does not help.
  [[nodiscard]] bool is_off() const { return gate_->ledger() != nullptr && gate_->ledger()->skill().is_off(); }

 private:
  std::unique_ptr<ml::ModelGate> gate_;
  Time from_;
  bool is_there_{false};
  std::uint64_t passed_{0}, rejected_{0}, left_{0};
};

/// A model for one window; without a bundle the rules decide alone, and the figures say why.
struct FoldModel {
  ModelChoice choice;
  FoldGate figures;
};

/// What a training needs beside its candles.
struct FoldTraining {
  PairInput pair;
  CandidatePlan plan;
  std::uint64_t seed{0};
  unsigned threads{1};
};

/// Trains on the candles of a train window, which end at `cut`; outcomes that were known later than 1 % of the window
/// before it are left out. Errors: those of the backtest
Result<FoldModel> train_fold(const Config& config, const std::vector<Candle>& candles, Time cut,
                             const FoldTraining& training);

/// Returns the stored model of this id, or that of this file. Errors: not_found, corrupt, unsupported, io
Result<ModelChoice> given_model(const std::string& name, const Paths& paths);

/// Errors: invalid when the model has seen candles after `first_cut`, where the first test window begins
Status check_unseen(const ModelChoice& model, Time first_cut);

/// Returns what a given model does in a window: one whose own test showed no edge gates nowhere.
FoldModel given_fold(const ModelChoice& model);

/// Says on stderr that a command measures the rules alone although a model is active.
void note_rules_alone(const Config& config, const Paths& paths, const std::string& why, Context& context);

}  // namespace aitrade::cli
