// Lines for the operator: what happened, name first, then facts. Handles are passed in, never
// looked up.
//
//   log.info("order.accepted", {{"desk", "main:kraken"}, {"latency_ms", 41}});
//
// Text on a terminal, JSON lines elsewhere; aitrade.log from the chosen level, errors.log from
// error, both rotated by size. Nothing here throws or reports failure to the caller: a log that
// cannot be written costs the line, is counted, and shows in faults(). spdlog stays inside the
// source.
#pragma once

#include "core/base/fixed.h"
#include "core/base/secret.h"
#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// One fact of a line. A Secret has no constructor here, so logging one does not compile.
class LogField {
 public:
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}

  LogField(std::string_view field, const char* text) : name(field), value(text) {}

  LogField(std::string_view field, const std::string& text) : name(field), value(text) {}

  LogField(std::string_view field, bool flag)
      : name(field), value(flag ? "true" : "false"), is_text(false) {}

  template <std::integral T>

  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
      LogField(std::string_view field, T number)
      : name(field), value(std::to_string(number)), is_text(false) {}

  LogField(std::string_view field, double number);

  template <class Tag, int Decimals>
  LogField(std::string_view field, Fixed<Tag, Decimals> amount)
      : name(field), value(to_string(amount)) {}

  LogField(std::string_view field, Time time) : name(field), value(to_string(time)) {}

  LogField(std::string_view field, const Secret& secret) = delete;

  std::string name;
  std::string value;
  bool is_text{true};  // quoted in JSON
};

using LogFields = std::vector<LogField>;

struct LogOptions;

/// A handle on the log: cheap to copy, may be used from any thread, lives as long as any copy.
class Log {
 public:
  enum class Level { trace, debug, info, warn, error };

  /// A log that writes nothing: for tests and tools.
  Log();
  explicit Log(const LogOptions& options);

  void trace(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(Level::trace, event, fields);
  }

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(Level::debug, event, fields);
  }

  void info(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(Level::info, event, fields);
  }

  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(Level::warn, event, fields);
  }

  void error(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(Level::error, event, fields);
  }

  void write(Level level, std::string_view event, std::initializer_list<LogField> fields) const {
    if (enabled(level)) write_line(level, event, fields);
  }

  /// Returns whether a line of that level would be written: ask before building costly fields.
  [[nodiscard]] bool enabled(Level level) const;

  /// Returns a handle whose lines also carry these fields: `log.with({{"desk", name}})`.
  [[nodiscard]] Log with(std::initializer_list<LogField> fields) const;

  /// Replaces level and sinks for all copies of this handle. Never adds to what is there, so a
  /// second set-up does not double lines.
  void set_up(const LogOptions& options) const;

  void set_level(Level level) const;

  /// Takes this secret out of every later line.
  void hide(const Secret& secret) const;

  /// Brings everything handed over into the files; with a thread of its own that happens soon after.
  void flush() const;

  /// Waits until everything handed over is written, then stops: later lines go nowhere. For the moment
  /// before a process ends without destructors.
  void close() const;

  /// Returns what could not be opened, for an alert; empty when all sinks work.
  [[nodiscard]] std::vector<std::string> faults() const;

  /// Returns how many lines were lost to a full queue or a failing sink.
  [[nodiscard]] std::uint64_t lost() const;

  /// Returns how many secrets the redaction met; each is a bug at the place that logged it.
  [[nodiscard]] std::uint64_t redactions() const;

 private:
  struct Core;

  void write_line(Level level, std::string_view event,
                  std::initializer_list<LogField> fields) const;

  std::shared_ptr<Core> core_;
  std::shared_ptr<const LogFields> context_;
};

struct LogOptions {
  Log::Level level{Log::Level::info};
  bool console{true};        // to stderr
  bool console_json{false};  // else text
  bool color{false};         // only where stderr is a terminal
  /// Takes console lines instead of stderr, without the line end. For tests.
  std::function<void(std::string_view)> console_to;
  std::filesystem::path directory;  // of the files; empty: none
  bool file_json{true};
  std::size_t main_max_bytes{50U * 1024 * 1024};
  std::size_t main_backups{5};
  std::size_t error_max_bytes{10U * 1024 * 1024};
  std::size_t error_backups{3};
  bool async{false};  // a thread of its own writes; the caller never waits for the disk
  std::size_t queue_entries{8192};  // when full the oldest line is dropped and counted
  std::function<Time()> now;        // empty: the system's clock
};

}  // namespace aitrade
