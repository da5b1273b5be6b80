// What a benchmark row is, and how to add one.
//
// A row does its work once per call over `items` items and returns a number that depends on all of
// it, so that the compiler cannot leave the work out. The harness runs it several times, takes the
// median and prints it beside the two reference loops, measured in turn with it in the same run:
// times of different machines cannot be compared, ratios can.
//
// To add rows: write `void add_x_rows(const BenchInput&, std::vector<BenchRow>&)` in x_rows.cpp,
// list the file in CMakeLists.txt and the function in `sections` of bench.cpp.
#pragma once

#include "core/domain/candle.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace aitrade::bench {

/// Processor time is what a loop costs on one core, whoever else uses the machine; wall time is for
/// rows that wait for a disk, a socket or another thread.
enum class TimedBy { processor, wall };

struct BenchRow {
  std::string name;             // "pipeline, three strategies, 50,000 bars"
  std::string unit;             // what an item is: "bars"
  std::size_t items{0};         // done by one call
  std::function<double()> run;  // returns a sum over its results
  TimedBy timed_by{TimedBy::processor};
};

/// The market that rows work on; the same for all of them.
struct BenchInput {
  std::vector<Candle> candles;  // one-minute, gapless, seeded; at least one
  std::vector<Bar> bars;        // the same as doubles

  /// Returns the first `count` bars' worth of both; count is cut to what there is.
  [[nodiscard]] BenchInput first(std::size_t count) const;
};

/// Returns `count` one-minute candles of a seeded random walk with changing volatility.
BenchInput make_input(std::size_t count, std::uint64_t seed);

/// Sum of closes: what reading the bars costs.
double bare_loop(const std::vector<Bar>& bars);

/// A hand-written event loop without any structure: EMA 20, EMA 50, RSI 14, ATR 14, Bollinger 20,
/// MACD, Donchian 20 and a volume average, an entry rule, a stop, a target and fees. It is the
/// ceiling for an engine that does the same with parts one can read and change.
double bare_indicators(const std::vector<Bar>& bars);

/// Rows of the trading pipeline, 50,000 to 5,000,000 bars.
void add_pipeline_rows(const BenchInput& input, std::vector<BenchRow>& rows);

/// Rows of core/data and core/store: candles from a CSV file.
void add_import_rows(const BenchInput& input, std::vector<BenchRow>& rows);

/// Rows of market data: frames of the venue to a book whose checksum agrees.
void add_feed_rows(const BenchInput& input, std::vector<BenchRow>& rows);

/// Rows of ml: what the gate costs a candidate, and the features of a year.
void add_ml_rows(const BenchInput& input, std::vector<BenchRow>& rows);

/// Starts a daemon beside a loopback exchange and prints its start-up time and memory. False: it did not start.
bool print_daemon_figures();

/// Prints what a durable write of the ledger takes beside fifty readers. False: a reader was refused or a write failed.
bool print_ledger_figures();

/// Prints what training costs beside the library's own interface. False: a run failed.
bool print_training_figures();

/// Prints how much a training beside a daemon delays its loop. False: a daemon did not start.
bool print_lag_figures();

/// Rows of a parameter sweep.
void add_tune_rows(const BenchInput& input, std::vector<BenchRow>& rows);

/// Rows of core/report.
void add_report_rows(const BenchInput& input, std::vector<BenchRow>& rows);

}  // namespace aitrade::bench
