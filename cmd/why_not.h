// `aitrade backtest --why-not`: which rule refused how many decisions, most frequent first.
//
// Counts three levels: decisions (of the primary timeframe, in all and by pair), opinions of every pair and
// timeframe, and what each strategy said of the bars it was asked about.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cmd/output.h"
#include "core/domain/action.h"
#include "core/trading/desk.h"

namespace aitrade::cli {

class WhyNot {
 public:
  /// `pairs` by instrument id.
  explicit WhyNot(std::vector<std::string> pairs) : pairs_(std::move(pairs)), decisions_(pairs_.size()) {}

  /// Counts a decision of a desk that keeps them all.
  void on_decision(const Decision& decision);

  /// After the desk took a closed candle: counts what its timeframes thought of the bars that closed with it.
  void on_candle(const Desk& desk, InstrumentId instrument, Time close);

  /// Prints a headline and a table for people, rows for programs.
  void print(Context& context, const TradingRules& rules) const;

 private:
  struct Count {
    std::uint64_t all{0};
    std::uint64_t voted{0};   // of them with at least one vote
  };
  using Counts = std::array<Count, reasons_count>;

  /// One line: how often `rule` was the answer. Empty names and a zero timeframe mean all.
  struct Row {
    const char* level;
    std::string pair;
    Duration timeframe;
    std::string strategy;
    Reason rule;
    Count count;
    double share{0};   // of the level's count
  };

  static void append(std::vector<Row>& rows, const Row& like, const Counts& counts);
  [[nodiscard]] std::vector<Row> rows(const TradingRules& rules) const;
  [[nodiscard]] Counts total() const;
  void headline(Context& context) const;

  std::vector<std::string> pairs_;
  std::vector<Counts> decisions_;                                        // by pair
  std::map<std::pair<std::size_t, Duration>, Counts> opinions_;          // by pair and timeframe
  std::map<std::pair<StrategyId, Duration>, Counts> voices_;             // by strategy and timeframe
};

}  // namespace aitrade::cli
