#include "core/config/toml_file.h"

#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace aitrade {

namespace {

using Kind = RawValue::Kind;

/// The text by lines, to give a number back as it was written.
class Source {
 public:
  explicit Source(std::string_view text) {
    while (true) {
      const auto end = text.find('\n');
      lines_.push_back(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  /// Returns the scalar that begins there: everything up to a delimiter.
  [[nodiscard]] std::string_view token(const toml::source_position& at) const {
    if (at.line == 0 || at.line > lines_.size()) return {};
    std::string_view line = lines_[at.line - 1];
    for (auto column = at.column; column > 1 && !line.empty();
         --column) {  // columns are characters
      line.remove_prefix(1);
      while (!line.empty() && (static_cast<unsigned char>(line.front()) & 0xC0U) == 0x80U) {
        line.remove_prefix(1);
      }
    }
    return line.substr(0, line.find_first_of(", \t\r]}#"));
  }

 private:
  std::vector<std::string_view> lines_;
};

class Builder {
 public:
  Builder(const Source& source, const std::string& name) : source_(source), name_(name) {}

  [[nodiscard]] RawValue build(const toml::node& node) const {
    RawValue raw;
    raw.place = place(node.source());
    if (const toml::table* table = node.as_table()) {
      raw.kind = Kind::table;
      for (auto&& [key, value] : *table) {
        RawValue item = build(value);
        item.key_place = place(key.source());
        raw.entries.emplace_back(std::string(key.str()), std::move(item));
      }
    } else if (const toml::array* array = node.as_array()) {
      raw.kind = Kind::list;
      for (auto&& item : *array)
        raw.items.push_back(build(item));
    } else if (const auto* text = node.as_string()) {
      raw.kind = Kind::text;
      raw.text = text->get();
    } else {
      raw.kind = node.is_boolean()          ? Kind::boolean
                 : node.is_integer()        ? Kind::integer
                 : node.is_floating_point() ? Kind::number
                                            : Kind::other;
      raw.text = std::string(source_.token(node.source().begin));
      const auto* whole = node.as_integer();
      const bool prefixed =
          raw.text.starts_with("0x") || raw.text.starts_with("0o") || raw.text.starts_with("0b");
      if (whole != nullptr && prefixed) raw.text = std::to_string(whole->get());
    }
    return raw;
  }

 private:
  [[nodiscard]] Place place(const toml::source_region& region) const {
    return {name_, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
  }

  const Source& source_;
  const std::string& name_;
};

}  // namespace

TomlTree parse_toml(std::string_view text, const std::string& name) {
  TomlTree tree;
  tree.root.kind = Kind::table;
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    const auto& error = result.error();
    const auto& at = error.source().begin;
    tree.fault = TomlFault{Place{name, static_cast<int>(at.line), static_cast<int>(at.column)},
                           std::string(error.description())};
    return tree;
  }
  const Source source(text);
  tree.root = Builder(source, name).build(result.table());
  return tree;
}

}  // namespace aitrade
