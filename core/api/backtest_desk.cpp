#include "core/api/backtest_desk.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/api/child_process.h"
#include "core/api/json.h"
#include "core/store/digest.h"

namespace aitrade {
namespace {

constexpr std::chrono::milliseconds look_every{50};
constexpr std::size_t error_bytes = 500;

bool is_run_id(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

/// "bt-20220125-110300-7f3a12": sorts by time, and no two are the same.
std::string make_id(Time now) {
  std::string id = "bt-";
  for (const char c : to_string(now).substr(0, 19)) {
    if (c >= '0' && c <= '9') id += c;
    if (c == 'T') id += '-';
  }
  return id + "-" + to_hex(random_bytes(3));
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) return fail(ErrorCode::full, path.string() + ": cannot be written");
  }
  std::error_code failure;
  std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failure);
  std::filesystem::rename(fresh, path, failure);
  if (failure) return fail(ErrorCode::io, path.string() + ": " + failure.message());
  return ok();
}

std::string csv_of(const std::vector<Candle>& candles) {
  std::string text = "time,open,high,low,close,volume\n";
  for (const Candle& c : candles) {
    text += std::to_string(c.open_time.seconds_floor());
    for (const Price price : {c.open, c.high, c.low, c.close}) text += "," + to_string(price);
    text += "," + std::to_string(c.volume) + "\n";
  }
  return text;
}

std::string text_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

/// A result whose command names no place of this machine: whoever may read it need not know them.
std::string without_paths(std::string result, const std::string& pair) {
  constexpr std::string_view key = "\"command\":\"";
  const auto begin = result.find(key);
  if (begin == std::string::npos) return result;
  auto end = begin + key.size();
  while (end < result.size() && result[end] != '"') end += result[end] == '\\' ? 2U : 1U;
  if (end < result.size()) result.replace(begin + key.size(), end - begin - key.size(), "aitrade backtest " + pair);
  return result;
}

/// The numbers of a result, without its lists: the figures that runs are compared by.
std::string summary_of(const std::string& result) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(result.data(), result.size());
  if (json.HasParseError() || !json.IsObject()) return {};
  // Long lists stay in the result, and so does how it was called: paths are nobody's business here.
  for (const char* part : {"trades", "equity", "curve", "prices", "command"}) json.RemoveMember(part);
  return text_of(json);
}

}  // namespace

struct BacktestDesk::Job {
  std::string id, actor;
  TenantId tenant;
  BacktestWish wish;
  std::filesystem::path folder;
  Time created, started, completed;
  std::uint64_t bars{0};
  std::string status{"queued"}, error, summary;   // guarded by the desk's mutex, as the next two
  double progress{0};
  bool has_report{false};
  std::atomic<bool> is_cancelled{false};

  [[nodiscard]] std::string json() const {
    Json out;
    out.begin();
    out.field("schema", "aitrade.backtest_run/1");
    out.field("run_id", id);
    out.field("status", status);
    out.field("progress", progress);
    out.field("pair", wish.pair);
    out.field("timeframe", wish.timeframe);
    out.field("strategy", wish.strategy.empty() ? "all" : wish.strategy);
    out.field("source", wish.is_of_engine ? "engine" : "store");
    out.maybe("from", wish.from);
    out.maybe("to", wish.to);
    out.field("seed", wish.seed);
    if (bars > 0) out.field("bars", static_cast<std::int64_t>(bars));
    else out.field("bars", std::optional<double>{});
    out.key("settings");
    out.begin();
    for (const auto& [name, value] : wish.settings) out.field(name, value);
    out.end();
    out.field("actor", actor);
    out.time("created_at", created);
    out.time("started_at", started);
    out.time("completed_at", completed);
    out.maybe("error", error);
    out.field("has_report", has_report);
    out.raw("summary", summary);
    out.end();
    return out.take();
  }
};

BacktestDesk::BacktestDesk(BacktestPlace place, BacktestLimits limits)
    : place_(std::move(place)), limits_(limits) {
  std::error_code failure;
  // As the kernel names files in /proc, by which progress is seen.
  std::filesystem::create_directories(place_.folder, failure);
  if (const auto real = std::filesystem::canonical(place_.folder, failure); !failure) place_.folder = real;
  mark_left_over();
  thread_ = std::thread([this] { run(); });
}

