// Where a command's candles come from: files, stdin or the candle store, in one way for all commands.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/cli.h"
#include "core/config/paths.h"
#include "core/domain/candle.h"
#include "core/domain/instrument.h"
#include "core/store/candle_store.h"

namespace aitrade::cli {

/// What the user said of the inputs.
struct CandleInputOptions {
  std::vector<std::string> inputs;  // file, -, or BASE/QUOTE of the store
  std::vector<std::string> pairs;   // of the files, in order
  std::string tf;                   // interval; of the store: which series
  std::string venue;                // of the store
  std::string from, to;             // [from, to) by open time; "30d" is that long before the end of stored candles
  bool needs_pair{true};            // false: an input that does not say which pair it is will do
};

/// Declares them on a command.
void add_candle_input(CLI::App& app, CandleInputOptions& options);

/// An input that is open and understood.
struct CandleInput {
  std::string name;     // for messages
  Symbol symbol;
  Duration interval{};
  std::optional<SeriesKey> stored;   // the series of the store it is made of
  /// Streams its candles in time order, in batches. Call once.
  std::function<Status(const std::function<Status(std::span<const Candle>)>&)> read;
};

/// Opens all inputs. Errors: not_found (no such file or series), invalid (a pair that is needed and not
/// given, malformed input), busy, corrupt.
Result<std::vector<CandleInput>> open_candle_inputs(const CandleInputOptions& options, const Paths& paths);

}  // namespace aitrade::cli
