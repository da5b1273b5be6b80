// `aitrade completion bash|zsh|fish`: completions written from the command table.
//
// Each script walks the words typed so far to a command path ("data ls") and offers what the parser
// knows there: subcommands, options, the few words an option allows, else file names. The committed
// copies are under completions/; a test compares them with what this prints.

#include "cmd/cli.h"
#include "cmd/commands.h"

#include <CLI/CLI.hpp>

#include <ostream>
#include <set>
#include <string>

namespace aitrade::cli {
namespace {

struct CompletionOptions {
  std::string shell;
};

template <class Visit>
void visit_commands(const CommandModel& model, const Visit& visit) {
  visit(model);
  for (const CommandModel& child : model.children)
    visit_commands(child, visit);
}

std::string option_words(const CommandModel& model) {
  std::string words;
  for (const OptionModel& option : model.options) {
    for (const std::string& name : option.names)
      words += (words.empty() ? "" : " ") + name;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

// Words a command takes after its name: subcommands and the choices of positionals.
std::string plain_words(const CommandModel& model) {
  std::string words;
  for (const CommandModel& child : model.children) {
    words += (words.empty() ? "" : " ") + child.text.name;
  }
  for (const OptionModel& positional : model.positionals) {
    if (!positional.choices.empty())
      words += (words.empty() ? "" : " ") + joined(positional.choices);
  }
  return words;
}

// The lines of a shell `case` that tell which words extend a command path.
std::string path_pattern(const CommandModel& program) {
  std::string pattern;
  visit_commands(program, [&](const CommandModel& model) {
    for (const CommandModel& child : model.children) {
      pattern += (pattern.empty() ? "" : "|") + std::string("\"") + model.path + ':' +
                 child.text.name + '"';
    }
  });
  return pattern;
}

// The lines of a shell `case` on "PATH:OPTION" that set the words an option takes.
std::string value_cases(const CommandModel& program, std::string_view indent) {
  std::string cases;
  visit_commands(program, [&](const CommandModel& model) {
    for (const OptionModel& option : model.options) {
      if (option.value.empty()) continue;
      std::string pattern;
      for (const std::string& name : option.names) {
        const std::string place =
            model.path.empty() ? "*:" + name : '"' + model.path + ':' + name + '"';
        pattern += (pattern.empty() ? "" : "|") + place;
      }
      cases += std::string(indent) + pattern + ") takes_value=1; words=\"" +
               joined(option.choices) + "\" ;;\n";
    }
  });
  return cases;
}

std::string command_cases(const CommandModel& program, std::string_view indent) {
  std::string cases;
  visit_commands(program, [&](const CommandModel& model) {
    cases += std::string(indent) + '"' + model.path + "\") words=\"" + plain_words(model) +
             "\"; options=\"" + (model.path.empty() ? "" : option_words(model)) + "\" ;;\n";
  });
  return cases;
}

void print_bash(const CommandModel& program, std::ostream& out) {
  out << "# bash completion of aitrade; written by `aitrade completion bash`, do not edit\n"
         "_aitrade() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local path=\"\" words=\"\" options=\"\" takes_value=\"\" i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$path:${COMP_WORDS[i]}\" in\n"
         "      "
      << path_pattern(program)
      << ") path=\"${path:+$path }${COMP_WORDS[i]}\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path:$prev\" in\n"
      << value_cases(program, "    ")
      << "  esac\n"
         "  if [[ -n $takes_value ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"$path\" in\n"
      << command_cases(program, "    ")
      << "  esac\n"
         "  if [[ $cur == -* ]]; then words=\"$options "
      << option_words(program)
      << "\"; fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o bashdefault -o default -F _aitrade aitrade\n";
}

void print_zsh(const CommandModel& program, std::ostream& out) {
  out << "#compdef aitrade\n"
         "# zsh completion of aitrade; written by `aitrade completion zsh`, do not edit\n"
         "_aitrade() {\n"
         "  local cpath=\"\" words_here=\"\" options=\"\" takes_value=\"\" i\n"
         "  local cur=${words[CURRENT]} prev=${words[CURRENT-1]}\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    case \"$cpath:${words[i]}\" in\n"
         "      ("
      << path_pattern(program)
      << ") cpath=\"${cpath:+$cpath }${words[i]}\" ;;\n"
         "    esac\n"
         "  done\n";
  std::string values = value_cases(program, "    (");
  std::string commands = command_cases(program, "    (");
  for (std::string* text : {&values, &commands}) {
    for (std::size_t at = text->find(" words="); at != std::string::npos;
         at = text->find(" words=", at + 12)) {
      text->replace(at, 7, " words_here=");
    }
  }
  out << "  case \"$cpath:$prev\" in\n"
      << values
      << "  esac\n"
         "  if [[ -n $takes_value ]]; then\n"
         "    if [[ -n $words_here ]]; then compadd -- ${=words_here}; else _files; fi\n"
         "    return\n"
         "  fi\n"
         "  case \"$cpath\" in\n"
      << commands
      << "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    compadd -- ${=options} "
      << option_words(program)
      << "\n"
         "  elif [[ -n $words_here ]]; then\n"
         "    compadd -- ${=words_here}\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "_aitrade \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '\'';
}

void print_fish_options(const CommandModel& model, std::ostream& out) {
  const std::string where =
      model.path.empty() ? "" : " -n " + fish_quoted("__aitrade_at " + fish_quoted(model.path));
  for (const OptionModel& option : model.options) {
    out << "complete -c aitrade" << where;
    for (const std::string& name : option.names) {
      out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
    }
    if (!option.choices.empty()) {
      out << " -x -a " << fish_quoted(joined(option.choices));
    } else if (!option.value.empty()) {
      out << " -r";
    }
    out << " -d " << fish_quoted(option.help) << '\n';
  }
}

void print_fish(const CommandModel& program, std::ostream& out) {
  out << "# fish completion of aitrade; written by `aitrade completion fish`, do not edit\n"
         "function __aitrade_at --description 'true when the words so far name this command'\n"
         "  set -l path ''\n"
         "  for word in (commandline -opc)[2..-1]\n"
         "    switch \"$path:$word\"\n"
         "      case";
  visit_commands(program, [&](const CommandModel& model) {
    for (const CommandModel& child : model.children) {
      out << ' ' << fish_quoted(model.path + ':' + child.text.name);
    }
  });
  out << "\n"
         "        set path (string trim -- \"$path $word\")\n"
         "    end\n"
         "  end\n"
         "  test \"$path\" = \"$argv[1]\"\n"
         "end\n";
  visit_commands(program, [&](const CommandModel& model) {
    const std::string where = " -n " + fish_quoted("__aitrade_at " + fish_quoted(model.path));
    for (const CommandModel& child : model.children) {
      out << "complete -c aitrade" << where << " -f -a " << fish_quoted(child.text.name) << " -d "
          << fish_quoted(child.text.summary) << '\n';
    }
    for (const OptionModel& positional : model.positionals) {
      if (positional.choices.empty()) continue;
      out << "complete -c aitrade" << where << " -f -a " << fish_quoted(joined(positional.choices))
          << '\n';
    }
    print_fish_options(model, out);
  });
}

Result<ExitCode> run_completion(const CompletionOptions& options, Context& context) {
  if (options.shell == "bash") print_bash(*context.program, context.out);
  if (options.shell == "zsh") print_zsh(*context.program, context.out);
  if (options.shell == "fish") print_fish(*context.program, context.out);
  return ExitCode::done;
}

}  // namespace

void add_completion(CommandList& commands) {
  auto [app, options] = commands.add<CompletionOptions>(
      {.name = "completion",
       .group = "tools",
       .summary = "print shell completions",
       .examples = {"aitrade completion bash > ~/.local/share/bash-completion/completions/aitrade",
                    "aitrade completion zsh > ~/.zfunc/_aitrade",
                    "aitrade completion fish > ~/.config/fish/completions/aitrade.fish"}},
      run_completion);
  app.add_option("SHELL", options.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace aitrade::cli
