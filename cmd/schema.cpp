// `aitrade schema NAME`: the JSON Schema of what a command prints as aitrade.NAME/1.
//
// One table below lists the documents and their keys; the schemas are made from it. Keys may be
// added to a document without a new number, so schemas allow more than they list.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/output.h"

#include <CLI/CLI.hpp>

#include <array>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::cli {
namespace {

struct SchemaOptions {
  std::string name;  // empty: list the names
};

/// One key. `path` uses dots for objects and [] for the items of a list; `type` is text, decimal,
/// integer, number, boolean or any, with ? when it may be null or absent.
struct Field {
  std::string_view path;
  std::string_view type;
  std::string_view help;
};

struct Document {
  std::string_view name;
  std::string_view command;
  std::span<const Field> fields;
};

constexpr Field version_fields[] = {
    {"version", "text", "release"},
    {"build", "text", "revision the program was built from"},
    {"compiler", "text", "compiler and its version"},
    {"platform", "text", "system and processor"},
};

constexpr Field config_fields[] = {
    {"rows[].key", "text", "section.key"},
    {"rows[].value", "text?", "value as TOML, secrets masked; null when unset"},
    {"rows[].origin", "text?", "layer that won; with --origin"},
    {"rows[].reload", "text?", "hot, new_orders, warm_up or restart; with --origin"},
    {"rows[].note", "text?", "what holds while the key is unset; with --origin"},
};

constexpr Field config_check_fields[] = {
    {"ok", "boolean", "no error"},
    {"errors", "integer", "number of errors"},
    {"problems[].severity", "text", "error or warning"},
    {"problems[].source", "text", "file, environment variable or command line"},
    {"problems[].line", "integer", "from 1; 0 outside files"},
    {"problems[].column", "integer", "from 1; 0 outside files"},
    {"problems[].key", "text", "section.key; empty when a whole file is meant"},
    {"problems[].value", "text", "value as written, secrets masked"},
    {"problems[].what", "text", "what is wrong"},
    {"files[]", "text", "files that were read, lowest layer first"},
    {"config_hash", "text?", "SHA-256 of what can change a decision; null after an error"},
};

constexpr Field init_fields[] = {
    {"rows[].action", "text", "create, keep or replace"},
    {"rows[].mode", "text", "permissions, octal"},
    {"rows[].path", "text", "file or directory"},
};

constexpr Field import_fields[] = {
    {"rows", "integer", "bars stored"},         {"first", "text?", "open of the first bar"},
    {"last", "text?", "open of the last bar"},  {"duplicates", "integer", "bars given twice"},
    {"gaps", "integer", "holes in the series"}, {"missing", "integer", "bars in those holes"},
    {"rejected", "integer", "rows refused"},
};

constexpr Field data_check_fields[] = {
    {"rows", "integer", "bars"},
    {"gaps", "integer", "holes in the series"},
    {"missing", "integer", "bars in those holes"},
    {"duplicates", "integer", "bars with the time of another"},
    {"outliers", "integer", "bars whose price jumps and comes back"},
};

constexpr Field backtest_fields[] = {
    {"result_hash", "text", "SHA-256 of the result, timing excluded"},
    {"data_fingerprint", "text", "SHA-256 of the candles"},
    {"config_hash", "text", "SHA-256 of what can change a decision"},
    {"seed", "integer", "of the random generator"},
    {"bars", "integer", "bars as read, filled ones excluded"},
    {"metrics", "object", "report metrics by name; undefined ones are null"},
    {"costs.fees", "decimal", "fees paid"},
    {"costs.slippage", "decimal", "money lost to slippage"},
    {"ambiguous_bars", "integer", "bars in which stop and target were both touched"},
    {"trades[]", "any?", "closed trades; with --trades"},
    {"timing.elapsed_ms", "number", "wall clock; outside the hash"},
    {"timing.bars_per_second", "number", "speed; outside the hash"},
};

constexpr Field status_fields[] = {
    {"mode", "text", "paper or live"},
    {"state", "text", "state of the engine"},
    {"paused", "boolean", "whether entries wait"},
    {"pause_reason", "text?", "why"},
    {"equity", "decimal?", "cash and positions at market"},
    {"day_pnl", "decimal?", "change since UTC midnight"},
    {"positions[]", "any", "open positions"},
    {"pairs[]", "any", "pairs that are followed"},
    {"uptime_s", "integer", "seconds since the start"},
};

constexpr Field health_fields[] = {
    {"status", "text", "ok, degraded or down"},
    {"checks[].name", "text", "what was looked at"},
    {"checks[].ok", "boolean", "whether it is well"},
    {"checks[].detail", "text", "what was found"},
};

constexpr Field error_fields[] = {
    {"error.code", "text", "kind of failure"},
    {"error.message", "text", "what was attempted and what was found"},
    {"error.hint", "text", "what to do"},
    {"error.retryable", "boolean", "whether trying again later may help"},
};

constexpr Field table_fields[] = {
    {"rows[]", "any", "one object for each row; the keys are the columns"},
};

constexpr auto documents = std::to_array<Document>({
    {"backtest", "backtest --json", backtest_fields},
    {"config", "config show --json", config_fields},
    {"config_check", "config check --json", config_check_fields},
    {"data_check", "data check --json", data_check_fields},
    {"equity", "export equity --json", table_fields},
    {"error", "any command with --json that fails, on stderr", error_fields},
    {"fills", "export fills --json", table_fields},
    {"health", "health --json", health_fields},
    {"import", "import --json", import_fields},
    {"indicators", "indicators --json", table_fields},
    {"init", "init --json", init_fields},
    {"orders", "export orders --json", table_fields},
    {"schemas", "schema --json", table_fields},
    {"status", "status --json", status_fields},
    {"trades", "export trades --json", table_fields},
    {"version", "version --json", version_fields},
});

/// A value of the document under construction.
struct Node {
  std::map<std::string, Node, std::less<>> members;  // of an object
  std::vector<std::string> required;
  std::vector<Node> item;  // of a list: one
  std::string_view type;
  std::string_view help;

