// `aitrade config`: what may be configured, what is in force and from where, and what is wrong.

#include "cmd/access_setup.h"
#include "cmd/cli.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/strategy_keys.h"
#include "core/config/document.h"
#include "core/config/load.h"

#include <rapidjson/document.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace aitrade::cli {
namespace {

struct CheckOptions {};

struct ShowOptions {
  std::vector<std::string> keys;  // empty: all
  bool origin{false};
};

struct ExampleOptions {
  bool commented{false};
};

struct PlainOptions {};

/// Loads the configuration as the global options say, problems included.
Result<LoadReport> load_report(const Context& context) {
  LoadOptions options;
  options.environment = process_environment();
  AITRADE_TRY(options.paths, find_paths(context.global.home, options.environment));
  options.files.assign(context.global.config_files.begin(), context.global.config_files.end());
  options.overrides = context.global.overrides;
  return load_config(options, strategy_keys());
}

const char* word_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::string check_json(const LoadReport& report) {
  JsonWriter json;
  json.begin_object().field("schema", "aitrade.config_check/1").field("ok", report.errors() == 0);
  json.field("errors", static_cast<std::uint64_t>(report.errors()));
  json.key("problems").begin_array();
  for (const Problem& problem : report.problems) {
    json.begin_object().field("severity", word_of(problem.severity));
    json.field("source", problem.place.source).field("line", problem.place.line);
    json.field("column", problem.place.column).field("key", problem.key);
    json.field("value", problem.value).field("what", problem.what).end_object();
  }
  json.end_array().key("files").begin_array();
  for (const std::string& file : report.files)
    json.string(file);
  json.end_array().key("config_hash");
  if (report.config) {
    json.string(config_hash(*report.config));
  } else {
    json.null();
  }
  json.end_object();
  return json.take();
}

Result<ExitCode> run_check(const CheckOptions&, Context& context) {
  AITRADE_TRY(LoadReport report, load_report(context));
  if (report.config != nullptr) {
    AITRADE_TRY(const Paths paths, paths_of(context));
    for (Problem& problem : unknown_tenants(report, paths)) report.problems.push_back(std::move(problem));
  }
  const bool fine = report.errors() == 0;
  if (context.global.json) {
    context.out << check_json(report) << '\n';
    return fine ? ExitCode::done : ExitCode::unsafe;
  }
  if (!fine) return report_failure(context, to_error(report), ExitCode::unsafe);
  for (const Problem& problem : report.problems)
    context.err << to_string(problem) << '\n';
  for (const std::string& file : report.files)
    context.out << "read " << file << '\n';
  if (report.files.empty()) context.out << "no configuration file; the defaults hold\n";
  context.out << "ok, configuration " << config_hash(*report.config) << '\n';
  return ExitCode::done;
}

bool is_asked(const std::vector<std::string>& keys, const std::string& name) {
  return keys.empty() || std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
           return name == key || name.starts_with(key + ".");
         });
}

const char* reload_word(Reload reload) {
  switch (reload) {
    case Reload::hot:
      return "hot";
    case Reload::new_orders:
      return "new_orders";
    case Reload::warm_up:
      return "warm_up";
    case Reload::restart:
      return "restart";
  }
  return "";
}

