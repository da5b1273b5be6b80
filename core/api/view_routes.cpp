// What the view says, in parts: risk, strategies, execution, performance, the chart, metrics.

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/api/gathered.h"
#include "core/api/json.h"
#include "core/api/route.h"
#include "core/indicators/request.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade {
namespace {

/// The value at a share of a list, by rank; nothing of an empty one.
std::optional<double> at_share(std::vector<double> values, double share) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::min(std::max<std::size_t>(rank, 1), values.size()) - 1];
}

std::optional<double> ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

}  // namespace

Response get_strategies(const Call& call) { return json_response(strategies_json(*call.view())); }

Response get_risk(const Call& call) { return json_response(risk_json(*call.view())); }

Response get_execution(const Call& call) { return json_response(execution_json(*call.view())); }

std::string strategies_json(const EngineView& view) {
  Json json;
  json.begin_list();
  for (const StrategyView& s : view.strategies) {
    json.begin();
    json.field("name", s.name);
    json.field("enabled", true);
    json.field("weight", s.weight);
    json.field("skill", s.skill);
    json.field("trades", s.trades);
    json.field("wins", s.wins);
    json.field("losses", s.losses);
    json.field("win_rate", ratio(s.wins, s.wins + s.losses));
    json.field("total_pnl", s.pnl);
    json.field("mean_r", s.trades > 0 ? std::optional(s.mean_r) : std::nullopt);
    json.end();
  }
  json.end_list();
  return json.take();
}

std::string risk_json(const EngineView& view) {
  Json json;
  json.begin();
  json.field("schema", "aitrade.risk/1");
  json.field("currency", view.currency);
  json.field("equity", view.equity);
  json.field("peak_equity", view.peak_equity);
  json.field("drawdown", view.drawdown);
  json.field("day_pnl", view.day_pnl);
  json.field("exposure", view.exposure);
  json.field("ruin_state", view.ruin_state);
  json.key("gauges");
  json.begin_list();
  for (const GaugeView& gauge : view.gauges) {
    json.begin();
    json.field("name", gauge.name);
    json.field("unit", gauge.unit);
    json.field("value", gauge.value);
    json.field("limit", gauge.limit > 0 ? std::optional(gauge.limit) : std::nullopt);
    json.field("used", ratio(gauge.value, gauge.limit));
    json.end();
  }
  json.end_list();
  json.end();
  return json.take();
}

std::string execution_json(const EngineView& view) {
  const ExecutionView& e = view.execution;
  Json json;
  json.begin();
  json.field("schema", "aitrade.execution/1");
  json.field("mode", view.mode);
  json.field("orders_placed", e.placed);
  json.field("orders_filled", e.filled);
  json.field("orders_cancelled", e.canceled);
  json.field("orders_rejected", e.rejected);
  json.field("orders_expired", e.expired);
  json.field("fills", e.fills);
  json.field("total_fees", e.fees);
  json.field("total_slippage", e.slippage);
  json.field("avg_fee", ratio(to_double(e.fees), static_cast<double>(view.trades)));
  json.field("avg_slippage", ratio(to_double(e.slippage), static_cast<double>(view.trades)));
  json.field("acknowledge_ms_p50", at_share(e.acknowledge_ms, 0.50));
  json.field("acknowledge_ms_p95", at_share(e.acknowledge_ms, 0.95));
  json.key("rejects");
  json.begin_list();
  for (const auto& [reason, count] : e.reject_reasons) {
    json.begin();
    json.field("reason", reason);
    json.field("count", count);
    json.end();
  }
  json.end_list();
  json.end();
  return json.take();
}

// ---- the chart ----------------------------------------------------------------------------------------

