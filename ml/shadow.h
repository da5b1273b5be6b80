// Does the gate help? What became of the candidates it judged, traded or not, and a test that never stops looking.
//
// Every candidate is followed to its end like a label of training: those that were rejected too, or a gate that
// rejects everything could never be found wrong. The test compares what the model said with what the base rate
// would have said.
//
// Invariants:
//   1. Nothing here depends on whether a candidate was traded.
//   2. Equal candidates and candles give equal states.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/domain/gate_state.h"
#include "ml/labels.h"
#include "ml/online.h"

namespace aitrade::ml {

struct SkillRules {
  double doubt{0.05};          // chance that a model that tells the truth is switched off at the start
  double cap_nats{6};          // evidence for it is not saved beyond this, so that later harm is seen
  int proof_after{300};        // outcomes after which claims that could be told apart must have been
  double claims_nats{8};       // evidence that its claims should have given by then; less has more time
  int proof_at_last{1000};     // outcomes after which there is no more time
  double base_weight{50};      // outcomes that the base rate of training counts as
};

/// A sequential test of probabilities against the base rate.
///
/// Formula: L = sum of ln(p^y (1-p)^(1-y)) - ln(q^y (1-q)^(1-y)), not saved above cap_nats; q is the base rate of
///          training and of the outcomes before. Off for good when L <= ln(doubt), or when the claims should have
///          given claims_nats by proof_after outcomes, or any by proof_at_last, and the sum without cap is not above 0
/// Source:  Wald (1945), Sequential tests of statistical hypotheses, for the bounds; the chance of a false alarm
///          from the start is at most `doubt` however long it runs (Ville 1939); the cap as in Page (1954),
///          Continuous inspection schemes
class SkillTest {
 public:
  SkillTest(double base_rate, const SkillRules& rules);

  /// Takes the next outcome.
  void add(double p, bool won);

  [[nodiscard]] bool is_off() const { return is_off_; }

  [[nodiscard]] int outcomes() const { return outcomes_; }

  /// Evidence in nats: positive speaks for the model.
  [[nodiscard]] double evidence() const { return evidence_; }

  /// Writes its part of a state.
  void save(GateState& out) const;

  /// Goes on where save() left off; the rules stay.
  void restore(const GateState& state);

 private:
  SkillRules rules_;
  double won_, all_;          // prior included
  double evidence_{0}, uncapped_{0};
  double claimed_{0};         // what the evidence would be on average, were its probabilities true
  int outcomes_{0};
  bool is_off_{false};
};

/// What became of a kind of candidates.
struct ShadowSum {
  std::uint64_t count{0};
  double r{0};                // sum of net R

  [[nodiscard]] std::optional<double> mean_r() const {
    if (count == 0) return std::nullopt;
    return r / static_cast<double>(count);
  }
};

class ShadowLedger {
 public:
  ShadowLedger(double base_rate, const SkillRules& rules, ExitPlan plan = ExitPlan::plain())
      : skill_(base_rate, rules), plan_(std::move(plan)) {}

  /// A learner is taught by what counts in the test, and by nothing else: outcomes that overlap are one.
  void teach(OnlineLearner learner) { learner_ = std::move(learner); }

  [[nodiscard]] const OnlineLearner* learner() const { return learner_ ? &*learner_ : nullptr; }

  /// What was said of a candidate, and of what.
  struct Told {
    double p{0};
    bool rejected{false};
    double online{std::numeric_limits<double>::quiet_NaN()};   // of the learner
    std::span<const double> features{};                        // for it
  };

  /// Follows a candidate from now on. Of several that are alive at once at an instrument only the first counts in
  /// the test, as their outcomes are one. Beyond `alive_max` at once one is not followed: false.
  bool add(InstrumentId instrument, const Candidate& candidate, const Told& told);

  /// Takes the next base candle of an instrument. Returns whether state() is another one now.
  bool on_candle(InstrumentId instrument, const Candle& candle);

  /// An opinion of an instrument qualified at its newest close. Returns whether state() is another one now.
  bool on_turn(InstrumentId instrument, const Turn& turn);

  [[nodiscard]] const SkillTest& skill() const { return skill_; }

  [[nodiscard]] const ShadowSum& accepted() const { return accepted_; }

  [[nodiscard]] const ShadowSum& rejected() const { return rejected_; }

  /// All of it, but for the model.
  [[nodiscard]] GateState state() const;

  /// Goes on where state() was taken.
  void restore(const GateState& state);

  /// A day of candidates on one-minute closes and then some: memory, not statistics.
  static constexpr std::size_t alive_max = 2048;

 private:
  struct Alive {
    InstrumentId instrument{};
    BarrierWalk walk;
    double p{0};
    bool rejected{false};
    bool counts{false};
    GateWalk kept;             // as state() tells it: of the last change of phase
    double online{0};
    std::vector<double> features;
  };

  template <class Step>
  bool follow(InstrumentId instrument, const Step& step);
  void settle(const Alive& alive, const Outcome& outcome);

  SkillTest skill_;
  ExitPlan plan_;
  std::optional<OnlineLearner> learner_;
  std::vector<Alive> alive_;   // in order of their decision
  ShadowSum accepted_, rejected_;
};

}  // namespace aitrade::ml
