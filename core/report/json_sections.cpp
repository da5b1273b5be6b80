#include "core/report/json_sections.h"

#include "core/report/json_line.h"

#include <array>
#include <map>
#include <string>
#include <type_traits>

namespace aitrade {

namespace {

template <class Label>
void write_slices(std::string_view name, const std::map<Label, Slice>& slices, Json& json) {
  json.key(name);
  json.begin();
  for (const auto& [label, slice] : slices) {
    if constexpr (std::is_same_v<Label, int>) {
      json.key(std::to_string(label));
    } else {
      json.key(label);
    }
    json.begin();
    json.pair("trades", static_cast<std::uint64_t>(slice.trades));
    json.pair("wins", static_cast<std::uint64_t>(slice.wins));
    json.pair("losses", static_cast<std::uint64_t>(slice.losses));
    json.pair("net_profit", slice.net_profit);
    json.pair("fees", slice.fees);
    json.end();
  }
  json.end();
}

void write_coverage(const RunResult& run, const Metrics&, Json& json) {
  json.begin_array();
  for (const PairCoverage& c : run.coverage) {
    json.begin();
    json.pair("pair", c.symbol);
    json.pair("timeframe", timeframe_text(c.timeframe));
    json.pair("first", c.first);
    json.pair("last", c.last);
    json.pair("bars", c.bars);
    json.pair("gaps", c.gaps);
    json.pair("missing", c.missing);
    json.pair("filled", c.filled);
    json.end();
  }
  json.end_array();
}

void write_refused(const RunResult& run, const Metrics&, Json& json) {
  json.begin();
  for (const auto& [reason, count] : run.refused) json.pair(to_string(reason), count);
  json.end();
}

void write_breakdown(const RunResult& run, const Metrics&, Json& json) {
  const Attribution parts = attribute(run.trades, run.identity.tick);
  json.begin();
  write_slices("pair", parts.by_pair, json);
  write_slices("strategy", parts.by_strategy, json);
  write_slices("exit", parts.by_exit, json);
  write_slices("hour", parts.by_hour, json);
  write_slices("regime", parts.by_regime, json);
  json.end();
}

void write_hold(const BuyAndHold& hold, Json& json) {
  json.begin();
  json.pair("total_return", hold.total_return);
  json.pair("final_equity", money_or_null(hold.final_equity));
  json.pair("max_drawdown", hold.max_drawdown);
  json.end();
}

void write_random(const RandomEntry& random, Json& json) {
  json.begin();
  json.pair("runs", static_cast<std::uint64_t>(random.runs));
  json.pair("seed", random.seed);
  json.pair("trades", static_cast<std::uint64_t>(random.trades));
  json.pair("run_return", random.run_return);
  json.pair("mean_return", random.mean_return);
  json.pair("p5", random.low);
  json.pair("p50", random.median);
  json.pair("p95", random.high);
  json.pair("p_value", random.p_value);
  json.end();
}

void write_benchmarks(const RunResult&, const Metrics& m, Json& json) {
  json.begin();
  json.key("buy_and_hold");
  if (m.buy_and_hold) {
    write_hold(*m.buy_and_hold, json);
  } else {
    json.value(std::monostate{});
  }
  json.key("random_entry");
  if (m.random_entry) {
    write_random(*m.random_entry, json);
  } else {
    json.value(std::monostate{});
  }
  json.end();
}

void write_monte_carlo(const RunResult&, const Metrics& m, Json& json) {
  if (!m.monte_carlo) return json.value(std::monostate{});
  const MonteCarlo& mc = *m.monte_carlo;
  const auto percentiles = [&](std::string_view name, const Percentiles& values, bool is_money) {
    json.key(name);
    json.begin();
    for (std::size_t i = 0; i < values.size(); ++i) {
      json.key("p" + std::to_string(percentile_points[i]));
      if (is_money) {
        json.value(money_or_null(values[i]));
      } else {
        json.value(values[i]);
      }
    }
    json.end();
  };
  json.begin();
  json.pair("runs", static_cast<std::uint64_t>(mc.runs));
  json.pair("seed", mc.seed);
  json.pair("days", static_cast<std::uint64_t>(mc.days));
  json.pair("mean_block_days", mc.block);
  percentiles("final_equity", mc.final_equity, true);
  percentiles("max_drawdown", mc.drawdown, false);
  json.pair("loss_probability", mc.loss_probability);
  json.pair("ruin_drawdown", mc.ruin_drawdown);
  json.pair("ruin_probability", mc.ruin_probability);
  json.pair("ruin_within_a_year", mc.ruin_year);
  json.end();
}

void write_sensitivity(const RunResult& run, const Metrics&, Json& json) {
  json.begin_array();  // empty: not run
  for (const SensitivityLine& line : run.sensitivity) {
    json.begin();
    json.pair("name", line.name);
    json.pair("total_return", line.total_return);
    json.pair("final_equity", line.final_equity);
    json.pair("max_drawdown", line.max_drawdown);
    json.pair("sharpe", line.sharpe);
    json.pair("trades", static_cast<std::uint64_t>(line.trades));
    json.end();
  }
  json.end_array();
}

void write_prices(const RunResult& run, const Metrics&, Json& json) {
  json.begin_array();
  for (const PairPrices& pair : run.prices) {
    json.begin();
    json.pair("pair", pair.symbol);
    json.pair("span_s", static_cast<std::int64_t>(pair.span / seconds(1)));
    json.key("rows");
    json.begin_array();
    for (const ChartBar& bar : pair.chart) {
      json.begin_array();
      json.value(bar.open_time.seconds_floor());
      for (const Price price : {bar.open, bar.high, bar.low, bar.close}) json.value(price);
      json.end_array();
    }
    json.end_array();
    json.end();
  }
  json.end_array();
}

/// Four decimals are finer than a pixel of any chart.
void write_curve(const RunResult& run, const Metrics&, Json& json) {
  const auto text = [](double equity) { return fixed_text(equity, 4); };
  json.begin_array();
  for (const CurvePoint& point : run.curve) {
    json.begin_array();
    json.value(point.at.seconds_floor());
    json.value(text(point.equity));
    json.value(text(point.low));
    json.value(text(point.high));
    json.end_array();
  }
  json.end_array();
}

constexpr auto sections = std::to_array<JsonSection>({
    {"coverage", false, write_coverage},
    {"refused", false, write_refused},
    {"by", false, write_breakdown},
    {"benchmarks", false, write_benchmarks},
    {"monte_carlo", false, write_monte_carlo},
    {"sensitivity", false, write_sensitivity},
    {"prices", true, write_prices},
    {"curve", true, write_curve},
});

}  // namespace

std::span<const JsonSection> json_sections() {
  return sections;
}

void write_trade_fields(const TradeRecord& record, Json& json) {
  const TradeClosed& t = record.trade;
  json.pair("number", t.trade_number);
  json.pair("pair", record.symbol);
  json.pair("strategy", record.strategy);
  json.pair("direction", to_string(t.direction));
  json.pair("opened_at", t.opened_at);
  json.pair("closed_at", t.closed_at);
  json.pair("quantity", t.quantity);
  json.pair("entry", t.entry);
  json.pair("exit", t.exit);
  json.pair("initial_stop", t.initial_stop);
  json.pair("target", t.target);
  json.pair("pnl", t.pnl);
  json.pair("fees", t.fees);
  json.pair("slippage", t.slippage);
  json.pair("r", t.r_multiple);
  json.pair("mae", t.mae);
  json.pair("mfe", t.mfe);
  json.pair("bars", t.bars);
  json.pair("confidence", t.confidence);
  json.pair("reason", to_string(t.reason));
  json.pair("regime", regime_text(record.regime));
}

}  // namespace aitrade
