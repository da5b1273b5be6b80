#include "core/report/report_json.h"

#include "core/report/metric_list.h"
#include "core/report/number_text.h"
#include "core/report/result_hash.h"
#include "core/report/verdict.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

namespace aitrade {

namespace {

/// RapidJSON's writer with our rules for numbers, amounts, times and the undefined.
class Json {
 public:
  void begin() { writer_.StartObject(); }

  void end() { writer_.EndObject(); }

  void begin_array() { writer_.StartArray(); }

  void end_array() { writer_.EndArray(); }

  void key(std::string_view name) { writer_.Key(name.data(), size_of(name)); }

  void value(std::monostate) { writer_.Null(); }

  void value(std::string_view text) { writer_.String(text.data(), size_of(text)); }

  void value(const char* text) { value(std::string_view(text)); }

  void value(bool flag) { writer_.Bool(flag); }

  void value(std::uint64_t number) { writer_.Uint64(number); }

  void value(std::uint32_t number) { writer_.Uint64(number); }

  void value(double number) {
    if (!std::isfinite(number)) return value(std::monostate{});
    const std::string text = shortest_text(number);
    writer_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
  }

  void value(Time t) { value(std::string_view(to_string(t))); }

  template <class Tag, int Decimals>
  void value(Fixed<Tag, Decimals> amount) {
    value(std::string_view(to_string(amount)));
  }

  void value(const MetricValue& metric) {
    std::visit([this](const auto& held) { value(held); }, metric);
  }

  template <class T>
  void pair(std::string_view name, const T& held) {
    key(name);
    value(held);
  }

  /// Returns what was written, ended by a newline, and starts anew.
  std::string line() {
    std::string text(buffer_.GetString(), buffer_.GetSize());
    buffer_.Clear();
    writer_.Reset(buffer_);
    return text + '\n';
  }

