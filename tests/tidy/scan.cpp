#include "tests/tidy/scan.h"

#include "tests/tidy/rules.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace aitrade::tidy {
namespace {

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

// Blanks [from, to) except line breaks.
void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

std::size_t end_of_quoted(const std::string& text, std::size_t open) {
  std::size_t at = open + 1;
  while (at < text.size() && text[at] != text[open] && text[at] != '\n')
    at += text[at] == '\\' ? 2U : 1U;
  return std::min(at + 1, text.size());
}

std::size_t end_of_raw_string(const std::string& text, std::size_t quote) {
  const std::size_t paren = text.find('(', quote);
  if (paren == std::string::npos) return text.size();
  const std::string close = ')' + text.substr(quote + 1, paren - quote - 1) + '"';
  const std::size_t end = text.find(close, paren);
  return end == std::string::npos ? text.size() : end + close.size();
}

// The end of a preprocessor directive that starts at `hash`, continuation lines included.
std::size_t end_of_directive(std::string_view code, std::size_t hash) {
  std::size_t end = code.find('\n', hash);
  while (end != std::string_view::npos && end > 0 && code[end - 1] == '\\')
    end = code.find('\n', end + 1);
  return end == std::string_view::npos ? code.size() : end;
}

enum class Block { scope, function, other };

// What a brace opens, from the text since the last statement or block.
Block classify(const std::string& head, bool inside_function) {
  if (inside_function) return Block::other;
  static const std::regex scope(R"(\b(namespace|class|struct|union|enum|extern)\b)");
  static const std::regex parameters(R"(\w\s*\(|operator\s*\S+\s*\()");
  const bool has_parameters = std::regex_search(head, parameters);
  if (!has_parameters && std::regex_search(head, scope)) return Block::scope;
  if (has_parameters && head.find('=') != std::string::npos &&
      head.find("operator") == std::string::npos && head.rfind(')') < head.rfind('=')) {
    return Block::other;  // `auto x = f(...) = {`, a default argument
  }
  if (has_parameters) return Block::function;
  return std::regex_search(head, scope) ? Block::scope : Block::other;
}

// A brace that begins a value: `int v = {}`, `f({1})`.
bool is_value(const std::string& head) {
  const std::size_t last = head.find_last_not_of(" \n\t");
  return last != std::string::npos && std::string_view("=(,").find(head[last]) != std::string::npos;
}

// `Foo::Foo() : a_{1}` : the brace belongs to a member initialiser, the head goes on after it.
bool is_member_initialiser(const std::string& head) {
  static const std::regex list(R"(\)\s*(noexcept)?\s*:[^:])");
  const std::size_t last = head.find_last_not_of(" \n\t");
  if (last == std::string::npos || !(is_word(head[last]) || head[last] == '>')) return false;
  return std::regex_search(head, list);
}

std::string name_of(const std::string& head) {
  const std::size_t paren = head.find('(');
  std::size_t end = head.find_last_not_of(" \n\t", paren == 0 ? 0 : paren - 1);
  if (paren == std::string::npos || end == std::string::npos) return "function";
  std::size_t begin = end;
  while (begin > 0 &&
         (is_word(head[begin - 1]) || head[begin - 1] == ':' || head[begin - 1] == '~'))
    --begin;
  return head.substr(begin, end - begin + 1);
}

std::size_t skip_braces(std::string_view code, std::size_t open, std::size_t& line) {
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == '\n') ++line;
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i;
  }
  return code.size();
}

}  // namespace

std::string code_only(std::string_view source) {
  std::string text(source);
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '/' && next == '/') {
      end = std::min(text.find('\n', i), text.size());
      blank(text, i, end);
    } else if (text[i] == '/' && next == '*') {
      const std::size_t close = text.find("*/", i + 2);
      end = close == std::string::npos ? text.size() : close + 2;
      blank(text, i, end);
    } else if (text[i] == '"') {
      const bool is_raw = i > 0 && text[i - 1] == 'R';
      end = is_raw ? end_of_raw_string(text, i) : end_of_quoted(text, i);
      blank(text, i + 1, end - 1);
    } else if (text[i] == '\'' &&
               !(i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0)) {
      end = end_of_quoted(text, i);
      blank(text, i + 1, end - 1);
    }
    i = end;
  }
  return text;
}

std::vector<FunctionSpan> find_functions(std::string_view code) {
  std::vector<FunctionSpan> functions;
  std::vector<Block> blocks;
  std::vector<FunctionSpan> open;
  std::string head;
  std::size_t line = 0;
  std::size_t head_line = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char letter = code[i];
    if (letter == '#' && head.find_first_not_of(" \n\t") == std::string::npos) {
      const std::size_t end = end_of_directive(code, i);
      line += static_cast<std::size_t>(std::count(code.begin() + static_cast<std::ptrdiff_t>(i),
                                                  code.begin() + static_cast<std::ptrdiff_t>(end),
                                                  '\n'));
      i = end - 1;
      continue;
    }
    if (letter == '{') {
      if (open.empty() && (is_value(head) || is_member_initialiser(head))) {
        i = skip_braces(code, i, line);
        head += '0';
        continue;
      }
      blocks.push_back(classify(head, !open.empty()));
      if (blocks.back() == Block::function) open.push_back({name_of(head), head_line, 0});
      head.clear();
    } else if (letter == '}') {
      if (!blocks.empty() && blocks.back() == Block::function) {
        open.back().last_line = line;
        functions.push_back(open.back());
        open.pop_back();
      }
      if (!blocks.empty()) blocks.pop_back();
      head.clear();
    } else if (letter == ';') {
      head.clear();
    } else {
      if (head.find_first_not_of(" \n\t") == std::string::npos &&
          std::isspace(static_cast<unsigned char>(letter)) == 0) {
        head_line = line;
      }
      head += letter;
    }
    if (letter == '\n') ++line;
  }
  return functions;
}

Findings check_lengths(const SourceFile& file) {
  constexpr std::size_t file_lines_max = 700;     // style.md 3
  constexpr std::size_t function_lines_max = 70;  // style.md 3
  Findings findings;
  if (!file.path.ends_with(".cpp") && !file.path.ends_with(".h")) return findings;
  const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
  if (lines > file_lines_max) {
    findings.push_back(file.path + ": " + std::to_string(lines) + " lines, the limit is " +
                       std::to_string(file_lines_max) + "; split it by what it answers");
  }
  for (const FunctionSpan& function : find_functions(code_only(file.text))) {
    const std::size_t length = function.last_line - function.first_line + 1;
    if (length <= function_lines_max) continue;
    findings.push_back(file.path + ':' + std::to_string(function.first_line + 1) + ": " +
                       function.name + " has " + std::to_string(length) + " lines, the limit is " +
                       std::to_string(function_lines_max) +
                       "; keep the branching here and move straight-line work into helpers");
  }
  return findings;
}

}  // namespace aitrade::tidy
