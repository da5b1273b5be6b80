// A sweep of parameter sets over a year of 5-minute bars, as `aitrade tune` runs it, on one thread.
//
// An item is one bar of one set. Three kinds of search: a grid, whose sets share columns; every parameter at
// random, where hardly any column is shared; and a strategy that trades often.
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "cmd/strategy_keys.h"
#include "cmd/tune_trial.h"
#include "core/config/load.h"
#include "strategies/registry.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

constexpr std::size_t year = 105'120;
constexpr std::size_t sets = 48;   // enough that what is computed once does not count

/// Five one-minute candles each become one of five minutes.
std::vector<Candle> five_minutes(const std::vector<Candle>& ones) {
  std::vector<Candle> out;
  for (std::size_t i = 0; i + 5 <= ones.size() && out.size() < year; i += 5) {
    Candle c = ones[i];
    c.interval = minutes{5};
    for (std::size_t k = 1; k < 5; ++k) {
      c.high = std::max(c.high, ones[i + k].high);
      c.low = std::min(c.low, ones[i + k].low);
      c.volume += ones[i + k].volume;
    }
    c.close = ones[i + 4].close;
    out.push_back(c);
  }
  return out;
}

struct Bench {
  std::shared_ptr<const Config> config;
  History history{GapRule::flat, {}};
  std::unique_ptr<cli::Sweep> sweep;
  std::vector<ml::Point> points;
};

/// Builds a sweep; `params` as on the command line, empty for all parameters.
std::shared_ptr<Bench> bench_of(const std::vector<Candle>& candles, const char* strategy, const char* params,
                                bool is_grid) {
  auto bench = std::make_shared<Bench>();
  const LoadReport report = load_config_text("", "defaults", cli::strategy_keys());
  AITRADE_CHECK(report.config != nullptr);
  bench->config = report.config;
  for (const Candle& candle : candles) AITRADE_CHECK(bench->history.add(candle).has_value());
  const auto axes = ml::parse_axes(params, cli::bounds_of(*bench->config, *find_strategy(strategy)));
  AITRADE_CHECK(axes.has_value());
  auto sweep = cli::Sweep::make(*bench->config, bench->history, {Symbol{"BTC", "USD"}, strategy, *axes, false});
  AITRADE_CHECK(sweep.has_value());
  bench->sweep = std::move(*sweep);
  bench->history.finish(bench->sweep->regime_rules());
  const auto is_allowed = [raw = bench->sweep.get()](const ml::Point& p) { return raw->is_allowed(p); };
  bench->points = is_grid ? ml::make_grid(*axes, is_allowed)->next({}, {})
                          : ml::make_random(*axes, is_allowed, sets, 1)->next({}, {});
  return bench;
}

}  // namespace

void add_tune_rows(const BenchInput& input, std::vector<BenchRow>& rows) {
  const std::vector<Candle> candles = five_minutes(input.candles);
  struct Case {
    const char* name;
    const char* strategy;
    const char* params;
    bool is_grid;
  };
  constexpr Case cases[] = {
      {"keltner, grid of 48", "keltner", "ema_period=10:20:5,kc_multiplier=1:1.75:0.25,rsi_long_max=35:50:5", true},
      {"keltner, all parameters at random", "keltner", "", false},
      {"trend, grid of 48", "trend", "ema_fast=5:20:5,ema_slow=30:60:10,adx_threshold=15:25:5", true},
      {"volatility_squeeze, all at random", "volatility_squeeze", "", false},
  };
  for (const Case& c : cases) {
    const auto bench = bench_of(candles, c.strategy, c.params, c.is_grid);
    rows.push_back(BenchRow{std::string("tune: ") + c.name, "bars", bench->points.size() * candles.size(), [bench] {
                              double sum = 0;
                              for (std::size_t i = 0; i < bench->points.size(); ++i) {
                                const auto trial = bench->sweep->run(i, bench->points[i]);
                                AITRADE_CHECK(trial.has_value());
                                sum += to_double(trial->final_equity);
                              }
                              return sum;
                            }});
  }
}

}  // namespace aitrade::bench
