#include "core/report/metric_list.h"
#include "core/report/number_text.h"
#include "core/report/report_json.h"
#include "core/report/result_hash.h"
#include "core/report/tables.h"
#include "core/report/verdict.h"
#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

using namespace aitrade;
using aitrade::report_test::new_year;
using aitrade::report_test::run_of_days;
using aitrade::report_test::sample_run;
using aitrade::report_test::trade_of;

namespace {

/// Compares with tests/golden/report/NAME. To accept a new version run
/// `AITRADE_ACCEPT_GOLDEN=1 test_report "[golden]"` and explain the change in the commit message.
void check_golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(AITRADE_SOURCE_DIR) + "/tests/golden/report/" + name;
  if (std::getenv("AITRADE_ACCEPT_GOLDEN") != nullptr) std::ofstream(path) << actual;
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  INFO("golden " << name << "; accept with: AITRADE_ACCEPT_GOLDEN=1 test_report [golden]");
  CHECK(actual == expected.str());
}

RunResult no_trade_run() {
  RunResult run = sample_run();
  EquityTracker tracker(new_year, 1000);
  for (int day = 1; day <= 90; ++day) {
    tracker.mark(new_year + day_span * day, 1000, 1000, false, 0);
  }
  run.equity = tracker.finish();
  run.trades.clear();
  run.final_equity = run.initial_equity;
  run.fees = run.slippage = Money{};
  run.turnover = 0;
  run.decisions = 90;
  run.entries = run.too_small = run.ambiguous_bars = 0;
  run.refused = {{Reason::no_votes, 60}, {Reason::tie, 30}};
  return run;
}

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

ReportOptions everything() {
  ReportOptions options;
  options.trades = options.equity = true;
  options.timing = RunTiming{12.5, 76800};
  return options;
}

}  // namespace

TEST_CASE("report: table of the sample run", "[report][golden]") {
  const RunResult run = sample_run();

  check_golden("backtest.txt", backtest_table(run, compute_metrics(run), {}));
}

TEST_CASE("report: table with every trade", "[report][golden]") {
  const RunResult run = sample_run();
  ReportOptions options;
  options.trades = true;

  check_golden("backtest_trades.txt", backtest_table(run, compute_metrics(run), options));
}

TEST_CASE("report: table of a run without trades", "[report][golden]") {
  const RunResult run = no_trade_run();

  check_golden("no_trades.txt", backtest_table(run, compute_metrics(run), {}));
}

TEST_CASE("report: object and records of the sample run", "[report][golden]") {
  const RunResult run = sample_run();
  const Metrics metrics = compute_metrics(run);

  check_golden("backtest.json", backtest_json(run, metrics, {}));
  check_golden("backtest.ndjson", backtest_ndjson(run, metrics, {}));
}

TEST_CASE("report: no line of the table is wider than a terminal", "[report][tables]") {
  RunResult run = sample_run();
  run.initial_equity = run.final_equity = Money::parse_or_die("90000000000.12345678");
  run.identity.tick = Money::from_raw(1);
  run.coverage.push_back(run.coverage.front());
  ReportOptions options;
  options.trades = true;
  std::istringstream lines(backtest_table(run, compute_metrics(run), options));

  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= report_columns);
  }
}

TEST_CASE("report: the object has the keys that scripts rely on", "[report][json]") {
  const RunResult run = sample_run();

  const auto json = parsed(backtest_json(run, compute_metrics(run), everything()));

  CHECK(json["schema"] == "aitrade.backtest/1");
  CHECK(json["result_hash"].GetString() == result_hash(run));
  CHECK(json["data_fingerprint"].IsString());
  CHECK(json["config_hash"].IsString());
  CHECK(json["seed"].GetUint64() == 42);
  CHECK(json["bars"].GetUint64() == 958);
  CHECK(json["ambiguous_bars"].GetUint64() == 3);
  CHECK(json["costs"]["fees"] == "10");
  CHECK(json["costs"]["slippage"] == "2");
  CHECK(json["metrics"]["sharpe"].IsDouble());
  CHECK(json["metrics"]["profit_factor"].GetDouble() == 2);
  CHECK(json["metrics"]["expectancy"] == "5");
  CHECK(json["metrics"]["calmar_36m"].IsNull());
  CHECK(json["trades"].Size() == 20);
  CHECK(json["trades"][0]["pnl"] == "20");
  CHECK(json["trades"][0]["opened_at"] == "2024-01-01T10:00:00.000Z");
  CHECK(json["equity"].Size() == 41);
  CHECK(json["timing"]["elapsed_ms"].GetDouble() == 12.5);
  CHECK(json["timing"]["bars_per_second"].GetDouble() == 76800);
}

