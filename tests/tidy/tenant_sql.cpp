#include <algorithm>
#include <regex>

#include "tests/tidy/rules.h"

namespace aitrade::tidy {
namespace {

constexpr std::string_view exempt_mark = "every tenant: ";   // with the reason, on the statement or just above
constexpr std::string_view exempt_file = "every tenant, whole file: ";

/// A run of string literals that the compiler puts together, and where it begins.
struct Text {
  std::size_t line;
  std::string value;
};

/// Reads one literal from its opening quote; returns the place after the closing one.
std::size_t read_literal(std::string_view text, std::size_t at, std::string& out) {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
    if (at < text.size()) out += text[at];
  }
  return at + 1;
}

/// All texts of a file. Comments are passed over; raw strings are read as what they look like.
std::vector<Text> texts_of(std::string_view text) {
  std::vector<Text> texts;
  std::size_t line = 1;
  bool joins = false;   // nothing but space since the last literal
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '\'' && at + 2 < text.size()) {
      const std::size_t end = text.find('\'', at + (text[at + 1] == '\\' ? 3 : 2));
      at = end - at < 5 ? end + 1 : at + 1;   // a digit separator has no end
      joins = false;
    } else if (c == '"') {
      if (!joins) texts.push_back({line, {}});
      at = read_literal(text, at, texts.back().value);
      joins = true;
    } else {
      if (c == '\n') ++line;
      if (c != ' ' && c != '\n' && c != '\r') joins = false;
      ++at;
    }
  }
  return texts;
}

/// Whether one of the lines from three above a statement to its first one says why it needs no tenant.
bool is_exempt(const std::vector<std::string>& lines, std::size_t line) {
  for (std::size_t i = line > 4 ? line - 4 : 0; i < line && i < lines.size(); ++i) {
    if (lines[i].find(exempt_mark) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::set<std::string> tenant_tables(const std::vector<SourceFile>& files) {
  constexpr std::string_view begin = "CREATE TABLE ", end = ") STRICT";
  std::set<std::string> names;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("share/schema/") || !file.path.ends_with(".sql")) continue;
    for (auto at = file.text.find(begin); at != std::string::npos; at = file.text.find(begin, at + 1)) {
      const std::size_t open = file.text.find('(', at), close = file.text.find(end, at);
      if (open == std::string::npos || close == std::string::npos) break;
      const std::string name = file.text.substr(at + begin.size(), open - at - begin.size());
      if (file.text.substr(open, close - open).find("tenant_id") != std::string::npos) names.insert(name);
    }
  }
  return names;
}

Findings check_tenant_sql(const SourceFile& file, const std::set<std::string>& tables) {
  Findings findings;
  const bool is_code = file.path.ends_with(".cpp") || file.path.ends_with(".h");
  if (!is_code || file.path.starts_with("tests/") || file.text.find(exempt_file) != std::string::npos) return findings;
  static const std::regex verb(R"(\b(SELECT|INSERT|UPDATE|DELETE|REPLACE)\b)");
  static const std::regex used(R"(\b(FROM|INTO|UPDATE|JOIN)\s+(\w+))");
  const std::vector<std::string> lines = split_lines(file.text);
  for (const Text& text : texts_of(file.text)) {
    if (text.value.find("tenant_id") != std::string::npos || !std::regex_search(text.value, verb)) continue;
    for (std::sregex_iterator it(text.value.begin(), text.value.end(), used), end; it != end; ++it) {
      const std::string table = (*it)[2].str();
      if (!tables.contains(table) || is_exempt(lines, text.line)) continue;
      findings.push_back(file.path + ":" + std::to_string(text.line) + ": SQL on " + table +
                         " does not name tenant_id; bind it, or say `every tenant: why`");
      break;
    }
  }
  return findings;
}

}  // namespace aitrade::tidy
