// `aitrade indicators`: columns of indicators over candles, by the same incremental code that
// strategies use.
//
// Streams: a candle goes in, a row comes out, and memory stays constant however long the input is.

#include "cmd/candle_input.h"
#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/indicators/request.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

namespace aitrade::cli {
namespace {

struct IndicatorsOptions {
  std::string input;
  std::vector<std::string> requests;
  std::string pair, tf, venue, from, to;
};

/// Writes rows of one time and many values in the format asked for.
class RowWriter {
 public:
  RowWriter(Context& context, Format format, const std::vector<RequestedColumn>& columns)
      : out_(context.out), format_(format), columns_(columns) {
    for (const RequestedColumn& column : columns_) {
      json_keys_.push_back(",\"" + column.name + "\":");
      widths_.push_back(std::max(column.name.size(), value_width));
    }
  }

  void begin() {
    switch (format_) {
      case Format::csv:
        buffer_ += "time";
        for (const RequestedColumn& column : columns_)
          buffer_ += ',' + column.name;
        buffer_ += '\n';
        break;
      case Format::table:
        buffer_ += "time" + std::string(time_width - 4, ' ');
        for (std::size_t i = 0; i < columns_.size(); ++i)
          pad(columns_[i].name, widths_[i]);
        buffer_ += '\n';
        break;
      case Format::json:
        buffer_ += R"({"schema":"aitrade.indicators/1","rows":[)";
        break;
      case Format::ndjson:
        break;
    }
  }

  /// Adds the row of the bar that came as number `bars` (from 1).
  void row(Time time, std::size_t bars) {
    switch (format_) {
      case Format::csv:
        append(time.seconds_floor());
        for (const RequestedColumn& column : columns_) {
          buffer_ += ',';
          if (has_value(column.line, bars)) append(column.line.last());
        }
        break;
      case Format::table:
        buffer_ += to_string_seconds(time);
        for (std::size_t i = 0; i < columns_.size(); ++i) {
          pad(has_value(columns_[i].line, bars) ? rounded(columns_[i].line.last()) : "",
              widths_[i]);
        }
        break;
      case Format::json:
        buffer_ += is_first_ ? "\n{" : ",\n{";
        append_fields(time, bars);
        break;
      case Format::ndjson:
        buffer_ += R"({"t":"indicators",)";
        append_fields(time, bars);
        break;
    }
    is_first_ = false;
    if (format_ != Format::json) buffer_ += '\n';
    if (buffer_.size() >= flush_at) flush();
  }

  void finish() {
    if (format_ == Format::json) buffer_ += "\n]}\n";
    flush();
  }

 private:
  static constexpr std::size_t flush_at = 64 * 1024;  // a pipe's default capacity
  static constexpr std::size_t value_width = 12;
  static constexpr std::size_t time_width = 20;  // 2022-01-25T11:03:00Z

  // Directions and flips are 0, not NaN, before they mean anything; so the index counts too.
  static bool has_value(Line line, std::size_t bars) {
    return bars > static_cast<std::size_t>(line.first_valid()) && std::isfinite(line.last());
  }

  void append_fields(Time time, std::size_t bars) {
    buffer_ += "\"time\":";
    append(time.seconds_floor());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      buffer_ += json_keys_[i];
      if (has_value(columns_[i].line, bars)) {
        append(columns_[i].line.last());
      } else {
        buffer_ += "null";
      }
    }
    buffer_ += '}';
  }

  template <class Number>
  void append(Number value) {  // doubles: the shortest text that reads back equal
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    buffer_.append(text.data(), end.ptr);
  }

  static std::string rounded(double value) {
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 8);
    return {text.data(), end.ptr};
  }

  void pad(const std::string& text, std::size_t width) {
    buffer_.append(2 + width - std::min(width, text.size()), ' ');
    buffer_ += text;
  }

  void flush() {
    out_ << buffer_;
    buffer_.clear();
  }

  std::ostream& out_;
  Format format_;
  const std::vector<RequestedColumn>& columns_;
  std::vector<std::string> json_keys_;
  std::vector<std::size_t> widths_;
  std::string buffer_;
  bool is_first_{true};
};

