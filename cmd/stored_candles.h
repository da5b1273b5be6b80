// Candles of the store by pair, timeframe, venue and period: which series is meant, and printing it.
//
// `data cat` and `export candles` are both print_stored_candles, and what a backtest reads is found here too. A timeframe that is not stored is made from
// the longest stored one that divides it.
#pragma once

#include <optional>
#include <string>

#include "cmd/cli.h"
#include "core/config/paths.h"
#include "core/store/candle_store.h"

namespace CLI {
class App;
}

namespace aitrade::cli {

/// What the user asked for, as typed.
struct StoredCandlesOptions {
  std::string pair;
  std::string timeframe;   // empty: the only one there is
  std::string venue;       // empty: the only one there is
  std::string from, to;    // [from, to) by open time; a span such as 30d counts back from the end
};

/// Declares PAIR, --tf, --venue, --from and --to on a command.
void add_stored_candles_options(CLI::App& app, StoredCandlesOptions& options, bool pair_is_required);

/// Series and period that are meant.
struct StoredCandles {
  SeriesInfo series;                // stored; its interval divides `timeframe`
  Duration timeframe{};
  TimeRange range;
};

/// Finds the series; `exact` refuses to make a timeframe that is not stored.
/// Errors: not_found; invalid when more than one fits or a value is malformed.
Result<StoredCandles> find_stored_candles(CandleStore& store, const StoredCandlesOptions& options, bool exact);

/// Streams the candles that are meant, made longer where the timeframe is not the stored one, in constant
/// memory. The last one is left out while it is not whole.
Status read_stored_candles(CandleStore& store, const StoredCandles& wanted, const CandleStore::Sink& sink);

/// Opens the candle store of the data directory read-only; errors: not_found when nothing was stored yet.
Result<CandleStore> open_candle_store(const Context& context);
Result<CandleStore> open_candle_store(const Paths& paths);

/// Prints the candles on context.out in constant memory; CSV, or NDJSON, or JSON as asked.
Result<ExitCode> print_stored_candles(const StoredCandlesOptions& options, Context& context);

/// The time of this machine, for what the store records.
Time wall_clock_now();

}  // namespace aitrade::cli
