#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace aitrade::tidy {
namespace {

// Who may include whom (architecture.md 15). Use further down is allowed, so the table holds the
// direct edges. An edge to a file ("core/trading/strategy.h") allows that header and opens nothing
// else.
const std::map<std::string, std::vector<std::string>>& include_table() {
  static const std::map<std::string, std::vector<std::string>> table{
      {"core/base", {}},
      {"core/domain", {"core/base"}},
      {"core/market", {"core/domain"}},
      {"core/indicators", {"core/domain"}},
      {"core/trading", {"core/indicators", "core/market"}},
      {"core/sim", {"core/market"}},
      {"core/ports", {"core/domain"}},
      {"core/vault", {"core/base"}},
      {"core/config", {"core/base"}},
      {"core/log", {"core/base"}},
      {"core/threads", {"core/base"}},
      {"core/net", {"core/threads"}},
      {"core/data", {"core/domain"}},
      {"core/report", {"core/domain"}},
      {"core/store", {"core/ports", "core/threads"}},
      {"core/auth", {"core/store", "core/vault"}},
      {"core/runtime", {"core/trading", "core/sim", "core/ports"}},
      {"core/api",
       {"core/runtime/view.h", "core/runtime/mailbox.h", "core/store", "core/report", "core/net",
        "core/config", "core/auth", "core/indicators"}},
      {"core/chat", {"core/api"}},
      {"core/billing", {"core/api"}},
      {"strategies", {"core/trading/strategy.h", "core/market", "core/indicators"}},
      {"ml", {"core/store", "core/trading/gate.h", "core/trading/exits.h", "core/market", "core/indicators"}},
      {"exchanges", {"core/net", "core/sim", "core/ports", "core/market"}},
  };
  return table;
}

constexpr std::array<std::string_view, 8> pure_modules{
    "core/base",    "core/domain", "core/market", "core/indicators",
    "core/trading", "core/sim",    "core/ports",  "strategies"};

bool is_cpp(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".h");
}

std::string module_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  if (path.substr(0, slash) != "core") return std::string(path.substr(0, slash));
  const std::size_t second = path.find('/', slash + 1);
  return second == std::string_view::npos ? "core" : std::string(path.substr(0, second));
}

bool is_pure(std::string_view path) {
  const std::string module = module_of(path);
  return std::find(pure_modules.begin(), pure_modules.end(), module) != pure_modules.end();
}

bool may_include(const std::string& module, const std::string& target_path) {
  const std::string target = module_of(target_path);
  if (module == target) return true;
  const auto found = include_table().find(module);
  if (found == include_table().end()) return false;
  for (const std::string& edge : found->second) {
    if (edge.ends_with(".h") ? edge == target_path : may_include(edge, target_path)) return true;
  }
  return false;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool is_exempt(std::string_view line) {
  return line.find("tidy: ") != std::string_view::npos;
}

std::string place(const SourceFile& file, std::size_t line_index) {
  return file.path + ':' + std::to_string(line_index + 1) + ": ";
}

// Calls `visit(index, raw line, code line)` for each line that is not exempt.
template <class Visit>
void visit_lines(const SourceFile& file, const Visit& visit) {
  const std::vector<std::string> raw = lines_of(file.text);
  const std::vector<std::string> code = lines_of(code_only(file.text));
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (!is_exempt(raw[i])) visit(i, raw[i], i < code.size() ? code[i] : std::string());
  }
}

struct Pattern {
  std::regex regex;
  const char* message;
};

bool is_text_file(const std::filesystem::path& path) {
  static const std::set<std::string> endings{
      ".cpp", ".h",    ".md",   ".txt",  ".json", ".cmake",   ".sql", ".js",  ".html", ".css",
      ".sh",  ".toml", ".fish", ".bash", ".1",    ".service", ".svg", ".csv", ""};
  return endings.contains(path.extension().string());
}

}  // namespace

std::vector<SourceFile> read_tree(const std::string& root) {
  namespace fs = std::filesystem;
  static const std::set<std::string> skipped{"build", ".git", ".cache", "node_modules"};
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    if (it->is_directory() && skipped.contains(it->path().filename().string())) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || !is_text_file(it->path())) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    files.push_back({fs::relative(it->path(), root).generic_string(), std::move(text)});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