Result<std::vector<RequestedColumn>> request_all(IndicatorSet& set,
                                                 const std::vector<std::string>& texts) {
  std::vector<RequestedColumn> columns;
  for (const std::string& text : texts) {
    AITRADE_TRY(const std::vector<RequestedColumn> more, request(set, text));
    const bool is_known = std::any_of(columns.begin(), columns.end(), [&](const auto& column) {
      return column.name == more.front().name;
    });
    if (is_known) return fail(ErrorCode::invalid, "indicator '" + text + "' is asked for twice");
    columns.insert(columns.end(), more.begin(), more.end());
  }
  return columns;
}

Result<ExitCode> run_indicators(const IndicatorsOptions& options, Context& context) {
  // Requests first: a misspelt name should not wait for a large file.
  IndicatorSet check(minutes(1));
  AITRADE_TRY_STATUS([&]() -> Status {
    AITRADE_TRY([[maybe_unused]] const auto columns, request_all(check, options.requests));
    return ok();
  }());
  AITRADE_TRY(const Paths paths, find_paths(context.global.home, process_environment()));
  CandleInputOptions input{.inputs = {options.input},
                           .pairs = {},
                           .tf = options.tf,
                           .venue = options.venue,
                           .from = options.from,
                           .to = options.to,
                           .needs_pair = false};
  if (!options.pair.empty()) input.pairs.push_back(options.pair);
  AITRADE_TRY(std::vector<CandleInput> inputs, open_candle_inputs(input, paths));
  AITRADE_CHECK(inputs.size() == 1);

  IndicatorSet set(inputs.front().interval);
  AITRADE_TRY(const std::vector<RequestedColumn> columns, request_all(set, options.requests));
  RowWriter writer(context, resolve_format(context, Format::csv), columns);
  writer.begin();
  AITRADE_TRY_STATUS(inputs.front().read([&](std::span<const Candle> candles) -> Status {
    for (const Candle& candle : candles) {
      set.update(to_bar(candle));
      writer.row(candle.open_time, set.bars());
    }
    return ok();
  }));
  writer.finish();
  return ExitCode::done;
}

/// Returns "name:default:default  summary", one line for each indicator.
std::string kinds_text() {
  std::string text = "Indicators, with the parameters they take when none are given:\n";
  for (const IndicatorKind& kind : indicator_kinds()) {
    std::string request(kind.name);
    for (const IndicatorParameter& p : kind.parameters)
      request += ':' + shortest(p.fallback);
    request.resize(std::max(request.size() + 1, std::size_t{24}), ' ');
    text += "  " + request + std::string(kind.summary) + '\n';
  }
  return text;
}

}  // namespace

void add_indicators(CommandList& commands) {
  auto [app, options] = commands.add<IndicatorsOptions>(
      {.name = "indicators",
       .group = "research",
       .summary = "print indicators over candles, one column for each output",
       .examples =
           {"aitrade indicators btc.csv rsi:14 ema:20 bollinger:20:2 --format csv",
            "aitrade data cat BTC/USD --tf 5m | aitrade indicators - adx:14 --format ndjson",
            "aitrade indicators BTC/USD macd:12:26:9 --tf 1h --from 30d"},
       .details =
           kinds_text() +
           "\nA column is empty (null in JSON) until it is warm. Candles are taken as they come: "
           "a gap is not filled. time is the open of the candle in seconds. The values are "
           "those that strategies see; the table rounds, the other formats do not."},
      run_indicators);
  app.add_option("INPUT", options.input, "candle file, - for stdin, or BASE/QUOTE of the store")
      ->required();
  app.add_option("INDICATOR", options.requests, "such as rsi:14, ema:20, bollinger:20:2")
      ->required();
  app.add_option("--pair", options.pair,
                 "pair of the file, where neither its name nor its rows say");
  app.add_option("--tf", options.tf, "interval of the candles; of the store: which series");
  app.add_option("--venue", options.venue, "venue of the store's series");
  app.add_option("--from", options.from, "first open time, or a span such as 30d before the end");
  app.add_option("--to", options.to, "open time to stop before");
}

}  // namespace aitrade::cli
