#include "core/data/candle_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <map>
#include <utility>

#include "core/data/candle_collector.h"
#include "core/data/candle_record.h"
#include "core/data/line_buffer.h"
#include "core/data/row_parser.h"

namespace aitrade {
namespace {

constexpr std::size_t probe_rows_max = 20'000;          // steps looked at to find interval and direction
constexpr std::size_t record_probe_bytes = 256 * 1024;  // of NDJSON, which is parsed on a copy

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#';
}

/// What the steps between the first rows say.
struct Probe {
  std::map<std::int64_t, std::size_t> steps;  // absolute nanoseconds to how often
  std::size_t rising{0};
  std::size_t falling{0};
  std::size_t rows{0};
  std::size_t lines{0};
  std::string first_fault;    // "LINE: what" of the first line that could not be parsed
  Time last;
  Duration named{};  // interval that the records carry

  void add(const Candle& candle) {
    if (rows++ > 0) {
      const std::int64_t step = (candle.open_time - last).count();
      if (step > 0) ++rising;
      if (step < 0) ++falling;
      if (step != 0) ++steps[step < 0 ? -step : step];
    } else {
      named = candle.interval;
    }
    last = candle.open_time;
  }

  void note(const Error& error) {
    if (first_fault.empty()) first_fault = std::to_string(lines) + ": " + error.what;
  }

  [[nodiscard]] Duration most_common() const {
    const auto best = std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;  // of equals the first, which is the smallest
    });
    return best == steps.end() ? Duration{} : Duration{best->first};
  }
};

std::string epoch_unit(std::string_view field) {
  const std::string_view whole = field.substr(0, field.find('.'));
  if (whole.find_first_not_of("0123456789") != std::string_view::npos || whole.size() == 8) return "dates";
  return whole.size() < 12 ? "seconds" : whole.size() < 15 ? "milliseconds" : whole.size() < 18 ? "microseconds" : "nanoseconds";
}

std::string delimiter_name(char delimiter) { return delimiter == '\t' ? "tab" : std::string("'") + delimiter + "'"; }

}  // namespace

struct CandleReader::State {
  State(ByteSource input, CandleReadOptions read_options)
      : source(std::move(input)), options(std::move(read_options)), lines(source) {}

  Status settle();
  Status settle_table(std::string_view sample);
  Status settle_interval(const Probe& probe);
  void probe_table(std::string_view sample, Probe& probe);
  Status probe_records(std::string_view sample, Probe& probe);
  std::string explain_table(std::string_view sample) const;
  bool read_table_run(CandleCollector& collector);
  bool read_record_run(CandleCollector& collector);

  ByteSource source;
  CandleReadOptions options;
  FileHints hints;
  LineBuffer lines;
  CandleFormat format;
  CandleLayout layout;
  std::optional<RowParser> rows;  // of a table
  bool is_records{false};
  CandleRecordParser records;
  std::int64_t line{0};        // lines done
  std::optional<Error> error;  // of the run in hand, without input name
  std::string interval_reason;
};

Status CandleReader::State::settle() {
  hints = hints_from_path(source.name());
  AITRADE_TRY(const bool any, lines.fill());
  const std::string_view sample(lines.begin(), static_cast<std::size_t>(lines.end() - lines.begin()));
  const std::size_t start = any ? sample.find_first_not_of(" \t\r\n") : std::string_view::npos;
  if (start == std::string_view::npos) return fail(ErrorCode::invalid, source.name() + ": is empty");
  format.symbol = options.symbol ? options.symbol : hints.symbol;

  Probe probe;
  is_records = sample[start] == '{';
  if (is_records) {
    AITRADE_TRY_STATUS(probe_records(sample, probe));
    AITRADE_TRY_STATUS(settle_interval(probe));
    format.explanation = source.name() + ": " + (source.is_gzip() ? "gzip, " : "") + "NDJSON records of candles";
  } else {
    AITRADE_TRY_STATUS(settle_table(sample));
    probe_table(sample, probe);
    AITRADE_TRY_STATUS(settle_interval(probe));
    format.explanation = explain_table(sample);
  }
  format.is_descending = probe.falling > probe.rising;
  format.explanation += std::string(format.is_descending ? ", newest first" : ", oldest first") + ", interval " +
                        timeframe_text(format.interval) + " (" + interval_reason + ")";
  if (format.symbol) {
    format.explanation += ", pair " + to_string(*format.symbol);
    if (!options.symbol) format.explanation += is_records && records.symbol() ? " (named)" : " (file name)";
  }
  return ok();
}

