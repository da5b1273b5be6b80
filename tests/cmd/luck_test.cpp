// Does `tune` call luck what is luck, and an edge what is one? Markets that are made up, judged as the command does.
//
// Three years of hourly candles each. LUCK_MARKETS (8) and LUCK_TRIALS (120) are raised by hand: 200 and 500.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

#include "cmd/strategy_keys.h"
#include "cmd/tune_report.h"
#include "core/config/load.h"
#include "strategies/registry.h"
#include "tests/support/made_market.h"

using namespace aitrade;

namespace {

constexpr const char* strategy = "trend";
constexpr const char* searched = "ema_fast=5:20,ema_slow=30:90,adx_threshold=10:30";

std::size_t setting(const char* name, std::size_t other) {
  const char* text = std::getenv(name);
  return text == nullptr ? other : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

cli::TuneResult tuned(const std::vector<Candle>& candles, std::size_t trials, std::uint64_t seed) {
  const LoadReport report = load_config_text(test::made_market_rules, "rules", cli::strategy_keys());
  REQUIRE(report.config != nullptr);
  History history(GapRule::flat, {});
  for (const Candle& candle : candles) REQUIRE(history.add(candle).has_value());
  const auto axes = ml::parse_axes(searched, cli::bounds_of(*report.config, *find_strategy(strategy)));
  REQUIRE(axes.has_value());
  auto sweep = cli::Sweep::make(*report.config, history, {Symbol{"BTC", "USD"}, strategy, *axes, true});
  REQUIRE(sweep.has_value());
  history.finish((*sweep)->regime_rules());
  const auto is_allowed = [&](const ml::Point& p) { return (*sweep)->is_allowed(p); };
  const auto points = ml::make_random(*axes, is_allowed, trials, seed)->next({}, {});
  cli::TuneResult result;
  result.study.axes = *axes;
  result.study.method = "random";
  result.trades_min = 30;
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto trial = (*sweep)->run(i, points[i]);
    REQUIRE(trial.has_value());
    result.trials.push_back(std::move(*trial));
  }
  cli::rank(result);
  result.verdict = cli::judge(result);
  return result;
}

struct Tally {
  std::size_t markets{0}, edges{0};
  double best_sharpe{0}, mean_sharpe{0};
};

Tally judge_markets(double drift, double persistence) {
  const std::size_t markets = setting("LUCK_MARKETS", 8);
  Tally tally;
  tally.markets = markets;
  for (std::uint64_t seed = 1; seed <= markets; ++seed) {
    const auto result = tuned(test::made_market(seed, drift, persistence), setting("LUCK_TRIALS", 120), seed);
    if (result.verdict.has_edge) ++tally.edges;
    double sum = 0;
    double count = 0;
    for (const auto& trial : result.trials) {
      if (!trial.sharpe) continue;
      sum += *trial.sharpe;
      ++count;
    }
    tally.mean_sharpe += count > 0 ? sum / count / static_cast<double>(markets) : 0;
    if (result.best) {
      tally.best_sharpe += result.trials[*result.best].sharpe.value_or(0) / static_cast<double>(markets);
    }
  }
  std::cout << "drift " << drift << ", " << persistence << " h: of " << markets << " markets " << tally.edges
            << " with an edge; Sharpe of all trials " << tally.mean_sharpe << ", of the best " << tally.best_sharpe << '\n';
  return tally;
}

}  // namespace

TEST_CASE("luck: of markets that are noise at most one in twenty is called an edge", "[tune][luck]") {
  const Tally tally = judge_markets(0, 120);
  CHECK(static_cast<double>(tally.edges) <= std::max(0.05 * static_cast<double>(tally.markets), 1.0));
}

// All parameters of the search make money in it, at a Sharpe ratio of about three a year after costs.
TEST_CASE("luck: an edge over a plateau of the parameters is found in four of five markets", "[tune][luck]") {
  const Tally tally = judge_markets(test::planted_drift, test::planted_persistence);
  CHECK(tally.mean_sharpe > 2.5);
  CHECK(tally.mean_sharpe < 3.5);
  CHECK(static_cast<double>(tally.edges) >= 0.8 * static_cast<double>(tally.markets));
}
