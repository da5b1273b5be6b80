#include "cmd/cli.h"

#include "cmd/commands.h"
#include "cmd/output.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <ostream>

namespace aitrade::cli {
namespace {

constexpr const char* program_summary =
    "watches crypto markets, decides with written-down strategies, and trades on paper unless "
    "asked "
    "twice";

bool is_retryable(ExitCode exit) {
  return exit == ExitCode::timed_out || exit == ExitCode::unavailable ||
         exit == ExitCode::try_later;
}

std::string_view word_of(ExitCode exit) {
  switch (exit) {
    case ExitCode::done:
      return "done";
    case ExitCode::failed:
      return "failed";
    case ExitCode::usage:
      return "usage";
    case ExitCode::negative:
      return "negative";
    case ExitCode::not_found:
      return "not_found";
    case ExitCode::timed_out:
      return "timeout";
    case ExitCode::unavailable:
      return "unavailable";
    case ExitCode::cannot_write:
      return "cannot_write";
    case ExitCode::try_later:
      return "try_later";
    case ExitCode::refused:
      return "refused";
    case ExitCode::unsafe:
      return "unsafe";
    case ExitCode::interrupted:
      return "interrupted";
    case ExitCode::terminated:
      return "terminated";
  }
  return "failed";
}

// The options before they are understood; CLI11 fills it, `settle` turns it into GlobalOptions.
struct RawGlobals {
  GlobalOptions values;
  bool quiet{false};
  int verbose{0};
  std::string color{"auto"};
  std::string format;
  bool version{false};
};

void declare_globals(CLI::App& root, RawGlobals& raw) {
  root.set_help_flag("-h,--help", "print help: aitrade COMMAND --help");
  root.add_flag("--version", raw.version, "print version, build and supported platforms");
  root.add_option("--home", raw.values.home,
                  "keep config, data, state, cache and runtime files under one directory")
      ->type_name("DIR");
  root.add_option("--config", raw.values.config_files,
                  "read this configuration file too; may repeat")
      ->type_name("FILE")
      ->allow_extra_args(false);
  root.add_option("--set", raw.values.overrides, "set one key: section.key=value; may repeat")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  root.add_flag("-q,--quiet", raw.quiet, "errors only on stderr");
  root.add_flag("-v,--verbose", raw.verbose, "more on stderr; -vv for all");
  root.add_option("--color", raw.color, "colour: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  root.add_flag("--json", raw.values.json, "short for --format json; errors become JSON on stderr");
  root.add_option("--format", raw.format, "how records are printed")
      ->check(CLI::IsMember({"table", "csv", "ndjson", "json"}));
  root.add_flag("--yes", raw.values.yes, "answer yes to questions");
}

GlobalOptions settle(const RawGlobals& raw) {
  GlobalOptions values = raw.values;
  values.verbosity = raw.quiet ? -1 : std::min(raw.verbose, 2);
  if (raw.color == "always") values.color = ColorMode::always;
  if (raw.color == "never") values.color = ColorMode::never;
  if (raw.format == "table") values.format = Format::table;
  if (raw.format == "csv") values.format = Format::csv;
  if (raw.format == "ndjson") values.format = Format::ndjson;
  if (raw.format == "json" || (raw.format.empty() && raw.values.json)) {
    values.format = Format::json;
    values.json = true;
  }
  return values;
}

// Usage errors happen before options are known, so --json is looked for in the words themselves.
bool asks_for_json(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--json" || arguments[i] == "--format=json") return true;
    if (arguments[i] == "--format" && i + 1 < arguments.size() && arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

const CommandModel* find_model(const CommandModel& model, std::string_view path) {
  if (model.path == path) return &model;
  for (const CommandModel& child : model.children) {
    if (const CommandModel* found = find_model(child, path)) return found;
  }
  return nullptr;
}

std::string path_of(const CLI::App* app) {
  if (app == nullptr || app->get_parent() == nullptr) return {};
  const std::string parent = path_of(app->get_parent());
  return parent.empty() ? app->get_name() : parent + ' ' + app->get_name();
}

// Says what is wrong with a word the parser did not expect, and what was probably meant.
std::string unexpected_word(const std::string& word, const CommandModel& program,
                            const CommandModel& command) {
  const bool is_option = word.size() > 1 && word.front() == '-';
  const std::string shown = is_option ? word.substr(0, word.find('=')) : word;
  const std::string place = command.path.empty() ? "" : " of 'aitrade " + command.path + "'";
  std::vector<std::string> known;
  if (is_option) {
    for (const OptionModel& option : command.options) {
      known.insert(known.end(), option.names.begin(), option.names.end());
    }
    for (const OptionModel& option : program.options) {
      known.insert(known.end(), option.names.begin(), option.names.end());
    }
  } else {
    for (const CommandModel& child : command.children)
      known.push_back(child.text.name);
  }
  const bool is_command = !is_option && !command.children.empty();
  std::string text = is_option    ? "unknown option '" + shown + '\'' + place
                     : is_command ? "unknown command '" + shown + '\'' + place
                                  : "unexpected argument '" + shown + '\'' + place;
  const std::string meant = nearest_word(shown, known);
  if (!meant.empty()) text += "; did you mean '" + meant + "'?";
  return text;
}

ExitCode report_usage(Context& context, const std::string& text, const CommandModel& command) {
  const std::string where = command.path.empty() ? "" : ' ' + command.path;
  return report_failure(context, fail(ErrorCode::invalid, text), ExitCode::usage,
                        "see 'aitrade" + where + " --help'");
}

ExitCode explain_parse_error(Context& context, const CLI::ParseError& error, const CLI::App& root,
                             const CommandList& commands, const CommandModel& program) {
  const CommandModel* command = find_model(program, path_of(commands.chosen()));
  if (command == nullptr) command = &program;
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    context.out << help_text(program, *command);
    return ExitCode::done;
  }
  for (const std::string& word : root.remaining(true)) {
    if (word != "--")
      return report_usage(context, unexpected_word(word, program, *command), *command);
  }
  return report_usage(context, error.what(), *command);
}

// Prints an error of a command that has subcommands when none was given.
ExitCode explain_missing_command(Context& context, const CommandModel& program,
                                 const CommandModel& command) {
  if (!context.global.json) context.err << help_text(program, command) << '\n';
  return report_usage(context, "a command is needed", command);
}

ExitCode finish(Context& context, Result<ExitCode> result) {
  ExitCode exit = result
                      ? *result
                      : report_failure(context, result.error(), exit_code_for(result.error().code));
  context.out.flush();
  if (!context.out && exit == ExitCode::done) {
    exit = report_failure(context, fail(ErrorCode::full, "cannot write standard output"),
                          ExitCode::cannot_write);
  }
  return exit;
}

std::string quoted_line(const std::vector<std::string>& arguments) {
  std::string line = "aitrade";
  for (const std::string& argument : arguments) {
    const bool is_plain =
        !argument.empty() && argument.find_first_of(" \t\n'\"\\$") == std::string::npos;
    line += is_plain ? ' ' + argument : " '" + argument + '\'';
  }
  return line;
}

// `aitrade help data ls` is `aitrade data ls --help`.
std::vector<std::string> with_help_word(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  return arguments;
}

}  // namespace

ExitCode exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return ExitCode::usage;
    case ErrorCode::not_found:
      return ExitCode::not_found;
    case ErrorCode::corrupt:
      return ExitCode::unsafe;
    case ErrorCode::io:
      return ExitCode::cannot_write;
    case ErrorCode::full:
      return ExitCode::cannot_write;
    case ErrorCode::network:
      return ExitCode::unavailable;
    case ErrorCode::timeout:
      return ExitCode::timed_out;
    case ErrorCode::rejected:
      return ExitCode::refused;
    case ErrorCode::busy:
      return ExitCode::try_later;
    case ErrorCode::unsupported:
      return ExitCode::usage;
  }
  return ExitCode::failed;
}

Format resolve_format(const Context& context, Format machine) {
  if (context.global.format) return *context.global.format;
  if (context.global.json) return Format::json;
  return context.out_is_terminal ? Format::table : machine;
}

bool use_color(const Context& context, bool stream_is_terminal) {
  if (context.global.color != ColorMode::automatic)
    return context.global.color == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return stream_is_terminal;
}

ExitCode report_failure(Context& context, const Error& error, ExitCode exit,
                        std::string_view hint) {
  if (context.global.json) {
    JsonWriter json;
    json.begin_object().key("error").begin_object();
    const bool is_default = exit == exit_code_for(error.code);
    json.field("code", is_default ? to_string(error.code) : word_of(exit));
    json.field("message", error.what).field("hint", hint);
    json.field("retryable", is_retryable(exit)).end_object().end_object();
    context.err << json.take() << '\n';
  } else {
    context.err << "aitrade: " << error.what << '\n';
    if (!hint.empty()) context.err << hint << '\n';
  }
  context.err.flush();
  return exit;
}

struct CommandList::GroupEntry final : CommandList::Entry {
  Result<ExitCode> run(Context& context) const override {
    const CommandModel* model = find_model(*context.program, path_of(app));
    return explain_missing_command(context, *context.program, *model);
  }
};

CommandList::CommandList(CLI::App& root) : root_(root) {}

CommandList::~CommandList() = default;

CLI::App& CommandList::attach(CLI::App& parent, CommandText text, std::unique_ptr<Entry> entry) {
  CLI::App* app = parent.add_subcommand(text.name, text.summary);
  app->fallthrough();
  app->require_subcommand(0, 1);
  entry->text = std::move(text);
  entry->app = app;
  entries_.push_back(std::move(entry));
  return *app;
}

CLI::App& CommandList::group(CommandText text) {
  return attach(root_, std::move(text), std::make_unique<GroupEntry>());
}

const CLI::App* CommandList::chosen() const {
  const CLI::App* app = &root_;
  while (!app->get_subcommands().empty())
    app = app->get_subcommands().front();
  return app == &root_ ? nullptr : app;
}

Result<ExitCode> CommandList::run(Context& context) const {
  const CLI::App* app = chosen();
  for (const auto& entry : entries_) {
    if (entry->app == app) return entry->run(context);
  }
  return explain_missing_command(context, *context.program, *context.program);
}

Result<ExitCode> CommandList::run_named(std::string_view name, Context& context) const {
  for (const auto& entry : entries_) {
    if (entry->text.name == name && entry->app->get_parent() == &root_) return entry->run(context);
  }
  return fail(ErrorCode::not_found, "no command '" + std::string(name) + "'");
}

namespace {

OptionModel model_of_option(const CLI::Option& option) {
  OptionModel model;
  for (const std::string& name : option.get_snames())
    model.names.push_back('-' + name);
  for (const std::string& name : option.get_lnames())
    model.names.push_back("--" + name);
  if (model.names.empty()) model.names.push_back(option.get_name(true, false));
  model.help = option.get_description();
  model.is_required = option.get_required();
  if (option.get_items_expected_max() == 0) return model;
  const std::string type = option.get_type_name();  // "TEXT:{a,b}", "FILE", "UINT:POSITIVE"
  model.value = type.substr(0, type.find(':'));
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open != std::string::npos && close != std::string::npos) {
    std::string words = type.substr(open + 1, close - open - 1);
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t comma = words.find(',', at);
      std::string word = words.substr(at, comma == std::string::npos ? comma : comma - at);
      word = word.substr(0, word.find("->"));
      model.choices.push_back(word);
      at = comma == std::string::npos ? comma : comma + 1;
    }
  }
  return model;
}

}  // namespace

