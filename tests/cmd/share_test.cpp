// The shell of the two commands: valid POSIX, installs only what is missing, names what to do.

#include "tests/support/process.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

using namespace aitrade::test;

namespace {

const std::string source_dir = AITRADE_SOURCE_DIR;

// Runs shell lines after `. share/needs`, where apt-get only says what it was asked.
Finished with_needs(const std::string& lines) {
  const TempFolder folder;
  const std::string stub = folder.write("bin/apt-get", "#!/bin/sh\necho apt-get $*\n");
  std::filesystem::permissions(stub, std::filesystem::perms::owner_all);
  return run_shell("set -eu; PATH=$PWD/bin:$PATH; cd '" + source_dir + "'; . share/needs; " + lines,
                   folder.path());
}

}  // namespace

TEST_CASE("share: every script is valid shell and executable", "[cmd][share]") {
  const TempFolder folder;
  for (const std::string name :
       {"share/check", "share/quickstart", "share/regenerate", "share/jobs/tune.parallel.sh", "share/jobs/tune.slurm", ".ci/run"}) {
    CAPTURE(name);
    const std::string path = source_dir + '/' + name;
    CHECK(run_shell("sh -n '" + path + "' && test -x '" + path + "'", folder.path()).exit_code ==
          0);
  }
  CHECK(run_shell("sh -n '" + source_dir + "/share/needs'", folder.path()).exit_code == 0);
}

TEST_CASE("share: nothing is installed where everything is there", "[cmd][share]") {
  const Finished finished =
      with_needs("has_command() { true; }; has_header() { true; }; install_missing tests");

  CHECK(finished.exit_code == 0);
  CHECK(finished.out == "== everything needed is installed\n");
}

TEST_CASE("share: only the package whose header is missing is installed", "[cmd][share]") {
  const Finished finished = with_needs(
      "has_command() { true; }; id() { echo 0; }; "
      "has_header() { test \"$1\" != boost/beast/version.hpp; }; "
      "install_missing tests");

  CHECK(finished.exit_code == 1);  // the stub installs nothing
  CHECK(finished.err == "still missing after installing: libboost1.81-dev\n");
  CHECK(finished.out ==
        "== installing: libboost1.81-dev\napt-get update -q\n"
        "apt-get install -q -y --no-install-recommends libboost1.81-dev\n");
}

TEST_CASE("share: without root and sudo it says what to install", "[cmd][share]") {
  const Finished finished = with_needs(
      "has_command() { test \"$1\" != sudo; }; id() { echo 1000; }; "
      "has_header() { test \"$1\" != zlib.h; }; install_missing tests");

  CHECK(finished.exit_code == 1);
  CHECK(finished.err == "neither root nor sudo; as root run: apt-get install zlib1g-dev\n");
}

TEST_CASE("share: the demo needs no test library", "[cmd][share]") {
  const std::string nothing = "has_command() { false; }; has_header() { false; }; ";

  CHECK(with_needs(nothing + "missing_packages tests").out.find("catch2") != std::string::npos);
  CHECK(with_needs(nothing + "missing_packages").out.find("catch2") == std::string::npos);
}

TEST_CASE("share: jobs follow processors and memory", "[cmd][share]") {
  CHECK(with_needs("nproc() { echo 8; }; awk() { echo 4000000; }; build_jobs").out == "2\n");
  CHECK(with_needs("nproc() { echo 2; }; awk() { echo 64000000; }; build_jobs").out == "2\n");
  CHECK(with_needs("nproc() { echo 2; }; awk() { echo 500000; }; build_jobs").out == "1\n");
}

TEST_CASE("share: a home that cannot be written moves the compiler cache", "[cmd][share]") {
  const Finished finished =
      with_needs("unset CCACHE_DIR; HOME=/nonexistent; settle_cache; echo $CCACHE_DIR");

  CHECK(finished.out == std::filesystem::canonical(source_dir).string() + "/build/ccache\n");
}

TEST_CASE("share: continuous integration calls share/check and nothing else", "[cmd][share]") {
  const std::string script = read_file(source_dir + "/.ci/run");

  CHECK(script.starts_with("#!/bin/bash\n"));
  CHECK(script.find("\nshare/check\n") != std::string::npos);
}

TEST_CASE("share: the unit does not restart on what will not get better", "[cmd][share]") {
  const std::string unit = read_file(source_dir + "/share/systemd/aitrade.service");

  for (const char* line :
       {"RestartPreventExitStatus=2 77 78", "SuccessExitStatus=130 143", "NoNewPrivileges=yes",
        "ProtectSystem=strict", "LimitCORE=0", "MemoryDenyWriteExecute=yes"}) {
    CAPTURE(line);
    CHECK(unit.find(line) != std::string::npos);
  }
}

TEST_CASE("share: the units of systemd are what systemd understands", "[cmd][share]") {
  const TempFolder folder;
  if (run_shell("command -v systemd-analyze", folder.path()).exit_code != 0) {
    WARN("skipped: systemd is not here (apt-get install systemd, to run this test)");
    return;
  }
  const std::string units = source_dir + "/share/systemd";
  for (const char* name : {"aitrade.service", "aitrade-retrain.service", "aitrade-retrain.timer"}) {
    INFO(name);
    // The program need not be installed here: its place is taken by the one under test.
    const std::string copy = std::string("sed 's|/usr/bin/aitrade|") + std::getenv("AITRADE_BINARY") + "|' '" + units + "/" +
                             name + "' > " + name + "; ";
    REQUIRE(run_shell(copy, folder.path()).exit_code == 0);
  }
  for (const char* name : {"aitrade.service", "aitrade-retrain.service", "aitrade-retrain.timer"}) {
    INFO(name);
    const Finished said = run_shell(std::string("systemd-analyze verify --man=no ./") + name + " 2>&1", folder.path());
    CHECK(said.out.empty());
    CHECK(said.exit_code == 0);
  }
}