BacktestDesk::~BacktestDesk() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (const auto& [id, job] : jobs_) job->is_cancelled = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::filesystem::path BacktestDesk::folder_of(const TenantId& tenant, const std::string& id) const {
  return place_.folder / tenant.name / id;
}

void BacktestDesk::mark_left_over() {
  std::error_code failure;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place_.folder, failure)) {
    if (entry.path().filename() != "run.json") continue;
    rapidjson::Document json;
    const std::string text = read_file(entry.path());
    json.Parse(text.data(), text.size());
    if (json.HasParseError() || !json.IsObject() || !json.HasMember("status") || !json["status"].IsString()) continue;
    const std::string_view status = json["status"].GetString();
    if (status != "queued" && status != "running") continue;
    json["status"].SetString("cancelled");
    json.RemoveMember("error");
    json.AddMember("error", "the daemon ended", json.GetAllocator());
    static_cast<void>(write_file(entry.path(), text_of(json)));
  }
}

/// The oldest runs go when there are too many.
void BacktestDesk::prune(const TenantId& tenant) const {
  std::vector<std::filesystem::path> runs;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(place_.folder / tenant.name, failure)) {
    if (!jobs_.contains(entry.path().filename().string())) runs.push_back(entry.path());
  }
  std::sort(runs.begin(), runs.end());
  while (runs.size() >= limits_.kept) {
    std::filesystem::remove_all(runs.front(), failure);
    runs.erase(runs.begin());
  }
}

Result<std::string> BacktestDesk::start(const TenantId& tenant, BacktestWish wish, const std::string& actor) {
  auto job = std::make_shared<Job>();
  job->created = place_.wall();
  job->id = make_id(job->created);
  job->tenant = tenant;
  job->actor = actor;
  job->folder = folder_of(tenant, job->id);
  job->bars = wish.candles.size();
  const std::lock_guard lock(mutex_);
  if (is_stopping_ || jobs_.size() > limits_.waiting) {
    return fail(ErrorCode::busy, "too many backtests wait; try again when one has ended");
  }
  prune(tenant);
  std::error_code failure;
  std::filesystem::create_directories(job->folder, failure);
  if (failure) return fail(ErrorCode::io, job->folder.string() + ": " + failure.message());
  std::filesystem::permissions(place_.folder, std::filesystem::perms::owner_all, failure);
  if (wish.is_of_engine) AITRADE_TRY_STATUS(write_file(job->folder / "candles.csv", csv_of(wish.candles)));
  wish.candles.clear();
  job->wish = std::move(wish);
  AITRADE_TRY_STATUS(write_file(job->folder / "run.json", job->json()));
  jobs_[job->id] = job;
  queue_.push_back(job->id);
  wake_.notify_all();
  return job->id;
}

void BacktestDesk::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;   // stopping, and all are marked
    const std::shared_ptr<Job> job = jobs_.at(queue_.front());
    queue_.pop_front();
    if (!job->is_cancelled) {
      job->status = "running";
      job->started = place_.wall();
      static_cast<void>(write_file(job->folder / "run.json", job->json()));
      changed_.notify_all();
      lock.unlock();
      serve(*job);
      lock.lock();
    } else {
      lock.unlock();
      end(*job, "cancelled", why_cancelled());
      lock.lock();
    }
    jobs_.erase(job->id);
    changed_.notify_all();
  }
}

/// Waits for one program, watching how far it has read its candles. Returns its exit code.
int BacktestDesk::run_step(Job& job, std::vector<std::string> words, const std::string& out) {
  words.insert(words.begin(), place_.program.string());
  words.insert(words.end(), place_.arguments.begin(), place_.arguments.end());
  const std::filesystem::path candles = job.folder / "candles.csv";
  auto child = ChildProcess::start({std::move(words), place_.environment, job.folder / out, job.folder / "messages.txt"});
  if (!child) return 127;
  const auto limit = std::chrono::steady_clock::now() + limits_.longest;
  std::error_code failure;
  const double size = static_cast<double>(std::filesystem::file_size(candles, failure));
  for (;;) {
    if (const auto code = child->ended()) return *code;
    if (job.is_cancelled || std::chrono::steady_clock::now() > limit) {
      child->kill();
    } else if (const auto position = child->position_in(candles); position && !failure && size > 0) {
      const std::lock_guard lock(mutex_);
      job.progress = std::max(job.progress, std::min(0.9, 0.9 * static_cast<double>(*position) / size));
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, look_every, [&job] { return job.is_cancelled.load(); });
  }
}

