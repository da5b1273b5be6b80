#include "core/report/report_document.h"

#include "core/report/number_text.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <charconv>

namespace aitrade {

namespace {

using Value = rapidjson::Value;

std::string text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Fact fact_of(const Value& value) {
  if (value.IsString()) {
    std::string text = text_of(value);
    const auto number = number_in(text);
    return {std::move(text), number};
  }
  if (value.IsBool()) return {value.GetBool() ? "yes" : "no", value.GetBool() ? 1.0 : 0.0};
  if (value.IsUint64()) return {std::to_string(value.GetUint64()), value.GetDouble()};
  if (value.IsNumber()) return {shortest_text(value.GetDouble()), value.GetDouble()};
  return {};
}

std::string string_at(const Value& object, const char* key) {
  const auto at = object.FindMember(key);
  return at != object.MemberEnd() && at->value.IsString() ? text_of(at->value) : std::string();
}

std::optional<double> number_at(const Value& object, const char* key) {
  const auto at = object.FindMember(key);
  return at == object.MemberEnd() ? std::nullopt : fact_of(at->value).number;
}

Time time_at(const Value& object, const char* key) {
  const auto time = parse_time(string_at(object, key));
  return time ? *time : Time{};
}

ReportTrade trade_of(const Value& v) {
  ReportTrade t;
  t.pair = string_at(v, "pair");
  t.strategy = string_at(v, "strategy");
  t.direction = string_at(v, "direction");
  t.reason = string_at(v, "reason");
  t.regime = string_at(v, "regime");
  t.opened_at = time_at(v, "opened_at");
  t.closed_at = time_at(v, "closed_at");
  t.quantity = number_at(v, "quantity").value_or(0);
  t.entry = number_at(v, "entry").value_or(0);
  t.exit = number_at(v, "exit").value_or(0);
  t.pnl = number_at(v, "pnl").value_or(0);
  t.fees = number_at(v, "fees").value_or(0);
  t.r = number_at(v, "r");
  t.mae = number_at(v, "mae").value_or(0);
  t.mfe = number_at(v, "mfe").value_or(0);
  return t;
}

ReportEquity equity_of(const Value& v) {
  return {time_at(v, "time"), number_at(v, "equity").value_or(0), number_at(v, "buy_and_hold")};
}

std::map<std::string, Fact> facts_of(const Value& object) {
  std::map<std::string, Fact> facts;
  for (const auto& member : object.GetObject()) {
    if (!member.value.IsObject()) {
      facts[text_of(member.name)] = fact_of(member.value);
      continue;
    }
    for (const auto& inner : member.value.GetObject()) {
      facts[text_of(member.name) + "." + text_of(inner.name)] = fact_of(inner.value);
    }
  }
  return facts;
}

std::vector<std::map<std::string, Fact>> rows_of(const Value& list) {
  std::vector<std::map<std::string, Fact>> rows;
  for (const Value& row : list.GetArray()) {
    if (row.IsObject()) rows.push_back(facts_of(row));
  }
  return rows;
}

void read_slices(const Value& by, ReportDocument& out) {
  for (const auto& group : by.GetObject()) {
    if (!group.value.IsObject()) continue;
    auto& slices = out.slices[text_of(group.name)];
    for (const auto& member : group.value.GetObject()) {
      const Value& v = member.value;
      if (!v.IsObject()) continue;
      slices.push_back({text_of(member.name), number_at(v, "trades").value_or(0),
                        number_at(v, "wins").value_or(0), number_at(v, "losses").value_or(0),
                        number_at(v, "net_profit").value_or(0), number_at(v, "fees").value_or(0)});
    }
  }
}

/// The numbers of a row such as [time, "1.5", "1.6"]; nothing when it has another shape.
std::optional<std::vector<double>> row_numbers(const Value& row, std::size_t size) {
  if (!row.IsArray() || row.Size() != size) return std::nullopt;
  std::vector<double> numbers;
  for (const Value& cell : row.GetArray()) {
    const auto number = fact_of(cell).number;
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

Time seconds_time(double s) {
  return Time::from_seconds(static_cast<std::int64_t>(s));
}

void read_prices(const Value& list, ReportDocument& out) {
  for (const Value& pair : list.GetArray()) {
    if (!pair.IsObject() || !pair.HasMember("rows") || !pair["rows"].IsArray()) continue;
    ReportPrices prices;
    prices.pair = string_at(pair, "pair");
    for (const Value& row : pair["rows"].GetArray()) {
      const auto n = row_numbers(row, 5);
      if (n) prices.bars.push_back({seconds_time((*n)[0]), (*n)[1], (*n)[2], (*n)[3], (*n)[4]});
    }
    out.prices.push_back(std::move(prices));
  }
}

void read_curve(const Value& list, ReportDocument& out) {
  for (const Value& row : list.GetArray()) {
    const auto n = row_numbers(row, 4);
    if (n) out.curve.push_back({seconds_time((*n)[0]), (*n)[1], (*n)[2], (*n)[3]});
  }
}

void read_refused(const Value& object, ReportDocument& out) {
  for (const auto& member : object.GetObject()) {
    out.refused.emplace_back(text_of(member.name), fact_of(member.value).number.value_or(0));
  }
  std::stable_sort(out.refused.begin(), out.refused.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
}

/// Reads the objects of one level: the sections besides the plain lists.
void read_object(const std::string& name, const Value& value, ReportDocument& out) {
  if (name == "metrics") {
    for (auto& [key, fact] : facts_of(value)) out.facts[key] = std::move(fact);
  } else if (name == "costs") {
    out.facts["fees"] = {string_at(value, "fees"), number_at(value, "fees")};
    out.facts["slippage"] = {string_at(value, "slippage"), number_at(value, "slippage")};
  } else if (name == "verdict") {
    out.facts["verdict"] = {string_at(value, "text"), {}};
    out.facts["verdict_kind"] = {string_at(value, "kind"), {}};
  } else if (name == "by") {
    read_slices(value, out);
  } else if (name == "refused") {
    read_refused(value, out);
  } else if (name == "monte_carlo") {
    out.monte_carlo = facts_of(value);
  } else if (name == "benchmarks") {
    for (const auto& member : value.GetObject()) {
      if (!member.value.IsObject()) continue;
      (text_of(member.name) == "random_entry" ? out.random_entry : out.buy_and_hold) =
          facts_of(member.value);
    }
  }
}

void read_array(const std::string& name, const Value& value, ReportDocument& out) {
  if (name == "coverage") out.coverage = rows_of(value);
  if (name == "sensitivity") {
    out.sensitivity = rows_of(value);
    out.has_sensitivity = !out.sensitivity.empty();
  }
  if (name == "prices") read_prices(value, out);
  if (name == "curve") read_curve(value, out);
  if (name != "trades" && name != "equity") return;
  for (const Value& row : value.GetArray()) {
    if (!row.IsObject()) continue;
    if (name == "trades") {
      out.trades.push_back(trade_of(row));
    } else {
      out.equity.push_back(equity_of(row));
    }
  }
}

void read_member(const std::string& name, const Value& value, ReportDocument& out) {
  if (value.IsObject()) {
    read_object(name, value, out);
  } else if (value.IsArray()) {
    read_array(name, value, out);
  } else {
    out.facts[name] = fact_of(value);
  }
}

Status read_record(const Value& record, ReportDocument& out) {
  const std::string kind = string_at(record, "t");
  if (kind == "metric") {
    const auto value = record.FindMember("value");
    if (value == record.MemberEnd()) return fail(ErrorCode::invalid, "a metric has no value");
    read_member(string_at(record, "name"), value->value, out);
  } else if (kind == "trade") {
    out.trades.push_back(trade_of(record));
  } else if (kind == "equity") {
    out.equity.push_back(equity_of(record));
  }
  return ok();
}

Error parse_error(const rapidjson::Document& document, std::size_t line) {
  std::string text = "not a backtest result: ";
  if (line > 0) text += "line " + std::to_string(line) + ": ";
  text += rapidjson::GetParseError_En(document.GetParseError());
  return fail(ErrorCode::invalid, text);
}

Result<ReportDocument> read_records(std::string_view text) {
  ReportDocument out;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError()) return parse_error(document, number);
    if (!document.IsObject()) {
      return fail(ErrorCode::invalid, "line " + std::to_string(number) + " is no record");
    }
    AITRADE_TRY_STATUS(read_record(document, out));
  }
  return out;
}

Result<ReportDocument> read_object_text(std::string_view text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) return parse_error(document, 0);
  constexpr std::string_view schema = "aitrade.backtest/1", tuned = "aitrade.tune/1";
  const std::string found = document.IsObject() ? string_at(document, "schema") : "";
  const bool is_tuned = found == tuned && document.HasMember("best") && document["best"].IsObject();
  if (found != schema && !is_tuned) {
    return fail(ErrorCode::invalid, "not a backtest result: its schema is \"" + found + "\", not " +
                                        std::string(schema));
  }
  // Of a search, its best trial is the result.
  const Value& result = is_tuned ? document["best"] : document;
  ReportDocument out;
  for (const auto& member : result.GetObject()) {
    read_member(text_of(member.name), member.value, out);
  }
  if (!is_tuned && out.text("result_hash").empty()) {
    return fail(ErrorCode::invalid, "not a backtest result: it has no result_hash");
  }
  return out;
}

}  // namespace

std::optional<double> ReportDocument::number(std::string_view name) const {
  const auto at = facts.find(std::string(name));
  return at == facts.end() ? std::nullopt : at->second.number;
}

std::string ReportDocument::text(std::string_view name) const {
  const auto at = facts.find(std::string(name));
  return at == facts.end() ? std::string() : at->second.text;
}

Result<ReportDocument> read_report(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return fail(ErrorCode::invalid, "the input is empty: expected what `backtest` prints");
  }
  text.remove_prefix(first);
  const bool is_stream = text.starts_with("{\"t\":");
  if (!is_stream) return read_object_text(text);
  AITRADE_TRY(ReportDocument document, read_records(text));
  if (document.text("result_hash").empty()) {
    return fail(ErrorCode::invalid, "not a backtest result: it has no result_hash");
  }
  return document;
}

}  // namespace aitrade
