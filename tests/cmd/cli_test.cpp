// The command line as a function: words in, exit code and two streams out.

#include "cmd/cli.h"

#include <catch2/catch.hpp>

#include <set>
#include <sstream>

using namespace aitrade;
using namespace aitrade::cli;

namespace {

struct Ran {
  ExitCode exit{ExitCode::failed};
  std::string out;
  std::string err;
};

Ran run(const std::vector<std::string>& words) {
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out, .err = err};
  const ExitCode exit = run_command_line(words, context);
  return {exit, out.str(), err.str()};
}

}  // namespace

TEST_CASE("cli: every error code has its exit code", "[cmd][cli]") {
  CHECK(exit_code_for(ErrorCode::invalid) == ExitCode::usage);
  CHECK(exit_code_for(ErrorCode::not_found) == ExitCode::not_found);
  CHECK(exit_code_for(ErrorCode::corrupt) == ExitCode::unsafe);
  CHECK(exit_code_for(ErrorCode::io) == ExitCode::cannot_write);
  CHECK(exit_code_for(ErrorCode::full) == ExitCode::cannot_write);
  CHECK(exit_code_for(ErrorCode::network) == ExitCode::unavailable);
  CHECK(exit_code_for(ErrorCode::timeout) == ExitCode::timed_out);
  CHECK(exit_code_for(ErrorCode::rejected) == ExitCode::refused);
  CHECK(exit_code_for(ErrorCode::busy) == ExitCode::try_later);
  CHECK(exit_code_for(ErrorCode::unsupported) == ExitCode::usage);
}

TEST_CASE("cli: the numbers of exit codes never change", "[cmd][cli]") {
  const auto number = [](ExitCode exit) { return static_cast<int>(exit); };

  CHECK(number(ExitCode::done) == 0);
  CHECK(number(ExitCode::failed) == 1);
  CHECK(number(ExitCode::usage) == 2);
  CHECK(number(ExitCode::negative) == 3);
  CHECK(number(ExitCode::not_found) == 4);
  CHECK(number(ExitCode::timed_out) == 5);
  CHECK(number(ExitCode::unavailable) == 69);
  CHECK(number(ExitCode::cannot_write) == 73);
  CHECK(number(ExitCode::try_later) == 75);
  CHECK(number(ExitCode::refused) == 77);
  CHECK(number(ExitCode::unsafe) == 78);
  CHECK(number(ExitCode::interrupted) == 130);
  CHECK(number(ExitCode::terminated) == 143);
}

TEST_CASE("cli: an unknown word gets the nearest known one and exit 2", "[cmd][cli]") {
  const Ran command = run({"vresion"});
  const Ran option = run({"version", "--jsno"});

  CHECK(command.exit == ExitCode::usage);
  CHECK(command.err ==
        "aitrade: unknown command 'vresion'; did you mean 'version'?\nsee 'aitrade --help'\n");
  CHECK(option.exit == ExitCode::usage);
  CHECK(option.err ==
        "aitrade: unknown option '--jsno' of 'aitrade version'; did you mean '--json'?\n"
        "see 'aitrade version --help'\n");
  CHECK(command.out == "");
}

TEST_CASE("cli: with --json a usage error is one object on stderr", "[cmd][cli]") {
  const Ran ran = run({"vresion", "--json"});

  CHECK(ran.exit == ExitCode::usage);
  CHECK(ran.out == "");
  CHECK(ran.err ==
        "{\"error\":{\"code\":\"invalid\",\"message\":\"unknown command 'vresion'; did you mean "
        "'version'?\",\"hint\":\"see 'aitrade --help'\",\"retryable\":false}}\n");
}

TEST_CASE("cli: no command prints help on stderr and exits 2", "[cmd][cli]") {
  const Ran ran = run({});

  CHECK(ran.exit == ExitCode::usage);
  CHECK(ran.out == "");
  CHECK(ran.err.find("version") != std::string::npos);
  CHECK(ran.err.find("a command is needed") != std::string::npos);
}

TEST_CASE("cli: global options stand before or after the command", "[cmd][cli]") {
  const std::string after = run({"version", "--json"}).out;

  CHECK(after.starts_with("{\"schema\":\"aitrade.version/1\""));
  CHECK(run({"--json", "version"}).out == after);
  CHECK(run({"version", "--format", "json"}).out == after);
  CHECK(run({"--version", "--json"}).out == after);
}

TEST_CASE("cli: a bad value of a global option is refused", "[cmd][cli]") {
  CHECK(run({"version", "--format", "xml"}).exit == ExitCode::usage);
  CHECK(run({"version", "--color", "maybe"}).exit == ExitCode::usage);
  CHECK(run({"version", "--home"}).exit == ExitCode::usage);
  CHECK(run({"version", "extra"}).exit == ExitCode::usage);
}

TEST_CASE("cli: help shows examples before options, in both spellings", "[cmd][cli]") {
  const Ran ran = run({"version", "--help"});

  CHECK(ran.exit == ExitCode::done);
  CHECK(ran.err == "");
  CHECK(ran.out.find("Examples") < ran.out.find("Options"));
  CHECK(run({"help", "version"}).out == ran.out);
  CHECK(run({"version", "-h"}).out == ran.out);
}

namespace {

void check_documented(const CommandModel& model) {
  CAPTURE(model.path);
  CHECK_FALSE(model.text.summary.empty());
  CHECK(model.text.summary.back() != '.');
  CHECK_FALSE((model.children.empty() && model.text.examples.empty()));
  static const std::set<std::string> groups{"live",       "research", "data",
                                            "operations", "secrets",  "tools"};
  if (!model.path.empty() && model.path.find(' ') == std::string::npos) {
    CHECK(groups.contains(model.text.group));
  }
  for (const OptionModel& option : model.options) {
    CAPTURE(option.names.front());
    CHECK_FALSE(option.help.empty());
  }
  for (const OptionModel& option : model.positionals) {
    CAPTURE(option.names.front());
    CHECK_FALSE(option.help.empty());
  }
  for (const CommandModel& child : model.children)
    check_documented(child);
}

}  // namespace

TEST_CASE("cli: every command has a summary, examples, a group and help for each option",
          "[cmd][cli]") {
  check_documented(program_model());
}

TEST_CASE("cli: every example parses as far as its command", "[cmd][cli]") {
  const auto check_examples = [](const auto& self, const CommandModel& model) -> void {
    for (const std::string& example : model.text.examples) {
      CAPTURE(example);
      const std::string expected = model.path.empty() ? "aitrade" : "aitrade " + model.path;
      CHECK(example.find(expected) != std::string::npos);
    }
    for (const CommandModel& child : model.children)
      self(self, child);
  };

  check_examples(check_examples, program_model());
}

TEST_CASE("help: the nearest word is suggested only when it is near", "[cmd][help]") {
  const std::vector<std::string> known{"backtest", "import", "data", "db"};

  CHECK(nearest_word("bakctest", known) == "backtest");
  CHECK(nearest_word("improt", known) == "import");
  CHECK(nearest_word("frobnicate", known) == "");
  CHECK(nearest_word("x", known) == "");
}