Findings check_includes(const SourceFile& file) {
  Findings findings;
  const std::string module = module_of(file.path);
  if (!is_cpp(file.path) || module == "tests") return findings;
  static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (is_exempt(lines[i]) || !std::regex_search(lines[i], match, include)) continue;
    const std::string target = match[2];
    if (match[1] == "\"") {
      if (target.find('/') == std::string::npos) {
        findings.push_back(place(file, i) + "include \"" + target +
                           "\" is not written from the root; write the folder too");
      } else if (module != "cmd" && !may_include(module, target)) {
        findings.push_back(place(file, i) + module + " may not include " + target +
                           "; see architecture.md 15: move the code, pass a value, or use a port");
      }
      continue;
    }
    const bool is_standard = target.find_first_of("./") == std::string::npos;
    if (!is_standard && is_pure(file.path)) {
      findings.push_back(place(file, i) + "<" + target +
                         "> in a pure folder; only the standard library is allowed there");
    }
  }
  return findings;
}

Findings check_private_headers(const std::vector<SourceFile>& files) {
  static const std::regex third_party(R"re(^\s*#\s*include\s*<(?!sys/)[^>]*[./][^>]*>)re");
  std::map<std::string, std::string> libraries;  // header path to the third-party line in it
  for (const SourceFile& file : files) {
    if (!file.path.ends_with(".h") || file.path.starts_with("tests/")) continue;
    for (const std::string& line : lines_of(file.text)) {
      if (!is_exempt(line) && std::regex_search(line, third_party)) libraries[file.path] = line;
    }
  }
  Findings findings;
  static const std::regex include(R"re(^\s*#\s*include\s*"([^"]+)")re");
  for (const SourceFile& file : files) {
    if (!is_cpp(file.path) || file.path.starts_with("tests/")) continue;
    const std::vector<std::string> lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(lines[i], match, include) || !libraries.contains(match[1])) continue;
      const std::string header = match[1];
      const auto folder = [](const std::string& path) { return path.substr(0, path.rfind('/')); };
      if (file.path.ends_with(".cpp") && folder(file.path) == folder(header)) continue;
      findings.push_back(
          place(file, i) + header + " has a third-party header in it (" + libraries[header] +
          "), so only .cpp files of its folder may include it; use a private struct");
    }
  }
  return findings;
}

Findings check_banned_calls(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) || !is_pure(file.path)) return findings;
  static const std::vector<Pattern> patterns{
      {std::regex(R"(\b(system|steady|high_resolution|file|utc)_clock\b)"),
       "a clock; time comes with the event"},
      {std::regex(R"(\b(time|gettimeofday|clock_gettime|localtime|gmtime)\s*\()"),
       "a clock call; time comes with the event"},
      {std::regex(R"(\brandom_device\b|\bmt19937|\b(uniform|normal)_\w*distribution\b)"),
       "a library generator; take a Random& and fork it"},
      {std::regex(R"((^|[^\w:.>])(std::)?s?rand\s*\()"), "rand(); take a Random& and fork it"},
      {std::regex(R"(\bgetenv\b|\bsetenv\b)"), "the environment; pass the value in"},
      {std::regex(
           R"(\bstd::(j?thread|mutex|shared_mutex|condition_variable|async|future)\b|\bsleep_for\b|\bsleep_until\b)"),
       "a thread; the pure core has one"},
      {std::regex(R"(\bstd::(cout|cerr|clog|cin)\b|\b[io]?fstream\b)"),
       "a stream; return the data or record an action"},
      {std::regex(R"(\b(fopen|fread|fwrite|fprintf|printf|puts|fputs)\s*\()"),
       "file or terminal output; return the data or record an action"},
      {std::regex(
           R"(#\s*include\s*<(iostream|fstream|thread|mutex|shared_mutex|condition_variable|future|random|filesystem|ctime)>)"),
       "a header of I/O, threads, clocks or library random numbers"},
  };
  visit_lines(file, [&](std::size_t i, const std::string& raw, const std::string& code) {
    const std::string& line = code.find('#') == std::string::npos ? code : raw;
    for (const Pattern& pattern : patterns) {
      if (std::regex_search(line, pattern.regex)) {
        findings.push_back(place(file, i) + "pure folder uses " + pattern.message);
      }
    }
  });
  return findings;
}