TEST_CASE("report: trades and timing appear only when asked for", "[report][json]") {
  const RunResult run = sample_run();

  const auto json = parsed(backtest_json(run, compute_metrics(run), {}));

  CHECK_FALSE(json.HasMember("trades"));
  CHECK_FALSE(json.HasMember("timing"));
}

TEST_CASE("report: undefined and infinite are null in the object", "[report][json]") {
  RunResult run = no_trade_run();
  const auto empty = parsed(backtest_json(run, compute_metrics(run), {}));
  run.trades.push_back(trade_of("10"));
  run.trades.back().trade.r_multiple = std::numeric_limits<double>::quiet_NaN();
  const auto winner = parsed(backtest_json(run, compute_metrics(run), everything()));

  CHECK(empty["metrics"]["sharpe"].IsNull());
  CHECK(empty["metrics"]["win_rate"].IsNull());
  CHECK(empty["metrics"]["expectancy"].IsNull());
  CHECK(empty["metrics"]["profit_factor_infinite"].IsFalse());
  CHECK(winner["metrics"]["profit_factor"].IsNull());
  CHECK(winner["metrics"]["profit_factor_infinite"].IsTrue());
  CHECK(winner["trades"][0]["r"].IsNull());
}

TEST_CASE("report: each record is one line that begins with its kind", "[report][json]") {
  const RunResult run = sample_run();
  std::istringstream lines(backtest_ndjson(run, compute_metrics(run), everything()));

  std::size_t metrics = 0, trades = 0, equity = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto json = parsed(line);
    REQUIRE(json.MemberBegin()->name == "t");
    const std::string kind = json["t"].GetString();
    if (kind == "metric") ++metrics;
    if (kind == "trade") ++trades;
    if (kind == "equity") ++equity;
  }

  CHECK(metrics == metric_list(compute_metrics(run)).size() + 29);
  CHECK(trades == 20);
  CHECK(equity == 41);
}

TEST_CASE("report: hash of the same result is the same", "[report][hash]") {
  RunResult run = sample_run();
  const std::string hash = result_hash(run);

  CHECK(hash.size() == 64);
  CHECK(result_hash(sample_run()) == hash);
  run.identity.version = "9.9.9";
  run.identity.command_line = "aitrade backtest -";
  CHECK(result_hash(run) == hash);
}

TEST_CASE("report: any change of a result changes the hash", "[report][hash]") {
  const std::string hash = result_hash(sample_run());
  RunResult run = sample_run();

  SECTION("a trade by one unit of money") {
    run.trades[3].trade.pnl += Money::from_raw(1);
  }
  SECTION("a trade in its last bit of R") {
    run.trades[3].trade.r_multiple = std::nextafter(run.trades[3].trade.r_multiple, 100.0);
  }
  SECTION("equity of one day") {
    run.equity.daily[5].equity += 1e-8;
  }
  SECTION("the seed") {
    run.identity.seed = 43;
  }
  SECTION("the data") {
    run.identity.data_fingerprint[0] = 'e';
  }
  SECTION("the configuration") {
    run.identity.config_hash[0] = 'e';
  }
  SECTION("a count") {
    run.ambiguous_bars = 4;
  }
  SECTION("the reason of a refusal") {
    run.refused[Reason::cooldown_pair] = 1;
  }
  SECTION("the order of trades") {
    std::swap(run.trades[0], run.trades[1]);
  }
  SECTION("the fall inside a bar") {
    run.equity.drawdown.trough_equity -= 0.5;
  }

  CHECK(result_hash(run) != hash);
}

