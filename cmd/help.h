// The command table as plain data, and the help made from it.
//
// The parser (cli.cpp) fills the model from what the commands declared; help, man page, completions
// and suggestions read only this, so they cannot disagree with what is parsed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade::cli {

/// What a command says about itself. Examples come first in the help.
struct CommandText {
  std::string name{};                   // "backtest"
  std::string group{};                  // live, research, data, operations, secrets, tools
  std::string summary{};                // one line, no full stop
  std::vector<std::string> examples{};  // complete command lines
  std::string details{};                // optional paragraphs: streams, exit codes
};

/// One option or positional as the parser knows it.
struct OptionModel {
  std::vector<std::string> names;    // "-q", "--quiet"; one word without dashes for a positional
  std::string value;                 // "FILE"; empty for a flag
  std::vector<std::string> choices;  // allowed words, if they are few
  std::string help;
  bool is_required{false};
};

/// One command with its options and subcommands: the source of help, man page and completions.
struct CommandModel {
  std::string path;  // "data ls"; empty for the program
  CommandText text;
  std::vector<OptionModel> options;
  std::vector<OptionModel> positionals;
  std::vector<CommandModel> children;
};

/// One row of the table of exit codes (cli.md 3).
struct ExitCodeText {
  const char* number;
  const char* meaning;
};

/// Returns the table of exit codes as users read it.
std::span<const ExitCodeText> exit_code_texts();

/// Returns the help of one command: usage, examples, then what it does and its options.
std::string help_text(const CommandModel& program, const CommandModel& command);

/// Returns the word nearest to `word`, or empty when none is near enough to suggest.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace aitrade::cli
