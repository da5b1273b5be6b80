// How a daemon stops, and what it does while its ledger cannot be written. A foreign write lock on the
// ledger stands for everything slow: as long as it is held, nothing that matters gets to the disk.
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Holds the ledger's write lock until released.
class HeldLedger {
 public:
  explicit HeldLedger(const DaemonRig& rig) : database_(rig.open_foreign()) {
    auto begun = Transaction::begin(database_);
    REQUIRE(begun.has_value());
    held_.emplace(std::move(*begun));
  }

  void release() {
    REQUIRE(held_->commit().has_value());
    held_.reset();
  }

 private:
  Database database_;
  std::optional<Transaction> held_;
};

/// A pause is confirmed when it is on disk: with the ledger held it times out, and the engine waits in it.
void stall(const DaemonRig& rig) {
  const Finished pause = rig.ask({"pause", "--reason", "stall"});
  INFO(pause.out << pause.err);
  REQUIRE(pause.exit_code == 5);
}

}  // namespace

TEST_CASE("stop: SIGTERM and SIGINT stop cleanly, with their own codes", "[sim][stop][MA2]") {
  const DaemonRig rig("600");
  for (const auto& [number, code] : {std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}}) {
    const auto daemon = rig.start();
    daemon->signal(number);
    CHECK(daemon->wait(stop_limit_ms) == code);
    CHECK(read_file(daemon->out_path()).find("run.ended") != std::string::npos);
    CHECK(rig.ask({"health"}).exit_code == 4);
    rig.require_sound();
  }
}

TEST_CASE("stop: the demo starts as shipped and stops cleanly", "[sim][stop]") {
  const TempFolder folder;
  Child demo({"run", "--demo", "--home", folder / "home", "--set", "dashboard.port=0"}, folder / "run.log");
  CHECK_FALSE(wait_for_text(demo.out_path(), "run.started", start_limit_ms).empty());
  INFO(read_file(demo.out_path()));
  demo.signal(SIGINT);
  CHECK(demo.wait(stop_limit_ms) == 130);
}

TEST_CASE("stop: the second signal ends it at once, and the next start recovers", "[sim][stop][MA2]") {
  const DaemonRig rig("600");
  const auto daemon = rig.start();
  HeldLedger held(rig);
  stall(rig);
  daemon->signal(SIGINT);   // graceful: waits for the engine, up to the limit of 20 s
  daemon->signal(SIGTERM);  // immediate
  CHECK(daemon->wait(3'000) == 143);
  held.release();
  rig.require_sound();
  const auto again = rig.start();
  again->signal(SIGTERM);
  CHECK(again->wait(stop_limit_ms) == 143);
  rig.require_sound();
}

TEST_CASE("stop: past the limit it exits 1 and says what was pending; within it, it completes",
          "[sim][stop][MA3]") {
  const DaemonRig rig("600");
  SECTION("a limit of one second") {
    const auto daemon = rig.start({"--set", "app.shutdown_timeout_seconds=1"});
    HeldLedger held(rig);
    stall(rig);
    daemon->signal(SIGTERM);
    CHECK(daemon->wait(4'000) == 1);
    const std::string log = read_file(daemon->out_path());
    INFO(log);
    CHECK(log.find("stop.timeout") != std::string::npos);
    CHECK(log.find("what was pending is settled at the next start") != std::string::npos);
    held.release();
  }
  SECTION("twenty seconds") {
    const auto daemon = rig.start({"--set", "app.shutdown_timeout_seconds=20"});
    HeldLedger held(rig);
    stall(rig);
    daemon->signal(SIGTERM);
    held.release();
    CHECK(daemon->wait(stop_limit_ms) == 143);
  }
  rig.require_sound();
  const auto again = rig.start();
  again->signal(SIGTERM);
  CHECK(again->wait(stop_limit_ms) == 143);
  rig.require_sound();
}

TEST_CASE("stop: a ledger held by another is waited for, alerted and survived", "[sim][stop][K2]") {
  const DaemonRig rig("600");
  const auto daemon = rig.start();
  HeldLedger held(rig);
  stall(rig);
  const std::string log = wait_for_text(daemon->out_path(), "ledger cannot be written", 15'000);
  CHECK_FALSE(log.empty());
  CHECK(daemon->is_running());
  CHECK(rig.ask({"status"}).exit_code == 0);   // reads go on
  held.release();

  const Finished resumed = rig.ask({"resume"});
  INFO(resumed.out << resumed.err);
  CHECK(resumed.exit_code == 0);
  daemon->signal(SIGTERM);
  CHECK(daemon->wait(stop_limit_ms) == 143);
  rig.require_sound();
}
