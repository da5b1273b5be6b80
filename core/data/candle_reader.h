// Reads candles from whatever people have: CSV of many shapes or NDJSON, from a file, a pipe or memory.
//
// `open` looks at the first megabyte and settles what everything means (format()); `read` then streams the
// candles in time order, in batches, in constant memory (an input that runs backwards is the exception:
// it is held whole to be turned round). Nothing is guessed and nothing is repaired silently: what is
// ambiguous, unsound or out of order is an error that names input and line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/data/byte_source.h"
#include "core/data/candle_layout.h"
#include "core/data/file_hints.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"

namespace aitrade {

/// What happens to two rows of one time that disagree. Equal rows are always counted and dropped.
enum class DuplicateRule : std::uint8_t {
  refuse,
  keep_larger_volume,  // the smaller is an unfinished copy
};

struct CandleReadOptions {
  std::optional<Duration> interval;  // else the file name's or the most common step
  std::optional<Symbol> symbol;      // else the records' or the file name's
  ColumnMap map;
  DuplicateRule duplicates{DuplicateRule::refuse};
};

/// What an input was understood to be.
struct CandleFormat {
  Duration interval{};
  std::optional<Symbol> symbol;   // given, or named by records or file name
  bool is_descending{false};
  std::string explanation;        // one line for `--explain`
};

/// What was read.
struct CandleReadSummary {
  std::int64_t rows{0};        // candles given to the sink
  std::int64_t duplicates{0};  // rows equal to one before, dropped
  std::int64_t rejected{0};    // rows that lost to a copy with more volume, dropped
  std::int64_t rounded{0};     // price fields with the noise of a binary float, rounded to 10 decimals
  std::int64_t gaps{0};        // steps longer than the interval
  std::int64_t missing{0};     // candles the gaps could hold
  std::int64_t longest_gap{0}; // of these, in the longest gap
  Time first, last;            // open times; valid when rows > 0
};

/// Receives candles in time order, up to a few thousand at a time; an error stops the reading.
using CandleSink = std::function<Status(std::span<const Candle>)>;

class CandleReader {
 public:
  /// Looks at the beginning of `source` and settles format, columns, interval and direction.
  ///
  /// Errors: invalid ("FILE:LINE: what") for ambiguous or malformed input, an empty input, or an interval
  ///         that cannot be told; io
  static Result<CandleReader> open(ByteSource source, CandleReadOptions options = {});

  CandleReader(CandleReader&&) noexcept;
  CandleReader& operator=(CandleReader&&) noexcept;
  ~CandleReader();

  [[nodiscard]] const CandleFormat& format() const;

  /// Streams all candles into `sink`; call once.
  ///
  /// Errors: invalid ("FILE:LINE: what"): a field that is no number, an unsound candle (fault_of), times
  ///         out of order, closer than the interval or off its grid, rows that disagree; io; the sink's own
  /// Cost:   about 100 ns a row of plain CSV; 3 MB of memory
  Result<CandleReadSummary> read(const CandleSink& sink);

 private:
  struct State;

  explicit CandleReader(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Reads a whole input into memory; for callers that need random access.
Result<std::vector<Candle>> read_all_candles(ByteSource source, CandleReadOptions options = {});

}  // namespace aitrade
