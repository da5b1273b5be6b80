// What the gate costs one candidate, and the features of a year of one-minute candles.
//
// Features are made for opinions that qualify; here for every candle, as if each were one: a frame with all strategies'
// indicators and the canonical ones is fed bar by bar.
#include "cmd/compose.h"
#include "cmd/strategy_keys.h"
#include "core/config/load.h"
#include "core/trading/frame.h"
#include "ml/xgboost_model.h"
#include "tests/bench/bench.h"
#include "tests/ml/samples.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>

namespace aitrade::bench {
namespace {

constexpr std::size_t year = 525'600;   // one-minute candles

/// Features of every candle, with the opinion that `opinion` holds.
double features_of_all(const TradingRules& rules, std::span<const Candle> candles, const Opinion& opinion) {
  Frame frame(rules, rules.primary);
  const std::optional<BookTop> book;
  double sum = 0;
  for (const Candle& candle : candles) {
    frame.on_base(candle);
    if (!frame.is_warm()) continue;
    const Snapshot snapshot = frame.snapshot();
    for (const double x : ml::features(opinion, frame.view(book).with(&snapshot))) sum += x == x ? x : 0;
  }
  return sum;
}

void add_features_row(const BenchInput& input, std::vector<BenchRow>& rows) {
  const LoadReport report = load_config_text("ai.primary_timeframe = 1\ntrading.timeframes = [1]\n", "bench.toml",
                                             cli::strategy_keys());
  AITRADE_CHECK(report.config != nullptr);
  cli::RunShape shape;
  shape.instruments = {standard_instrument(Symbol{"BTC", "USD"}, input.candles.front().open)};
  std::vector<std::string> notes;
  auto engine = cli::compose_engine(*report.config, shape, notes);
  AITRADE_CHECK(engine.has_value());
  auto trading = std::make_shared<TradingRules>(engine->rules);
  trading->snapshots = true;
  auto candles = std::make_shared<std::vector<Candle>>(
      input.candles.begin(), input.candles.begin() + static_cast<std::ptrdiff_t>(std::min(year, input.candles.size())));
  Opinion opinion;
  opinion.direction = Direction::long_;
  opinion.confidence = 0.7;
  opinion.entry = 100;
  opinion.stop = 99;
  opinion.target = 102;
  rows.push_back({"features of a year of minutes, every candle", "candles", candles->size(),
                  [trading, candles, opinion] { return features_of_all(*trading, *candles, opinion); }});
}

}  // namespace

void add_ml_rows(const BenchInput& input, std::vector<BenchRow>& rows) {
  add_features_row(input, rows);
  auto data = std::make_shared<ml::Dataset>(ml::test::planted(2000, 1, 72));
  ml::prepare(*data);
  std::vector<std::size_t> all(data->size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto fitted = ml::XgboostModel::fit(*data, all, {}, {.rounds_max = 200});
  if (!fitted) throw std::runtime_error("the model of the bench could not be fitted");
  const auto model = std::make_shared<const ml::XgboostModel>(std::move(*fitted));
  rows.push_back({"inference, 200 trees, one row at a time", "rows", data->size(), [data, model] {
                    double sum = 0;
                    for (const ml::Sample& sample : *data) sum += model->probability(sample.features);
                    return sum;
                  }});
}

}  // namespace aitrade::bench
