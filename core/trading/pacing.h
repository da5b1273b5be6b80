// How long must we wait before looking for the next entry?
//
// Waiting times per pair, per (pair, strategy, side), after a loss, per hour and per day, and the
// quiet hours. All of it on event time, so a year of backtest waits as long as a year of trading. None
// of it ever delays an exit.
#pragma once

#include <array>
#include <vector>

#include "core/base/ring.h"
#include "core/domain/event.h"
#include "core/trading/rules.h"

namespace aitrade {

class Pacing {
 public:
  Pacing(const RiskRules& rules, std::size_t instruments, std::size_t strategies);

  /// Goes by these from here on; waits that have begun stay as long as they were.
  void set_rules(const RiskRules& rules) { rules_ = rules; }

  /// Returns why an entry must wait, or Reason::none. `on_the_way` is how many entries were sent and have
  /// not filled yet: they count like those that did.
  [[nodiscard]] Reason judge(InstrumentId instrument, StrategyId lead, Direction direction, Time now,
                             int on_the_way = 0) const;

  void entered(InstrumentId instrument, Time now);

  /// Starts the waiting times after a close; `lost` also the one for the whole desk.
  void closed(InstrumentId instrument, StrategyId lead, Direction direction, Duration strategy_cooldown,
              bool lost, Time now);

  void new_day() { trades_today_ = 0; }

  void restore(const CooldownRestored& restored);
  void restore_loss(Time until) { loss_until_ = until; }

  [[nodiscard]] Time pair_until(InstrumentId i) const { return pair_until_[number(i)]; }

  [[nodiscard]] Time strategy_until(InstrumentId i, StrategyId s, Direction d) const {
    return strategy_until_[index(i, s, d)];
  }

  [[nodiscard]] Time loss_until() const { return loss_until_; }

 private:
  [[nodiscard]] std::size_t index(InstrumentId i, StrategyId s, Direction d) const;

  RiskRules rules_;
  std::size_t strategies_;
  std::vector<Time> pair_until_;
  std::vector<Time> strategy_until_;
  Time loss_until_;
  Ring<Time> entries_;       // of the last hour; capacity above the configured limit
  int trades_today_{0};
};

}  // namespace aitrade
