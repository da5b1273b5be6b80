// Why did a run not make what a backtest over the same candles would have made?
//
// Trades are matched by pair and by the candle they were opened in; what differs is split, in money, into
// named causes. What no cause explains stays as unexplained, and that is the point of it: a healthy run has
// none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/action.h"

namespace aitrade {

enum class ParityCause : std::uint8_t {
  fees,          // other fees for the same trade
  slippage,      // further from the price asked for
  latency,       // the same trade at another moment
  size,          // another quantity, as equity or limits differed by then
  missed_data,   // the feed was down, a candle came late or not at all
  operator_,     // a pause, a close-all, a breaker
  consequence,   // a position, a waiting time or a limit that an earlier difference left
  carried_in,    // opened before this run
  still_open,    // one of the two did not close it
  unexplained,
};

constexpr std::size_t parity_causes = 10;

/// Returns "fees", "slippage", "latency", "size", "missed_data", "operator", "consequence", "carried_in",
/// "still_open" or "unexplained".
std::string_view to_string(ParityCause cause);

/// One side: what was decided and what was closed.
struct ParitySide {
  std::vector<TradeClosed> trades;
  /// Reason by (instrument, close time of the candle), of every decision with a direction.
  std::map<std::pair<std::uint32_t, std::int64_t>, Reason> decisions;
  Time started;      // of the first candle that was not history
};

/// One trade that differs, or exists on one side only.
struct ParityLine {
  InstrumentId instrument{};
  Time opened_at;
  Money run, backtest;       // net result on each side; zero where there was no such trade
  ParityCause cause{ParityCause::unexplained};
  std::string why;           // the reason word of the other side, or the exit reasons
};

struct ParityReport {
  std::uint64_t matched{0};
  std::uint64_t identical{0};      // matched, and equal to the last unit
  std::uint64_t only_run{0}, only_backtest{0};
  Money run, backtest;             // net results in all
  std::array<Money, parity_causes> by_cause{};   // of run less backtest; adds up to it exactly
  std::vector<ParityLine> lines;   // those that differ, oldest first

  [[nodiscard]] bool is_explained() const {
    for (const ParityLine& line : lines) {
      if (line.cause == ParityCause::unexplained) return false;
    }
    return by_cause[static_cast<std::size_t>(ParityCause::unexplained)].is_zero();
  }
};

/// Compares a run with the backtest of its candles.
///
/// Units:  money of the quote currency; `interval` is that of the base candles
/// Errors: none
ParityReport compare_runs(const ParitySide& run, const ParitySide& backtest, Duration interval);

}  // namespace aitrade
