#include "core/api/view_json.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/api/json.h"

namespace aitrade {
namespace {

/// What the book says; null while there is no fresh analysis.
void write_book(Json& json, const std::optional<BookAnalysis>& book) {
  json.key("book");
  if (!book) return json.null();
  json.begin();
  json.field("score", book->score);
  json.field("spread", book->spread);
  json.field("imbalance", book->imbalance_25);
  json.field("depth_bid", book->depth_bid);
  json.field("depth_ask", book->depth_ask);
  json.field("whale_bias", book->whale_bias);
  json.field("liquidity", book->liquidity);
  json.field("spoofed", book->is_spoofed);
  json.end();
}

void write_pair(Json& json, const PairView& pair) {
  json.begin();
  json.field("pair", pair.symbol);
  json.level("last", pair.last);
  json.level("bid", pair.top.bid);
  json.level("ask", pair.top.ask);
  write_book(json, pair.analysis);
  json.time("candle_close", pair.candle_close);
  json.field("warm", pair.warm);
  json.field("stale", pair.stale);
  json.end();
}

void write_position(Json& json, const PositionView& position) {
  json.begin();
  json.field("pair", position.symbol);
  json.field("direction", to_string(position.direction));
  json.field("quantity", position.quantity);
  json.field("entry", position.entry);
  json.level("stop", position.stop);
  json.level("target", position.target);
  json.level("last", position.last);
  json.field("unrealized_pnl", position.unrealized);
  json.time("opened_at", position.opened_at);
  json.field("strategy", position.lead);
  json.field("protected", position.protection == Protection::protected_);
  json.field("protection", to_string(position.protection));
  json.field("bare", position.bare);
  json.end();
}

void write_trade(Json& json, const TradeView& row) {
  const TradeClosed& trade = row.trade;
  json.begin();
  json.field("number", static_cast<std::uint64_t>(trade.trade_number));
  json.field("pair", row.symbol);
  json.field("direction", to_string(trade.direction));
  json.field("quantity", trade.quantity);
  json.field("entry", trade.entry);
  json.field("exit", trade.exit);
  json.field("pnl", trade.pnl);
  json.field("fees", trade.fees);
  json.field("r_multiple", trade.r_multiple);
  json.time("opened_at", trade.opened_at);
  json.time("closed_at", trade.closed_at);
  json.field("strategy", row.lead);
  json.field("reason", to_string(trade.reason));
  json.end();
}

void write_decision(Json& json, const DecisionView& decision) {
  json.begin();
  json.time("at", decision.at);
  json.field("pair", decision.symbol);
  json.field("strategy", decision.lead);
  json.field("direction", to_string(decision.direction));
  json.field("confidence", decision.confidence);
  json.field("agreeing", decision.agreeing);
  json.field("families", decision.families);
  json.field("entered", decision.entered);
  json.field("reason", decision.reason);
  json.end();
}

void write_point(Json& json, const EquityPoint& point) {
  json.begin();
  json.time("t", point.at);
  json.field("equity", point.equity);
  json.end();
}

template <class Row, class Write>
void write_rows(Json& json, const std::vector<Row>& rows, std::size_t limit, Write write) {
  json.begin_list();
  for (std::size_t i = 0; i < std::min(limit, rows.size()); ++i) write(json, rows[i]);
  json.end_list();
}

template <class Row, class Write>
std::string rows_json(const std::vector<Row>& rows, std::size_t limit, Write write) {
  Json json;
  write_rows(json, rows, limit, write);
  return json.take();
}

constexpr std::size_t all = SIZE_MAX;

/// Microseconds; null where nothing was measured yet.
void write_latency(Json& json, const LatencySummary& latency) {
  if (latency.count == 0) return json.null();
  const auto us = [](Duration span) { return static_cast<double>(span.count()) / 1e3; };
  json.begin();
  json.field("count", latency.count);
  json.field("p50", us(latency.p50));
  json.field("p95", us(latency.p95));
  json.field("p99", us(latency.p99));
  json.field("p999", us(latency.p999));
  json.end();
}

/// The fields that the status and the page share, without lists.
void write_head(Json& json, const EngineView& view, const ServiceFacts& facts) {
  json.field("version", facts.version);
  json.field("build_id", facts.build);
  json.field("run", view.run);
  json.field("mode", view.mode);
  json.field("state", view.state);
  json.field("paused", view.paused);
  json.field("pause_reason", view.pause_reason);
  json.field("halted", view.halted);
  json.field("ready", view.ready);
  json.field("entries_held", view.entries_held);
  json.key("order_latency_us");
  write_latency(json, view.order_latency);
  json.key("flush_latency_us");
  write_latency(json, view.flush_latency);
  json.key("loop_latency_us");
  write_latency(json, view.loop_latency);
  json.field("feed_up", view.feed_up);
  json.field("ledger_ok", view.ledger_ok);
  json.field("currency", view.currency);
  json.field("equity", view.equity);
  json.field("cash", view.cash);
  json.field("exposure", view.exposure);
  json.field("day_pnl", view.day_pnl);
  json.field("day_start_equity", view.day_start_equity);
  json.field("peak_equity", view.peak_equity);
  json.field("drawdown", view.drawdown);
  json.time("now", view.now);
  json.time("started_at", view.started_at);
  json.field("events", view.events);
  json.field("decisions_total", view.decisions);
  json.field("entries_total", view.entries);
  json.field("trades_total", view.trades);
}

void write_summary(Json& json, const EngineView& view, const ServiceFacts& facts) {
  write_head(json, view, facts);
  json.key("positions");
  write_rows(json, view.positions, all, write_position);
  json.key("pairs");
  write_rows(json, view.pairs, all, write_pair);
}

}  // namespace

std::string status_json(const EngineView& view, const ServiceFacts& facts) {
  const bool has_started = view.started_at.ns != 0 && facts.now > view.started_at;
  const double uptime =
      has_started ? static_cast<double>((facts.now - view.started_at).count() / 1'000'000) / 1e3 : 0.0;
  Json json;
  json.begin();
  json.field("schema", "aitrade.status/1");
  json.field("status", view.state);
  write_summary(json, view, facts);
  json.field("uptime_s", uptime);
  json.time("timestamp", facts.now);
  json.end();
  return json.take();
}

std::string page_json(const EngineView& view, const ServiceFacts& facts) {
  Json json;
  json.begin();
  json.field("schema", "aitrade.view/1");
  write_summary(json, view, facts);
  json.key("trades");
  write_rows(json, view.recent_trades, all, write_trade);
  json.key("decisions");
  write_rows(json, view.recent_decisions, all, write_decision);
  json.key("equity_curve");
  write_rows(json, view.equity_curve, all, write_point);
  json.raw("strategies", strategies_json(view));
  json.raw("risk", risk_json(view));
  json.raw("execution", execution_json(view));
  json.end();
  return json.take();
}

ViewParts view_parts(const EngineView& view, const ServiceFacts& facts) {
  Json head;
  head.begin();
  write_head(head, view, facts);
  head.end();
  return {{"head", head.take()},
          {"positions", positions_json(view)},
          {"pairs", rows_json(view.pairs, all, write_pair)},
          {"trades", trades_json(view, all)},
          {"decisions", decisions_json(view, all)},
          {"equity_curve", equity_json(view, all)},
          {"strategies", strategies_json(view)},
          {"risk", risk_json(view)},
          {"execution", execution_json(view)}};
}

std::string positions_json(const EngineView& view) {
  return rows_json(view.positions, all, write_position);
}

std::string trades_json(const EngineView& view, std::size_t limit) {
  return rows_json(view.recent_trades, limit, write_trade);
}

std::string decisions_json(const EngineView& view, std::size_t limit) {
  return rows_json(view.recent_decisions, limit, write_decision);
}

std::string equity_json(const EngineView& view, std::size_t limit) {
  const std::size_t count = view.equity_curve.size();
  const auto first = view.equity_curve.end() - static_cast<std::ptrdiff_t>(std::min(limit, count));
  return rows_json(std::vector<EquityPoint>(first, view.equity_curve.end()), all, write_point);
}

}  // namespace aitrade
