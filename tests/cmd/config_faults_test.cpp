// Configuration that cannot be followed, end to end: refused with 78 before anything is touched; and what
// the environment may and may not say.
#include <catch2/catch.hpp>

#include <filesystem>

#include "tests/support/home.h"

using namespace aitrade::test;

namespace fs = std::filesystem;

TEST_CASE("config faults: a bad configuration is refused whole, by every command that uses it", "[cmd][faults][CF1]") {
  const Home home;
  const std::string bad = home.folder.write(
      "bad.toml", "[risk]\nmax_risk_per_trade = 0.5\nkely_fraction = 1\n[trading]\npairs = [\"BTC/\"]\n");
  for (const char* command : {"run", "backtest"}) {
    std::vector<std::string> words{command, "--config", bad};
    if (words[0] == "backtest") words.push_back(home.candles());
    const Finished refused = home.run(words);
    INFO(command << ": " << refused.err);
    CHECK(refused.exit_code == 78);
    CHECK(refused.out.empty());
    CHECK(holds(refused.err, ":2:22 risk.max_risk_per_trade = 0.5: must be in (0, 0.1]"));
    CHECK(holds(refused.err, ":3:1 risk.kely_fraction = 1: unknown key; did you mean 'risk.kelly_fraction'?"));
    CHECK(holds(refused.err, ":5:"));
  }
  const Finished syntax = home.run({"run", "--config", home.folder.write("syntax.toml", "[risk]\nmax_daily_loss = = 1\n")});
  CHECK(syntax.exit_code == 78);
  CHECK(holds(syntax.err, "syntax.toml:2:"));
  CHECK(home.run({"run", "--config", home.folder / "none.toml"}).exit_code == 78);
  const Finished variable = home.run({"run"}, {{"INITIAL_BANKROLL", "plenty"}});
  CHECK(variable.exit_code == 78);
  CHECK(holds(variable.err, "environment INITIAL_BANKROLL risk.initial_bankroll"));
  CHECK_FALSE(fs::exists(home.path));  // refused before anything was touched
}

TEST_CASE("config faults: an empty variable is no variable, whatever it would have overridden", "[cmd][faults][X7]") {
  const Home home;
  const std::string file = home.folder.write("my.toml", "[risk]\ninitial_bankroll = 7000\n");
  for (const char* empty : {"", "  "}) {
    const Finished shown =
        home.run({"config", "show", "risk.initial_bankroll", "--origin", "--format", "csv", "--config", file},
                 {{"INITIAL_BANKROLL", empty}, {"AITRADE__RISK__INITIAL_BANKROLL", empty}});
    INFO(shown.err);
    CHECK(shown.exit_code == 0);
    CHECK(holds(shown.out, "risk.initial_bankroll,7000,file " + file));
  }
}

TEST_CASE("config faults: the ledger is where DB_PATH says, for every command", "[cmd][faults][CF1]") {
  const Home home;
  const std::string elsewhere = home.folder / "books/mine.db";
  const auto run = [&](const std::vector<std::string>& words) { return home.run(words, {{"DB_PATH", elsewhere}}); };
  CHECK(run({"pause", "--reason", "test"}).exit_code == 0);
  CHECK(fs::exists(elsewhere));
  CHECK_FALSE(fs::exists(home.data("trading.db")));
  CHECK(holds(run({"db", "check"}).out, "mine.db: ok"));
  CHECK(run({"export", "trades"}).exit_code == 0);
  CHECK(home.run({"export", "trades"}).exit_code == 4);  // without the variable there is none
  const Finished daemon = run({"run", "--set", "exchange.kraken.rest_url=\"http://127.0.0.1:9\"", "--set", "dashboard.port=0"});
  CHECK(daemon.exit_code == 69);
  CHECK_FALSE(fs::exists(home.data("trading.db")));
}

TEST_CASE("config faults: live trading is refused with less than three yeses", "[cmd][faults]") {
  const Home home;
  const std::string file = home.folder.write("live.toml", "[app]\nmode = \"live\"\n");
  for (const Finished& refused :
       {home.run({"run", "--live"}), home.run({"run", "--set", "app.mode=\"live\""}), home.run({"run", "--config", file}),
        home.run({"run"}, {{"TRADING_MODE", "live"}}),
        home.run({"run", "--live", "--set", "app.mode=\"live\"", "--set", "dashboard.require_api_key_for_reads=true"})}) {
    INFO(refused.err);
    CHECK(refused.exit_code == 78);
    CHECK(holds(refused.err, "live"));
    CHECK(refused.out.empty());
  }
  CHECK_FALSE(fs::exists(home.path));
}