 private:
  static rapidjson::SizeType size_of(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// Daily equity is a double made from an exact amount; the text is that amount again.
MetricValue money_or_null(double amount) {
  const auto money = Money::from_double(amount, Rounding::half_even);
  if (!money) return std::monostate{};
  return *money;
}

void write_trade_fields(const TradeRecord& record, Json& json) {
  const TradeClosed& t = record.trade;
  json.pair("number", t.trade_number);
  json.pair("pair", record.symbol);
  json.pair("strategy", record.strategy);
  json.pair("direction", to_string(t.direction));
  json.pair("opened_at", t.opened_at);
  json.pair("closed_at", t.closed_at);
  json.pair("quantity", t.quantity);
  json.pair("entry", t.entry);
  json.pair("exit", t.exit);
  json.pair("initial_stop", t.initial_stop);
  json.pair("target", t.target);
  json.pair("pnl", t.pnl);
  json.pair("fees", t.fees);
  json.pair("slippage", t.slippage);
  json.pair("r", t.r_multiple);
  json.pair("mae", t.mae);
  json.pair("mfe", t.mfe);
  json.pair("bars", t.bars);
  json.pair("confidence", t.confidence);
  json.pair("reason", to_string(t.reason));
}

void write_equity_fields(const DailyPoint& point, Json& json) {
  json.pair("time", point.at);
  json.pair("equity", money_or_null(point.equity));
}

template <class Label>
void write_slices(std::string_view name, const std::map<Label, Slice>& slices, Json& json) {
  json.key(name);
  json.begin();
  for (const auto& [label, slice] : slices) {
    if constexpr (std::is_same_v<Label, int>) {
      json.key(std::to_string(label));
    } else {
      json.key(label);
    }
    json.begin();
    json.pair("trades", static_cast<std::uint64_t>(slice.trades));
    json.pair("wins", static_cast<std::uint64_t>(slice.wins));
    json.pair("losses", static_cast<std::uint64_t>(slice.losses));
    json.pair("net_profit", slice.net_profit);
    json.pair("fees", slice.fees);
    json.end();
  }
  json.end();
}

void write_coverage(const RunResult& run, Json& json) {
  json.key("coverage");
  json.begin_array();
  for (const PairCoverage& c : run.coverage) {
    json.begin();
    json.pair("pair", c.symbol);
    json.pair("timeframe", timeframe_text(c.timeframe));
    json.pair("first", c.first);
    json.pair("last", c.last);
    json.pair("bars", c.bars);
    json.pair("gaps", c.gaps);
    json.pair("missing", c.missing);
    json.pair("filled", c.filled);
    json.end();
  }
  json.end_array();
}

void write_identity(const RunResult& run, Json& json) {
  json.pair("schema", "aitrade.backtest/1");
  json.pair("version", run.identity.version);
  json.pair("command", run.identity.command_line);
  json.pair("result_hash", result_hash(run));
  json.pair("data_fingerprint", run.identity.data_fingerprint);
  json.pair("config_hash", run.identity.config_hash);
  json.pair("seed", run.identity.seed);
  json.pair("currency", run.identity.currency);
  json.pair("bars", run.bars);
  json.pair("initial_equity", run.initial_equity);
  json.pair("final_equity", run.final_equity);
  json.pair("ambiguous_bars", run.ambiguous_bars);
  json.pair("too_small", run.too_small);
  json.pair("decisions", run.decisions);
  json.pair("entries", run.entries);
}

void write_verdict(const RunResult& run, const Metrics& metrics, Json& json) {
  const Verdict verdict = verdict_on(run, metrics);
  json.key("verdict");
  json.begin();
  json.pair("kind", to_string(verdict.kind));
  json.pair("text", verdict.sentence);
  json.pair("audit_suggested", !metrics.suspicions.empty());
  json.end();
}

void write_costs(const RunResult& run, Json& json) {
  json.key("costs");
  json.begin();
  json.pair("fees", run.fees);
  json.pair("slippage", run.slippage);
  json.end();
}

void write_refused(const RunResult& run, Json& json) {
  json.key("refused");
  json.begin();
  for (const auto& [reason, count] : run.refused)
    json.pair(to_string(reason), count);
  json.end();
}

void write_breakdown(const RunResult& run, Json& json) {
  const Attribution parts = attribute(run.trades, run.identity.tick);
  json.key("by");
  json.begin();
  write_slices("pair", parts.by_pair, json);
  write_slices("strategy", parts.by_strategy, json);
  write_slices("exit", parts.by_exit, json);
  write_slices("hour", parts.by_hour, json);
  json.end();
}

void write_timing(const RunTiming& timing, Json& json) {
  json.key("timing");
  json.begin();
  json.pair("elapsed_ms", timing.elapsed_ms);
  json.pair("bars_per_second", timing.bars_per_second);
  json.end();
}

void write_lists(const RunResult& run, const ReportOptions& options, Json& json) {
  if (options.trades) {
    json.key("trades");
    json.begin_array();
    for (const TradeRecord& record : run.trades) {
      json.begin();
      write_trade_fields(record, json);
      json.end();
    }
    json.end_array();
  }
  if (options.equity) {
    json.key("equity");
    json.begin_array();
    for (const DailyPoint& point : run.equity.daily) {
      json.begin();
      write_equity_fields(point, json);
      json.end();
    }
    json.end_array();
  }
}

template <class T>
void write_metric_line(std::string_view name, const T& value, Json& json, std::string& out) {
  json.begin();
  json.pair("t", "metric");
  json.pair("name", name);
  json.pair("value", value);
  json.end();
  out += json.line();
}

}  // namespace

std::string backtest_json(const RunResult& run, const Metrics& metrics,
                          const ReportOptions& options) {
  Json json;
  json.begin();
  write_identity(run, json);
  json.key("metrics");
  json.begin();
  for (const NamedMetric& metric : metric_list(metrics))
    json.pair(metric.name, metric.value);
  json.end();
  write_costs(run, json);
  write_coverage(run, json);
  write_refused(run, json);
  write_breakdown(run, json);
  write_verdict(run, metrics, json);
  write_lists(run, options, json);
  if (options.timing) write_timing(*options.timing, json);
  json.end();
  return json.line();
}

std::string backtest_ndjson(const RunResult& run, const Metrics& metrics,
                            const ReportOptions& options) {
  Json json;
  std::string out;
  write_metric_line("result_hash", result_hash(run), json, out);
  write_metric_line("data_fingerprint", run.identity.data_fingerprint, json, out);
  write_metric_line("config_hash", run.identity.config_hash, json, out);
  write_metric_line("seed", run.identity.seed, json, out);
  write_metric_line("currency", run.identity.currency, json, out);
  write_metric_line("bars", run.bars, json, out);
  write_metric_line("initial_equity", run.initial_equity, json, out);
  write_metric_line("final_equity", run.final_equity, json, out);
  write_metric_line("fees", run.fees, json, out);
  write_metric_line("slippage", run.slippage, json, out);
  write_metric_line("ambiguous_bars", run.ambiguous_bars, json, out);
  write_metric_line("too_small", run.too_small, json, out);
  write_metric_line("decisions", run.decisions, json, out);
  write_metric_line("entries", run.entries, json, out);
  for (const NamedMetric& metric : metric_list(metrics)) {
    write_metric_line(metric.name, metric.value, json, out);
  }
  write_metric_line("verdict", verdict_on(run, metrics).sentence, json, out);
  if (options.timing) {
    write_metric_line("elapsed_ms", options.timing->elapsed_ms, json, out);
    write_metric_line("bars_per_second", options.timing->bars_per_second, json, out);
  }
  for (const TradeRecord& record : run.trades) {
    json.begin();
    json.pair("t", "trade");
    write_trade_fields(record, json);
    json.end();
    out += json.line();
  }
  for (const DailyPoint& point : run.equity.daily) {
    json.begin();
    json.pair("t", "equity");
    write_equity_fields(point, json);
    json.end();
    out += json.line();
  }
  return out;
}

}  // namespace aitrade
