// Reading results back, the page made of them, comparisons, and the other program's format.
#include "core/report/compare.h"
#include "core/report/freqtrade_json.h"
#include "core/report/html_report.h"
#include "core/report/html_text.h"
#include "core/report/report_document.h"
#include "core/report/report_json.h"
#include "core/report/svg_chart.h"
#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <sstream>

using namespace aitrade;
using aitrade::report_test::new_year;
using aitrade::report_test::sample_run;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// The sample run with prices, a curve, benchmarks and sensitivity.
RunResult full_run() {
  RunResult run = sample_run();
  PriceTrack track("BTC/USD", hours(1));
  CurveTrack curve;
  for (int hour = 0; hour < 960; ++hour) {
    Candle c;
    c.open_time = new_year + hours(hour);
    c.interval = hours(1);
    c.open = c.close = Price::from_raw((100 + hour % 7) * Price::scale);
    c.high = Price::from_raw((101 + hour % 7) * Price::scale);
    c.low = Price::from_raw((99 + hour % 7) * Price::scale);
    track.add(c);
    curve.mark(c.close_time(), 1000 + hour % 50, 995 + hour % 50);
  }
  run.prices = {track.finish()};
  run.curve = curve.finish();
  run.sensitivity = {{"fees x2", Money::parse_or_die("1090"), 0.09, 0.03, 1.5, 20}};
  for (TradeRecord& t : run.trades) {
    t.trade.bars = 10;
    t.regime = {Trend::trend, Volatility::high};
  }
  return run;
}

MetricOptions everything() {
  return {.monte_carlo_runs = 200, .random_entry_runs = 100, .ruin_drawdown = 0.3};
}

ReportOptions lists() {
  ReportOptions options;
  options.trades = options.equity = true;
  return options;
}

