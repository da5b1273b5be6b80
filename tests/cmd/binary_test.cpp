// The built program: what a shell sees.

#include "tests/support/process.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <csignal>

using namespace aitrade::test;

namespace {

const std::string source_dir = AITRADE_SOURCE_DIR;

}  // namespace

TEST_CASE("binary: version prints build, compiler and supported platforms", "[cmd][binary][HARD1]") {
  const Finished text = run_aitrade({"--version"});
  const Finished json = run_aitrade({"version", "--json"});

  CHECK(text.exit_code == 0);
  CHECK(text.out.find("x86-64 and aarch64") != std::string::npos);
  CHECK(text.err == "");
  rapidjson::Document document;
  REQUIRE_FALSE(document.Parse(json.out.c_str()).HasParseError());
  for (const char* key : {"schema", "version", "build", "compiler"})
    CHECK(document.HasMember(key));
}

TEST_CASE("binary: wrong usage exits 2 with nothing on stdout", "[cmd][binary]") {
  const Finished finished = run_aitrade({"--nonsense"});

  CHECK(finished.exit_code == 2);
  CHECK(finished.out == "");
  CHECK(finished.err.starts_with("aitrade: unknown option '--nonsense'"));
}

TEST_CASE("binary: a full output device exits 73", "[cmd][binary]") {
  const Finished finished = run_aitrade(Start{.arguments = {"version"}, .out_path = "/dev/full"});

  CHECK(finished.exit_code == 73);
  CHECK(finished.err == "aitrade: cannot write standard output\n");
}

TEST_CASE("binary: a reader that goes away ends it quietly", "[cmd][binary]") {
  const TempFolder folder;

  const Finished finished = run_shell("{ aitrade man; echo $? >&2; } | true", folder.path());

  CHECK(finished.err.find("aitrade") == std::string::npos);
}

TEST_CASE("binary: committed completions are what the binary prints", "[cmd][binary]") {
  INFO("run: cmake --build build/release --target regenerate");
  CHECK(run_aitrade({"completion", "bash"}).out ==
        read_file(source_dir + "/completions/aitrade.bash"));
  CHECK(run_aitrade({"completion", "zsh"}).out == read_file(source_dir + "/completions/_aitrade"));
  CHECK(run_aitrade({"completion", "fish"}).out ==
        read_file(source_dir + "/completions/aitrade.fish"));
}

TEST_CASE("binary: the committed man page is what the binary prints", "[cmd][binary]") {
  INFO("run: cmake --build build/release --target regenerate");
  CHECK(run_aitrade({"man"}).out == read_file(source_dir + "/share/man/aitrade.1"));
}

TEST_CASE("binary: bash completes commands, options and their words", "[cmd][binary]") {
  const TempFolder folder;
  const std::string completions = source_dir + "/completions/aitrade.bash";
  const auto complete = [&](const std::string& words, int index) {
    return run_shell("command -v bash >/dev/null || exit 99; bash -c '. " + completions +
                         "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(index) +
                         "; _aitrade; echo ${COMPREPLY[*]}'",
                     folder.path());
  };

  const Finished command = complete("aitrade versi", 1);
  if (command.exit_code == 99) {
    WARN("skipped: bash is not here");
    return;
  }
  CHECK(command.out == "version\n");
  CHECK(complete("aitrade completion \"\"", 2).out == "bash zsh fish\n");
  CHECK(complete("aitrade version --form", 2).out == "--format\n");
  CHECK(complete("aitrade version --format n", 3).out == "ndjson\n");
}
