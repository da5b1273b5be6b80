// Whether a model lets an opinion become an entry, and with what probability.
//
// Asked once for each candidate: an opinion that qualified, whether or not the desk has room for it. A gate may
// learn from what became of candidates, so it is told of every closed candle too; what it answers depends on
// the events of the run and on nothing else.
#pragma once

#include <optional>
#include <string>

#include "core/base/ids.h"
#include "core/domain/candle.h"
#include "core/domain/gate_state.h"
#include "core/domain/signal.h"
#include "core/market/market_view.h"

namespace aitrade {

struct GateOpinion {
  bool allowed{true};
  double probability{0};  // that the target comes before the stop, [0, 1]
  GateRecord record{};    // what it saw and answered, for the decision
};

class EntryGate {
 public:
  virtual ~EntryGate() = default;

  /// Answers in microseconds, on the engine thread, from its arguments and what it was told before.
  [[nodiscard]] virtual GateOpinion assess(const Opinion& opinion, const MarketView& market) const = 0;

  /// Whether assess() wants the canonical indicators in its view; asked once, before the run.
  [[nodiscard]] virtual bool wants_snapshot() const { return false; }

  /// After assess(): the candidate of `instrument`, decided at `now`, and the answer. Returns whether state() is
  /// another one now.
  virtual bool on_candidate(InstrumentId, Time /*now*/, const Opinion&, const GateOpinion&) { return false; }

  /// Instead of on_candidate(): an opinion qualified whose side cannot be held, a short one where coins cannot be
  /// borrowed. It ends what is held against it and is nothing to learn from. Returns likewise.
  virtual bool on_turn(InstrumentId, Time /*now*/, const Opinion&) { return false; }

  /// A base candle closed, or one of the history before a start; before anything is decided on it. Returns whether
  /// state() is another one now.
  virtual bool on_candle(InstrumentId, const Candle&) { return false; }

  /// What the next start has to know.
  [[nodiscard]] virtual GateState state() const { return {}; }

  /// Goes on where state() was taken, if that was of the same model.
  virtual void restore(const GateState&) {}

  /// Another model is asked from here on, by its id; "-": none. Nothing where there are no models.
  virtual void use_model(const std::string& /*model*/, bool /*is_shadow*/) {}

  /// Something a person should know, once: the gate switched itself off or on.
  [[nodiscard]] virtual std::optional<std::string> take_notice() { return std::nullopt; }
};

/// The shrunk prior of trading-core.md 3.8 where no model speaks: p = min(0.35 + 0.25 * confidence, 0.55).
[[nodiscard]] inline double prior_probability(double confidence) {
  constexpr double cap = 0.55;
  const double prior = 0.35 + 0.25 * confidence;
  return prior < cap ? prior : cap;
}

/// No model: everything may pass, at the prior.
class OpenGate final : public EntryGate {
 public:
  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView&) const override {
    return GateOpinion{true, prior_probability(opinion.confidence), {}};
  }
};

}  // namespace aitrade