CommandModel CommandList::model_of(const CLI::App& app, const std::string& path) const {
  CommandModel model;
  model.path = path;
  if (&app == &root_) {
    model.text.name = "aitrade";
    model.text.summary = program_summary;
    model.text.examples = {"aitrade run --demo", "aitrade import BTCUSD_1m.csv.gz --pair BTC/USD",
                           "aitrade backtest BTC/USD --tf 5m --strategy keltner --json"};
  }
  for (const auto& entry : entries_) {
    if (entry->app == &app) model.text = entry->text;
  }
  for (const CLI::Option* option : app.get_options()) {
    const bool is_inherited_help = &app != &root_ && option == app.get_help_ptr();
    if (option->get_group().empty() || is_inherited_help) continue;
    OptionModel entry = model_of_option(*option);
    (entry.names.front().starts_with('-') ? model.options : model.positionals)
        .push_back(std::move(entry));
  }
  for (const auto& entry : entries_) {
    if (entry->app->get_parent() != &app) continue;
    model.children.push_back(
        model_of(*entry->app, path.empty() ? entry->text.name : path + ' ' + entry->text.name));
  }
  return model;
}

CommandModel CommandList::model() const {
  return model_of(root_, "");
}

namespace {

void declare_program(CLI::App& root, RawGlobals& raw, CommandList& commands) {
  root.require_subcommand(0, 1);
  declare_globals(root, raw);
#define AITRADE_ADD_COMMAND(name) add_##name(commands);
  AITRADE_COMMANDS(AITRADE_ADD_COMMAND)
#undef AITRADE_ADD_COMMAND
}

}  // namespace

CommandModel program_model() {
  CLI::App root{program_summary, "aitrade"};
  RawGlobals raw;
  CommandList commands(root);
  declare_program(root, raw, commands);
  return commands.model();
}

ExitCode run_command_line(const std::vector<std::string>& arguments, Context& context) {
  CLI::App root{program_summary, "aitrade"};
  RawGlobals raw;
  CommandList commands(root);
  declare_program(root, raw, commands);
  const CommandModel program = commands.model();
  context.program = &program;
  context.command_line = quoted_line(arguments);
  context.global.json = asks_for_json(arguments);

  std::vector<std::string> words = with_help_word(arguments);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  ExitCode exit = ExitCode::done;
  try {
    root.parse(words);
    context.global = settle(raw);
    exit = finish(context,
                  raw.version ? commands.run_named("version", context) : commands.run(context));
  } catch (const CLI::ParseError& error) {
    exit = explain_parse_error(context, error, root, commands, program);
    context.out.flush();
  }
  context.program = nullptr;
  return exit;
}

}  // namespace aitrade::cli
