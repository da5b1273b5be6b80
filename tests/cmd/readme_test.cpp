// The README is true: its tour is run line by line, its commands, exit codes and folders are those there are.
//
// A block is a command after "$ " with what it prints below; "..." stands for lines left out. Numbers of
// running things differ from day to day, so where a clock or a market has a hand in the output it is compared
// with all numbers masked; what only the program decides is compared to the letter.

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/child.h"
#include "tests/support/process.h"

using namespace aitrade::test;

namespace {

namespace fs = std::filesystem;

constexpr int start_limit_ms = 60'000;
constexpr int stop_limit_ms = 30'000;
const std::string source_dir = AITRADE_SOURCE_DIR;

struct Block {
  std::string command;
  std::vector<std::string> output;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Commands of the README with their output, in order.
std::vector<Block> tour() {
  std::vector<Block> blocks;
  bool is_inside = false;
  for (const std::string& line : lines_of(read_file(source_dir + "/README.md"))) {
    if (line.starts_with("    $ ")) {
      blocks.push_back({line.substr(6), {}});
      is_inside = true;
    } else if (is_inside && (line.empty() || line.starts_with("    "))) {
      blocks.back().output.push_back(line.empty() ? "" : line.substr(4));
    } else {
      is_inside = false;
    }
  }
  for (Block& block : blocks) {
    while (!block.output.empty() && block.output.back().empty()) block.output.pop_back();
    if (block.command.starts_with("aitrade")) continue;
    for (const std::string& line : block.output) block.command += "\n" + line;   // of a shell: all is command
    block.output.clear();
  }
  return blocks;
}

/// Numbers, spans and hashes as one sign; runs of spaces as one.
std::string masked(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "#");
  text = std::regex_replace(text, std::regex("nothing open|[0-9]+ open"), "# open");
  text = std::regex_replace(text, std::regex("([+-]?[0-9][0-9.,:TZ-]*[dhms]?( [0-9]+[hms])?)"), "#");
  return std::regex_replace(text, std::regex(" +"), " ");
}

bool is_exact(const std::string& command) {
  for (const char* name : {"import", "data", "export", "indicators", "config", "pause", "resume", "bactest"}) {
    if (command.starts_with(std::string("aitrade ") + name)) return true;
  }
  return false;
}

/// Says what is missing of the expected lines; empty when all are there in order.
std::string difference(const Block& block, const std::string& printed) {
  const bool exact = is_exact(block.command);
  const auto form = [exact](const std::string& line) { return exact ? line : masked(line); };
  const std::vector<std::string> lines = lines_of(printed);
  std::size_t at = 0;
  for (const std::string& expected : block.output) {
    if (expected == "...") return "";   // what follows is left out
    // A market has its own rows: of a status only the lines above them are compared.
    if (expected.empty() && block.command.starts_with("aitrade status")) return "";
    if (at == lines.size()) return "not printed: " + expected;
    if (form(lines[at]) != form(expected)) return "README: " + expected + "\nbinary: " + lines[at];
    ++at;
  }
  return at == lines.size() ? "" : "not in the README: " + lines[at];
}

/// A terminal would get a table.
std::string as_on_a_terminal(const std::string& command) {
  if (command.find('|') != std::string::npos || command.find("--format") != std::string::npos) return command;
  return command + " --format table";
}

int expected_exit(const std::string& command) {
  if (command.starts_with("aitrade bactest")) return 2;
  return command.find("initial_bankrol=") != std::string::npos ? 78 : 0;
}

/// The folder of the tour: the README's paths work in it.
struct Tour {
  Tour() { fs::create_directory_symlink(source_dir + "/share", folder / "share"); }

  void start_demo() {
    demo = std::make_unique<Child>(
        std::vector<std::string>{"run", "--demo", "--home", folder / "demo", "--set", "dashboard.port=0"}, folder / "log");
    const std::string log = wait_for_text(demo->out_path(), "run.started", start_limit_ms);
    INFO(read_file(demo->out_path()));
    REQUIRE_FALSE(log.empty());
    const auto runs = [this] {   // warm, and its first heartbeat is written
      const Finished health = run_aitrade({"health", "--json", "--home", folder / "demo"});
      return health.exit_code == 0 && health.out.find("running, written") != std::string::npos;
    };
    for (int i = 0; i < 100 && !runs(); ++i) pass_time(100);
    REQUIRE(runs());
  }

  void run(const Block& block) {
    CAPTURE(block.command);
    if (block.command.starts_with("aitrade run --demo")) return start_demo();
    const Finished finished = run_shell(as_on_a_terminal(block.command), folder.path(),
                                        {{"AITRADE__DASHBOARD__ENABLED", "false"}});
    INFO(finished.out << finished.err);
    CHECK(finished.exit_code == expected_exit(block.command));
    const std::string wrong = difference(block, finished.out.empty() ? finished.err : finished.out);
    if (!wrong.empty()) FAIL_CHECK(wrong);
  }

  TempFolder folder;
  std::unique_ptr<Child> demo;
};

}  // namespace

TEST_CASE("readme: each command of the tour prints what it says", "[cmd][readme]") {
  const std::vector<Block> blocks = tour();
  REQUIRE(blocks.size() >= 12);
  Tour here;

  for (const Block& block : blocks) here.run(block);

  REQUIRE(here.demo != nullptr);
  here.demo->signal(SIGINT);
  CHECK(here.demo->wait(stop_limit_ms) == 130);
}

TEST_CASE("readme: every command and every exit code is in it", "[cmd][readme]") {
  const std::string readme = read_file(source_dir + "/README.md");
  const std::string help = run_aitrade({"--help"}).out;

  for (const char* name : {"run", "status", "pause", "resume", "close-all", "kill", "reconcile", "why", "doctor", "indicators", "backtest", "replay", "import",
                           "data", "export", "health", "init", "config", "db", "sim", "schema", "completion", "man", "version"}) {
    CAPTURE(name);
    CHECK(readme.find('`' + std::string(name)) != std::string::npos);
    CHECK(help.find(std::string("  ") + name + " ") != std::string::npos);
  }
  for (const char* code : {"0", "1", "2", "3", "4", "5", "69", "73", "75", "77", "78", "130, 143"}) {
    CAPTURE(code);
    CHECK(readme.find("\n| " + std::string(code) + " | ") != std::string::npos);
  }
}

TEST_CASE("readme: every folder on its map is there", "[cmd][readme]") {
  const std::string readme = read_file(source_dir + "/README.md");
  const std::string map = readme.substr(readme.find("## Map of the folders"));

  for (const char* folder : {"core/base", "core/runtime", "exchanges/", "strategies/", "cmd/", "share/", "completions/", "tests/"}) {
    CAPTURE(folder);
    CHECK(map.find('`' + std::string(folder)) != std::string::npos);
    CHECK(fs::is_directory(source_dir + '/' + folder));
  }
}
