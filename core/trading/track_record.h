// What the closed trades of a desk say about its edge.
//
// The newest 5000 results with exact sums over them (review item R1), the skill of each strategy, and the
// chance of ruin. Restart-safe: recovery feeds it the closed trades of the ledger before the first candle.
//
// Invariants:
//   1. Sums are integers, so they equal a recomputation over the window to the last unit.
//   2. A trade that made or lost nothing is neither win nor loss (trading-core.md 7.6).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/ring.h"
#include "core/domain/trade_result.h"

namespace aitrade {

/// How sure we are of a chance of ruin.
enum class RuinState : std::uint8_t {
  insufficient_data,  // fewer trades than the minimum: it blocks nothing (R2)
  estimated,
  one_sided,          // only wins or only losses: 0 or 1 by definition
};

/// Returns "insufficient_data", "estimated" or "one_sided".
std::string_view to_string(RuinState state);

struct Ruin {
  RuinState state{RuinState::insufficient_data};
  int trades{0};
  double probability{0};  // of a drawdown of the given size, ever, at the present bet; [0, 1]
};

/// Wins, losses and payoff, shrunk toward a prior of `prior_trades` trades with even odds of `prior_payoff`.
struct EdgeEstimate {
  int trades{0};           // wins and losses
  double win_rate_low{0};  // Wilson lower bound at 80 %, two-sided
  double payoff{0};        // mean win over mean loss in R, shrunk
  double kelly{0};         // p - (1 - p) / b of the two above; may be negative
};

class TrackRecord {
 public:
  static constexpr std::size_t capacity = 5000;

  TrackRecord();

  /// Takes the next closed trade. A result that is not finite counts with R = 0. O(1), no allocation.
  void add(const TradeResult& result);

  [[nodiscard]] int size() const { return static_cast<int>(std::min(results_.pushed(), capacity)); }

  [[nodiscard]] int wins() const { return wins_; }

  [[nodiscard]] int losses() const { return losses_; }

  [[nodiscard]] Money net() const { return net_; }

  /// Mean result in units of initial risk; 0 without trades.
  [[nodiscard]] double mean_r() const;

  /// Newest result first; k < size().
  [[nodiscard]] const TradeResult& back(std::size_t k = 0) const { return results_.back(k); }

  /// Losing trades in a row up to the newest, winning ones likewise.
  [[nodiscard]] int loss_run() const { return loss_run_; }

  [[nodiscard]] EdgeEstimate edge() const;

  /// Chance that losses ever reach `drawdown` money.
  ///
  /// Formula: diffusion with drift mu and variance s^2 of the money results: exp(-2 mu D / s^2), 1 when
  ///          mu <= 0 (trading-core.md 7.5); no win at all is 1, no loss 0
  /// Errors:  none; fewer than `trades_min` results answer insufficient_data with probability 0
  [[nodiscard]] Ruin ruin(Money drawdown, int trades_min) const;

  /// Weight factor of a strategy from the trades it voted for.
  ///
  /// Formula: f = 1 + n / (n + 30) * 0.2 * clip(t, -2, 2), t = mean / (sd / sqrt(n)) of R, n = credits;
  ///          1 below five credits (trading-core.md 3.3, rewrite)
  /// Shape:   within [0.5, 1.5]
  [[nodiscard]] double skill(StrategyId strategy) const;

 private:
  // In millionths of R: integers add up exactly in any order.
  struct Skill {
    std::int64_t credits{0};   // millionths of a trade
    Int128 sum{0}, squares{0};
  };

  void count(const TradeResult& result, int sign);

  Ring<TradeResult> results_;
  int wins_{0}, losses_{0}, loss_run_{0};
  Money net_;
  Int128 net_squares_{0};          // of raw money units
  std::int64_t sum_r_{0}, win_r_{0}, loss_r_{0};   // millionths
  std::array<Skill, strategies_max> skills_{};
};

}  // namespace aitrade
