// Numbers that other projects publish, where their convention is ours or can be converted.
#include "core/report/freqtrade_json.h"
#include "core/report/performance.h"
#include "core/report/returns.h"
#include "tests/core/report/sample_run.h"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

using namespace aitrade;
using aitrade::report_test::new_year;
using aitrade::report_test::run_of_days;
using aitrade::report_test::trade_of;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

std::optional<rapidjson::Document> reference(const std::string& name) {
  std::ifstream file(std::string(AITRADE_SOURCE_DIR) + "/../shared/reference/" + name);
  if (!file) {
    WARN("skipped: shared/reference/" + name + " is not here");
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  rapidjson::Document document;
  document.Parse(text.str().c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::vector<double> numbers(const rapidjson::Value& list) {
  std::vector<double> values;
  for (const auto& v : list.GetArray())
    values.push_back(v.GetDouble());
  return values;
}

const rapidjson::Value* find_case(const rapidjson::Document& document, std::string_view id) {
  for (const auto& item : document["cases"].GetArray()) {
    if (id == item["id"].GetString()) return &item;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("reference: returns, volatility, Sharpe and VaR of three price series",
          "[report][reference]") {
  const auto document = reference("return_metrics.json");
  if (!document) return;
  const auto& expected = (*document)["expected"];
  const double risk_free = (*document)["settings"]["risk_free_per_period"].GetDouble();
  for (const auto& series : (*document)["prices"].GetObject()) {
    const char* name = series.name.GetString();
    INFO("series " << name);
    const std::vector<double> prices = numbers(series.value);
    const RunResult run = run_of_days(prices);
    const std::vector<double> returns = daily_returns(run.equity.daily);

    CHECK_THAT(compute_metrics(run).total_return,
               WithinAbs(expected["total_return"][name].GetDouble(), 1e-12));
    CHECK_THAT(*volatility(moments_of(returns)),
               WithinRel(expected["annualized_volatility"][name].GetDouble(), 1e-12));
    CHECK_THAT(*sharpe(moments_of(excess_over(returns, risk_free))),
               WithinRel(expected["sharpe"][name].GetDouble(), 1e-12));
    CHECK_THAT(*tails_of(returns).value_at_risk,
               WithinRel(expected["value_at_risk_5pct"][name].GetDouble(), 1e-12));
  }
}

TEST_CASE("reference: expectancy of a list of profits", "[report][reference]") {
  const auto document = reference("trade_metrics.json");
  if (!document) return;
  const auto* item = find_case(*document, "expectancy_small");
  REQUIRE(item != nullptr);
  std::vector<TradeRecord> trades;
  for (const auto& profit : (*item)["profits"].GetArray()) {
    trades.push_back(trade_of(std::to_string(profit.GetInt())));
  }

  const TradeStats s =
      trade_stats(trades, Money::parse_or_die("1000"), Money::parse_or_die("0.01"));

  const auto& expected = (*item)["expected"];
  CHECK_THAT(to_double(*s.expectancy), WithinRel(expected["expectancy"].GetDouble(), 1e-6));
  // The source's ratio is (1 + payoff) * win rate - 1; we report its two parts.
  CHECK_THAT((1 + *s.payoff) * *s.win_rate - 1,
             WithinRel(expected["expectancy_ratio"].GetDouble(), 1e-6));
}

TEST_CASE("reference: drawdown of a series of profits", "[report][reference]") {
  const auto document = reference("trade_metrics.json");
  if (!document) return;
  const auto* item = find_case(*document, "drawdown_series");
  REQUIRE(item != nullptr);
  double equity = (*item)["starting_balance"].GetDouble();
  EquityTracker tracker(new_year, equity);
  int hour = 0;
  for (const double profit : numbers((*item)["profits"])) {
    equity += profit;
    tracker.mark(new_year + hours(++hour), equity, equity, false, 0);
  }

  const Drawdown d = tracker.finish().drawdown;

  const auto& expected = (*item)["expected"];
  CHECK_THAT(d.depth, WithinRel(expected["drawdown_relative"].GetDouble(), 1e-6));
  CHECK_THAT(d.peak_equity - d.trough_equity,
             WithinRel(expected["drawdown_abs"].GetDouble(), 1e-6));
}

TEST_CASE("reference: the fall that is largest in money, in the other program's format",
          "[report][reference]") {
  // Our own drawdown is the deepest in per cent: here the fall of half of the first 1,000. The other
  // program picks the largest in money, and so does the file that we write for it.
  const auto document = reference("trade_metrics.json");
  if (!document) return;
  const auto* item = find_case(*document, "drawdown_absolute_pick");
  REQUIRE(item != nullptr);
  RunResult run;
  run.initial_equity = *Money::from_double((*item)["starting_balance"].GetDouble(), Rounding::half_even);
  const std::vector<double> profits = numbers((*item)["profits"]);
  for (std::size_t i = 0; i < profits.size(); ++i) {
    TradeRecord record = trade_of("0", new_year + hours(static_cast<std::int64_t>(i)));
    record.trade.pnl = *Money::from_double(profits[i], Rounding::half_even);
    run.trades.push_back(record);
  }
  run.identity.strategies = "x";
  rapidjson::Document written;
  written.Parse(freqtrade_json(run, compute_metrics(run)).c_str());

  const auto& expected = (*item)["expected"];
  const auto& strategy = written["strategy"]["x"];
  CHECK_THAT(strategy["max_drawdown_abs"].GetDouble(),
             WithinRel(expected["drawdown_abs"].GetDouble(), 1e-6));
  CHECK_THAT(strategy["max_drawdown_account"].GetDouble(),
             WithinRel(expected["drawdown_relative"].GetDouble(), 1e-5));
  const auto closing = [&](const char* index) {
    return run.trades[expected[index].GetUint()].trade.closed_at.seconds_floor() * 1000;
  };
  CHECK(strategy["drawdown_start_ts"].GetInt64() == closing("high_index"));
  CHECK(strategy["drawdown_end_ts"].GetInt64() == closing("low_index"));
}

TEST_CASE("reference: CAGR rows", "[report][reference]") {
  const auto document = reference("trade_metrics.json");
  if (!document) return;
  const auto* item = find_case(*document, "cagr");
  REQUIRE(item != nullptr);
  for (const auto& row : (*item)["rows"].GetArray()) {
    const std::vector<double> v = numbers(row);
    std::vector<double> equity(static_cast<std::size_t>(v[2]) + 1, v[0]);
    equity.back() = v[1];
    RunResult run = run_of_days(equity);
    run.trades.push_back(trade_of("1"));

    CHECK_THAT(*compute_metrics(run).cagr, WithinAbs(v[3], 5.1e-5));
  }
}
