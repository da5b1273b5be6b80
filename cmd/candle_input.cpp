#include "cmd/candle_input.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "cmd/stored_candles.h"
#include "core/data/candle_reader.h"

namespace aitrade::cli {
namespace {

/// The part of the time axis that was asked for.
struct Period {
  std::optional<Time> from, to;

  [[nodiscard]] bool holds(Time t) const { return (!from || t >= *from) && (!to || t < *to); }
};

/// Errors: invalid; a span counts back from an end, which a stream does not know.
Result<std::optional<Time>> point_of(const std::string& text, const char* option) {
  if (text.empty()) return std::optional<Time>{};
  auto time = parse_time(text);
  if (time) return std::optional<Time>{*time};
  if (!parse_duration(text)) return std::move(time).error();
  return fail(ErrorCode::invalid, std::string(option) + " " + text +
                                      " counts back from the end, which only stored candles have: name a time");
}

Result<Period> period_of(const CandleInputOptions& options) {
  Period period;
  AITRADE_TRY(period.from, point_of(options.from, "--from"));
  AITRADE_TRY(period.to, point_of(options.to, "--to"));
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
                              const CandleInputOptions& options) {
  AITRADE_TRY(const Period period, period_of(options));
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

Result<CandleInput> open_stored(const std::string& pair, const CandleInputOptions& options, const Paths& paths) {
  AITRADE_TRY(CandleStore opened, open_candle_store(paths));
  auto store = std::make_shared<CandleStore>(std::move(opened));
  const StoredCandlesOptions wanted{pair, options.tf, options.venue, options.from, options.to};
  AITRADE_TRY(const StoredCandles found, find_stored_candles(*store, wanted, false));
  CandleInput input;
  input.name = to_string(found.series.key);
  input.symbol = found.series.key.symbol;
  input.interval = found.timeframe;
  input.stored = found.series.key;
  input.read = [store, found](const CandleStore::Sink& sink) -> Status {
    return read_stored_candles(*store, found, sink);
  };
  return input;
}

}  // namespace

void add_candle_input(CLI::App& app, CandleInputOptions& options) {
  app.add_option("INPUT", options.inputs, "candle files, - for stdin, or pairs of the candle store")
      ->required();
  app.add_option("--pair", options.pairs, "pair of each file, when its name does not say");
  app.add_option("--tf", options.tf, "interval of the candles, such as 1m or 5m; made from shorter stored ones");
  app.add_option("--venue", options.venue, "venue of the candle store");
  app.add_option("--from", options.from, "first open time; of stored candles also a span before the end such as 30d");
  app.add_option("--to", options.to, "end, not included");
}

Result<std::vector<CandleInput>> open_candle_inputs(const CandleInputOptions& options, const Paths& paths) {
  std::vector<CandleInput> inputs;
  std::size_t file = 0;
  for (const std::string& text : options.inputs) {
    if (is_file(text)) {
      const std::string pair = file < options.pairs.size() ? options.pairs[file] : "";
      ++file;
      AITRADE_TRY(CandleInput input, open_file(text, pair, options));
      inputs.push_back(std::move(input));
    } else {
      AITRADE_TRY(CandleInput input, open_stored(text, options, paths));
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
