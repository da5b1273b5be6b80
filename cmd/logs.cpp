// `aitrade logs`: what the daemon wrote down, for people or as it is, and what it goes on to write.

#include <rapidjson/document.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/commands.h"
#include "cmd/compose.h"
#include "cmd/output.h"
#include "cmd/signals.h"

namespace aitrade::cli {
namespace {

constexpr milliseconds look_every{200};
constexpr std::size_t line_max = 64 * 1024;   // a line without an end is no line of ours

struct LogsOptions {
  bool follow{false};
  int lines{50};
  std::string level{"debug"}, types;
};

int rank_of(std::string_view level) {
  constexpr std::array<std::string_view, 5> levels{"debug", "info", "warn", "error", "critical"};
  const auto found = std::find(levels.begin(), levels.end(), level == "warning" ? "warn" : level);
  return found == levels.end() ? 1 : static_cast<int>(found - levels.begin());
}

/// Says whether an event is one of a list: "trade" is all of "trade.closed" and its like.
bool is_of(std::string_view event, std::string_view types) {
  while (!types.empty()) {
    const auto comma = std::min(types.find(','), types.size());
    const std::string_view type = types.substr(0, comma);
    if (event == type || (event.starts_with(type) && event.size() > type.size()
        && event[type.size()] == '.')) return true;
    types.remove_prefix(std::min(comma + 1, types.size()));
  }
  return false;
}

std::string shown(const rapidjson::Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  if (value.IsBool()) return value.GetBool() ? "yes" : "no";
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsNumber()) return shortest(value.GetDouble());
  return "-";
}

/// Prints the lines that were asked for.
class Printer {
 public:
  Printer(const LogsOptions& options, Context& context)
      : options_(options), context_(context), is_plain_(resolve_format(context, Format::ndjson) != Format::table) {}

  /// Returns the line as it is to be printed; empty when nobody asked for it.
  [[nodiscard]] std::string text_of(const std::string& line) const {
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
    if (json.HasParseError() || !json.IsObject()) return "";
    const auto field = [&json](const char* name) {
      const auto found = json.FindMember(name);
      return found == json.MemberEnd() ? std::string() : shown(found->value);
    };
    if (rank_of(field("level")) < rank_of(options_.level)) return "";
    if (!options_.types.empty() && !is_of(field("event"), options_.types)) return "";
    if (is_plain_) return line + "\n";
    std::string level = field("level"), event = field("event");
    level.resize(std::max(level.size(), std::size_t{5}), ' ');
    event.resize(std::max(event.size(), std::size_t{16}), ' ');
    const std::string time = field("ts");
    std::string text = time.substr(0, 10) + " " + (time.size() > 19 ? time.substr(11, 8)
        : "") + "  " + level + "  " + event;
    for (const auto& member : json.GetObject()) {
      const std::string_view name(member.name.GetString(), member.name.GetStringLength());
      if (name == "t" || name == "ts" || name == "level" || name == "event") continue;
      text.append("  ").append(name).append("=").append(shown(member.value));
    }
    return text + "\n";
  }

  void print(const std::string& line) { context_.out << text_of(line); }

 private:
  const LogsOptions& options_;
  Context& context_;
  bool is_plain_;
};

/// A file that grows, and is put aside for a new one now and then.
class Tail {
 public:
  explicit Tail(std::filesystem::path path) : path_(std::move(path)) {}

  /// Opens the file where it begins. False while there is none.
  bool open() {
    struct stat facts{};
    if (::stat(path_.c_str(), &facts) != 0) return false;
    in_ = std::ifstream(path_, std::ios::binary);
    inode_ = facts.st_ino;
    rest_.clear();
    return in_.is_open();
  }

  /// Calls `each` with every line that is complete.
  template <class Each>
  void read(Each each) {
    std::array<char, 16384> piece{};
    in_.clear();
    while (in_.read(piece.data(), piece.size()) || in_.gcount() > 0) {
      rest_.append(piece.data(), static_cast<std::size_t>(in_.gcount()));
      std::size_t at = 0;
      for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', at)) {
        each(rest_.substr(at, end - at));
        at = end + 1;
      }
      rest_.erase(0, at);
      if (rest_.size() > line_max) rest_.clear();
    }
  }

  /// Whether another file stands at the path by now.
  [[nodiscard]] bool is_replaced() const {
    struct stat facts{};
    return ::stat(path_.c_str(), &facts) == 0 && facts.st_ino != inode_;
  }

 private:
  std::filesystem::path path_;
  std::ifstream in_;
  ino_t inode_{0};
  std::string rest_;
};

Result<ExitCode> run_logs(const LogsOptions& options, Context& context) {
  StopSignals signals;
  const auto settings = load_settings(context);
  if (!settings) return report_failure(context, settings.error(), ExitCode::unsafe);
  const std::filesystem::path path = settings->paths.log_dir / "aitrade.log";
  Tail tail(path);
  if (!tail.open()) return fail(ErrorCode::not_found, "nothing has been written down yet (no '" + path.string() + "')");
  Printer printer(options, context);
  std::deque<std::string> last;
  tail.read([&](const std::string& line) {
    if (printer.text_of(line).empty()) return;
    last.push_back(line);
    if (last.size() > static_cast<std::size_t>(options.lines)) last.pop_front();
  });
  for (const std::string& line : last) printer.print(line);
  context.out.flush();
  while (options.follow && context.out) {
    if (const auto signal = signals.wait(look_every)) return *signal == SIGINT ? ExitCode::interrupted
        : ExitCode::terminated;
    const auto print = [&printer](const std::string& line) { printer.print(line); };
    tail.read(print);
    if (tail.is_replaced() && tail.open()) tail.read(print);
    context.out.flush();
  }
  return ExitCode::done;
}

}  // namespace

void add_logs(CommandList& commands) {
  auto [app, options] = commands.add<LogsOptions>(
      {.name = "logs",
       .group = "live",
       .summary = "print what the daemon wrote down",
       .examples = {"aitrade logs", "aitrade logs --follow --level warn",
                    "aitrade logs --follow --format ndjson --types trade,position | jq .pnl"},
       .details = "Reads the log file, so it works without a daemon, too. Rotation is followed. For people on a "
                  "terminal, else the lines as they are."},
      run_logs);
  app.add_flag("--follow,-f", options.follow, "go on with what is written from now on");
  app.add_option("--lines,-n", options.lines, "how many of the last lines")->capture_default_str()->check(CLI::Range(0,
      100000));
  app.add_option("--level", options.level, "this and worse")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--types", options.types, "events, such as trade,position,notice");
}

}  // namespace aitrade::cli