TEST_CASE("report: SHA-256 matches its published vectors", "[report][hash]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("verdict: says why a run cannot be judged", "[report][verdict]") {
  const RunResult idle = no_trade_run();
  RunResult brief = run_of_days(std::vector<double>{1000, 1010, 1005});
  brief.trades.push_back(trade_of("5"));

  CHECK(verdict_on(idle, compute_metrics(idle)).sentence ==
        "no trades, so nothing to judge: 90 decisions, most often refused for no_votes");
  const Verdict short_run = verdict_on(brief, compute_metrics(brief));
  CHECK(short_run.kind == VerdictKind::too_short);
  CHECK(short_run.sentence ==
        "too short to judge: 2 days and 1 trade, at least 30 days are needed");
}

TEST_CASE("verdict: losing, lucky and better than chance are told apart", "[report][verdict]") {
  const auto run_with = [](double up, double down) {
    std::vector<double> equity{1000};
    for (int i = 0; i < 100; ++i)
      equity.push_back(equity.back() * (1 + (i % 2 == 0 ? up : down)));
    RunResult run = run_of_days(equity);
    run.trades.assign(60, trade_of("5"));
    run.trades.push_back(trade_of("-5"));
    return run;
  };
  const RunResult loser = run_with(0.01, -0.02);
  const RunResult lucky = run_with(0.0105, -0.01);
  const RunResult better = run_with(0.014, -0.01);

  CHECK(verdict_on(loser, compute_metrics(loser)).kind == VerdictKind::loses);
  const Verdict luck = verdict_on(lucky, compute_metrics(lucky));
  CHECK(luck.kind == VerdictKind::luck);
  CHECK(luck.sentence.find("not distinguishable from luck: PSR 0.") == 0);
  CHECK(luck.sentence.find("more years at this Sharpe") != std::string::npos);
  CHECK(verdict_on(better, compute_metrics(better)).kind == VerdictKind::beats_chance);
  CHECK(verdict_on(better, compute_metrics(better)).sentence.find("audit causality") !=
        std::string::npos);  // 60 of 61 trades won
}

TEST_CASE("numbers: text for machines and for people", "[report][numbers]") {
  CHECK(shortest_text(0.1) == "0.1");
  CHECK(shortest_text(-0.0) == "0");
  CHECK(shortest_text(1e300) == "1e+300");
  CHECK(fixed_text(-0.001, 2) == "0.00");
  CHECK(fixed_text(2.675, 2) == "2.67");  // the double is a little below
  CHECK(fixed_text(std::numeric_limits<double>::quiet_NaN(), 2) == "-");
  CHECK(percent_text(0.12345) == "12.35 %");
  CHECK(money_text(Money::parse_or_die("-1.005"), 2) == "-1.00");
  CHECK(money_text(Money::parse_or_die("1.015"), 2) == "1.02");
  CHECK(money_text(Money::parse_or_die("12"), 8) == "12.00000000");
  CHECK(places_of(Money::parse_or_die("0.01")) == 2);
  CHECK(places_of(Money::from_raw(1)) == 8);
  CHECK(places_of(Money::parse_or_die("1")) == 2);
  CHECK(grouped_text(520499) == "520,499");
  CHECK(grouped_text(1000000) == "1,000,000");
  CHECK(grouped_text(12) == "12");
  CHECK(span_text(seconds(59)) == "59s");
  CHECK(span_text(seconds(3723)) == "1h 02m");
  CHECK(span_text(hours(100)) == "4d 04h");
}

TEST_CASE("report: the risk of ruin has its state and its trades, and no number where there is none [R2]",
          "[report]") {
  RunResult run = sample_run();
  run.ruin.trades = 49;
  run.ruin.trades_min = 50;
  const auto unknown = parsed(backtest_json(run, compute_metrics(run), {}));
  CHECK(std::string(unknown["risk_of_ruin"]["state"].GetString()) == "insufficient_data");
  CHECK(unknown["risk_of_ruin"]["trades"].GetInt() == 49);
  CHECK(unknown["risk_of_ruin"]["probability"].IsNull());
  CHECK(backtest_table(run, compute_metrics(run), {}).find("needs 50, has 49") != std::string::npos);
  run.ruin = {"one_sided", 50, 50, 1.0};
  const auto known = parsed(backtest_json(run, compute_metrics(run), {}));
  CHECK(known["risk_of_ruin"]["probability"].GetDouble() == 1);
}