Status CandleReader::State::settle_table(std::string_view sample) {
  auto found = detect_layout({sample, options.map, format.symbol});
  if (!found) return fail(ErrorCode::invalid, source.name() + ":" + std::move(found).error().what);
  layout = *std::move(found);
  if (!format.symbol && !layout.first_symbol.empty()) {
    if (auto parsed = Symbol::parse(layout.first_symbol)) format.symbol = *parsed;
  }
  return ok();
}

void CandleReader::State::probe_table(std::string_view sample, Probe& probe) {
  RowParser parser(layout, Duration{});
  const char* p = sample.data();
  const char* const end = p + sample.size();
  for (std::size_t skip = layout.skipped_lines; skip > 0 && p < end; --skip) {
    p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p))) + 1;
  }
  probe.lines = layout.skipped_lines;
  Candle candle;
  while (p < end && probe.rows < probe_rows_max) {
    ++probe.lines;
    const char* const begin = p;
    p = parser.fast(begin, candle);
    if (p != nullptr) {
      probe.add(candle);
      continue;
    }
    const char* const stop = static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
    const std::string_view text(begin, static_cast<std::size_t>(stop - begin));
    p = stop + 1;
    if (is_blank(text)) continue;
    if (auto status = parser.careful(text, candle); status) {
      probe.add(candle);
    } else {
      probe.note(status.error());  // reported when it is read, unless nothing can be
    }
  }
}

Status CandleReader::State::probe_records(std::string_view sample, Probe& probe) {
  std::string copy(sample.substr(0, std::min(sample.rfind('\n', record_probe_bytes) + 1, sample.size())));
  if (copy.empty()) copy = sample;
  CandleRecordParser parser;
  Candle candle;
  for (std::size_t begin = 0; begin < copy.size() && probe.rows < probe_rows_max;) {
    const std::size_t end = copy.find('\n', begin);
    ++probe.lines;
    const auto parsed = is_blank({copy.data() + begin, end - begin})
                            ? Result<bool>(false)
                            : parser.parse(copy.data() + begin, copy.data() + end, candle);
    if (!parsed) probe.note(parsed.error());
    if (parsed && *parsed) probe.add(candle);
    begin = end + 1;
  }
  if (parser.symbol()) {
    if (options.symbol && *options.symbol != *parser.symbol()) {
      return fail(ErrorCode::invalid, source.name() + ": the records are of " + to_string(*parser.symbol()) + ", not " +
                                          to_string(*options.symbol));
    }
    format.symbol = parser.symbol();
  }
  return ok();
}

Status CandleReader::State::settle_interval(const Probe& probe) {
  const Duration common = probe.most_common();
  if (options.interval) {
    format.interval = *options.interval;
    interval_reason = "given";
  } else if (probe.named.count() > 0) {
    format.interval = probe.named;
    interval_reason = "named";
  } else if (hints.interval && (common.count() == 0 || common.count() % hints.interval->count() == 0)) {
    format.interval = *hints.interval;
    interval_reason = "file name";
  } else if (common.count() > 0) {
    format.interval = common;
    interval_reason = "most common step";
  } else if (!probe.first_fault.empty()) {
    return fail(ErrorCode::invalid, source.name() + ":" + probe.first_fault);
  } else {
    return fail(ErrorCode::invalid, source.name() + ": the interval cannot be told from " +
                                        (probe.rows == 1 ? "one row" : "these rows") + "; give it with --tf");
  }
  if (format.interval.count() <= 0) return fail(ErrorCode::invalid, "the interval must be above zero");
  return ok();
}

std::string CandleReader::State::explain_table(std::string_view sample) const {
  std::string text = source.name() + ": " + (source.is_gzip() ? "gzip, " : "") + "split by " +
                     delimiter_name(layout.delimiter) + ", " +
                     (layout.has_header ? "header on line " + std::to_string(layout.skipped_lines)
                                        : std::string("no header, columns by content"));
  std::size_t begin = 0;
  for (std::size_t i = 0; i < layout.skipped_lines; ++i) begin = sample.find('\n', begin) + 1;
  std::vector<std::string_view> fields;
  split_fields(sample.substr(begin, sample.find('\n', begin) - begin), layout.delimiter, fields);
  for (const Column column : {Column::time, Column::open, Column::high, Column::low, Column::close,
                              Column::volume, Column::trades}) {
    const auto index = layout.index_of(column);
    if (!index) continue;
    text += ", " + std::string(to_string(column)) + "=" + std::to_string(*index);
    if (column == Column::time && *index < fields.size()) text += " (" + epoch_unit(fields[*index]) + ")";
  }
  return text;
}

