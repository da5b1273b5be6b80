#include "cmd/stored_candles.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <ostream>
#include <utility>
#include <vector>

#include "core/data/candle_writer.h"
#include "core/market/resample.h"

namespace aitrade::cli {
namespace {

/// Reads a point in time, or a span back from `end`.
Result<Time> point_or_span(const std::string& text, const char* option, Time end) {
  if (auto time = parse_time(text)) return time;
  if (auto span = parse_duration(text)) return end - *span;
  return fail(ErrorCode::invalid, std::string(option) + " \"" + text + "\" is neither a time nor a span such as 30d");
}

Result<TimeRange> range_of(const StoredCandlesOptions& options, const SeriesInfo& series) {
  const Time end = series.last + series.key.interval;
  TimeRange range;
  if (!options.from.empty()) {
    AITRADE_TRY(range.from, point_or_span(options.from, "--from", end));
  }
  if (!options.to.empty()) {
    AITRADE_TRY(range.to, point_or_span(options.to, "--to", end));
  }
  if (range.from >= range.to) return fail(ErrorCode::invalid, "--from is not before --to");
  return range;
}

std::string names_of(const std::vector<SeriesInfo>& list) {
  std::string text;
  for (const SeriesInfo& info : list) text += (text.empty() ? "" : ", ") + to_string(info.key);
  return text;
}

/// The series with the longest interval that divides the timeframe, per venue.
std::vector<SeriesInfo> longest_divisors(const std::vector<SeriesInfo>& list, Duration timeframe) {
  std::vector<SeriesInfo> best;
  for (const SeriesInfo& info : list) {
    if (timeframe.count() % info.key.interval.count() != 0) continue;
    bool placed = false;
    for (SeriesInfo& known : best) {
      if (known.key.venue != info.key.venue) continue;
      if (known.key.interval < info.key.interval) known = info;
      placed = true;
    }
    if (!placed) best.push_back(info);
  }
  return best;
}

/// Hands text to the stream when there is enough of it.
class TextOut {
 public:
  explicit TextOut(std::ostream& out) : out_(out) {}

  ~TextOut() { out_ << text; }

  TextOut(const TextOut&) = delete;
  TextOut& operator=(const TextOut&) = delete;

  /// Errors: full when the stream no longer takes anything.
  Status flush_if_large() {
    constexpr std::size_t large = 64 * 1024;
    if (text.size() < large) return ok();
    out_ << text;
    text.clear();
    if (!out_) return fail(ErrorCode::full, "cannot write standard output");
    return ok();
  }

  std::string text;

 private:
  std::ostream& out_;
};

}  // namespace

void add_stored_candles_options(CLI::App& app, StoredCandlesOptions& options, bool pair_is_required) {
  auto* pair = app.add_option("PAIR", options.pair, "pair in the store, such as BTC/USD");
  if (pair_is_required) pair->required();
  app.add_option("--tf", options.timeframe, "timeframe, such as 1m, 1h or 1d");
  app.add_option("--venue", options.venue, "venue the candles came from");
  app.add_option("--from", options.from, "first open time, or a span before the end such as 30d");
  app.add_option("--to", options.to, "end, not included");
}

Result<StoredCandles> find_stored_candles(CandleStore& store, const StoredCandlesOptions& options, bool exact) {
  AITRADE_TRY(const Symbol symbol, Symbol::parse(options.pair));
  std::optional<Duration> timeframe;
  if (!options.timeframe.empty()) {
    AITRADE_TRY(timeframe, parse_duration(options.timeframe));
    if (timeframe->count() <= 0) return fail(ErrorCode::invalid, "--tf must be above zero");
  }
  AITRADE_TRY(const std::vector<SeriesInfo> all, store.list());
  std::vector<SeriesInfo> of_pair;
  std::vector<SeriesInfo> fitting;
  for (const SeriesInfo& info : all) {
    if (info.rows == 0 || info.key.symbol != symbol) continue;
    if (!options.venue.empty() && info.key.venue != options.venue) continue;
    of_pair.push_back(info);
    if (!timeframe || info.key.interval == *timeframe) fitting.push_back(info);
  }
  if (fitting.empty() && timeframe && !exact) fitting = longest_divisors(of_pair, *timeframe);
  if (fitting.empty()) {
    return fail(ErrorCode::not_found, "no candles of " + to_string(symbol) +
                                          (options.timeframe.empty() ? "" : " " + options.timeframe) + " are stored" +
                                          (of_pair.empty() ? "; `aitrade data ls` lists what is" : "; there are " + names_of(of_pair)));
  }
  if (fitting.size() > 1) {
    return fail(ErrorCode::invalid, "more than one series fits, choose with --tf or --venue: " + names_of(fitting));
  }
  StoredCandles found;
  found.series = fitting.front();
  found.timeframe = timeframe.value_or(found.series.key.interval);
  AITRADE_TRY(found.range, range_of(options, found.series));
  return found;
}

Status read_stored_candles(CandleStore& store, const StoredCandles& wanted, const CandleStore::Sink& sink) {
  const SeriesKey& key = wanted.series.key;
  if (wanted.timeframe == key.interval) return store.read(key, wanted.range, sink);
  TimeRange range = wanted.range;
  if (range.from.ns > 0) {  // only whole buckets
    range.from = floor_to(range.from + wanted.timeframe - Duration(1), wanted.timeframe);
  }
  Resampler resampler(key.interval, wanted.timeframe);
  std::vector<Candle> bars;
  return store.read(key, range, [&](std::span<const Candle> candles) -> Status {
    bars.clear();
    for (const Candle& candle : candles) {
      for (auto bar = resampler.push(candle); bar; bar = resampler.next()) bars.push_back(*bar);
    }
    return bars.empty() ? ok() : sink(bars);
  });
}

Result<CandleStore> open_candle_store(const Context& context) {
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  return open_candle_store(paths);
}

Result<CandleStore> open_candle_store(const Paths& paths) {
  auto store = CandleStore::open_for_reading(paths.market_db());
  if (!store && store.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, "no candles are stored yet; `aitrade import FILE` stores some");
  }
  return store;
}

Result<ExitCode> print_stored_candles(const StoredCandlesOptions& options, Context& context) {
  AITRADE_TRY(CandleStore store, open_candle_store(context));
  AITRADE_TRY(const StoredCandles wanted, find_stored_candles(store, options, false));
  const SeriesKey& key = wanted.series.key;
  const Format format = resolve_format(context, Format::csv);
  const bool is_json = format == Format::json;
  const CandleWriter writer(is_json || format == Format::ndjson ? CandleTextForm::ndjson : CandleTextForm::csv,
                            key.symbol, wanted.timeframe, true);
  TextOut out(context.out);
  if (is_json) out.text += R"({"schema":"aitrade.candles/1","rows":[)";
  writer.begin(out.text);
  bool first = true;
  AITRADE_TRY_STATUS(read_stored_candles(store, wanted, [&](std::span<const Candle> candles) -> Status {
    if (!is_json) {
      writer.write(candles, out.text);
      return out.flush_if_large();
    }
    for (const Candle& candle : candles) {
      if (!std::exchange(first, false)) out.text += ',';
      writer.write({&candle, 1}, out.text);
      out.text.pop_back();  // the line feed
    }
    return out.flush_if_large();
  }));
  if (is_json) out.text += "]}\n";
  return ExitCode::done;
}

Time wall_clock_now() {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace aitrade::cli
