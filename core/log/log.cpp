#include "core/log/log.h"

#include "core/log/redact.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <mutex>
#include <sys/stat.h>
#include <utility>

namespace aitrade {

namespace {

constexpr std::size_t longest_line = 8192;  // bytes

const char* word_of(Log::Level level) {
  switch (level) {
    case Log::Level::trace:
      return "trace";
    case Log::Level::debug:
      return "debug";
    case Log::Level::info:
      return "info";
    case Log::Level::warn:
      return "warn";
    case Log::Level::error:
      return "error";
  }
  return "info";
}

spdlog::level::level_enum level_of(Log::Level level) {
  return static_cast<spdlog::level::level_enum>(level);  // the same five, in the same order
}

/// Escapes for a JSON string; also fine inside the quotes of a text line.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
}

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

std::string color_of(Log::Level level) {
  switch (level) {
    case Log::Level::error:
      return "\033[31m";
    case Log::Level::warn:
      return "\033[33m";
    case Log::Level::info:
      return "\033[32m";
    default:
      return "\033[2m";
  }
}

struct Line {
  Log::Level level;
  Time time;
  std::string event;
  LogFields fields;
};

std::string as_text(const Line& line, bool color) {
  std::string out = to_string(line.time) + ' ';
  const std::string word = word_of(line.level);
  out += color ? color_of(line.level) + word + "\033[0m" : word;
  out += std::string(word.size() < 5 ? 6 - word.size() : 1, ' ');
  append_escaped(out, line.event);
  for (const LogField& field : line.fields) {
    out += ' ';
    append_escaped(out, field.name);
    out += '=';
    if (is_plain(field.value)) {
      out += field.value;
    } else {
      out += '"';
      append_escaped(out, field.value);
      out += '"';
    }
  }
  return out;
}

std::string as_json(const Line& line) {
  std::string out = R"({"t":"log","ts":")" + to_string(line.time) + R"(","level":")" +
                    word_of(line.level) + R"(","event":")";
  append_escaped(out, line.event);
  out += '"';
  for (const LogField& field : line.fields) {
    out += ",\"";
    append_escaped(out, field.name);
    out += "\":";
    if (field.is_text) out += '"';
    append_escaped(out, field.value);
    if (field.is_text) out += '"';
  }
  return out + "}";
}

/// Keeps a line within its limit by shortening its longest values, so that JSON stays JSON.
void shorten(Line& line) {
  std::size_t size = line.event.size();
  for (const LogField& field : line.fields)
    size += field.name.size() + field.value.size() + 8;
  constexpr std::size_t room = longest_line / 2;  // escaping may double what is here
  if (size <= room) return;
  const std::size_t each = room / (line.fields.size() + 1);
  const auto cut = [each](std::string& text) {
    if (text.size() <= each) return;
    std::size_t end = each;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      --end;
    text.resize(end);
    text += "...";
  };
  cut(line.event);
  for (LogField& field : line.fields) {
    if (field.is_text) cut(field.value);
  }
}

/// Hands console lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> to) : to_(std::move(to)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    to_(std::string_view(message.payload.data(), message.payload.size()));
  }

  void flush_() override {}

 private:
  std::function<void(std::string_view)> to_;
};

using Logger = std::shared_ptr<spdlog::logger>;

/// What one set-up built; replaced as a whole by the next.
struct Sinks {
  std::shared_ptr<spdlog::details::thread_pool> pool;  // before the loggers: they end first
  Logger console, main, errors;
  bool console_json{false}, color{false}, file_json{true};
  std::function<Time()> now;
  std::vector<std::string> faults;

  [[nodiscard]] std::array<const Logger*, 3> all() const { return {&console, &main, &errors}; }
};

Time system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<Duration>(since).count()};
}

}  // namespace

LogField::LogField(std::string_view field, double number) : name(field), is_text(false) {
  if (!std::isfinite(number)) {
    value = "null";
    return;
  }
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  value.assign(buffer.data(), error == std::errc{} ? end : buffer.data());
}

struct Log::Core {
  std::atomic<int> level{static_cast<int>(Level::error) + 1};  // nothing until set up
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> dropped_before{0};  // by queues of earlier set-ups
  Redactor redactor;
  mutable std::mutex mutex;  // guards sinks
  std::shared_ptr<const Sinks> sinks;

  [[nodiscard]] std::shared_ptr<const Sinks> current() const {
    const std::lock_guard lock(mutex);
    return sinks;
  }