bool CandleReader::State::read_table_run(CandleCollector& collector) {
  RowParser& parser = *rows;
  const char* p = lines.begin();
  const char* const end = lines.end();
  const auto line_end = [&end](const char* from) {
    return static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
  };
  std::int64_t number = line;
  for (; number < static_cast<std::int64_t>(layout.skipped_lines) && p < end; ++number) p = line_end(p) + 1;
  Candle candle;
  while (p < end) {
    ++number;
    const char* next = parser.fast(p, candle);
    if (next == nullptr) [[unlikely]] {
      const char* const stop = line_end(p);
      const std::string_view text(p, static_cast<std::size_t>(stop - p));
      p = stop + 1;
      if (is_blank(text)) continue;
      if (auto status = parser.careful(text, candle); !status) {
        error = fail(ErrorCode::invalid, std::to_string(number) + ": " + std::move(status).error().what);
        return false;
      }
      next = p;
    }
    p = next;
    if (!collector.add(candle, number)) [[unlikely]] {
      return false;
    }
  }
  line = number;
  return true;
}

bool CandleReader::State::read_record_run(CandleCollector& collector) {
  Candle candle;
  for (char* p = lines.begin(); p < lines.end();) {
    ++line;
    char* const stop = static_cast<char*>(std::memchr(p, '\n', static_cast<std::size_t>(lines.end() - p)));
    char* const begin = p;
    p = stop + 1;
    if (is_blank({begin, static_cast<std::size_t>(stop - begin)})) continue;
    auto parsed = records.parse(begin, stop, candle);
    if (parsed && *parsed && candle.interval.count() > 0 && candle.interval != format.interval) {
      parsed = fail(ErrorCode::invalid, "the timeframe is " + timeframe_text(candle.interval) + ", not " +
                                            timeframe_text(format.interval));
    }
    if (!parsed) {
      error = fail(ErrorCode::invalid, std::to_string(line) + ": " + std::move(parsed).error().what);
      return false;
    }
    if (!*parsed) continue;
    candle.interval = format.interval;
    if (!collector.add(candle, line)) return false;
  }
  return true;
}

CandleReader::CandleReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

CandleReader::CandleReader(CandleReader&&) noexcept = default;
CandleReader& CandleReader::operator=(CandleReader&&) noexcept = default;
CandleReader::~CandleReader() = default;

Result<CandleReader> CandleReader::open(ByteSource source, CandleReadOptions options) {
  auto state = std::make_unique<State>(std::move(source), std::move(options));
  AITRADE_TRY_STATUS(state->settle());
  return CandleReader(std::move(state));
}

const CandleFormat& CandleReader::format() const { return state_->format; }

Result<CandleReadSummary> CandleReader::read(const CandleSink& sink) {
  State& state = *state_;
  CandleCollector collector(state.format.interval, state.format.is_descending, state.options.duplicates, sink);
  if (!state.is_records) state.rows.emplace(state.layout, state.format.interval);
  for (;;) {
    const bool good = state.is_records ? state.read_record_run(collector) : state.read_table_run(collector);
    if (!good) {
      Error error = state.error ? *std::move(state.error) : collector.error();
      if (!collector.is_sink_error()) error.what.insert(0, state.source.name() + ":");
      return error;
    }
    AITRADE_TRY(const bool more, state.lines.fill());
    if (!more) break;
  }
  AITRADE_TRY(CandleReadSummary summary, collector.finish());
  summary.rounded = state.is_records ? state.records.rounded() : state.rows->rounded();
  if (summary.rows == 0) return fail(ErrorCode::invalid, state.source.name() + ": holds no candles");
  return summary;
}

Result<std::vector<Candle>> read_all_candles(ByteSource source, CandleReadOptions options) {
  AITRADE_TRY(CandleReader reader, CandleReader::open(std::move(source), std::move(options)));
  std::vector<Candle> candles;
  AITRADE_TRY([[maybe_unused]] const CandleReadSummary summary,
              reader.read([&candles](std::span<const Candle> batch) {
                candles.insert(candles.end(), batch.begin(), batch.end());
                return ok();
              }));
  return candles;
}

}  // namespace aitrade
