// `aitrade kill` on real processes: it ends them, whatever they do, and no later run enters anything (MA1, X2).
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/support/daemon_rig.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

constexpr const char* halted_sql = "SELECT halted FROM control_state";

/// A daemon of a halted ledger runs, says so, and enters nothing; cleared, it may.
void require_latched(const DaemonRig& rig) {
  CHECK(rig.count(halted_sql) == 1);
  const auto entries = rig.count("SELECT count(*) FROM intents WHERE role='entry'");
  const Finished stored = rig.ask({"resume"});
  INFO(stored.err);
  CHECK(stored.exit_code == 77);   // not by a plain resume, with no daemon
  {
    const auto daemon = rig.start();
    const Finished status = rig.ask({"status", "--json"});
    CHECK(status.out.find("\"halted\":true") != std::string::npos);
    CHECK(rig.ask({"resume"}).exit_code == 77);   // nor with one
    CHECK(rig.ask({"health"}).exit_code == 3);
    daemon->signal(SIGTERM);
    CHECK(daemon->wait(stop_limit_ms) == 143);
  }
  CHECK(rig.count("SELECT count(*) FROM intents WHERE role='entry'") == entries);
  const Finished cleared = rig.ask({"resume", "--clear-halt", "--reason", "looked at it"});
  INFO(cleared.out << cleared.err);
  CHECK(cleared.exit_code == 0);
  CHECK(rig.count(halted_sql) == 0);
  rig.require_sound();
}

}  // namespace

TEST_CASE("kill: a daemon with positions closes them, ends with 0, and stays halted", "[sim][kill][CR1][X2]") {
  const DaemonRig rig("3600");
  const auto daemon = rig.start();
  const std::string traded = wait_for_text(daemon->out_path(), "position.opened", start_limit_ms);
  REQUIRE_FALSE(traded.empty());
  CHECK(rig.ask({"kill"}).exit_code == 2);   // no terminal, and no --yes
  const Finished killed = rig.ask({"kill", "--yes", "--json", "--reason", "smoke"});
  INFO(killed.out << killed.err);
  CHECK(killed.exit_code == 0);
  CHECK(killed.out.find("\"remaining\":0") != std::string::npos);
  CHECK(killed.out.find("\"by_signal\":false") != std::string::npos);
  CHECK(daemon->wait(stop_limit_ms) == 0);
  require_latched(rig);
}

TEST_CASE("kill: a daemon that hangs is ended all the same, and the latch is in its ledger", "[sim][kill][X2]") {
  const DaemonRig rig("600");
  const auto daemon = rig.start();
  daemon->signal(SIGSTOP);   // neither answers nor hears SIGTERM
  const Finished killed = rig.ask({"kill", "--yes", "--json"});
  INFO(killed.out << killed.err);
  CHECK(killed.out.find("\"by_signal\":true") != std::string::npos);
  CHECK(killed.out.find("\"halted\":true") != std::string::npos);
  CHECK((killed.exit_code == 0 || killed.exit_code == 5));
  CHECK_FALSE(daemon->is_running());
  require_latched(rig);
}

TEST_CASE("kill: with real money and no daemon, the ledger's word is not the exchange's", "[sim][kill][X2]") {
  const TempFolder folder;
  const Finished killed = run_aitrade({"kill", "--yes", "--json", "--set", "app.mode=\"live\"", "--home", folder / "home"});
  INFO(killed.out << killed.err);
  CHECK(killed.exit_code == 3);
  CHECK(killed.out.find("not_confirmed") != std::string::npos);
  CHECK(killed.err.find("aitrade reconcile") != std::string::npos);
}

TEST_CASE("kill: with no daemon the next run is halted", "[sim][kill][X2]") {
  const DaemonRig rig("600");
  const Finished killed = rig.ask({"kill", "--yes"});
  INFO(killed.out << killed.err);
  CHECK(killed.exit_code == 0);
  CHECK(killed.out.find("no daemon was running") != std::string::npos);
  require_latched(rig);
}
