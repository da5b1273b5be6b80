// kill -9 while a model gates: its test and the candidates it waits for are what they were, so that a gate that was
// found useless stays off, and the run after the kill replays to the same actions.

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

#include "core/base/random.h"
#include "ml/model_store.h"
#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// A model that says the same of everything, and more than comes: some twenty outcomes refute it.
ml::Bundle hopeful_of_everything() {
  ml::Bundle bundle;
  ml::Scaler scaler;
  scaler.mean.assign(ml::features_count, 0);
  scaler.deviation.assign(ml::features_count, 1e6);
  scaler.always_known.assign(ml::features_count, false);
  bundle.model.scaler = bundle.model.logistic.scaler = scaler;
  bundle.model.logistic.coefficients.assign(ml::features_count + 1, 0);
  bundle.model.logistic.coefficients.back() = ml::logit(0.6);
  bundle.schema = ml::feature_schema();
  bundle.base_rate = 0.4;
  bundle.margin = 0.02;
  bundle.verdict = "made for a test";
  return bundle;
}

}  // namespace

TEST_CASE("gate: killed at random moments, the test of the model goes on where it was", "[sim][gate]") {
  const DaemonRig rig("7200");
  const ml::ModelStore models(std::filesystem::path(rig.home) / "models");
  const auto id = models.add(hopeful_of_everything());
  REQUIRE(id.has_value());
  REQUIRE(models.activate(*id).has_value());
  Random random(6);
  std::int64_t outcomes = 0;
  bool is_off = false;
  int kills = 0;
  for (; kills < 40 && !is_off; ++kills) {
    auto daemon = rig.start();
    pass_time(static_cast<int>(200 + random.below(900)));   // the moment is the subject of the test
    daemon->signal(SIGKILL);
    REQUIRE(daemon->wait(10'000) == 128 + SIGKILL);
    INFO("kill " << kills);
    rig.require_sound();
    const auto now = rig.count("SELECT coalesce(sum(outcomes), 0) FROM gate_tests");
    CHECK(now >= outcomes);
    outcomes = now;
    is_off = rig.count("SELECT count(*) FROM gate_tests WHERE is_off = 1") == 1;
  }
  WARN("off after " << outcomes << " outcomes and " << kills << " kills");
  REQUIRE(is_off);

  auto daemon = rig.start();
  pass_time(1'500);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(30'000) == 143);
  CHECK(rig.count("SELECT count(*) FROM gate_tests WHERE is_off = 1") == 1);
  CHECK(rig.count("SELECT sum(outcomes) FROM gate_tests") >= outcomes);
  rig.require_sound();
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(rig.home) / "data" / "runs")) {
    newest = std::max(newest, entry.path().filename().string());
  }
  const Finished replay = rig.ask({"replay", newest});
  INFO(replay.out << replay.err);
  CHECK(replay.exit_code == 0);
}