std::set<std::string> unordered_names(const SourceFile& file) {
  static const std::regex declaration(
      R"(\bunordered_(?:multi)?(?:map|set)\s*<[^;(){}]*>\s*&?\s*(\w+))");
  std::set<std::string> names;
  const std::string code = code_only(file.text);
  for (auto it = std::sregex_iterator(code.begin(), code.end(), declaration);
       it != std::sregex_iterator(); ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

Findings check_unordered_iteration(const SourceFile& file, const std::set<std::string>& names) {
  Findings findings;
  if (!is_cpp(file.path) || !is_pure(file.path) || names.empty()) return findings;
  static const std::regex range_for(R"(\bfor\s*\(.*[^:]:\s*\*?(?:this->)?(\w+)\s*\))");
  static const std::regex begin(R"(\b(\w+)\s*\.\s*c?begin\s*\()");
  visit_lines(file, [&](std::size_t i, const std::string&, const std::string& code) {
    for (const std::regex* regex : {&range_for, &begin}) {
      std::smatch match;
      if (std::regex_search(code, match, *regex) && names.contains(match[1])) {
        findings.push_back(place(file, i) + "iterates the unordered container " + match[1].str() +
                           "; its order differs between machines: use a map or a sorted vector");
      }
    }
  });
  return findings;
}

Findings check_header_comment(const SourceFile& file) {
  Findings findings;
  if (!file.path.ends_with(".h")) return findings;
  const std::vector<std::string> lines = lines_of(file.text);
  std::size_t comment_lines = 0;
  while (comment_lines < lines.size() && lines[comment_lines].starts_with("//"))
    ++comment_lines;
  if (comment_lines == 0) {
    findings.push_back(place(file, 0) +
                       "no file comment; begin with one to eight lines on what this file answers");
  }
  if (file.text.find("#pragma once") == std::string::npos) {
    findings.push_back(place(file, 0) + "no #pragma once");
  }
  return findings;
}

Findings check_words(const SourceFile& file) {
  Findings findings;
  if (file.path.starts_with("tests/tidy/")) return findings;  // it has to name what it looks for
  static const std::regex notes(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X)\\b");
  static const std::regex machine(R"((^|[^\w.}~/])/(home|root|work|tmp)/)");
  const bool is_test = file.path.starts_with("tests/");
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_exempt(lines[i])) continue;
    if (std::regex_search(lines[i], notes)) {
      findings.push_back(place(file, i) + "a note to self; do it, or write an issue");
    }
    if (!is_test && std::regex_search(lines[i], machine)) {
      findings.push_back(place(file, i) +
                         "an absolute path of one machine; take it from the caller");
    }
  }
  return findings;
}

Findings check_dashboard(const SourceFile& file) {
  Findings findings;
  if (!file.path.starts_with("share/dashboard/")) return findings;
  static const std::vector<Pattern> patterns{
      {std::regex(R"(\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b)"),
       "markup from a string; build nodes and set textContent"},
      {std::regex(R"(\bstyle\s*=\s*["'])"), "inline style; use a class of the style sheet"},
      {std::regex(R"(<style\b)"), "a style element; use the style sheet"},
      {std::regex(R"(<script(?![^>]*\bsrc=)[^>]*>)"), "inline script; use a module file"},
      {std::regex(R"(\son(click|load|error|change|input|submit|key\w+|mouse\w+)\s*=\s*["'])"),
       "an inline handler; use addEventListener"},
      {std::regex(R"(\beval\s*\(|new\s+Function\s*\()"), "code from a string"},
      {std::regex(R"(https?://(?!127\.0\.0\.1|localhost|www\.w3\.org/))"),
       "another host; embed it"},
  };
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_exempt(lines[i])) continue;
    for (const Pattern& pattern : patterns) {
      if (std::regex_search(lines[i], pattern.regex)) {
        findings.push_back(place(file, i) + "dashboard has " + pattern.message);
      }
    }
  }
  return findings;
}

Findings check_sql(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) || file.path.starts_with("tests/")) return findings;
  static const std::regex joined_after(
      R"re("[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|VALUES|ORDER BY|LIMIT)\b[^"]*"\s*\+)re");
  static const std::regex joined_before(
      R"re(\+\s*"[^"]*\b(SELECT|INSERT INTO|DELETE FROM|WHERE|VALUES|ORDER BY|LIMIT)\b)re");
  visit_lines(file, [&](std::size_t i, const std::string& raw, const std::string&) {
    if (std::regex_search(raw, joined_after) || std::regex_search(raw, joined_before)) {
      findings.push_back(place(file, i) + "SQL joined from strings; bind a parameter");
    }
  });
  return findings;
}

// check_lengths and code_only are in scan.cpp, which reads characters instead of patterns.

}  // namespace aitrade::tidy
