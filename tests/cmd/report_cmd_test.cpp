// `aitrade report` and what `backtest` says beyond its metrics: pipelines, benchmarks, sensitivity.

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <string>
#include <vector>

#include "tests/support/home.h"

using namespace aitrade;
using namespace aitrade::test;

namespace {

/// Settings under which the demo candles trade often.
const std::vector<std::string> eager{"--strategy", "mean_reversion", "--timeframes", "1m", "--config",
                                     std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml"};

struct Bench : Home {
  std::string file = folder.write("btc.csv", to_csv(made_candles(3, 50'000, 40'000)));

  [[nodiscard]] Finished backtest(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"backtest", file, "--pair", "BTC/USD"};
    arguments.insert(arguments.end(), eager.begin(), eager.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(std::move(arguments));
  }
};

rapidjson::Document parsed(const Finished& finished) {
  INFO(finished.err);
  REQUIRE(finished.exit_code == 0);
  rapidjson::Document json;
  json.Parse(finished.out.c_str());
  REQUIRE_FALSE(json.HasParseError());
  return json;
}

}  // namespace

TEST_CASE("backtest: benchmarks, bootstrap and sensitivity stand in the document", "[cmd][report]") {
  const Bench bench;
  const auto json = parsed(bench.backtest({"--json", "--trades", "--equity", "--sensitivity", "--seed", "5"}));

  REQUIRE(json["trades"].Size() > 20);
  CHECK(json["benchmarks"]["buy_and_hold"].IsObject());
  CHECK(json["benchmarks"]["random_entry"]["runs"].GetInt() == 1000);
  CHECK(json["monte_carlo"]["runs"].GetInt() == 1000);
  CHECK(json["prices"][0]["rows"].Size() > 500);
  CHECK(json["curve"].Size() > 500);
  CHECK(json["by"]["regime"].MemberCount() > 0);
  REQUIRE(json["sensitivity"].Size() == 3);
  // Fees doubled and slippage tripled cost money; the decisions do not know.
  const double base = json["metrics"]["total_return"].GetDouble();
  CHECK(json["sensitivity"][0]["total_return"].GetDouble() < base);
  CHECK(json["sensitivity"][2]["total_return"].GetDouble() < base);
}

TEST_CASE("backtest: what stands beside the run does not change it", "[cmd][report]") {
  const Bench bench;
  const auto plain = parsed(bench.backtest({"--json", "--monte-carlo", "0", "--random-entry", "0"}));
  const auto full = parsed(bench.backtest({"--json", "--sensitivity"}));
  const auto again = parsed(bench.backtest({"--json", "--sensitivity"}));

  CHECK(plain["result_hash"] == full["result_hash"]);
  CHECK(plain["monte_carlo"].IsNull());
  CHECK(plain["benchmarks"]["random_entry"].IsNull());
  CHECK(plain["sensitivity"].Size() == 0);
  CHECK(full["sensitivity"] == again["sensitivity"]);
  CHECK(full["monte_carlo"] == again["monte_carlo"]);
  CHECK(full["benchmarks"] == again["benchmarks"]);
}

TEST_CASE("backtest: another seed draws other paths of the same trades", "[cmd][report]") {
  const Bench bench;
  const auto one = parsed(bench.backtest({"--json", "--trades", "--seed", "1"}));
  const auto two = parsed(bench.backtest({"--json", "--trades", "--seed", "2"}));

  CHECK(one["trades"] == two["trades"]);
  CHECK(one["monte_carlo"] != two["monte_carlo"]);
  CHECK(one["benchmarks"]["random_entry"] != two["benchmarks"]["random_entry"]);
}

TEST_CASE("report: a page from a file, and the same page from the stream", "[cmd][report]") {
  const Bench bench;
  const std::string result =
      bench.folder.write("a.json", bench.backtest({"--json", "--trades", "--equity"}).out);
  const std::string page = bench.folder / "a.html";

  const Finished written = bench.run({"report", result, "--html", "-o", page});
  const Finished stream = bench.backtest({"--format", "ndjson"});
  const Finished piped =
      run_aitrade(Start{.arguments = {"report", "-", "--html", "--home", bench.path}, .input = stream.out});

  CHECK(written.exit_code == 0);
  CHECK(written.out.empty());
  const std::string text = read_file(page);
  CHECK(text.starts_with("<!doctype html>"));
  CHECK(text.size() < 2'000'000);
  CHECK(piped.exit_code == 0);
  // The command line is part of the page and differs.
  CHECK(piped.out.substr(0, piped.out.find("<footer>")) == text.substr(0, text.find("<footer>")));
}

TEST_CASE("report: two results compared, as the pipelines of the contract write it", "[cmd][report]") {
  const Bench bench;
  const std::string a = bench.folder.write("a.json", bench.backtest({"--json"}).out);
  const Finished other = bench.backtest({"--json", "--allow-shorts"});
  const std::string b = bench.folder.write("b.json", other.out);

  const Finished table = bench.run({"report", "--compare", a, b, "--format", "table"});
  const Finished piped = run_aitrade(
      Start{.arguments = {"report", "-", "--compare", a, "--json", "--home", bench.path}, .input = other.out});
  const Finished html = bench.run({"report", "--compare", a, b, "--html"});
  const Finished same = bench.run({"report", "--compare", a, a});

  CHECK(table.exit_code == 0);
  CHECK(holds(table.out, "B less A"));
  CHECK_FALSE(parsed(piped)["same_result"].GetBool());
  CHECK(html.out.starts_with("<!doctype html>"));
  CHECK(holds(same.out, "one and the same result"));
}

TEST_CASE("report: what cannot be read or written ends with its code", "[cmd][report]") {
  const Bench bench;
  const std::string other = bench.folder.write("x.json", "{\"schema\":\"aitrade.import/1\"}");
  const std::string result = bench.folder.write("a.json", bench.backtest({"--json"}).out);

  CHECK(bench.run({"report", other, "--html"}).exit_code == 2);
  CHECK(bench.run({"report", bench.folder / "none.json"}).exit_code != 0);
  CHECK(bench.run({"report", result, "--html", "-o", bench.folder / "no/such/a.html"}).exit_code == 73);
  CHECK(bench.run({"report", result, "-o", bench.folder / "a.html"}).exit_code == 2);
}

TEST_CASE("backtest: the other program's format from the command line", "[cmd][report]") {
  const Bench bench;
  const auto json = parsed(bench.backtest({"--style", "freqtrade"}));

  const auto& strategy = json["strategy"]["mean_reversion"];
  CHECK(strategy["trades"].Size() > 20);
  CHECK(strategy["trades"][0]["pair"].GetString() == std::string("BTC/USD"));
}
