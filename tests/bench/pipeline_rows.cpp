// The full pipeline: door, engine, three strategies, confluence, risk, exits, simulated venue, costs.
//
// Without a recording, as `backtest` runs. Once with shipped rules but for a single vote that may trade and
// fees of 0.0002, once with share/demo.toml, whose eager rules hold a position in every fifth bar or so.
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "cmd/backtest_run.h"
#include "cmd/strategy_keys.h"
#include "tests/bench/bench.h"

namespace aitrade::bench {
namespace {

constexpr const char* solo_rules =
    "ai.allow_any_solo = true\n"
    "ai.primary_timeframe = 1\n"
    "trading.timeframes = [1]\n"
    "risk.risk_of_ruin_threshold = 0\n"          // it loses, and would be stopped
    "monitoring.auto_pause_on_consecutive_losses = false\n"
    "monitoring.auto_pause_on_drawdown = false\n"
    "ai.strategy_guardrails_enabled = false\n"
    "exchange.maker_fee = 0.0002\n"
    "exchange.taker_fee = 0.0002\n";

std::shared_ptr<const Config> rules_config(bool solo) {
  std::ifstream file(std::string(AITRADE_SOURCE_DIR) + "/share/demo.toml");
  std::stringstream text;
  text << file.rdbuf();
  const LoadReport report = load_config_text(solo ? solo_rules : text.str(), "demo.toml", cli::strategy_keys());
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
    for (const bool solo : {true, false}) {
      const auto config = rules_config(solo);
      std::uint64_t entries = 0;
      run_pipeline(*config, *candles, entries);
      rows.push_back(BenchRow{std::string("3 strategies, ") + (solo ? "solo" : "demo") + " rules, " +
                                  std::to_string(entries) + " entries",
                              "bars", bars, [config, candles] {
                                std::uint64_t ignored = 0;
                                return run_pipeline(*config, *candles, ignored);
                              }});
    }
  }
}

}  // namespace aitrade::bench
