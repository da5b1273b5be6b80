#include "cmd/help.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace aitrade::cli {
namespace {

constexpr std::size_t help_column = 30;  // where descriptions start
constexpr std::size_t help_width = 100;

constexpr std::array<std::string_view, 6> group_order{"live",       "research", "data",
                                                      "operations", "secrets",  "tools"};

constexpr std::array<ExitCodeText, 12> exit_codes{{
    {"0", "done, healthy, no difference"},
    {"1", "failed for a reason not listed here"},
    {"2", "usage: unknown option, missing input, bad value, malformed input file"},
    {"3",
     "ran correctly, and the answer is no: unhealthy, a difference, a gate failed, data has gaps"},
    {"4", "not found: pair, trade, run, model, or no daemon running"},
    {"5", "timed out while waiting"},
    {"69", "exchange or remote service unavailable or in maintenance"},
    {"73", "output or state cannot be written: disk full, read-only"},
    {"75", "try again later: another instance holds the lock, the port is taken, rate limited"},
    {"77", "refused: authentication, permission, wrong passphrase"},
    {"78", "configuration or stored state invalid or unsafe; a supervisor must not restart"},
    {"130, 143", "ended by SIGINT, SIGTERM after a clean stop"},
}};

// Adds `text` broken into lines that start at `indent`; the first line starts where we are.
void add_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \n");
    const std::string_view word = text.substr(0, end);
    if (column > indent && column + 1 + word.size() > help_width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    if (end == std::string_view::npos) break;
    if (text[end] == '\n') {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    text.remove_prefix(end + 1);
  }
  out += '\n';
}

void add_row(std::string& out, const std::string& left, std::string_view right) {
  out += "  " + left;
  const std::size_t used = left.size() + 2;
  if (used + 2 > help_column) {
    out += '\n' + std::string(help_column, ' ');
  } else {
    out += std::string(help_column - used, ' ');
  }
  add_wrapped(out, right, help_column);
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string left_of(const OptionModel& option) {
  std::string left = joined(option.names, ", ");
  if (!option.choices.empty() && !option.value.empty()) {
    left += ' ' + joined(option.choices, "|");
  } else if (!option.value.empty() && option.names.front().starts_with('-')) {
    left += ' ' + option.value;
  }
  return left;
}

std::string usage_of(const CommandModel& command) {
  std::string usage = "aitrade";
  if (!command.path.empty()) usage += ' ' + command.path;
  if (!command.children.empty()) usage += " COMMAND";
  for (const OptionModel& positional : command.positionals) {
    usage += positional.is_required ? ' ' + positional.names.front()
                                    : " [" + positional.names.front() + ']';
  }
  return usage + " [options]";
}

void add_children(std::string& out, const CommandModel& command) {
  if (!command.path.empty()) {
    out += "\nCommands\n";
    for (const CommandModel& child : command.children) {
      add_row(out, child.text.name, child.text.summary);
    }
    return;
  }
  for (const std::string_view group : group_order) {
    bool has_title = false;
    for (const CommandModel& child : command.children) {
      if (child.text.group != group) continue;
      if (!has_title) out += "\n" + std::string(group) + '\n';
      has_title = true;
      add_row(out, child.text.name, child.text.summary);
    }
  }
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j)
    cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::span<const ExitCodeText> exit_code_texts() {
  return exit_codes;
}

std::string help_text(const CommandModel& program, const CommandModel& command) {
  std::string out = usage_of(command) + "\n";
  if (!command.text.examples.empty()) {
    out += "\nExamples\n";
    for (const std::string& example : command.text.examples)
      out += "  " + example + '\n';
  }
  out += '\n';
  add_wrapped(out, command.text.summary, 0);
  if (!command.text.details.empty()) {
    out += '\n';
    add_wrapped(out, command.text.details, 0);
  }
  if (!command.children.empty()) add_children(out, command);
  if (!command.positionals.empty() || (!command.options.empty() && !command.path.empty())) {
    out += "\nOptions\n";
    for (const OptionModel& option : command.positionals)
      add_row(out, left_of(option), option.help);
    if (!command.path.empty()) {
      for (const OptionModel& option : command.options)
        add_row(out, left_of(option), option.help);
    }
  }
  out += "\nOptions of every command\n";
  for (const OptionModel& option : program.options)
    add_row(out, left_of(option), option.help);
  return out;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace aitrade::cli
