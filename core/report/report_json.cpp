#include "core/report/report_json.h"

#include "core/report/json_line.h"
#include "core/report/json_sections.h"
#include "core/report/metric_list.h"
#include "core/report/result_hash.h"
#include "core/report/verdict.h"

namespace aitrade {

namespace {

/// One day: equity, and what holding would have had then.
void write_equity_fields(const RunResult& run, const Metrics& m, std::size_t day, Json& json) {
  const DailyPoint& point = run.equity.daily[day];
  json.pair("time", point.at);
  json.pair("equity", money_or_null(point.equity));
  if (m.buy_and_hold) json.pair("buy_and_hold", money_or_null(m.buy_and_hold->equity[day]));
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
  json.pair("strategies", run.identity.strategies);
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

/// The risk of ruin with its state: what is not known is null, never zero.
void write_ruin(const RunResult& run, Json& json) {
  json.key("risk_of_ruin");
  json.begin();
  json.pair("state", run.ruin.state);
  json.pair("trades", run.ruin.trades);
  json.pair("trades_min", run.ruin.trades_min);
  json.pair("probability", run.ruin.probability);
  json.end();
}

void write_costs(const RunResult& run, Json& json) {
  json.key("costs");
  json.begin();
  json.pair("fees", run.fees);
  json.pair("slippage", run.slippage);
  json.end();
}

void write_timing(const RunTiming& timing, Json& json) {
  json.key("timing");
  json.begin();
  json.pair("elapsed_ms", timing.elapsed_ms);
  json.pair("bars_per_second", timing.bars_per_second);
  json.end();
}

void write_lists(const RunResult& run, const Metrics& metrics, const ReportOptions& options,
                 Json& json) {
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
    for (std::size_t day = 0; day < run.equity.daily.size(); ++day) {
      json.begin();
      write_equity_fields(run, metrics, day, json);
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
  write_ruin(run, json);
  for (const JsonSection& section : json_sections()) {
    if (section.with_equity && !options.equity) continue;
    json.key(section.name);
    section.write(run, metrics, json);
  }
  write_verdict(run, metrics, json);
  write_lists(run, metrics, options, json);
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
  const Verdict verdict = verdict_on(run, metrics);
  write_metric_line("verdict", verdict.sentence, json, out);
  write_metric_line("verdict_kind", to_string(verdict.kind), json, out);
  write_metric_line("version", run.identity.version, json, out);
  write_metric_line("command", run.identity.command_line, json, out);
  write_metric_line("strategies", run.identity.strategies, json, out);
  for (const JsonSection& section : json_sections()) {
    json.begin();
    json.pair("t", "metric");
    json.pair("name", section.name);
    json.key("value");
    section.write(run, metrics, json);
    json.end();
    out += json.line();
  }
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
  for (std::size_t day = 0; day < run.equity.daily.size(); ++day) {
    json.begin();
    json.pair("t", "equity");
    write_equity_fields(run, metrics, day, json);
    json.end();
    out += json.line();
  }
  return out;
}

}  // namespace aitrade
