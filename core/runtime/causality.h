// Does any decision depend on what had not happened yet?
//
// At seeded cut points the decision made with the true future at hand is compared, bit by bit, with the one
// made when the future is absent and with the one made when it is noise. All three begin at the same candle,
// so that a difference can only come from the future. Beside it, warm-up sensitivity: how often the decision
// after a short history differs from that after a long one.
//
// What is audited is a DecisionSource: the strategies as a run asks them, or a planted leak of a test.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/domain/candle.h"
#include "core/domain/signal.h"
#include "core/trading/rules.h"

namespace aitrade {

/// Something that decides on candles.
class DecisionSource {
 public:
  virtual ~DecisionSource() = default;

  /// Names of what it decides, in the order of decide(): a strategy on a timeframe, or a combination.
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;

  /// Candles that are needed before `at` for the decisions to be warm.
  [[nodiscard]] virtual std::size_t warm_up() const = 0;

  /// Writes what is decided at the close of candles[at], one signal for each name. Everything in `candles`
  /// is at hand from the start, also what lies beyond `at`; it must not matter.
  virtual void decide(std::span<const Candle> candles, std::size_t at, std::span<Signal> out) = 0;
};

/// The strategies on every timeframe, and their opinion on the primary one, as Desk has them.
class StrategyDecisions final : public DecisionSource {
 public:
  /// `rules` is borrowed and must outlive it.
  explicit StrategyDecisions(const TradingRules& rules) : rules_(rules) {}

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] std::size_t warm_up() const override;
  void decide(std::span<const Candle> candles, std::size_t at, std::span<Signal> out) override;

 private:
  const TradingRules& rules_;
};

struct CausalityOptions {
  std::size_t cuts{5000};
  std::uint64_t seed{1};
  std::size_t future{120};          // candles beyond a cut that are true, absent or noise
  std::size_t warm_checks{200};     // cuts at which warm-up sensitivity is looked at
};

/// What was found of one name.
struct CausalityFinding {
  std::string name;
  std::uint64_t cuts{0};
  std::uint64_t signals{0};         // cuts at which it was not neutral
  std::uint64_t absent{0};          // cuts at which an absent future changed the decision
  std::uint64_t noise{0};           // cuts at which a made-up future changed it
  std::size_t first_cut{0};         // candle of the first difference
  std::uint64_t warm_checks{0};
  std::uint64_t warm_differs{0};    // another direction or reason with four times the warm-up

  [[nodiscard]] bool leaks() const { return absent + noise > 0; }
};

/// Draws the cut points: candles with a warm-up before them and a future behind them, ascending.
///
/// Errors: none; too few candles give no cuts
std::vector<std::size_t> draw_cuts(const DecisionSource& source, std::size_t candles,
                                   const CausalityOptions& options);

/// Some of the cuts, by their places: what one thread audits.
struct CutRange {
  std::size_t first{0};
  std::size_t end{SIZE_MAX};   // not included; cut to what there is
};

/// Audits a source at `part` of these cuts. Equal inputs give equal findings; cost: three short histories per cut.
/// At which cuts the warm-up is looked at follows from all of them, so that merged parts are the whole.
std::vector<CausalityFinding> audit_causality(DecisionSource& source, std::span<const Candle> candles,
                                              std::span<const std::size_t> cuts,
                                              const CausalityOptions& options, CutRange part = {});

/// Adds the findings of other cuts of the same source.
void merge_findings(std::vector<CausalityFinding>& into, const std::vector<CausalityFinding>& more);

}  // namespace aitrade
