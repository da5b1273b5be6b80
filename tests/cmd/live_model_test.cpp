// A running daemon takes another model: told by the command, by a reload, by a signal; recorded, so that a replay
// decides the same; found again after a crash.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/cmd/train_lab.h"
#include "tests/support/child.h"

using namespace aitrade;
using namespace aitrade::test;

namespace fs = std::filesystem;

namespace {

constexpr int start_limit_ms = 60'000;
constexpr int stop_limit_ms = 30'000;

/// A lab with two models, and a demo that runs on its home.
struct LiveLab : Lab {
  LiveLab() : Lab(tidal_candles(8'000)) {
    first = parsed(train())["model"].GetString();
    second = parsed(train({"--margin", "0.2"}))["model"].GetString();
    REQUIRE(first != second);
  }

  [[nodiscard]] std::unique_ptr<Child> start() const {
    std::vector<std::string> words{"run", "--demo", "--speed", "1200", "--home", path, "--set", "dashboard.port=0"};
    words.insert(words.end(), eager.begin(), eager.end());
    auto child = std::make_unique<Child>(words, folder / "run.log");
    const std::string text = wait_for_text(child->out_path(), "run.started", start_limit_ms);
    INFO(read_file(child->out_path()));
    REQUIRE_FALSE(text.empty());
    return child;
  }

  [[nodiscard]] std::string run_id() const {
    return parsed(run({"status", "--json"}))["run"].GetString();
  }

  void require_same_again(const std::string& run_name) const {
    const Finished again = run({"replay", run_name, "--json"});
    INFO(again.out << again.err);
    REQUIRE(again.exit_code == 0);
    CHECK(parsed(again)["identical"].GetBool());
  }

  std::string first, second;
};

}  // namespace

TEST_CASE("live model: a running daemon takes what is activated, and a replay changes at the same place",
          "[cmd][train][live_model]") {
  const LiveLab lab;
  const auto daemon = lab.start();
  const std::string run = lab.run_id();
  const auto on = parsed(lab.run({"train", "--activate", lab.first, "--anyway", "--json"}));
  CHECK(on["in_force"].GetBool());
  CHECK_FALSE(wait_for_text(daemon->out_path(), "\"event\":\"model\",\"id\":\"" + lab.first, 5'000).empty());
  pass_time(2'000);   // forty minutes of the demo, judged by it

  const auto other = parsed(lab.run({"train", "--activate", lab.second, "--anyway", "--json"}));
  CHECK(other["in_force"].GetBool());
  pass_time(500);
  CHECK(parsed(lab.run({"train", "--rollback", "--json"}))["in_force"].GetBool());

  // Whoever could not tell it: a reload does, and then a signal.
  fs::remove(lab.models() / "active");
  const auto reloaded = parsed(lab.run({"reload", "--json"}));
  CHECK(std::string(reloaded["model"].GetString()) == "-");
  CHECK_FALSE(parsed(lab.run({"reload", "--json"})).HasMember("model"));   // nothing new
  fs::create_symlink(lab.second + ".model", lab.models() / "active");
  daemon->signal(SIGHUP);
  CHECK_FALSE(wait_for_text(daemon->out_path(), "\"id\":\"" + lab.second + "\",\"shadow\":\"no\",\"by\":\"signal\"", 5'000).empty());

  // A damaged file leaves the rules alone, and the next good one is taken.
  fs::remove(lab.models() / "active");
  fs::create_symlink("0123456789ab.model", lab.models() / "active");
  CHECK(std::string(parsed(lab.run({"reload", "--json"}))["model"].GetString()) == "unusable");
  CHECK(parsed(lab.run({"train", "--activate", lab.first, "--anyway", "--json"}))["in_force"].GetBool());

  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  lab.require_same_again(run);
  const std::string told = lab.run({"export", "thoughts", "--demo", "--json"}).out;
  CHECK(holds(told, "used"));   // the status of the gate in a decision
  CHECK(holds(told, "online_weight"));
  CHECK_FALSE(parsed(lab.run({"train", "--deactivate", "--json"}))["in_force"].GetBool());   // nobody runs
}

TEST_CASE("live model: killed right after it took a model, the next run begins with it", "[cmd][train][live_model]") {
  const LiveLab lab;
  auto daemon = lab.start();
  const std::string run = lab.run_id();
  REQUIRE(parsed(lab.run({"train", "--activate", lab.first, "--anyway", "--json"}))["in_force"].GetBool());
  daemon->signal(SIGKILL);
  daemon->wait(stop_limit_ms);
  lab.require_same_again(run);
  daemon = lab.start();
  CHECK(holds(read_file(daemon->out_path()), "model " + lab.first + " gates entries"));
  const std::string next = lab.run_id();
  pass_time(500);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  lab.require_same_again(next);
  fs::remove(lab.models() / (lab.first + ".model"));
  const Finished without = lab.run({"replay", run});   // it took a model that is gone
  CHECK(without.exit_code == 4);
  CHECK(holds(without.err, "a model that gated this run"));
}
