#include "cmd/tune_ledger.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "cmd/output.h"
#include "core/report/result_hash.h"

namespace aitrade::cli {
namespace {

using rapidjson::Value;

Error system_error(const std::filesystem::path& path, const char* what) {
  const int number = errno;
  const bool is_full = number == ENOSPC || number == EROFS || number == EACCES || number == EPERM || number == EDQUOT;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              "trial ledger " + path.string() + ": " + what + ": " + std::strerror(number));
}

void optional_field(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

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

/// Says which keys of two headers differ.
std::string differences(const std::string& there, const std::string& wanted) {
  rapidjson::Document a, b;
  if (a.Parse(there.c_str()).HasParseError() || !a.IsObject()) return "its first line is no header";
  b.Parse(wanted.c_str());
  std::string names;
  for (const auto& member : b.GetObject()) {
    const auto at = a.FindMember(member.name);
    if (at != a.MemberEnd() && at->value == member.value) continue;
    names += (names.empty() ? "" : ", ") + std::string(member.name.GetString());
  }
  return names.empty() ? "its header has other keys" : "it differs in " + names;
}

}  // namespace

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

TrialLedger::TrialLedger(TrialLedger&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)), known_(std::move(other.known_)) {}

TrialLedger& TrialLedger::operator=(TrialLedger&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(path_, other.path_);
  std::swap(known_, other.known_);
  return *this;
}

TrialLedger::~TrialLedger() {
  if (file_ >= 0) ::close(file_);
}

Result<TrialLedger> TrialLedger::open(const std::filesystem::path& path, const Study& study) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return system_error(path, "open");
  TrialLedger ledger(file, path);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::busy, "trial ledger " + path.string() + ": another process writes it");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t end = text.rfind('\n');
  text.resize(end == std::string::npos ? 0 : end + 1);   // what follows was torn
  if (::ftruncate(file, static_cast<off_t>(text.size())) != 0) return system_error(path, "truncate");
  if (text.empty()) {
    AITRADE_TRY_STATUS(ledger.write(study.header()));
  } else {
    AITRADE_TRY_STATUS(ledger.load(text, study));
  }
  return ledger;
}

Status TrialLedger::load(const std::string& text, const Study& study) {
  std::size_t at = 0;
  for (std::size_t line = 1; at < text.size(); ++line) {
    const std::size_t end = text.find('\n', at);
    const std::string row = text.substr(at, end - at);
    at = end + 1;
    if (line == 1) {
      if (row == study.header()) continue;
      return fail(ErrorCode::invalid, "trial ledger " + path_.string() + " is of another search: " +
                                          differences(row, study.header()));
    }
    auto trial = trial_of(row, study.axes.size());
    if (!trial) {
      return fail(ErrorCode::corrupt, "trial ledger " + path_.string() + ": line " + std::to_string(line) +
                                          " is no trial");
    }
    known_.push_back(std::move(*trial));
  }
  std::stable_sort(known_.begin(), known_.end(),
                   [](const TrialRecord& a, const TrialRecord& b) { return a.number < b.number; });
  return ok();
}

Status TrialLedger::write(const std::string& line) {
  const std::string text = line + '\n';
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file_, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return system_error(path_, "write");
    done += static_cast<std::size_t>(wrote);
  }
  return ok();
}

Status TrialLedger::append(const TrialRecord& trial) {
  return write(line_of(trial));
}

}  // namespace aitrade::cli
