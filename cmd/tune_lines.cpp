#include "cmd/tune_lines.h"

#include <utility>

#include <rapidjson/document.h>

#include "cmd/output.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

using rapidjson::Value;

void optional_field(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

/// Reads members of one trial; remembers whether all were there and of their kind.
class Reader {
 public:
  explicit Reader(const Value& object) : object_(object) {}

  std::uint64_t count(const char* name) {
    const Value* v = find(name);
    if (v == nullptr || !v->IsUint64()) return bad(), 0;
    return v->GetUint64();
  }

  double number(const char* name) {
    const auto value = maybe(name);
    if (!value) bad();
    return value.value_or(0);
  }

  std::optional<double> maybe(const char* name) {
    const Value* v = find(name);
    if (v != nullptr && v->IsNull()) return std::nullopt;
    if (v == nullptr || !v->IsNumber()) return bad(), std::nullopt;
    return v->GetDouble();
  }

  Money money(const char* name) {
    const Value* v = find(name);
    const auto amount = v != nullptr && v->IsString() ? Money::parse(v->GetString()) : Money::parse("");
    if (!amount) return bad(), Money{};
    return *amount;
  }

  std::vector<double> numbers(const char* name) {
    std::vector<double> out;
    const Value* v = find(name);
    if (v == nullptr || !v->IsArray()) return bad(), out;
    for (const Value& item : v->GetArray()) {
      if (!item.IsNumber()) return bad(), out;
      out.push_back(item.GetDouble());
    }
    return out;
  }

  std::string text(const char* name) {
    const Value* v = find(name);
    if (v == nullptr || !v->IsString()) return bad(), std::string();
    return {v->GetString(), v->GetStringLength()};
  }

  bool flag(const char* name) {
    const Value* v = find(name);
    if (v == nullptr || !v->IsBool()) return bad(), false;
    return v->GetBool();
  }

  Time time(const char* name) {
    const auto value = parse_time(text(name));
    if (!value) return bad(), Time{};
    return *value;
  }

  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  [[nodiscard]] const Value* find(const char* name) const {
    const auto at = object_.FindMember(name);
    return at == object_.MemberEnd() ? nullptr : &at->value;
  }

  void bad() { is_whole_ = false; }

  const Value& object_;
  bool is_whole_{true};
};

/// Reads the axes of a header.
std::optional<std::vector<ml::Axis>> axes_in(const Value& header) {
  const auto list = header.FindMember("parameters");
  if (list == header.MemberEnd() || !list->value.IsArray()) return std::nullopt;
  std::vector<ml::Axis> out;
  for (const Value& item : list->value.GetArray()) {
    if (!item.IsObject()) return std::nullopt;
    Reader read(item);
    ml::Axis axis;
    axis.name = read.text("name");
    axis.low = read.number("low");
    axis.high = read.number("high");
    axis.step = read.number("step");
    axis.is_integer = read.flag("whole");
    if (!read.is_whole()) return std::nullopt;
    out.push_back(std::move(axis));
  }
  return out;
}

}  // namespace

std::string line_of(const TrialRecord& trial) {
  JsonWriter json;
  json.begin_object().field("t", "trial").field("number", trial.number).key("point").begin_array();
  for (const double value : trial.point) json.number(value);
  json.end_array();
  json.field("trades", trial.trades).field("pauses", trial.pauses);
  json.field("net_profit", to_string(trial.net_profit)).field("final_equity", to_string(trial.final_equity));
  json.field("fees", to_string(trial.fees));
  json.field("total_return", trial.total_return).field("max_drawdown", trial.max_drawdown);
  optional_field(json, "sharpe", trial.sharpe);
  optional_field(json, "sortino", trial.sortino);
  optional_field(json, "calmar", trial.calmar);
  optional_field(json, "profit_factor", trial.profit_factor);
  optional_field(json, "expectancy_r", trial.expectancy_r);
  optional_field(json, "win_rate", trial.win_rate);
  json.key("daily").begin_array();
  for (const double value : trial.daily) json.number(value);
  json.end_array().end_object();
  return json.take();
}

std::optional<TrialRecord> trial_of(const std::string& line, std::size_t axes) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseFullPrecisionFlag>(line.c_str(), line.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  Reader read(json);
  TrialRecord trial;
  trial.number = read.count("number");
  trial.point = read.numbers("point");
  trial.trades = read.count("trades");
  trial.pauses = read.count("pauses");
  trial.net_profit = read.money("net_profit");
  trial.final_equity = read.money("final_equity");
  trial.fees = read.money("fees");
  trial.total_return = read.number("total_return");
  trial.max_drawdown = read.number("max_drawdown");
  trial.sharpe = read.maybe("sharpe");
  trial.sortino = read.maybe("sortino");
  trial.calmar = read.maybe("calmar");
  trial.profit_factor = read.maybe("profit_factor");
  trial.expectancy_r = read.maybe("expectancy_r");
  trial.win_rate = read.maybe("win_rate");
  trial.daily = read.numbers("daily");
  if (!read.is_whole() || trial.point.size() != axes) return std::nullopt;
  return trial;
}

std::string Study::header() const {
  JsonWriter json;
  json.begin_object().field("t", "study").field("schema", "aitrade.trials/1");
  json.field("version", build_info().version).field("build", build_info().build);
  json.field("strategy", strategy).field("pair", pair).field("timeframe", timeframe);
  json.field("data_fingerprint", data_fingerprint).field("config_hash", config_hash);
  json.field("bars", bars).field("first", to_string(first)).field("last", to_string(last));
  json.field("method", method).field("seed", seed).field("allow_shorts", allow_shorts);
  json.key("objective");
  objective.empty() ? json.null() : json.string(objective);
  json.key("min_trades");
  objective.empty() ? json.null() : json.integer(static_cast<std::int64_t>(trades_min));
  json.key("parameters").begin_array();
  for (const ml::Axis& axis : axes) {
    json.begin_object().field("name", axis.name).field("low", axis.low).field("high", axis.high);
    json.field("step", axis.step).field("whole", axis.is_integer).end_object();
  }
  return json.end_array().end_object().take();
}

std::string Study::id() const {
  constexpr std::size_t digits = 12;
  return sha256_hex(header()).substr(0, digits);
}

std::optional<Study> study_of_line(const std::string& line) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseFullPrecisionFlag>(line.c_str(), line.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  Reader read(json);
  Study study;
  study.strategy = read.text("strategy");
  study.pair = read.text("pair");
  study.timeframe = read.text("timeframe");
  study.data_fingerprint = read.text("data_fingerprint");
  study.config_hash = read.text("config_hash");
  study.bars = read.count("bars");
  study.first = read.time("first");
  study.last = read.time("last");
  study.method = read.text("method");
  study.seed = read.count("seed");
  study.allow_shorts = read.flag("allow_shorts");
  if (json.HasMember("objective") && json["objective"].IsString()) {
    study.objective = read.text("objective");
    study.trades_min = read.count("min_trades");
  }
  auto axes = axes_in(json);
  if (!read.is_whole() || read.text("schema") != "aitrade.trials/1" || !axes) return std::nullopt;
  study.axes = std::move(*axes);
  return study;
}

}  // namespace aitrade::cli