Result<ExitCode> run_show(const ShowOptions& options, Context& context) {
  AITRADE_TRY(const LoadReport report, load_report(context));
  if (report.errors() > 0) return report_failure(context, to_error(report), ExitCode::unsafe);
  if (report.files.empty() && options.origin && context.global.verbosity >= 0) {
    context.err << "no configuration file; the defaults hold\n";
  }
  std::vector<Table::Column> columns{{.name = "key"}, {.name = "value"}};
  if (options.origin) {
    for (const char* name : {"origin", "reload", "note"})
      columns.push_back({.name = name});
  }
  const KeyTable keys(strategy_keys());
  for (const std::string& key : options.keys) {
    if (keys.find(key) != nullptr || keys.is_section(key)) continue;
    const std::string near = keys.nearest(key);
    return fail(ErrorCode::not_found, "no key or section '" + key + "'" +
                                          (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  Table table(std::move(columns));
  for (const EffectiveValue& value : effective_values(report, keys)) {
    if (!is_asked(options.keys, value.key)) continue;
    std::vector<Cell> row{Cell::of(value.key),
                          value.value.empty() ? Cell::none() : Cell::of(value.value)};
    if (options.origin) {
      row.push_back(Cell::of(value.origin));
      row.push_back(Cell::of(reload_word(value.reload)));
      row.push_back(Cell::of(value.note));
    }
    table.add(std::move(row));
  }
  table.print(context, resolve_format(context, Format::csv), "config");
  return ExitCode::done;
}

/// What the daemon goes by, by key; secrets are not among them.
Result<std::map<std::string, std::string>> running_values(const Context& context) {
  AITRADE_TRY(const Paths paths, paths_of(context));
  AITRADE_TRY(const HttpReply reply, call(Daemon{paths.socket().string(), ""}, "GET", "/api/v1/settings"));
  AITRADE_TRY_STATUS(check_reply(reply));
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(reply.body.data(), reply.body.size());
  const bool is_list = !json.HasParseError() && json.IsObject() && json.HasMember("settings") && json["settings"].IsArray();
  if (!is_list) return fail(ErrorCode::network, "the daemon's answer cannot be read");
  std::map<std::string, std::string> values;
  for (const auto& item : json["settings"].GetArray()) {
    const bool is_one = item.IsObject() && item.HasMember("key") && item["key"].IsString() && item.HasMember("running");
    if (is_one) values[item["key"].GetString()] = item["running"].IsString() ? item["running"].GetString() : "";
  }
  return values;
}

Result<ExitCode> run_diff(const PlainOptions&, Context& context) {
  AITRADE_TRY(const LoadReport report, load_report(context));
  if (report.errors() > 0) return report_failure(context, to_error(report), ExitCode::unsafe);
  AITRADE_TRY(const auto running, running_values(context));
  Table table({{.name = "key"}, {.name = "running"}, {.name = "configured"}, {.name = "origin"}, {.name = "reload"}});
  std::size_t count = 0;
  for (const EffectiveValue& value : effective_values(report, KeyTable(strategy_keys()))) {
    const auto found = running.find(value.key);
    if (found == running.end() || value.value == "***" || found->second == value.value) continue;
    const auto cell = [](const std::string& text) { return text.empty() ? Cell::none() : Cell::of(text); };
    table.add({Cell::of(value.key), cell(found->second), cell(value.value), Cell::of(value.origin),
               Cell::of(reload_word(value.reload))});
    ++count;
  }
  const Format format = resolve_format(context, Format::csv);
  if (count > 0 || format != Format::table) table.print(context, format, "config_diff");
  if (count == 0 && format == Format::table) context.out << "the daemon runs with this configuration\n";
  return count == 0 ? ExitCode::done : ExitCode::negative;
}

Result<ExitCode> run_schema_of_file(const PlainOptions&, Context& context) {
  context.out << config_schema(KeyTable(strategy_keys())) << '\n';
  return ExitCode::done;
}

Result<ExitCode> run_example(const ExampleOptions& options, Context& context) {
  context.out << example_file(KeyTable(strategy_keys()), options.commented);
  return ExitCode::done;
}

Result<ExitCode> run_reference(const PlainOptions&, Context& context) {
  context.out << reference_page(KeyTable(strategy_keys()));
  return ExitCode::done;
}

}  // namespace

void add_config(CommandList& commands) {
  CLI::App& config =
      commands.group({.name = "config",
                      .group = "operations",
                      .summary = "checks, shows and documents the configuration",
                      .examples = {"aitrade config check", "aitrade config show --origin"},
                      .details = ""});
  commands.add_under<CheckOptions>(
      config,
      {.name = "check",
       .group = "operations",
       .summary = "reports every mistake of the configuration in one run",
       .examples = {"aitrade config check", "aitrade config check --config trial.toml --json"},
       .details = "Each mistake is a line: file:line:column key = value: what is wrong.\n"
                  "Exit code 0 when there is none, 78 otherwise."},
      run_check);
  auto [show, show_options] = commands.add_under<ShowOptions>(
      config,
      {.name = "show",
       .group = "operations",
       .summary = "prints the configuration in force, secrets masked",
       .examples = {"aitrade config show --origin", "aitrade config show risk ai.min_confidence"},
       .details =
           "Values are printed as TOML. Later layers win: defaults, /etc/aitrade/config.toml,\n"
           "config.toml, --config files in order, config.local.toml, environment, --set."},
      run_show);
  show.add_option("KEY", show_options.keys, "keys or sections to print; all without one");
  show.add_flag("--origin", show_options.origin, "say which layer each value comes from");
  commands.add_under<PlainOptions>(
      config,
      {.name = "diff",
       .group = "operations",
       .summary = "compares the configuration with what the running daemon goes by",
       .examples = {"aitrade config diff", "aitrade config diff --json"},
       .details = "A key stands here after a change that waits for a restart, or for `aitrade reload`. Exit code 0\n"
                  "when there is no difference, 3 when there is, 4 when no daemon runs."},
      run_diff);
  commands.add_under<PlainOptions>(config,
                                   {.name = "schema",
                                    .group = "operations",
                                    .summary = "prints the JSON Schema of the configuration file",
                                    .examples = {"aitrade config schema > aitrade.schema.json"},
                                    .details = "For editors that check TOML while it is written."},
                                   run_schema_of_file);
  auto [example, example_options] = commands.add_under<ExampleOptions>(
      config,
      {.name = "example",
       .group = "operations",
       .summary = "prints a configuration file with every key, its meaning and default",
       .examples = {"aitrade config example --commented > config.toml"},
       .details = ""},
      run_example);
  example.add_flag("--commented", example_options.commented, "put a # before each value");
  commands.add_under<PlainOptions>(config,
                                   {.name = "reference",
                                    .group = "operations",
                                    .summary = "prints the reference of all keys as Markdown",
                                    .examples = {"aitrade config reference > configuration.md"},
                                    .details = ""},
                                   run_reference);
}

}  // namespace aitrade::cli
