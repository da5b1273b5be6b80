// `aitrade man`: the manual page in roff, written from the command table.
//
// The committed copy is share/man/aitrade.1; a test compares it with what this prints. There is no
// date in it, so equal tables give equal bytes.

#include "cmd/cli.h"
#include "cmd/commands.h"

#include <CLI/CLI.hpp>

#include <ostream>
#include <string>

namespace aitrade::cli {
namespace {

struct ManOptions {};

// Returns text that roff prints as it is.
std::string roff(std::string_view text) {
  std::string escaped;
  bool at_line_start = true;
  for (const char letter : text) {
    if (at_line_start && (letter == '.' || letter == '\'')) escaped += "\\&";
    at_line_start = letter == '\n';
    if (letter == '\\') {
      escaped += "\\e";
    } else if (letter == '-') {
      escaped += "\\-";
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

void print_option(const OptionModel& option, std::ostream& out) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + std::string("\\fB") + roff(name) + "\\fR";
  }
  std::string value;
  for (const std::string& choice : option.choices)
    value += (value.empty() ? "" : "|") + choice;
  if (value.empty() && option.names.front().starts_with('-')) value = option.value;
  out << ".TP\n" << names;
  if (!value.empty()) out << " \\fI" << roff(value) << "\\fR";
  out << '\n' << roff(option.help) << '\n';
}

void print_command(const CommandModel& command, std::ostream& out) {
  out << ".SS aitrade " << roff(command.path) << '\n' << roff(command.text.summary) << '\n';
  if (!command.text.examples.empty()) {
    out << ".PP\n.nf\n";
    for (const std::string& example : command.text.examples)
      out << "    " << roff(example) << '\n';
    out << ".fi\n";
  }
  if (!command.text.details.empty()) out << ".PP\n" << roff(command.text.details) << '\n';
  for (const OptionModel& option : command.positionals)
    print_option(option, out);
  for (const OptionModel& option : command.options)
    print_option(option, out);
  for (const CommandModel& child : command.children)
    print_command(child, out);
}

constexpr const char* closing_sections =
    ".SH STREAMS\n"
    "Data goes to standard output, everything else to standard error. A file named \\- is standard "
    "input or output. With \\fB\\-\\-json\\fR an error is one object on standard error, "
    "{\"error\":{\"code\",\"message\",\"hint\",\"retryable\"}}, and nothing is on standard "
    "output.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBAITRADE__SECTION__KEY\\fR\nsets one configuration key, below the command line and "
    "above "
    "all files\n"
    ".TP\n\\fBXDG_CONFIG_HOME\\fR, \\fBXDG_DATA_HOME\\fR, \\fBXDG_STATE_HOME\\fR, "
    "\\fBXDG_CACHE_HOME\\fR, \\fBXDG_RUNTIME_DIR\\fR\nwhere files go without \\fB\\-\\-home\\fR\n"
    ".TP\n\\fBNO_COLOR\\fR\nno colour, as \\fB\\-\\-color never\\fR\n"
    ".SH FILES\n"
    ".TP\n\\fI$XDG_CONFIG_HOME/aitrade/config.toml\\fR\nconfiguration of the user\n"
    ".TP\n\\fI/etc/aitrade/config.toml\\fR\nconfiguration of the machine\n";

void print_man(const CommandModel& program, std::ostream& out) {
  out << ".\\\" Written by `aitrade man`; do not edit.\n"
      << ".TH AITRADE 1 \"\" \"aitrade " << roff(build_info().version) << "\" \"User commands\"\n"
      << ".SH NAME\naitrade \\- " << roff(program.text.summary) << '\n'
      << ".SH SYNOPSIS\n.B aitrade\n.I COMMAND\n[\\fIoptions\\fR]\n"
      << ".SH EXAMPLES\n.nf\n";
  for (const std::string& example : program.text.examples)
    out << "    " << roff(example) << '\n';
  out << ".fi\n.SH OPTIONS\nEvery command takes these, before or after its name.\n";
  for (const OptionModel& option : program.options)
    print_option(option, out);
  out << ".SH COMMANDS\n";
  for (const CommandModel& command : program.children)
    print_command(command, out);
  out << ".SH EXIT STATUS\nThe numbers never change.\n";
  for (const ExitCodeText& row : exit_code_texts()) {
    out << ".TP\n\\fB" << row.number << "\\fR\n" << roff(row.meaning) << '\n';
  }
  out << closing_sections;
}

Result<ExitCode> run_man(const ManOptions&, Context& context) {
  print_man(*context.program, context.out);
  return ExitCode::done;
}

}  // namespace

void add_man(CommandList& commands) {
  commands.add<ManOptions>({.name = "man",
                            .group = "tools",
                            .summary = "print the manual page (roff)",
                            .examples = {"aitrade man | man -l -"}},
                           run_man);
}

}  // namespace aitrade::cli