  Node& member(std::string_view name, bool is_required) {
    auto [at, is_new] = members.try_emplace(std::string(name));
    if (is_new && is_required) required.emplace_back(name);
    return at->second;
  }

  void write(JsonWriter& json) const;

 private:
  void write_type(JsonWriter& json) const;
};

void Node::write_type(JsonWriter& json) const {
  const bool may_be_null = type.ends_with('?');
  const std::string_view base = may_be_null ? type.substr(0, type.size() - 1) : type;
  if (base == "any") return;
  const std::string_view name = base == "text" || base == "decimal" ? "string" : base;
  json.key("type");
  if (may_be_null) {
    json.begin_array().string(name).string("null").end_array();
  } else {
    json.string(name);
  }
  if (base == "decimal") json.field("pattern", "^-?[0-9]+(\\.[0-9]+)?$");
}

void Node::write(JsonWriter& json) const {
  json.begin_object();
  if (!item.empty()) {
    json.field("type", "array").key("items");
    item.front().write(json);
  } else if (!members.empty()) {
    json.field("type", "object").key("properties").begin_object();
    for (const auto& [name, node] : members) {
      json.key(name);
      node.write(json);
    }
    json.end_object().key("required").begin_array();
    for (const std::string& name : required)
      json.string(name);
    json.end_array();
  } else {
    write_type(json);
  }
  if (!help.empty()) json.field("description", help);
  json.end_object();
}

void add_field(Node& root, const Field& field) {
  const bool is_required = !field.type.ends_with('?');
  Node* node = &root;
  std::string_view rest = field.path;
  while (true) {
    const auto dot = rest.find('.');
    std::string_view part = rest.substr(0, dot);
    const bool is_list = part.ends_with("[]");
    if (is_list) part.remove_suffix(2);
    node = &node->member(part, is_required || dot != std::string_view::npos);
    if (is_list) {
      if (node->item.empty()) node->item.emplace_back();
      node = &node->item.front();
    }
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  node->type = field.type;
  node->help = field.help;
}

std::string schema_text(const Document& document) {
  Node root;
  const std::string id = "aitrade." + std::string(document.name) + "/1";
  for (const Field& field : document.fields)
    add_field(root, field);
  if (document.name != "error") root.member("schema", true).type = "text";
  JsonWriter body;
  root.write(body);
  // The frame goes in front of the object that the keys made.
  JsonWriter head;
  head.begin_object().field("$schema", "https://json-schema.org/draft/2020-12/schema");
  head.field("$id", id).field("title", "aitrade " + std::string(document.command)).end_object();
  std::string text = head.take();
  text.back() = ',';
  return text + body.take().substr(1);
}

Result<ExitCode> run_schema(const SchemaOptions& options, Context& context) {
  if (options.name.empty()) {
    Table table({{.name = "name"}, {.name = "printed_by"}});
    for (const Document& document : documents) {
      table.add({Cell::of(document.name), Cell::of(document.command)});
    }
    table.print(context, resolve_format(context, Format::csv), "schemas");
    return ExitCode::done;
  }
  std::vector<std::string> known;
  for (const Document& document : documents) {
    known.emplace_back(document.name);
    const std::string id = "aitrade." + known.back() + "/1";
    if (options.name != document.name && options.name != id) continue;
    context.out << schema_text(document) << '\n';
    return ExitCode::done;
  }
  const std::string near = nearest_word(options.name, known);
  return fail(ErrorCode::not_found, "no schema '" + options.name + "'" +
                                        (near.empty() ? "; `aitrade schema` lists them"
                                                      : "; did you mean '" + near + "'?"));
}

}  // namespace

void add_schema(CommandList& commands) {
  auto [app, options] = commands.add<SchemaOptions>(
      {.name = "schema",
       .group = "tools",
       .summary = "prints the JSON Schema of what a command prints with --json",
       .examples = {"aitrade schema backtest", "aitrade schema"},
       .details =
           "Without a name it lists the schemas. `aitrade config schema` prints the one of the\n"
           "configuration file. Documents may grow; listed keys do not change."},
      run_schema);
  app.add_option("NAME", options.name, "such as backtest or aitrade.backtest/1");
}

}  // namespace aitrade::cli
