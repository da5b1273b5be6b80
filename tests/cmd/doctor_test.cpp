// `aitrade doctor`: each check can fail, says what to do, and `run --live` obeys the same list.
#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/support/process.h"

using namespace aitrade::test;

namespace {

struct Home {
  TempFolder folder;
  std::string home = folder / "home";

  [[nodiscard]] Finished ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--home", home});
    return run_aitrade(words);
  }
};

bool says(const Finished& finished, const std::string& text) { return finished.out.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("doctor: a fresh home passes", "[doctor]") {
  const Home home;
  const Finished seen = home.ask({"doctor"});
  INFO(seen.out << seen.err);
  CHECK(seen.exit_code == 0);
  CHECK(says(seen, "ok    disk"));
  CHECK(says(seen, "ok    ledger: none yet"));
  CHECK(says(seen, "\npass\n"));
  CHECK(says(home.ask({"doctor", "--json"}), "\"schema\":\"aitrade.doctor/1\""));
}

TEST_CASE("doctor: a broken configuration is 78, with its problems", "[doctor]") {
  const Home home;
  const Finished seen = home.ask({"doctor", "--set", "risk.max_risk_per_trade=0.9"});
  INFO(seen.out << seen.err);
  CHECK(seen.exit_code == 78);
}

TEST_CASE("doctor: with --live everything that forbids real money is named with its remedy", "[doctor]") {
  const Home home;
  const Finished seen = home.ask({"doctor", "--live", "--offline", "--set", "monitoring.auto_pause_on_drawdown=false",
                                  "--set", "risk.max_risk_per_trade=0.015"});
  INFO(seen.out << seen.err);
  CHECK(seen.exit_code == 3);
  CHECK(says(seen, "FAIL  mode: paper"));
  CHECK(says(seen, "FAIL  vault"));
  CHECK(says(seen, "aitrade vault init"));
  CHECK(says(seen, "FAIL  breakers"));
  CHECK(says(seen, "warn  risk: at most 1.5 % of equity"));
}

TEST_CASE("doctor: warnings fail only when strict", "[doctor]") {
  const Home home;
  REQUIRE(home.ask({"pause", "--reason", "holiday"}).exit_code == 0);
  const Finished seen = home.ask({"doctor"});
  INFO(seen.out);
  CHECK(seen.exit_code == 0);
  CHECK(says(seen, "warn  latches: entries are paused by local:"));
  CHECK(says(seen, "holiday"));
  CHECK(home.ask({"doctor", "--strict"}).exit_code == 3);
  REQUIRE(home.ask({"kill", "--yes"}).exit_code == 0);
  CHECK(says(home.ask({"doctor", "--live", "--offline"}), "FAIL  latches: halted by"));
}

TEST_CASE("doctor: a damaged ledger fails", "[doctor]") {
  const Home home;
  REQUIRE(home.ask({"pause"}).exit_code == 0);
  const std::string ledger = home.home + "/data/trading.db";
  REQUIRE(std::filesystem::exists(ledger));
  std::filesystem::resize_file(ledger, 5000);
  const Finished seen = home.ask({"doctor"});
  INFO(seen.out);
  CHECK(seen.exit_code == 3);
  CHECK(says(seen, "FAIL  ledger"));
}

TEST_CASE("doctor: run --live obeys the list", "[doctor]") {
  const Home home;
  const Finished seen = home.ask({"run", "--live", "--set", "app.mode=\"live\"", "--set", "dashboard.port=0", "--set",
                                  "monitoring.auto_pause_on_drawdown=false"});
  INFO(seen.out << seen.err);
  CHECK(seen.exit_code == 78);
}
