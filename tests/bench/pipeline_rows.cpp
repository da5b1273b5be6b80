// The full pipeline: door, engine, strategies, confluence, risk, exits, simulated venue, costs.
//
// Without a recording, as `backtest` runs. Three strategies with shipped rules but for a single vote that may
// trade and fees of 0.0002; the same with share/demo.toml, whose eager rules hold a position in every fifth
// bar or so; one strategy alone, twice; and all fifteen on three timeframes.
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "cmd/backtest_run.h"
#include "cmd/strategy_keys.h"
#include "strategies/registry.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

/// What stops a desk that loses is off, as random prices make it lose.
constexpr const char* endless =
    "risk.risk_of_ruin_threshold = 0\n"
    "monitoring.auto_pause_on_consecutive_losses = false\n"
    "monitoring.auto_pause_on_drawdown = false\n"
    "ai.strategy_guardrails_enabled = false\n";

constexpr const char* solo_rules =
    "ai.allow_any_solo = true\n"
    "ai.primary_timeframe = 1\n"
    "trading.timeframes = [1]\n"
    "exchange.maker_fee = 0.0002\n"
    "exchange.taker_fee = 0.0002\n";

constexpr const char* all_strategies_rules =
    "ai.primary_timeframe = 5\n"
    "trading.timeframes = [5, 15, 60]\n";

enum class Rules { solo, demo, rsi, trend, fifteen };

const char* name_of(Rules rules) {
  switch (rules) {
    case Rules::solo:
      return "3 strategies, solo rules";
    case Rules::demo:
      return "3 strategies, demo rules";
    case Rules::rsi:
      return "1 strategy (rsi_mean_reversion)";
    case Rules::trend:
      return "1 strategy (trend)";
    case Rules::fifteen:
      return "15 strategies, 3 timeframes";
  }
  return "";
}

std::string text_of(Rules rules) {
  std::ifstream file(std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml");
  std::stringstream demo;
  demo << file.rdbuf();
  if (rules == Rules::demo) return demo.str();
  std::string text = endless;
  text += rules == Rules::fifteen ? all_strategies_rules : solo_rules;
  const std::string three = "keltner trend mean_reversion";
  for (const StrategyInfo& info : all_strategies()) {
    const std::string name(info.name);
    const bool on = rules == Rules::fifteen || (rules == Rules::trend ? name == "trend"
                                                : rules == Rules::rsi ? name == "rsi_mean_reversion"
                                                                      : three.find(name) != std::string::npos);
    text += "strategies." + name + ".enabled = " + (on ? "true" : "false") + "\n";
  }
  return text;
}

std::shared_ptr<const Config> rules_config(Rules rules) {
  const LoadReport report = load_config_text(text_of(rules), "bench.toml", cli::strategy_keys());
  AITRADE_CHECK(report.config != nullptr);
  return report.config;
}

double run_pipeline(const Config& config, const std::vector<Candle>& candles, std::uint64_t& entries) {
  SimSetup setup;
  cli::RunShape shape;
  shape.instruments = {standard_instrument(Symbol{"BTC", "USD"}, candles.front().open)};
  std::vector<std::string> notes;
  auto engine = cli::compose_engine(config, shape, notes);
  AITRADE_CHECK(engine.has_value());
  setup.engine = std::move(*engine);
  setup.models = cli::compose_models(config);
  setup.cash = config.risk.initial_bankroll;
  SilentJournal journal;
  SimRunner runner(std::move(setup), journal);
  AITRADE_CHECK(runner.start(candles.front().open_time).has_value());
  for (const Candle& candle : candles) AITRADE_CHECK(runner.candle(InstrumentId{0}, candle).has_value());
  AITRADE_CHECK(runner.finish().has_value());
  entries = runner.engine().desk().reason_counts()[static_cast<std::size_t>(Reason::entered)];
  return to_double(runner.engine().desk().portfolio().equity());
}

}  // namespace

void add_pipeline_rows(const BenchInput& input, std::vector<BenchRow>& rows) {
  for (const std::size_t bars : {std::size_t{50'000}, std::size_t{500'000}, std::size_t{5'000'000}}) {
    if (bars > input.candles.size()) continue;
    const auto candles = std::make_shared<std::vector<Candle>>(
        input.candles.begin(), input.candles.begin() + static_cast<std::ptrdiff_t>(bars));
    for (const Rules rules : {Rules::solo, Rules::demo, Rules::rsi, Rules::trend, Rules::fifteen}) {
      const auto config = rules_config(rules);
      std::uint64_t entries = 0;
      run_pipeline(*config, *candles, entries);
      rows.push_back(BenchRow{std::string(name_of(rules)) + ", " + std::to_string(entries) + " entries",
                              "bars", bars, [config, candles] {
                                std::uint64_t ignored = 0;
                                return run_pipeline(*config, *candles, ignored);
                              }});
    }
  }
}

}  // namespace aitrade::bench
