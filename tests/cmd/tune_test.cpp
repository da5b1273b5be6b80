// `aitrade tune`: the ledger, going on after a stop or a kill, threads, and a verdict that is honest.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cmd/tune_lab.h"
#include "tests/support/child.h"

using namespace aitrade;
using namespace aitrade::test;
using namespace aitrade::test::tuning;

namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void write_lines(const std::filesystem::path& path, const std::vector<std::string>& lines, const std::string& rest) {
  std::ofstream out(path, std::ios::trunc);
  for (const std::string& line : lines) out << line << '\n';
  out << rest;
}

}  // namespace

TEST_CASE("tune: a grid is run once through, kept in a ledger, and judged", "[cmd][tune]") {
  const Lab lab;
  const Finished first = lab.tune(with(grid, {"--objective", "net"}));   // 14 days have no Sharpe
  const auto json = parsed(first);

  CHECK(std::string(json["schema"].GetString()) == "aitrade.tune/1");
  CHECK(json["trials"].GetInt() == 16);
  CHECK(json["bars"].GetInt() == 20'000);
  REQUIRE(json["best"].IsObject());
  CHECK(json["best"]["parameters"]["bb_period"].IsNumber());
  CHECK(json["best"]["trades"].GetInt() >= 5);
  CHECK(json["best"]["metrics"]["sharpe"].IsNull());   // 14 days say nothing about a year
  CHECK(json["verdict"]["in_sample"].GetBool());
  CHECK(std::string(json["verdict"]["kind"].GetString()) == "no_edge");
  CHECK(first.exit_code == 3);
  CHECK(json["timing"]["combo_bars_per_second"].GetDouble() > 0);

  const auto lines = lines_of(lab.only_ledger());
  REQUIRE(lines.size() == 17);
  CHECK(holds(lines[0], "\"t\":\"study\""));
  CHECK(holds(lines[0], "\"data_fingerprint\""));
  CHECK(holds(lines[0], "\"config_hash\""));
  CHECK(holds(lines[1], "\"daily\":["));
}

TEST_CASE("tune: a trial is what `backtest` says of the same parameters", "[cmd][tune]") {
  const Lab lab;
  const auto json = parsed(lab.tune(with(grid, {"--objective", "net"})));
  int trades = 0;
  for (const auto& trial : json["top"].GetArray()) {
    trades += trial["trades"].GetInt();
    if (trial["trial"].GetInt() % 5 != 0) continue;
    std::vector<std::string> arguments{"backtest", lab.file, "--pair", "BTC/USD", "--strategy", "mean_reversion",
                                       "--timeframes", "1m", "--json"};
    arguments.insert(arguments.end(), eager.begin(), eager.end());
    for (const auto& parameter : trial["parameters"].GetObject()) {
      arguments.insert(arguments.end(), {"--set", std::string("strategies.mean_reversion.") + parameter.name.GetString() +
                                                      "=" + std::to_string(static_cast<int>(parameter.value.GetDouble()))});
    }
    const auto full = parsed(lab.run(arguments));
    CHECK((full["final_equity"] == trial["final_equity"]));
    CHECK((full["metrics"]["trades"] == trial["trades"]));
    CHECK((full["metrics"]["net_profit"] == trial["net_profit"]));
    CHECK((full["metrics"]["max_drawdown"] == trial["max_drawdown"]));
  }
  CHECK(trades > 100);
}

TEST_CASE("tune: one thread and several give the same bytes", "[cmd][tune]") {
  const std::vector<std::string> random{"--method", "random", "--trials", "40", "--seed", "3", "--json"};
  for (const auto& search : {with(grid, {}), random, with(tpe, {"--objective", "net"})}) {
    const Lab one;
    const std::string expected = essence(one.tune(with(search, {"--threads", "1"})));
    for (const char* threads : {"2", "3"}) {
      const Lab more;
      CHECK(essence(more.tune(with(search, {"--threads", threads}))) == expected);
    }
  }
}

TEST_CASE("tune: the same command repeats nothing, and a torn ledger goes on where it was", "[cmd][tune]") {
  const Lab lab;
  const std::vector<std::string> search = with(tpe, {"--objective", "net"});
  const std::string whole = essence(lab.tune(search));
  const std::filesystem::path ledger = lab.only_ledger();
  std::vector<std::string> lines = lines_of(ledger);
  REQUIRE(lines.size() == 41);

  const Finished again = lab.tune(search);
  CHECK(parsed(again)["timing"]["resumed"].GetInt() == 40);
  CHECK(essence(again) == whole);
  CHECK(lines_of(ledger).size() == 41);

  // As after a kill while a line was being written, with lines in the order of finishing.
  std::swap(lines[3], lines[9]);
  const std::string torn = lines[20].substr(0, lines[20].size() / 2);
  lines.resize(20);
  write_lines(ledger, lines, torn);
  const Finished resumed = lab.tune(search);
  CHECK(parsed(resumed)["timing"]["resumed"].GetInt() == 19);
  CHECK(essence(resumed) == whole);
  CHECK(lines_of(ledger).size() == 41);

  // More trials of the same search begin with those that are known.
  const auto longer = parsed(lab.tune({"--method", "tpe", "--trials", "56", "--seed", "3", "--json", "--objective",
                                       "net", "--resume", ledger.string()}));
  CHECK(longer["timing"]["resumed"].GetInt() == 40);
  CHECK(longer["trials"].GetInt() == 56);
}

TEST_CASE("tune: a killed search keeps what was finished", "[cmd][tune]") {
  const Lab lab;
  std::vector<std::string> search = lab.command({"--method", "random", "--trials", "3000", "--threads", "2", "--json"});
  search.insert(search.end(), {"--home", lab.path});
  {
    Child child(search, lab.folder / "out");
    for (int i = 0; i < 500; ++i) {
      std::error_code ignored;
      if (std::filesystem::exists(lab.data("tune"), ignored) && !std::filesystem::is_empty(lab.data("tune"), ignored) &&
          lines_of(lab.only_ledger()).size() > 20) {
        break;
      }
      pass_time(20);
    }
    child.signal(SIGKILL);
    child.wait(10'000);
  }
  const std::size_t kept = lines_of(lab.only_ledger()).size();
  REQUIRE(kept > 20);
  const Finished shorter = lab.tune({"--method", "random", "--trials", "60", "--json"});
  const auto json = parsed(shorter);
  CHECK(json["trials"].GetInt() == 60);
  CHECK(json["timing"]["resumed"].GetInt() >= std::min<int>(static_cast<int>(kept) - 4, 58));
}

TEST_CASE("tune: a stopped search says how to go on", "[cmd][tune]") {
  const Lab lab;
  std::vector<std::string> search = lab.command({"--method", "random", "--trials", "3000", "--json"});
  search.insert(search.end(), {"--home", lab.path});
  Child child(search, lab.folder / "out");
  for (int i = 0; i < 500; ++i) {
    std::error_code ignored;
    if (std::filesystem::exists(lab.data("tune"), ignored) && !std::filesystem::is_empty(lab.data("tune"), ignored) &&
        lines_of(lab.only_ledger()).size() > 5) {
      break;
    }
    pass_time(20);
  }
  child.signal(SIGTERM);
  CHECK(child.wait(20'000) == 143);
}

TEST_CASE("tune: a ledger of another search is refused, and a damaged one is named", "[cmd][tune]") {
  const Lab lab;
  CHECK(lab.tune(grid).exit_code == 3);
  const std::filesystem::path ledger = lab.only_ledger();
  const Finished other = lab.tune(with(grid, {"--resume", ledger.string(), "--allow-shorts"}));
  CHECK(other.exit_code == 2);
  CHECK(holds(other.err, "differs in allow_shorts"));
  CHECK(lab.tune(with(grid, {"--resume", lab.folder / "none.ndjson"})).exit_code == 4);

  std::vector<std::string> lines = lines_of(ledger);
  lines[4] = "{}";
  write_lines(ledger, lines, "");
  const Finished damaged = lab.tune(grid);
  CHECK(damaged.exit_code == 78);
  CHECK(holds(damaged.err, "line 5 is no trial"));
}

TEST_CASE("tune: what cannot be searched is refused before anything runs", "[cmd][tune]") {
  const Lab lab;
  CHECK(lab.tune({"--params", "speed=1:2"}).exit_code == 2);
  CHECK(lab.tune({"--params", "bb_period=1:2:0"}).exit_code == 2);
  CHECK(lab.tune({"--method", "grid", "--params", "bb_period=5:100:1", "--trials", "10"}).exit_code == 2);
  CHECK(lab.tune({"--method", "magic"}).exit_code == 2);
  CHECK(lab.run({"tune", "nothing", "--data", lab.file, "--pair", "BTC/USD"}).exit_code == 2);
  CHECK_FALSE(std::filesystem::exists(lab.data("tune")));
}

TEST_CASE("tune: rows for other programs, and a table for people", "[cmd][tune]") {
  const Lab lab;
  std::vector<std::string> plain(grid.begin(), grid.end() - 1);
  const Finished csv = lab.tune(with(plain, {"--format", "csv"}));
  CHECK(csv.out.starts_with("trial,rsi_oversold,bb_period,score,plateau,trades,"));
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 17);
  CHECK(lab.tune(with(plain, {"--format", "ndjson"})).out.starts_with("{\"t\":\"trial\""));
  const Finished table = lab.tune(with(plain, {"--format", "table"}));
  CHECK(holds(table.out, "in-sample"));
  CHECK(holds(table.out, "grid, 16 trials"));
}

TEST_CASE("tune: keys of the configuration are searched beside parameters", "[cmd][tune]") {
  const Lab lab;
  const auto json = parsed(lab.tune({"--method", "grid", "--objective", "net", "--json", "--params",
                                     "bb_period=20:40:20,risk.trailing_step_atr=0.5:1.5:0.5,ai.min_confidence=0.4:0.8:0.2"}));
  CHECK(json["trials"].GetInt() == 2 * 3 * 3);
  REQUIRE(json["best"].IsObject());   // and a full backtest of the best gave the same money, or tune had failed
  for (const char* name : {"bb_period", "risk.trailing_step_atr", "ai.min_confidence"}) {
    CHECK(json["best"]["parameters"][name].IsNumber());
  }
  std::vector<std::string> outcomes;
  for (const std::string& line : lines_of(lab.only_ledger())) {
    if (const auto at = line.find("\"final_equity\""); at != std::string::npos) outcomes.push_back(line.substr(at, 40));
  }
  std::sort(outcomes.begin(), outcomes.end());
  outcomes.erase(std::unique(outcomes.begin(), outcomes.end()), outcomes.end());
  CHECK(outcomes.size() > 2);         // the keys do change something
}

TEST_CASE("tune: all strategies together, by the keys of their vote", "[cmd][tune]") {
  const Lab lab;
  const auto all = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"tune", "all", "--data", lab.file, "--pair", "BTC/USD", "--min-trades", "1", "--json"};
    arguments.insert(arguments.end(), eager.begin(), eager.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return lab.run(std::move(arguments));
  };
  const auto json = parsed(all({"--method", "grid", "--objective", "net", "--params",
                                "ai.confluence_threshold=1:2,ai.min_confidence=0.5:0.6:0.1"}));
  CHECK(json["trials"].GetInt() == 4);
  CHECK(std::string(json["strategy"].GetString()) == "all");
  CHECK(all({}).exit_code == 2);                                             // no key named
  CHECK(all({"--params", "bb_period=20:40"}).exit_code == 2);                // no parameters of its own
  CHECK(all({"--params", "trading.outlier_threshold=0.1:0.3"}).exit_code == 2);   // changes the candles
  CHECK(all({"--params", "ai.min_confidence=0.5:2"}).exit_code == 2);        // out of bounds
}

TEST_CASE("tune: combinations that the rules between keys refuse are left out", "[cmd][tune]") {
  const Lab lab;
  const auto json = parsed(lab.tune({"--method", "grid", "--objective", "net", "--json", "--params",
                                     "risk.min_sl_pct=0.004:0.012:0.004,risk.min_tp_pct=0.008"}));
  CHECK(json["trials"].GetInt() == 2);   // 0.012 exceeds the least target
}

TEST_CASE("tune: shards put together give the same bytes as one process", "[cmd][tune][shard]") {
  const std::vector<std::string> random{"--method", "random", "--trials", "25", "--seed", "4", "--json"};
  for (const auto& search : {grid, random}) {
    const Lab lab;
    const std::string whole = essence(lab.tune(search));
    std::filesystem::remove_all(lab.data("tune"));
    std::vector<std::string> merge{"tune", "merge"};
    for (const char* shard : {"1/3", "2/3", "3/3"}) {
      const Finished part = lab.tune(with(search, {"--shard", shard}));
      INFO(part.out << part.err);
      REQUIRE(part.exit_code == 0);
      rapidjson::Document json;
      json.Parse(part.out.c_str());
      merge.emplace_back(json["ledger"].GetString());
    }
    const std::string all = lab.folder / "all.ndjson";
    merge.insert(merge.end(), {"--out", all, "--json"});
    const Finished merged = lab.run(merge);
    INFO(merged.err);
    REQUIRE(merged.exit_code == 0);
    CHECK(merged.out.find("\"missing\":0") != std::string::npos);
    CHECK(essence(lab.tune(with(search, {"--resume", all}))) == whole);
    CHECK(lab.run(merge).exit_code == 2);   // never over a ledger that is there
  }
}

TEST_CASE("tune: what cannot be divided or put together is refused", "[cmd][tune][shard]") {
  const Lab lab;
  CHECK(lab.tune(with(tpe, {"--shard", "1/2"})).exit_code == 2);   // its points depend on the other shard
  for (const char* shard : {"0/2", "3/2", "1", "1/0", "a/b", "1/2x"}) {
    INFO(shard);
    CHECK(lab.tune(with(grid, {"--shard", shard})).exit_code == 2);
  }
  CHECK(lab.run({"tune", "merge"}).exit_code == 2);
  CHECK(lab.run({"tune", "keltner"}).exit_code == 2);
  REQUIRE(lab.tune(with(grid, {"--shard", "2/2"})).exit_code == 0);
  const std::string ledger = lab.only_ledger();
  const std::string other = lab.folder.write("other", "no ledger\n");
  CHECK(lab.run({"tune", "merge", ledger, other, "--out", lab.folder / "a"}).exit_code == 2);
  CHECK(lab.run({"tune", "merge", lab.folder / "none", "--out", lab.folder / "a"}).exit_code == 4);
  const Finished half = lab.run({"tune", "merge", ledger, ledger, "--out", lab.folder / "half"});
  CHECK(half.exit_code == 0);
  CHECK(half.err.find("--resume runs them") != std::string::npos);
  auto lines = lines_of(ledger);
  REQUIRE(lines.size() > 2);
  const auto at = lines[1].find("\"trades\":");
  lines[1].insert(at + 9, "1");   // another result of the same trial
  write_lines(lab.folder / "forged", lines, "");
  CHECK(lab.run({"tune", "merge", ledger, lab.folder / "forged", "--out", lab.folder / "b"}).exit_code != 0);
  CHECK_FALSE(std::filesystem::exists(lab.folder / "b"));
}