  [[nodiscard]] Logger make_logger(const Sinks& built, spdlog::sink_ptr sink) {
    sink->set_pattern("%v");
    Logger logger;
    if (built.pool) {
      logger = std::make_shared<spdlog::async_logger>(
          "", std::move(sink), built.pool, spdlog::async_overflow_policy::overrun_oldest);
    } else {
      logger = std::make_shared<spdlog::logger>("", std::move(sink));
    }
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);   // lines are few; whoever follows the file waits for them
    logger->set_error_handler([this](const std::string&) { ++failed; });
    return logger;
  }

  [[nodiscard]] Logger open_file(Sinks& built, const std::filesystem::path& file, std::size_t bytes,
                                 std::size_t backups) {
    try {
      std::error_code error;
      std::filesystem::create_directories(file.parent_path(), error);
      spdlog::file_event_handlers handlers;
      handlers.after_open = [](const spdlog::filename_t&, std::FILE* stream) {
        static_cast<void>(fchmod(fileno(stream), 0640));
      };
      return make_logger(built, std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                                    file.string(), bytes, backups, false, handlers));
    } catch (const std::exception& e) {
      built.faults.push_back("cannot log to '" + file.string() + "': " + e.what());
      return nullptr;
    }
  }

  std::shared_ptr<Sinks> build(const LogOptions& options) {
    auto built = std::make_shared<Sinks>();
    built->console_json = options.console_json;
    built->color = options.color;
    built->file_json = options.file_json;
    built->now = options.now ? options.now : system_now;
    if (options.async) {
      built->pool = std::make_shared<spdlog::details::thread_pool>(options.queue_entries, 1);
    }
    if (options.console_to) {
      built->console = make_logger(*built, std::make_shared<FunctionSink>(options.console_to));
    } else if (options.console) {
      built->console = make_logger(*built, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    }
    if (!options.directory.empty()) {
      built->main = open_file(*built, options.directory / "aitrade.log", options.main_max_bytes,
                              options.main_backups);
      built->errors = open_file(*built, options.directory / "errors.log", options.error_max_bytes,
                                options.error_backups);
      if (built->errors) built->errors->set_level(spdlog::level::err);
    }
    return built;
  }
};

Log::Log() : core_(std::make_shared<Core>()), context_(std::make_shared<const LogFields>()) {}

Log::Log(const LogOptions& options) : Log() {
  set_up(options);
}

void Log::set_up(const LogOptions& options) const {
  try {
    std::shared_ptr<const Sinks> next = core_->build(options);
    {
      const std::lock_guard lock(core_->mutex);
      std::swap(core_->sinks, next);
    }
    if (next && next->pool) core_->dropped_before += next->pool->overrun_counter();
    set_level(options.level);
  } catch (const std::exception&) {
    ++core_->failed;
  }
}

void Log::set_level(Level level) const {
  core_->level = static_cast<int>(level);
}

bool Log::enabled(Level level) const {
  return static_cast<int>(level) >= core_->level;
}

Log Log::with(std::initializer_list<LogField> fields) const {
  Log copy = *this;
  auto context = std::make_shared<LogFields>(*context_);
  context->insert(context->end(), fields.begin(), fields.end());
  copy.context_ = std::move(context);
  return copy;
}

void Log::hide(const Secret& secret) const {
  core_->redactor.add(secret);
}

void Log::write_line(Level level, std::string_view event,
                     std::initializer_list<LogField> fields) const {
  try {
    const std::shared_ptr<const Sinks> sinks = core_->current();
    if (!sinks) return;
    Line line{level, sinks->now(), core_->redactor.clean(event), *context_};
    line.fields.insert(line.fields.end(), fields.begin(), fields.end());
    for (LogField& field : line.fields) {
      if (!field.is_text) continue;
      field.value = is_secret_name(field.name) ? "***" : core_->redactor.clean(field.value);
    }
    shorten(line);
    const auto at = level_of(level);
    if (sinks->console) {
      sinks->console->log(at, sinks->console_json ? as_json(line) : as_text(line, sinks->color));
    }
    if (!sinks->main && !sinks->errors) return;
    const std::string text = sinks->file_json ? as_json(line) : as_text(line, false);
    if (sinks->main) sinks->main->log(at, text);
    if (sinks->errors) sinks->errors->log(at, text);
  } catch (const std::exception&) {
    ++core_->failed;  // a line is lost; the caller's work goes on
  }
}

void Log::flush() const {
  try {
    const std::shared_ptr<const Sinks> sinks = core_->current();
    if (!sinks) return;
    for (const Logger* logger : sinks->all()) {
      if (*logger) (*logger)->flush();
    }
  } catch (const std::exception&) {
    ++core_->failed;
  }
}

void Log::close() const {
  std::shared_ptr<const Sinks> last;
  const std::lock_guard lock(core_->mutex);
  std::swap(core_->sinks, last);
  last.reset();  // the thread writes what is queued before it can be joined
}

std::vector<std::string> Log::faults() const {
  const auto sinks = core_->current();
  return sinks ? sinks->faults : std::vector<std::string>{};
}

std::uint64_t Log::lost() const {
  const auto sinks = core_->current();
  const std::uint64_t now = sinks && sinks->pool ? sinks->pool->overrun_counter() : 0;
  return core_->failed + core_->dropped_before + now;
}

std::uint64_t Log::redactions() const {
  return core_->redactor.hits();
}

}  // namespace aitrade
