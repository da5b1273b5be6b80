// `aitrade config`, `init` and `schema`: exit codes, streams, and what they leave on the disk.
#include "cmd/cli.h"
#include "cmd/strategy_keys.h"
#include "core/config/keys.h"
#include "core/trading/track_record.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace aitrade;
using namespace aitrade::cli;

namespace {

namespace fs = std::filesystem;

struct Ran {
  ExitCode exit{ExitCode::failed};
  std::string out;
  std::string err;
};

/// A home directory of its own that goes with the test.
class Home {
 public:
  Home() {
    std::string name = (fs::temp_directory_path() / "aitrade-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = fs::path(name) / "home";
  }

  ~Home() { fs::remove_all(path.parent_path()); }

  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--home", path.string()});
    std::ostringstream out;
    std::ostringstream err;
    Context context{.out = out, .err = err};
    const ExitCode exit = run_command_line(words, context);
    return {exit, out.str(), err.str()};
  }

  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories(path);
    std::ofstream(path / name) << text;
    return (path / name).string();
  }

  fs::path path;
};

}  // namespace

TEST_CASE("config check: no file is fine, and said", "[cmd][config]") {
  const Home home;

  const Ran ran = home.run({"config", "check"});

  CHECK(ran.exit == ExitCode::done);
  CHECK_THAT(ran.out, Catch::Contains("no configuration file"));
  CHECK(ran.err.empty());
}

TEST_CASE("config check: every mistake, on stderr, with exit code 78", "[cmd][config]") {
  const Home home;
  const std::string file =
      home.write("bad.toml", "[risk]\nmax_risk_per_trade = 0.5\nkely_fraction = 1\n");

  const Ran ran = home.run({"config", "check", "--config", file});

  CHECK(ran.exit == ExitCode::unsafe);
  CHECK(ran.out.empty());
  CHECK(ran.err == "aitrade: " + file +
                       ":2:22 risk.max_risk_per_trade = 0.5: must be in (0, 0.1]\n" + file +
                       ":3:1 risk.kely_fraction = 1: unknown key; did you mean "
                       "'risk.kelly_fraction'?\n2 errors in the configuration\n");
}

TEST_CASE("config check: --json is the same list as data", "[cmd][config]") {
  const Home home;
  const std::string file = home.write("bad.toml", "[risk]\nmax_risk_per_trade = 0.5\n");

  const Ran ran = home.run({"config", "check", "--json", "--config", file});

  CHECK(ran.exit == ExitCode::unsafe);
  CHECK_THAT(ran.out, Catch::Contains(R"("ok":false,"errors":1)"));
  CHECK_THAT(ran.out, Catch::Contains(R"("line":2,"column":22,"key":"risk.max_risk_per_trade")"));
}

TEST_CASE("config show: prints what is in force and where it comes from", "[cmd][config]") {
  const Home home;

  const Ran ran = home.run({"config", "show", "risk.max_daily_loss", "--origin", "--format", "csv",
                            "--set", "risk.max_daily_loss=0.04"});

  CHECK(ran.exit == ExitCode::done);
  CHECK(ran.out == "key,value,origin,reload,note\nrisk.max_daily_loss,0.04,command line,hot,\n");
  CHECK(home.run({"config", "show", "risk.max_daily_los"}).exit == ExitCode::not_found);
  CHECK(home.run({"config", "show", "--set", "risk.kelly_fraction=x"}).exit == ExitCode::unsafe);
}

TEST_CASE("init: makes directories and a file once, and says so beforehand", "[cmd][init]") {
  const Home home;

  const Ran planned = home.run({"init", "--dry-run"});
  CHECK(planned.exit == ExitCode::done);
  CHECK_FALSE(fs::exists(home.path));

  const Ran made = home.run({"init"});
  CHECK(made.exit == ExitCode::done);
  CHECK(made.out == planned.out);
  const fs::path file = home.path / "config/config.toml";
  using fs::perms;
  CHECK(fs::status(file).permissions() ==
        (perms::owner_read | perms::owner_write | perms::group_read));
  CHECK(fs::status(home.path / "data").permissions() == perms::owner_all);
  CHECK(home.run({"config", "check"}).exit == ExitCode::done);

  std::ofstream(file) << "# mine\n";
  const Ran again = home.run({"init"});
  CHECK(again.exit == ExitCode::cannot_write);
  CHECK_THAT(again.err, Catch::Contains("--force"));
  CHECK(fs::file_size(file) == 7);

  CHECK(home.run({"init", "--force"}).exit == ExitCode::done);
  CHECK(fs::file_size(file) > 1000);
}

TEST_CASE("schema: one for each document, found by either name", "[cmd][schema]") {
  const Home home;

  const Ran one = home.run({"schema", "backtest"});
  CHECK(one.exit == ExitCode::done);
  CHECK_THAT(one.out, Catch::Contains(R"("$id":"aitrade.backtest/1")"));
  CHECK_THAT(one.out, Catch::Contains("result_hash"));
  CHECK(home.run({"schema", "aitrade.backtest/1"}).out == one.out);
  CHECK_THAT(home.run({"schema", "--format", "csv"}).out,
             Catch::Contains("data_check,data check --json"));
  CHECK(home.run({"schema", "backtst"}).exit == ExitCode::not_found);
}

TEST_CASE("config: the window of the guardrails is no longer than what is kept [X34]", "[cmd][config]") {
  const KeyTable table(strategy_keys());
  for (const char* name : {"ai.strategy_guardrails_window_trades", "ai.strategy_guardrails_min_trades"}) {
    const Key* key = table.find(name);
    REQUIRE(key != nullptr);
    REQUIRE(key->bounds.max.has_value());
    CHECK(*key->bounds.max <= static_cast<double>(TrackRecord::capacity));
  }
  const Home home;
  const Ran refused = home.run({"config", "check", "--set", "ai.strategy_guardrails_window_trades=5001"});
  CHECK(refused.exit == ExitCode::unsafe);
}
