#include "cmd/candle_input.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "core/data/candle_reader.h"
#include "core/store/candle_store.h"

namespace aitrade::cli {
namespace {

/// The part of the time axis that was asked for.
struct Period {
  std::optional<Time> from, to;

  [[nodiscard]] bool holds(Time t) const { return (!from || t >= *from) && (!to || t < *to); }
};

Result<Period> period_of(const CandleInputOptions& options) {
  Period period;
  if (!options.from.empty()) {
    AITRADE_TRY(period.from, parse_time(options.from));
  }
  if (!options.to.empty()) {
    AITRADE_TRY(period.to, parse_time(options.to));
  }
  if (period.from && period.to && *period.from >= *period.to) {
    return fail(ErrorCode::invalid, "--from is not before --to");
  }
  return period;
}

bool is_file(const std::string& text) {
  std::error_code ignored;
  return text == "-" || std::filesystem::exists(text, ignored) ||
         text.find('.') != std::string::npos || !Symbol::parse(text);
}

Result<CandleInput> open_file(const std::string& path, const std::string& pair,
                              const CandleInputOptions& options, const Period& period) {
  CandleReadOptions read;
  if (!pair.empty()) {
    AITRADE_TRY(read.symbol, Symbol::parse(pair));
  }
  if (!options.tf.empty()) {
    AITRADE_TRY(read.interval, parse_duration(options.tf));
  }
  AITRADE_TRY(ByteSource source, ByteSource::open(path));
  AITRADE_TRY(CandleReader opened, CandleReader::open(std::move(source), read));
  auto reader = std::make_shared<CandleReader>(std::move(opened));
  if (options.needs_pair && !reader->format().symbol) {
    return fail(ErrorCode::invalid, path + ": which pair is this? name it with --pair BASE/QUOTE");
  }
  CandleInput input;
  input.name = path == "-" ? "stdin" : path;
  input.symbol = reader->format().symbol.value_or(Symbol{});
  input.interval = reader->format().interval;
  input.read = [reader, period](const std::function<Status(std::span<const Candle>)>& sink) -> Status {
    auto summary = reader->read([&](std::span<const Candle> candles) -> Status {
      // Times rise, so what is wanted of a batch is one piece of it.
      while (!candles.empty() && !period.holds(candles.front().open_time)) candles = candles.subspan(1);
      while (!candles.empty() && !period.holds(candles.back().open_time)) {
        candles = candles.first(candles.size() - 1);
      }
      return candles.empty() ? ok() : sink(candles);
    });
    if (!summary) return std::move(summary).error();
    return ok();
  };
  return input;
}

/// Picks the series of a pair: the one of the asked venue and interval, or the only one there is.
Result<SeriesInfo> pick_series(CandleStore& store, const Symbol& symbol, const CandleInputOptions& options) {
  AITRADE_TRY(const std::vector<SeriesInfo> all, store.list());
  std::optional<Duration> interval;
  if (!options.tf.empty()) {
    AITRADE_TRY(interval, parse_duration(options.tf));
  }
  std::vector<SeriesInfo> fitting;
  std::string known;
  for (const SeriesInfo& info : all) {
    known += (known.empty() ? "" : ", ") + to_string(info.key);
    const bool fits = info.rows > 0 && info.key.symbol == symbol &&
                      (options.venue.empty() || info.key.venue == options.venue) &&
                      (!interval || info.key.interval == *interval);
    if (fits) fitting.push_back(info);
  }
  if (fitting.empty()) {
    return fail(ErrorCode::not_found, "the candle store has no " + to_string(symbol) +
                                          (options.tf.empty() ? "" : " " + options.tf) +
                                          (known.empty() ? "; it is empty" : "; it has " + known));
  }
  if (fitting.size() > 1) {
    std::string names;
    for (const SeriesInfo& info : fitting) names += (names.empty() ? "" : ", ") + to_string(info.key);
    return fail(ErrorCode::invalid, "which series of " + to_string(symbol) + "? there are " + names +
                                        ": choose with --tf and --venue");
  }
  return fitting.front();
}

Result<CandleInput> open_stored(const std::string& pair, const CandleInputOptions& options,
                                const Period& period, const Paths& paths) {
  AITRADE_TRY(const Symbol symbol, Symbol::parse(pair));
  AITRADE_TRY(CandleStore opened, CandleStore::open_for_reading(paths.market_db()));
  auto store = std::make_shared<CandleStore>(std::move(opened));
  AITRADE_TRY(const SeriesInfo series, pick_series(*store, symbol, options));
  CandleInput input;
  input.name = to_string(series.key);
  input.symbol = symbol;
  input.interval = series.key.interval;
  TimeRange range;
  if (period.from) range.from = *period.from;
  if (period.to) range.to = *period.to;
  input.read = [store, series, range](const CandleStore::Sink& sink) -> Status {
    return store->read(series.key, range, sink);
  };
  return input;
}

}  // namespace

void add_candle_input(CLI::App& app, CandleInputOptions& options) {
  app.add_option("INPUT", options.inputs, "candle files, - for stdin, or pairs of the candle store")
      ->required();
  app.add_option("--pair", options.pairs, "pair of each file, when its name does not say");
  app.add_option("--tf", options.tf, "interval of the candles, such as 1m or 5m");
  app.add_option("--venue", options.venue, "venue of the candle store");
  app.add_option("--from", options.from, "first open time, such as 20240101");
  app.add_option("--to", options.to, "open time to stop before");
}

Result<std::vector<CandleInput>> open_candle_inputs(const CandleInputOptions& options, const Paths& paths) {
  AITRADE_TRY(const Period period, period_of(options));
  std::vector<CandleInput> inputs;
  std::size_t file = 0;
  for (const std::string& text : options.inputs) {
    if (is_file(text)) {
      const std::string pair = file < options.pairs.size() ? options.pairs[file] : "";
      ++file;
      AITRADE_TRY(CandleInput input, open_file(text, pair, options, period));
      inputs.push_back(std::move(input));
    } else {
      AITRADE_TRY(CandleInput input, open_stored(text, options, period, paths));
      inputs.push_back(std::move(input));
    }
  }
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (inputs[i].symbol == inputs[k].symbol) {
        return fail(ErrorCode::invalid, to_string(inputs[i].symbol) + " is given twice");
      }
    }
  }
  return inputs;
}

}  // namespace aitrade::cli
