// A backtest, and beside it the same one in worse worlds: fees doubled, a bar late, slippage tripled.
//
// All runs take each candle as it is read once, so a pipe serves as well as a file and memory stays
// constant. The worse runs are for the report's sensitivity lines; they are dropped without a word
// when the input turns out longer than `bars_max`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "cmd/backtest_run.h"
#include "core/ports/journal.h"

namespace aitrade::cli {

/// A year of 1-minute candles with room to spare: up to here sensitivity lines cost a second or two.
constexpr std::uint64_t sensitivity_bars_default = 600'000;

class BacktestSet {
 public:
  /// `bars_max` is how many bars the worse runs follow; 0: there are none. Borrows `config`.
  BacktestSet(const Config& config, const BacktestPlan& plan, std::uint64_t bars_max);

  /// As BacktestRun, for all runs; an error of the run itself or of a worse one.
  Status begin(const std::vector<Candle>& first);
  Status candle(std::size_t index, const Candle& candle);

  /// Ends all runs; the result carries a sensitivity line for each worse one that reached the end.
  Result<RunResult> finish();

  [[nodiscard]] const BacktestRun& run() const { return *run_; }

  /// Time the worse runs took so far, to be left out of what is said of the run's speed.
  [[nodiscard]] std::chrono::nanoseconds time_beside() const { return beside_; }

 private:
  struct Worse {
    std::string name;
    std::unique_ptr<BacktestRun> run;
  };

  Status catch_up();

  std::unique_ptr<SilentJournal> journal_;
  std::unique_ptr<BacktestRun> run_;
  std::vector<Worse> worse_;
  std::vector<std::pair<std::size_t, Candle>> waiting_;  // taken by the run, not yet by the others
  std::uint64_t bars_max_;
  std::chrono::nanoseconds beside_{};
};

}  // namespace aitrade::cli