std::string_view BacktestDesk::why_cancelled() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_ ? "the daemon ended" : "";
}

void BacktestDesk::serve(Job& job) {
  const BacktestWish& wish = job.wish;
  const std::string candles = (job.folder / "candles.csv").string(), result = (job.folder / "result.json").string();
  std::vector<std::string> words{"backtest", wish.is_of_engine ? candles : wish.pair, "--json", "--trades", "--equity",
                                 "-q", "--tf", wish.timeframe, "--seed", std::to_string(wish.seed)};
  const auto add = [&words](const char* flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  if (wish.is_of_engine) add("--pair", wish.pair);
  add("--strategy", wish.strategy);
  add("--from", wish.from);
  add("--to", wish.to);
  for (const std::string& one : place_.settings) add("--set", one);
  add("--set", "app.mode=\"paper\"");
  for (const auto& [name, value] : wish.settings) add("--set", name + "=" + value);
  int code = run_step(job, std::move(words), "result.json");
  if (job.is_cancelled) return end(job, "cancelled", why_cancelled());
  if (code != 0) {
    const std::string said = read_file(job.folder / "messages.txt");
    return end(job, "failed", code == 128 + 9 ? "took too long" : said.empty() ? "it failed" : said.substr(0, error_bytes));
  }
  const std::string found = without_paths(read_file(result), wish.pair);
  const Status kept = write_file(result, found);
  if (!kept) return end(job, "failed", "the result cannot be written");
  const std::string summary = summary_of(found);
  {
    const std::lock_guard lock(mutex_);
    job.progress = 0.95;
    job.summary = summary;
  }
  code = run_step(job, {"report", result, "--html", "-q"}, "report.html");
  if (job.is_cancelled) return end(job, "cancelled", why_cancelled());
  {
    const std::lock_guard lock(mutex_);
    job.progress = 1;
    job.has_report = code == 0;
  }
  end(job, "completed", "");
}

void BacktestDesk::end(Job& job, std::string_view status, std::string_view error) {
  const std::lock_guard lock(mutex_);
  job.status = status;
  job.error = error;
  job.completed = place_.wall();
  static_cast<void>(write_file(job.folder / "run.json", job.json()));   // a full disk: the run is told as cut off
}

bool BacktestDesk::await(const std::string& id, std::string_view status, milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] {
    const auto found = jobs_.find(id);
    return found == jobs_.end() || found->second->status == status;
  });
}

std::vector<std::string> BacktestDesk::list(const TenantId& tenant, std::size_t limit) const {
  std::vector<std::string> ids;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(place_.folder / tenant.name, failure)) {
    ids.push_back(entry.path().filename().string());
  }
  std::sort(ids.begin(), ids.end(), std::greater<>());
  ids.resize(std::min(limit, ids.size()));
  std::vector<std::string> runs;
  for (const std::string& id : ids) {
    if (auto run = find(tenant, id)) runs.push_back(*std::move(run));
  }
  return runs;
}

Result<std::string> BacktestDesk::find(const TenantId& tenant, const std::string& id) const {
  const auto none = [] { return fail(ErrorCode::not_found, "there is no such run"); };
  if (!is_run_id(id)) return none();
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found != jobs_.end()) return found->second->tenant == tenant ? Result<std::string>(found->second->json()) : none();
  }
  std::string text = read_file(folder_of(tenant, id) / "run.json");
  if (text.empty()) return none();
  return text;
}

Status BacktestDesk::cancel(const TenantId& tenant, const std::string& id) {
  AITRADE_TRY_STATUS(find(tenant, id).has_value() ? ok() : Status(fail(ErrorCode::not_found, "there is no such run")));
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return fail(ErrorCode::rejected, "that run has ended");
  found->second->is_cancelled = true;
  wake_.notify_all();
  return ok();
}

Result<std::filesystem::path> BacktestDesk::file(const TenantId& tenant, const std::string& id,
                                                 std::string_view name) const {
  const auto none = [] { return fail(ErrorCode::not_found, "there is no such file"); };
  if (!is_run_id(id)) return none();
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.contains(id)) return none();
  }
  std::filesystem::path path = folder_of(tenant, id) / name;
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure || size == 0) return none();
  return path;
}

std::pair<std::size_t, std::size_t> BacktestDesk::fill() const {
  const std::lock_guard lock(mutex_);
  return {jobs_.size(), limits_.waiting + 1};
}

}  // namespace aitrade