ReportDocument document_of(const RunResult& run) {
  auto document = read_report(backtest_json(run, compute_metrics(run, everything()), lists()));
  REQUIRE(document);
  return *document;
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("document: the object and the stream read as the same result", "[report][document]") {
  const RunResult run = full_run();
  const Metrics metrics = compute_metrics(run, everything());

  const auto object = read_report(backtest_json(run, metrics, lists()));
  const auto stream = read_report(backtest_ndjson(run, metrics, {}));

  REQUIRE(object);
  REQUIRE(stream);
  for (const auto& [name, fact] : object->facts) {
    INFO(name);
    if (name == "schema") continue;
    CHECK(stream->text(name) == fact.text);
  }
  CHECK(object->trades.size() == 20);
  CHECK(stream->trades.size() == 20);
  CHECK(object->equity.size() == stream->equity.size());
  CHECK(object->curve.size() == 960);
  CHECK(stream->curve.size() == 960);
  CHECK(object->prices[0].bars.size() == 960);
  CHECK(object->slices.at("regime")[0].label == "trend, high volatility");
  CHECK(stream->slices.at("regime")[0].trades == 20);
  CHECK(object->has_sensitivity);
  CHECK(object->monte_carlo.at("runs").number == 200);
  CHECK(stream->random_entry.at("runs").number == 100);
  CHECK(object->text("verdict") == stream->text("verdict"));
  CHECK(object->trades[0].opened_at == run.trades[0].trade.opened_at);
  CHECK_THAT(object->trades[0].pnl, WithinRel(20.0, 1e-12));
}

TEST_CASE("document: what is no result is refused with a reason", "[report][document]") {
  const auto refused = [](std::string_view text, std::string_view why) {
    const auto document = read_report(text);
    REQUIRE_FALSE(document);
    INFO(document.error().what);
    CHECK(document.error().what.find(why) != std::string::npos);
  };
  refused("", "empty");
  refused("{\"schema\":\"aitrade.import/1\"}", "aitrade.import/1");
  refused("{\"schema\":\"aitrade.backtest/1\"", "not a backtest result");
  refused("[1,2]", "not a backtest result");
  refused("{\"t\":\"metric\",\"name\":\"x\",\"value\":1}\n{broken\n", "line 2");
  refused("{\"t\":\"trade\"}\n", "no result_hash");
}

TEST_CASE("document: the best trial of a search can be compared", "[report][document]") {
  const auto best = read_report(
      "{\"schema\":\"aitrade.tune/1\",\"trials\":9,\"best\":{\"number\":3,"
      "\"metrics\":{\"total_return\":0.2,\"sharpe\":null}}}");

  REQUIRE(best);
  const Comparison comparison = compare_reports(document_of(full_run()), *best);
  CHECK_FALSE(comparison.same_result);
  CHECK_THAT(*best->number("total_return"), WithinAbs(0.2, 1e-12));
  CHECK_FALSE(read_report("{\"schema\":\"aitrade.tune/1\",\"best\":null}"));
}

TEST_CASE("document: hostile shapes are survived", "[report][document]") {
  // Every list and object of the contract in a wrong shape: read without harm, drawn without harm.
  const auto document = read_report(
      "{\"schema\":\"aitrade.backtest/1\",\"result_hash\":\"x\",\"trades\":[1,{\"r\":\"a\"},null],"
      "\"equity\":[{},[],{\"time\":5}],\"prices\":[{\"rows\":[[1],2,[1,\"a\",2,3,4]]},7],"
      "\"curve\":[[1,2],[1,\"2\",\"3\",\"4\"]],\"by\":{\"hour\":{\"x\":1},\"pair\":3},\"coverage\":[5],"
      "\"benchmarks\":{\"random_entry\":5},\"monte_carlo\":[],\"sensitivity\":{},\"metrics\":[],"
      "\"strategies\":\"<script>\",\"verdict\":{\"text\":\"<b>\",\"kind\":\"\\\"x\"}}");

  REQUIRE(document);
  const std::string page = html_report(*document);
  CHECK(page.find("<script>\nfor") != std::string::npos);  // ours
  CHECK(page.find("&lt;script&gt;") != std::string::npos);
  CHECK(page.find("<b>.") == std::string::npos);
}

TEST_CASE("html: one file that needs nothing else, with everything in it", "[report][html]") {
  const std::string page = html_report(document_of(full_run()));

  CHECK(page.find("http") == std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
  CHECK(page.find("@import") == std::string::npos);
  CHECK(page.find("url(") == std::string::npos);
  CHECK(page.find("Verdict") < page.find("Total return"));
  for (const char* part :
       {"Equity", "Return by month", "Benchmarks", "Robustness", "fees x2", "Prices and trades",
        "Distributions", "Holding times", "Where it came from", "trend, high volatility", "Costs",
        "Data", "Every trade", "prefers-color-scheme", "Random entries"}) {
    INFO(part);
    CHECK(page.find(part) != std::string::npos);
  }
  for (const char* tag : {"div", "table", "figure", "svg", "section", "dl", "details", "tr", "td"}) {
    INFO(tag);
    const std::string name(tag);
    CHECK(count_of(page, "<" + name + ">") + count_of(page, "<" + name + " ") ==
          count_of(page, "</" + name + ">"));
  }
  CHECK(page.find("nan") == std::string::npos);
  CHECK(page.find("inf,") == std::string::npos);
}

TEST_CASE("html: a page of very many trades and days stays under two megabytes", "[report][html]") {
  RunResult run = full_run();
  const std::vector<TradeRecord> some = run.trades;
  while (run.trades.size() < 20'000) run.trades.insert(run.trades.end(), some.begin(), some.end());
  for (int day = 0; day < 3650; ++day) {
    run.equity.daily.push_back({run.equity.daily.back().at + day_span, 1000.0 + day % 100, 0});
  }
  const PairPrices pair = run.prices[0];
  for (int i = 0; i < 11; ++i) run.prices.push_back(pair);

  const auto document = read_report(backtest_json(run, compute_metrics(run), lists()));

  REQUIRE(document);
  CHECK(html_report(*document).size() < 2'000'000);
}

TEST_CASE("html: a run without trades has a page too", "[report][html]") {
  RunResult run = sample_run();
  run.trades.clear();
  const auto document = read_report(backtest_json(run, compute_metrics(run), {}));

  REQUIRE(document);
  const std::string page = html_report(*document);
  CHECK(page.find("No trades") != std::string::npos);
  CHECK(page.find("Every trade") == std::string::npos);
}

TEST_CASE("compare: differences in a table, as data and as a page", "[report][compare]") {
  RunResult better = full_run();
  better.final_equity += Money::parse_or_die("50");
  better.identity.config_hash = std::string(64, 'e');
  const ReportDocument a = document_of(full_run()), b = document_of(better);

  const Comparison comparison = compare_reports(a, b);

  CHECK_FALSE(comparison.same_result);
  CHECK(comparison.warnings == std::vector<std::string>{"the configurations are not the same"});
  CHECK_THAT(*comparison.values[0].difference(), WithinAbs(50, 1e-9));
  CHECK_THAT(*comparison.values[1].difference(), WithinAbs(0.05, 1e-9));
  const std::string text = comparison_table(comparison, "a.json", "b.json");
  CHECK(text.find("+50.00") != std::string::npos);
  CHECK(text.find("+5.00 %") != std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  rapidjson::Document json;
  json.Parse(comparison_json(comparison).c_str());
  REQUIRE_FALSE(json.HasParseError());
  CHECK_THAT(json["metrics"]["final_equity"]["difference"].GetDouble(), WithinAbs(50, 1e-9));
  CHECK(comparison_html(a, b, "a<b.json", "b.json").find("a&lt;b.json") != std::string::npos);
  CHECK(compare_reports(a, a).same_result);
}

TEST_CASE("freqtrade: trades in the columns that its notebooks load", "[report][freqtrade]") {
  const RunResult run = full_run();
  rapidjson::Document json;
  json.Parse(freqtrade_json(run, compute_metrics(run)).c_str());
  REQUIRE_FALSE(json.HasParseError());

  const auto& strategy = json["strategy"]["keltner"];
  const auto& trade = strategy["trades"][0];
  for (const char* column :
       {"pair", "stake_amount", "max_stake_amount", "amount", "open_date", "close_date", "open_rate",
        "close_rate", "fee_open", "fee_close", "trade_duration", "profit_ratio", "profit_abs",
        "exit_reason", "initial_stop_loss_abs", "initial_stop_loss_ratio", "stop_loss_abs",
        "stop_loss_ratio", "min_rate", "max_rate", "is_open", "enter_tag", "leverage", "is_short",
        "open_timestamp", "close_timestamp", "orders", "funding_fees"}) {
    INFO(column);
    CHECK(trade.HasMember(column));
  }
  // One unit from 100 to 120 with 0.5 of fees and 20 net: a rate of 0.5 / 220 per side.
  const double fee = 0.5 / 220;
  CHECK(trade["stake_amount"].GetDouble() == 100);
  CHECK_THAT(trade["fee_open"].GetDouble(), WithinRel(fee, 1e-12));
  CHECK_THAT(trade["profit_ratio"].GetDouble(), WithinRel(20 / (100 * (1 + fee)), 1e-12));
  CHECK(trade["profit_abs"].GetDouble() == 20);
  CHECK(trade["open_date"].GetString() == std::string("2024-01-01 10:00:00+00:00"));
  CHECK(trade["open_timestamp"].GetInt64() == 1'704'103'200'000);
  CHECK(trade["trade_duration"].GetInt() == 600);
  CHECK_THAT(trade["stop_loss_ratio"].GetDouble(), WithinRel(-0.1, 1e-12));
  CHECK_THAT(trade["min_rate"].GetDouble(), WithinRel(98.0, 1e-12));
  CHECK(trade["orders"][0]["ft_order_side"].GetString() == std::string("buy"));
  CHECK(trade["orders"][1]["ft_order_side"].GetString() == std::string("sell"));
  // +20, -10, +20 ...: the deepest fall over closed trades is one loss of 10.
  CHECK_THAT(strategy["max_drawdown_abs"].GetDouble(), WithinAbs(10, 1e-9));
  CHECK(strategy["results_per_pair"].Size() == 2);  // the pair and the total
  CHECK(json["strategy_comparison"][0]["key"].GetString() == std::string("keltner"));
}

TEST_CASE("chart: ticks are round and labels follow the span", "[report][html]") {
  CHECK(round_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(round_ticks(-0.13, 0.11, 4) == std::vector<double>{-0.1, 0, 0.1});
  CHECK(round_ticks(5, 5, 4).empty());
  CHECK(tick_places(0.2, 0.8) == 1);
  CHECK(tick_places(4900, 5000) == 0);
  CHECK(tick_places(0.05, 0.22) == 2);
  const double start = 1'704'067'200, day = 86'400;  // 2024-01-01
  CHECK(time_ticks(start, start + 366 * day, 6)[1].label == "Mar 2024");
  CHECK(time_ticks(start, start + 10 * 366 * day, 6)[0].label == "2024");
  CHECK(time_ticks(start, start + 20 * day, 6)[1].label == "8 Jan");
  CHECK(time_ticks(start, start + day, 6)[1].label == "06:00");
  CHECK(time_ticks(start, start, 6).empty());
}

TEST_CASE("html: numbers for people", "[report][html]") {
  CHECK(html_number(-1234567.891) == "−1,234,567.89");
  CHECK(html_number(std::nullopt) == "–");
  CHECK(html_percent(0.1234, 1, true) == "+12.3\u00a0%");
  CHECK(html_percent(0.0, 1, true) == "0.0\u00a0%");
  CHECK(html_escaped("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  CHECK(price_places(43'000) == 0);
  CHECK(price_places(0.0123) == 6);
}
