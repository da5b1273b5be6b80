// What doing less would have earned: holding, and entering at random.
//
// A strategy that cannot beat buying once is a cost, and one that cannot beat its own trades at
// random moments has no timing. Both benchmarks pay the same costs as the run.
#pragma once

#include "core/report/chart_track.h"
#include "core/report/equity.h"
#include "core/report/trade_stats.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aitrade {

/// What taking liquidity costs, as fractions of the notional of one side.
struct TakingCosts {
  double fee{0};
  double slippage{0};  // half the spread and what lies beyond it
  double impact{0};    // of the whole equity in equal parts over the pairs

  friend bool operator==(const TakingCosts&, const TakingCosts&) = default;
};

/// The whole equity put into the pairs of the run in equal parts at the first open, sold at the end.
struct BuyAndHold {
  double final_equity{0};
  double total_return{0};
  std::vector<double> returns;  // daily, beside those of the run
  double max_drawdown{0};       // of daily equity
  std::vector<double> equity;   // at the daily points of the run; the last is after selling
};

/// Follows `prices` at the moments of `daily`; equity is marked at what selling would bring.
/// Nothing without prices or without daily points.
std::optional<BuyAndHold> buy_and_hold(std::span<const PairPrices> prices,
                                       std::span<const DailyPoint> daily, double initial,
                                       const TakingCosts& costs);

/// What random moments would have made of the trades of a run.
struct RandomEntry {
  std::size_t runs{0};
  std::uint64_t seed{0};
  std::size_t trades{0};       // that were placed again
  double run_return{0};        // of the run's own trades, compounded in the same way
  double mean_return{0};
  double low{0}, median{0}, high{0};  // 5, 50, 95 % of the random runs' returns
  double p_value{0};           // share of random runs at least as good
};

/// A trade without its moment.
struct TradeShape {
  std::string symbol;     // BASE/QUOTE
  std::uint64_t bars{0};  // held
  double sign{1};         // 1 long, -1 short
  double share{0};        // of realised equity put in
  double cost{0};         // fees and slippage, fraction of the notional of each side
  double growth{1};       // what it made of the realised equity: 1.01 is 1 % more
};

/// Returns the shapes of the trades that were opened from `from` on, in their order; equity is counted from the first
/// trade of all. Nothing when one was of no worth, or opened when nothing was left.
std::optional<std::vector<TradeShape>> trade_shapes(std::span<const TradeRecord> trades, double initial,
                                                    Time from = Time{});

/// Places the trades of each pair again, at random and without overlap, keeping how many there were,
/// their direction, length in bars, share of equity and costs (their own fees and slippage as
/// fractions of what they traded), and compounds them.
///
/// Entry and exit are at the opens kept in `prices`; a trade shorter than their stride lasts one.
/// Nothing for no runs, no trades, or a pair whose prices are missing or shorter than its trades.
/// Cost: runs x trades, about 20 ns each.
std::optional<RandomEntry> random_entry(std::span<const TradeRecord> trades,
                                        std::span<const PairPrices> prices, double initial,
                                        std::size_t runs, std::uint64_t seed);

/// The same of shapes, which may come from several runs over parts of `prices`.
std::optional<RandomEntry> random_entry(std::span<const TradeShape> shapes, std::span<const PairPrices> prices,
                                        std::size_t runs, std::uint64_t seed);

}  // namespace aitrade
