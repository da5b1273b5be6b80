// Whether a model lets an opinion become an entry, and with what probability.
#pragma once

#include "core/domain/signal.h"
#include "core/market/market_view.h"

namespace aitrade {

struct GateOpinion {
  bool allowed{true};
  double probability{0};  // that the target comes before the stop, [0, 1]
};

class EntryGate {
 public:
  virtual ~EntryGate() = default;

  /// Answers in microseconds, on the engine thread, from its arguments alone.
  [[nodiscard]] virtual GateOpinion assess(const Opinion& opinion, const MarketView& market) const = 0;
};

/// No model: everything may pass, at the shrunk prior of trading-core.md 3.8,
/// p = min(0.35 + 0.25 * confidence, 0.55).
class OpenGate final : public EntryGate {
 public:
  [[nodiscard]] GateOpinion assess(const Opinion& opinion, const MarketView&) const override {
    constexpr double cap = 0.55;
    const double prior = 0.35 + 0.25 * opinion.confidence;
    return GateOpinion{true, prior < cap ? prior : cap};
  }
};

}  // namespace aitrade
