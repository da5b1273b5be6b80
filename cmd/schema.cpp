// `aitrade schema NAME`: the JSON Schema of what a command prints as aitrade.NAME/1.
//
// json_documents.h lists the documents and their keys; the schemas are made from it. Keys may be
// added to a document without a new number, so schemas allow more than they list.

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/json_documents.h"
#include "cmd/output.h"
#include "core/store/exports.h"

#include <CLI/CLI.hpp>

#include <map>
#include <ostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::cli {
namespace {

struct SchemaOptions {
  std::string name;  // empty: list the names
};

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
    const bool may_lack = part.ends_with('?');   // "engines[]?.run": there is no such list everywhere
    if (may_lack) part.remove_suffix(1);
    const bool is_list = part.ends_with("[]");
    if (is_list) part.remove_suffix(2);
    node = &node->member(part, !may_lack && (is_required || dot != std::string_view::npos));
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

/// What an export of that name prints, if it is one.
std::optional<ExportKind> export_of(std::string_view name) {
  if (name == "trades") return ExportKind::trades;
  if (name == "fills") return ExportKind::fills;
  if (name == "orders") return ExportKind::orders;
  if (name == "equity") return ExportKind::equity;
  return std::nullopt;
}

std::string schema_text(const Document& document) {
  Node root;
  std::vector<std::string> paths;  // outlives the fields that name them
  if (const auto kind = export_of(document.name)) {
    for (const ExportColumn& column : export_columns(*kind)) paths.push_back("rows[]." + std::string(column.name));
    std::size_t i = 0;
    for (const ExportColumn& column : export_columns(*kind)) {
      add_field(root, {paths[i++], column.is_decimal ? "decimal?" : column.is_number ? "number?" : "text?", ""});
    }
  }
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
    for (const Document& document : json_documents()) {
      table.add({Cell::of(document.name), Cell::of(document.command)});
    }
    table.print(context, resolve_format(context, Format::csv), "schemas");
    return ExitCode::done;
  }
  std::vector<std::string> known;
  for (const Document& document : json_documents()) {
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
