// What every subcommand shares: exit codes, global options, the context it runs in, registration.
//
// A command file declares an options struct, binds it in `void add_x(CommandList&)` and answers
// with `Result<ExitCode> run_x(const XOptions&, Context&)`; cmd/commands.h lists it. The parser
// validates and does nothing else. `run_command_line` is the whole program without the process
// around it, so tests call it with string streams. The contract that users see is cli.md.
#pragma once

#include "cmd/help.h"
#include "core/base/result.h"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace aitrade::cli {

/// How a command ended; the numbers are part of the contract (cli.md 3) and never change.
enum class ExitCode : int {
  done = 0,           // done, healthy, no difference
  failed = 1,         // a reason that is not listed here
  usage = 2,          // wrong command line, missing input, malformed input file
  negative = 3,       // ran correctly, and the answer is no
  not_found = 4,      // no such pair, trade, run or daemon
  timed_out = 5,      // gave up waiting
  unavailable = 69,   // the exchange or a remote service does not answer
  cannot_write = 73,  // output or state cannot be written
  try_later = 75,     // somebody holds the lock, the port is taken, rate limited
  refused = 77,       // authentication, permission, passphrase
  unsafe = 78,        // configuration or stored state invalid: supervisors must not restart
  interrupted = 130,  // ended by SIGINT after a clean stop
  terminated = 143,   // ended by SIGTERM after a clean stop
};

/// Returns the exit code of an error when the command has no better one.
ExitCode exit_code_for(ErrorCode code);

/// How records are printed.
enum class Format { table, csv, ndjson, json };

enum class ColorMode { automatic, always, never };

/// The options that every command accepts, before or after its name.
struct GlobalOptions {
  std::string home;                       // --home DIR, empty: XDG or systemd directories
  std::vector<std::string> config_files;  // --config FILE, in order
  std::vector<std::string> overrides;     // --set section.key=value, in order, unparsed
  int verbosity{0};                       // -1 quiet, 0 normal, 1 with -v, 2 with -vv
  ColorMode color{ColorMode::automatic};  // --color
  bool json{false};                       // --json, also set by --format json
  std::optional<Format> format;           // --format, or json with --json
  bool yes{false};                        // --yes answers prompts
};

/// What a command may touch. Streams are borrowed and outlive the command.
struct Context {
  std::ostream& out;  // data, and nothing else
  std::ostream& err;  // errors, progress, prompts
  bool out_is_terminal{false};
  bool err_is_terminal{false};
  bool in_is_terminal{false};
  GlobalOptions global{};
  std::string command_line{};  // as typed, without values of secrets; for results that carry it
  const CommandModel* program{nullptr};  // the command table, for `completion` and `man`
};

/// Returns the format asked for, else table on a terminal, else `machine`.
Format resolve_format(const Context& context, Format machine);

/// Says whether colour may be used on a stream: --color, then NO_COLOR, TERM=dumb, then the
/// terminal.
bool use_color(const Context& context, bool stream_is_terminal);

/// Prints one error: `aitrade: text` or, with --json, the error object; on `context.err` only.
///
/// Use it, and return the code it returns, when the default mapping of `exit_code_for` is not
/// right: `return report_failure(context, error, ExitCode::unsafe);`
ExitCode report_failure(Context& context, const Error& error, ExitCode exit,
                        std::string_view hint = {});

/// Collects the commands while they register. Owns their options until the program ends.
class CommandList {
 public:
  explicit CommandList(CLI::App& root);
  ~CommandList();
  CommandList(const CommandList&) = delete;
  CommandList& operator=(const CommandList&) = delete;

  template <class Options>
  struct Added {
    CLI::App& app;     // declare options here
    Options& options;  // and bind them to this
  };

  /// Adds a top-level command.
  template <class Options>
  Added<Options> add(CommandText text, Result<ExitCode> (*function)(const Options&, Context&)) {
    return add_under(root_, std::move(text), function);
  }

  /// Adds a subcommand below one that `group` returned, such as `data ls`.
  template <class Options>
  Added<Options> add_under(CLI::App& parent, CommandText text,
                           Result<ExitCode> (*function)(const Options&, Context&)) {
    auto entry = std::make_unique<TypedEntry<Options>>(function);
    Options& options = entry->options;
    return {attach(parent, std::move(text), std::move(entry)), options};
  }

  /// Adds a command that only has subcommands, such as `data`.
  CLI::App& group(CommandText text);

  /// Runs the command that was parsed. Errors: none chosen.
  Result<ExitCode> run(Context& context) const;

  /// Runs a command by name with the options it has; for `--version`.
  Result<ExitCode> run_named(std::string_view name, Context& context) const;

  /// Returns the deepest command that the command line named, or null.
  const CLI::App* chosen() const;

  /// Returns the whole table as data.
  CommandModel model() const;

 private:
  struct Entry {
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() = default;
    virtual Result<ExitCode> run(Context& context) const = 0;
    CommandText text;
    CLI::App* app{nullptr};
  };

  struct GroupEntry;

  template <class Options>
  struct TypedEntry final : Entry {
    explicit TypedEntry(Result<ExitCode> (*run_function)(const Options&, Context&))
        : function(run_function) {}

    Result<ExitCode> run(Context& context) const override { return function(options, context); }

    Result<ExitCode> (*function)(const Options&, Context&);
    Options options{};
  };

  CLI::App& attach(CLI::App& parent, CommandText text, std::unique_ptr<Entry> entry);
  CommandModel model_of(const CLI::App& app, const std::string& path) const;

  CLI::App& root_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

/// What `version` prints and every result carries.
struct BuildInfo {
  std::string version;   // "0.1.0"
  std::string build;     // git describe when configured, or "unknown"
  std::string compiler;  // "g++ 12.2.0"
  std::string platform;  // "linux x86-64"
};

const BuildInfo& build_info();

/// Returns the command table as data, without parsing anything.
CommandModel program_model();

/// Parses `arguments` (without the program name), runs the command, prints its error, returns its
/// code.
ExitCode run_command_line(const std::vector<std::string>& arguments, Context& context);

}  // namespace aitrade::cli