namespace {

struct Chart {
  std::vector<Candle> candles;
  std::vector<RequestedColumn> columns;
  std::vector<std::vector<std::optional<double>>> values;   // by column, then candle
};

Result<Chart> draw(const CandleSeries& series, Duration timeframe, std::string_view wanted, std::size_t limit) {
  Chart chart;
  const std::vector<Candle> bars = gathered(series, timeframe);
  IndicatorSet set(timeframe);
  while (!wanted.empty()) {
    const auto comma = std::min(wanted.find(','), wanted.size());
    AITRADE_TRY(std::vector<RequestedColumn> more, request(set, wanted.substr(0, comma)));
    for (RequestedColumn& column : more) chart.columns.push_back(std::move(column));
    if (chart.columns.size() > 12) return fail(ErrorCode::invalid, "too many indicators");
    wanted.remove_prefix(std::min(comma + 1, wanted.size()));
  }
  chart.values.resize(chart.columns.size());
  const std::size_t first = bars.size() - std::min(limit, bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    set.update(to_bar(bars[i]));
    if (i < first) continue;
    chart.candles.push_back(bars[i]);
    for (std::size_t k = 0; k < chart.columns.size(); ++k) {
      const Line line = chart.columns[k].line;
      const bool has_value = set.bars() > static_cast<std::size_t>(line.first_valid()) && std::isfinite(line.last());
      chart.values[k].push_back(has_value ? std::optional(line.last()) : std::nullopt);
    }
  }
  return chart;
}

void write_marker(Json& json, Time time, std::string_view kind, std::string_view price, const TradeRow& trade) {
  json.begin();
  json.field("time", time.seconds_floor());
  json.field("kind", kind);
  json.field("price", price);
  json.field("direction", trade.direction);
  json.field("trade_id", trade.trade_id);
  json.field("pnl", trade.pnl);
  json.field("reason", trade.close_reason);
  json.end();
}

/// Entries and exits of closed trades since `from`; none while there is no ledger.
void write_markers(Json& json, const Call& call, const std::string& pair, Time from) {
  json.key("markers");
  json.begin_list();
  const auto place = call.store();
  if (place) {
    if (auto ledger = open_reader(place->ledger, Profile::ledger)) {
      Page page = newest(300);
      page.pair = pair;
      page.from = from;
      if (const auto rows = trades(*ledger, call.who.tenant, page)) {
        for (const TradeRow& trade : *rows) {
          write_marker(json, trade.entry, "entry", trade.entry_price, trade);
          write_marker(json, trade.exit, trade.close_reason == "stop" || trade.close_reason == "trailing" ? "stop"
              : "exit",
                       trade.exit_price, trade);
        }
      }
    }
  }
  json.end_list();
}

void write_levels(Json& json, const EngineView& view, const std::string& pair) {
  json.key("levels");
  json.begin_list();
  for (const PositionView& position : view.positions) {
    if (position.symbol != pair) continue;
    json.begin();
    json.field("direction", to_string(position.direction));
    json.field("opened", position.opened_at.seconds_floor());
    json.level("entry", position.entry);
    json.level("stop", position.stop);
    json.level("target", position.target);
    json.end();
  }
  json.end_list();
}

void write_chart(Json& json, const Chart& chart) {
  json.key("candles");
  json.begin_list();
  for (const Candle& candle : chart.candles) {
    json.begin();
    json.field("time", candle.open_time.seconds_floor());
    json.field("open", candle.open);
    json.field("high", candle.high);
    json.field("low", candle.low);
    json.field("close", candle.close);
    json.field("volume", candle.volume);
    json.end();
  }
  json.end_list();
  json.key("indicators");
  json.begin();
  for (std::size_t k = 0; k < chart.columns.size(); ++k) {
    json.key(chart.columns[k].name);
    json.begin_list();
    for (const auto& value : chart.values[k]) value ? json.number(*value) : json.null();
    json.end_list();
  }
  json.end();
}

}  // namespace

Response get_chart(const Call& call) {
  const auto view = call.view();
  const std::string pair = call.query.has("pair") ? call.query.text("pair") : view->pairs.empty() ? ""
      : view->pairs.front().symbol;
  std::size_t index = 0;
  while (index < view->pairs.size() && view->pairs[index].symbol != pair) ++index;
  if (index >= view->candles.size()) return error_response(404, "not_found", "this pair is not traded here");
  Duration timeframe = view->base;
  if (call.query.has("timeframe")) {
    const auto asked = parse_duration(call.query.text("timeframe"));
    timeframe = asked ? *asked : Duration{0};
  }
  if (timeframe < view->base || timeframe.count() % view->base.count() != 0) {
    return error_response(400, "bad_query",
        "timeframe must be a multiple of " + std::to_string(view->base.count() / 60'000'000'000) + "m");
  }
  const auto chart = draw(*view->candles[index], timeframe, call.query.text("indicators"),
                          static_cast<std::size_t>(call.query.integer("limit")));
  if (!chart) return error_response(400, "bad_query", "indicators: " + chart.error().what);
  Json json;
  json.begin();
  json.field("schema", "aitrade.chart/1");
  json.field("pair", pair);
  json.field("timeframe_s", static_cast<std::int64_t>(timeframe.count() / 1'000'000'000));
  json.time("now", view->now);
  write_chart(json, *chart);
  write_markers(json, call, pair, chart->candles.empty() ? Time{} : chart->candles.front().open_time);
  write_levels(json, *view, pair);
  json.end();
  return json_response(json.take());
}

}  // namespace aitrade
