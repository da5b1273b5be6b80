// What a list of round trips says: wins, losses, risk units, holding times, streaks.
//
// Net amounts are after all fees. A trade within less than one tick of quote currency around zero
// is a break-even and counts neither as a win nor as a loss. Undefined numbers are absent.
#pragma once

#include "core/base/fixed.h"
#include "core/base/time.h"
#include "core/domain/action.h"
#include "core/domain/signal.h"

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aitrade {

/// A closed trade with the names that its ids stand for.
struct TradeRecord {
  std::string symbol;    // BASE/QUOTE
  std::string strategy;  // whose levels it followed
  TradeClosed trade;
  Regime regime{};  // when the entry was decided; unknown where nobody noted it
};

/// Under this many trades the Kelly fraction is marked "do not use".
constexpr std::size_t kelly_trades_min = 50;

struct TradeStats {
  std::size_t count{0}, wins{0}, losses{0}, breakevens{0};
  Money net_profit;            // sum of pnl
  Money net_wins, net_losses;  // sums of each side; losses are negative
  Money gross_profit;          // before fees, of trades that were ahead before fees
  Money fees, slippage;
  std::optional<double> win_rate;                     // wins / (wins + losses)
  std::optional<double> win_rate_low, win_rate_high;  // Wilson 95 %
  std::optional<double> profit_factor;
  bool profit_factor_infinite{false};  // wins and no loss
  std::optional<Money> average_win, average_loss, best, worst;
  std::optional<double> payoff;             // average win / |average loss|
  std::optional<Money> expectancy;          // per trade
  std::optional<double> expectancy_r;       // per trade that had an initial risk
  std::optional<double> expectancy_equity;  // mean of pnl / realised equity when the trade opened
  std::optional<double> sqn;                // sqrt(min(n, 100)) mean(R) / sd(R)
  std::optional<double> kelly;              // W - (1 - W) / payoff
  bool kelly_reliable{false};
  std::optional<double> mae, mfe;      // mean worst and best unrealised move, fraction of entry
  std::optional<double> mae_r, mfe_r;  // the same in units of initial risk
  std::optional<Duration> hold_mean, hold_median, hold_winners, hold_losers;
  std::size_t loss_run{0}, win_run{0};  // longest
  std::optional<double>
      loss_run_expected;  // by chance, for this share of losses and this many trades
};

/// Computes all of it.
///
/// Input: trades in order of closing; `initial` equity before the first; `tick` the smallest amount
/// of
///        quote currency that counts as a win or a loss
TradeStats trade_stats(std::span<const TradeRecord> trades, Money initial, Money tick);

/// Count, wins, losses and profit of the trades that share a label.
struct Slice {
  std::size_t trades{0}, wins{0}, losses{0};
  Money net_profit, fees;

  void add(const TradeClosed& trade, Money tick);
};

/// Where the profit came from; each map is ordered by label.
struct Attribution {
  std::map<std::string, Slice> by_pair, by_strategy, by_exit, by_regime;
  std::map<int, Slice> by_hour;  // UTC hour of opening
};

Attribution attribute(std::span<const TradeRecord> trades, Money tick);

/// Returns trend and volatility as one label: "trend, high volatility"; "unknown" when neither is
/// known.
std::string regime_text(Regime regime);

struct Interval {
  double low{0}, high{0};
};

/// Returns the Wilson score interval at 95 % (Wilson 1927); nothing for no trials.
std::optional<Interval> wilson_interval(std::size_t successes, std::size_t trials);

/// Returns the expected length of the longest run of losses in `trials` independent trades that
/// each lose with probability `loss`: exact by recurrence to 5,000 trades, Schilling's formula
/// (1990) above.
double expected_longest_run(std::size_t trials, double loss);

}  // namespace aitrade
