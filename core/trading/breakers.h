// What stops entries on its own until an operator has looked.
//
// Each breaker has a level at which it trips and a lower one at which it is armed again; in between it
// stays quiet unless matters get worse by another step, so that a resume is not undone by the next candle.
// A trip pauses entries and never exits (trading-core.md 10). Fed by the engine with trades, equity, ticks
// and the state of the feed; all time is event time.
//
// Invariants:
//   1. One trip for one cause: a breaker that has tripped says nothing until it was armed again or it got
//      worse by another step.
//   2. During grace after start and resume only what endangers a held position may trip.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.h"

namespace aitrade {

enum class Breaker : std::uint8_t { consecutive_losses, drawdown, stale_data, stream_loss, risk_of_ruin, oversold };

/// Returns "consecutive_losses", "drawdown", "stale_data", "stream_loss", "risk_of_ruin" or "oversold".
std::string_view to_string(Breaker breaker);

constexpr std::size_t breakers_count = 6;

struct BreakerRules {
  bool on_losses{false};
  int losses_max{4};
  bool on_drawdown{false};
  double drawdown_max{0.08};      // of the peak of equity, mark-to-market
  bool on_stale{false};
  int stale_checks{3};
  Duration check_every{seconds{30}};
  double stale_fraction{0.5};     // of the instruments; a held one counts alone
  bool on_stream{false};
  Duration stream_after{seconds{60}};
  Duration start_grace{seconds{120}}, resume_grace{seconds{120}};
  std::uint32_t flatten{0};       // bit per Breaker: close all when it trips
};

/// What the stale check sees.
struct Staleness {
  int instruments{0};
  int stale{0};
  bool held_is_stale{false};
};

class Breakers {
 public:
  explicit Breakers(const BreakerRules& rules) : rules_(rules) {}

  /// Goes by these from here on.
  void set_rules(const BreakerRules& rules) { rules_ = rules; }

  /// Starts the grace of a start and arms the breakers above what was there already.
  void started(Time now, int loss_run, double drawdown);

  /// Starts the grace of a resume; what has tripped waits for another step.
  void resumed(Time now, int loss_run, double drawdown);

  /// After a closed trade: losing trades in a row. Trips at losses_max, armed again by a trade that did not
  /// lose.
  std::optional<Breaker> on_trade(int loss_run);

  /// After equity changed: fall from the peak. Trips at drawdown_max, armed again below half of it.
  std::optional<Breaker> on_drawdown(double drawdown);

  void on_feed(bool is_up, Time now);

  /// Once a second: the stream's absence, and every check_every the stale check.
  std::optional<Breaker> on_tick(Time now, const Staleness& staleness);

  /// Whether the next tick needs a Staleness.
  [[nodiscard]] bool is_check_due(Time now) const { return rules_.on_stale && now >= next_check_; }

  [[nodiscard]] bool flattens(Breaker breaker) const {
    return ((rules_.flatten >> static_cast<unsigned>(breaker)) & 1U) != 0;
  }

  [[nodiscard]] const BreakerRules& rules() const { return rules_; }

 private:
  BreakerRules rules_;
  int losses_trip_{0};          // next level; 0 = the rule's
  double drawdown_trip_{0};
  int stale_in_a_row_{0};
  bool stale_tripped_{false}, stream_tripped_{false};
  bool feed_is_up_{true};
  Time down_since_;
  Time next_check_;
  Time grace_until_;
};

}  // namespace aitrade
