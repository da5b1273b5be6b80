// The table of routes: what there is, what it needs, and how it is answered. One that is not here does not exist.

#include <algorithm>
#include <array>
#include <utility>

#include "core/api/assets.h"
#include "core/api/control.h"
#include "core/api/live_stream.h"
#include "core/api/route.h"

namespace aitrade {
namespace {

// ---- reads of the view ----------------------------------------------------------------------------------

Response get_health(const Call&) { return json_response(R"({"status":"ok"})"); }

/// Why an engine takes no entries, in coarse words; nothing: it does.
std::vector<std::string_view> held_by(const EngineView& view) {
  std::vector<std::string_view> reasons;
  if (!view.ledger_ok) reasons.emplace_back("db");
  if (view.state == "initializing" || view.state == "warming") reasons.emplace_back("warmup");
  if (view.halted || view.state == "halted") reasons.emplace_back("halted");
  if (view.state == "stopping") reasons.emplace_back("shutting_down");
  if (view.state == "failed") reasons.emplace_back("engine");
  if (!view.ready && !view.entries_held.empty() && view.state != "failed") reasons.emplace_back("venue");   // `status` says why
  if (!view.ready && reasons.empty()) reasons.emplace_back("warmup");
  return reasons;
}

/// Of the process, whoever asks: it is ready as long as one engine is.
Response get_ready(const Call& call) {
  std::vector<std::string_view> reasons;
  for (std::size_t i = 0; i < call.context.views.seats().size(); ++i) {
    const auto held = held_by(*call.context.views.read(i));
    if (held.empty()) return json_response(R"({"status":"ready"})");
    for (const std::string_view reason : held) {
      if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
    }
  }
  std::string body = R"({"status":"not_ready","reasons":[)";
  for (const std::string_view reason : reasons) {
    body.append(body.back() == '[' ? "\"" : ",\"").append(reason).append("\"");
  }
  return json_response(body + "]}", 503);
}

Response get_status(const Call& call) {
  return json_response(status_json(*call.view(), call.facts()));
}

Response get_view(const Call& call) {
  return tagged(call.request, page_json(*call.view(), call.facts()),
                "application/json; charset=utf-8", "no-store");
}

Response get_positions(const Call& call) { return json_response(positions_json(*call.view())); }

Response get_stream(const Call& call) { return refuse_stream(call.request, call.context); }

// ---- parameters -----------------------------------------------------------------------------------------

using Kind = Parameter::Kind;

constexpr std::int64_t end_of_rows = INT64_MAX;

constexpr Parameter limit_of(std::int64_t otherwise, std::int64_t most = 1000) {
  return {"limit", Kind::integer, 1, most, otherwise, {}, "most rows"};
}

constexpr Parameter before_id{"before_id", Kind::integer, 1, end_of_rows, end_of_rows, {},
    "rows older than this one: X-Next-Cursor of the page before"};

constexpr Parameter pair{"pair", Kind::pair, 0, 0, 0, {}, "BASE/QUOTE"};
constexpr Parameter strategy{"strategy", Kind::name, 0, 0, 0, {}, "that led"};
constexpr Parameter from{"from", Kind::time, 0, 0, 0, {}, "not before"};
constexpr Parameter to{"to", Kind::time, 0, 0, 0, {}, "before"};

constexpr Parameter trade_parameters[] = {limit_of(100), before_id, pair, strategy, from, to};
constexpr Parameter fill_parameters[] = {limit_of(100), before_id, pair, from, to};
constexpr Parameter decision_parameters[] = {limit_of(50), before_id, pair, from, to};
constexpr Parameter thought_parameters[] = {
    limit_of(50, 500), before_id, {"category", Kind::choice, 0, 0, 0, "decision|incident|notice", "kind"}, from, to};
constexpr Parameter equity_parameters[] = {limit_of(500), from, to};
constexpr Parameter engines_parameters[] = {
    {"scope", Kind::choice, 0, 0, 0, "tenant|all", "whose; all is for the administrator, who gets all unless a tenant or an account is named"}};
constexpr Parameter audit_parameters[] = {
    limit_of(100), before_id, {"action", Kind::name, 0, 0, 0, {}, "such as login, key_created, pause"}, from, to};
constexpr Parameter audit_csv_parameters[] = {limit_of(1000, 100'000), from, to};
constexpr Parameter alert_parameters[] = {
    limit_of(50, 200), before_id, {"level", Kind::choice, 0, 0, 0, "warning|error|critical", "of that level"}, from, to};
constexpr Parameter backtest_parameters[] = {limit_of(25, 200)};
constexpr Parameter performance_parameters[] = {
    {"period", Kind::choice, 0, 0, 0, "all|30d|7d|today", "which trades count; all without it"}};
constexpr Parameter strategy_parameters[] = {pair, from, to};
constexpr Parameter attribution_parameters[] = {
    {"group_by", Kind::choice, 0, 0, 0, "strategy|pair|direction|session_hour|reason", "what trades are put together by"},
    pair, strategy, from, to};
constexpr Parameter csv_parameters[] = {limit_of(1000, 100'000), pair, strategy, from, to};
constexpr Parameter equity_csv_parameters[] = {limit_of(1000, 100'000), from, to};
constexpr Parameter chart_parameters[] = {
    {"limit", Kind::integer, 60, 1500, 320, {}, "newest candles"},
    pair,
    {"timeframe", Kind::choice, 0, 0, 0, "1m|5m|15m|30m|1h|4h|1d", "interval of a candle; the engine's own without it"},
    {"indicators", Kind::list, 0, 0, 0, {}, "such as ema:20,bollinger:20:2"}};

// ---- the table ------------------------------------------------------------------------------------------

constexpr Access open = Access::open, read = Access::read, control = Access::control, admin = Access::admin;
constexpr Access signed_ = Access::signature;
constexpr bool blocks = true;
constexpr std::span<const Parameter> none{};

constexpr bool of_engine = true, of_house = true;
constexpr RateClass reading = RateClass::read, changing = RateClass::control, loading = RateClass::download,
                    hooked = RateClass::webhook;

constexpr std::array table{
    Route{"GET", "/api/v1/health", open, get_health, "the process answers", none, RateClass::none},
    Route{"GET", "/api/v1/ready", open, get_ready, "entries are possible, or why not", none, RateClass::none},
    Route{"GET", "/api/v1/session", open, get_session, "who asks, and what they may"},
    Route{"POST", "/api/v1/session", open, post_session, "log in", none, reading, blocks, "username password"},
    Route{"DELETE", "/api/v1/session", read, delete_session, "log out", none, reading, blocks},
    Route{"POST", "/api/v1/ws-ticket", read, post_ws_ticket, "a ticket that opens one stream", none, RateClass::ticket},
    Route{"GET", "/ws/live", read, get_stream, "the live view over WebSocket"},
    Route{"GET", "/api/v1/openapi.json", read, get_openapi, "this table as an OpenAPI document"},
    Route{"GET", "/api/v1/metrics", read, get_metrics, "numbers in the text form of Prometheus"},
    Route{"GET", "/api/v1/status", read, get_status, "what the daemon is doing"},
    Route{"GET", "/api/v1/ops/heartbeat", read, get_heartbeat, "engines, their feeds and stale pairs"},
    Route{"GET", "/api/v1/engines", read, get_engines, "the engines of the tenant with their figures and sums; all, for the administrator",
          engines_parameters},
    Route{"GET", "/api/v1/limits", read, get_limits, "how full queues and other caps are"},
    Route{"GET", "/api/v1/storage", admin, get_storage, "what the books take on disk", none, reading, blocks},
    Route{"GET", "/api/v1/integrations/exchanges", read, get_exchanges, "exchanges and what of them is ready"},
    Route{"GET", "/api/v1/view", read, get_view, "everything the page shows"},
    Route{"GET", "/api/v1/positions", read, get_positions, "open positions"},
    Route{"GET", "/api/v1/scanner", read, get_scanner, "pairs with price, spread and age"},
    Route{"GET", "/api/v1/performance", read, get_performance, "what closed trades add up to", performance_parameters,
          reading, blocks},
    Route{"GET", "/api/v1/strategy-performance", read, get_strategy_performance, "the same by strategy",
          strategy_parameters, reading, blocks},
    Route{"GET", "/api/v1/attribution", read, get_attribution, "the same by what trades have in common",
          attribution_parameters, reading, blocks},
    Route{"GET", "/api/v1/risk", read, get_risk, "risk against its limits"},
    Route{"GET", "/api/v1/strategies", read, get_strategies, "strategies with weight and record"},
    Route{"GET", "/api/v1/execution", read, get_execution, "what became of orders since the start"},
    Route{"GET", "/api/v1/chart", read, get_chart, "candles with indicators, entries, exits and levels",
          chart_parameters, reading, blocks},
    Route{"GET", "/api/v1/trades", read, get_trades, "closed trades, newest first", trade_parameters, reading, blocks},
    Route{"GET", "/api/v1/trades/{trade_id}", read, get_trade, "one closed trade with its decision, orders and fills", none, reading, blocks},
    Route{"GET", "/api/v1/fills", read, get_fills, "executions, newest first", fill_parameters, reading, blocks},
    Route{"GET", "/api/v1/orders", read, get_orders, "orders with their state, newest first", fill_parameters, reading,
          blocks},
    Route{"GET", "/api/v1/decisions", read, get_decisions, "decisions with their why, newest first",
          decision_parameters, reading, blocks},
    Route{"GET", "/api/v1/thoughts", read, get_thoughts, "decisions, incidents and notices, newest first",
          thought_parameters, reading, blocks},
    Route{"GET", "/api/v1/equity", read, get_equity, "equity over time, oldest first", equity_parameters, reading,
          blocks},
    Route{"GET", "/api/v1/export/trades.csv", read, get_trades_csv, "closed trades as CSV, oldest first",
          csv_parameters, loading, blocks},
    Route{"GET", "/api/v1/export/fills.csv", read, get_fills_csv, "executions as CSV", csv_parameters, loading, blocks},
    Route{"GET", "/api/v1/export/orders.csv", read, get_orders_csv, "orders as CSV", csv_parameters, loading, blocks},
    Route{"GET", "/api/v1/export/equity.csv", read, get_equity_csv, "equity over time as CSV", equity_csv_parameters,
          loading, blocks},
    Route{"GET", "/api/v1/export/audit.csv", admin, get_audit_csv, "who did what, as CSV", audit_csv_parameters,
          loading, blocks},
    Route{"GET", "/api/v1/alerts", read, get_alerts, "what people should look at, newest first", alert_parameters,
          reading, blocks},
    Route{"POST", "/api/v1/alerts/{id}/ack", control, post_alert_ack, "somebody has looked at it", none, changing,
          blocks},
    Route{"POST", "/api/v1/alerts/test", control, post_alert_test, "say something to see that it arrives", none,
          changing, blocks, "message"},
    Route{"GET", "/api/v1/favorites", read, get_favorites, "pairs that somebody keeps an eye on", none, reading,
          blocks},
    Route{"POST", "/api/v1/favorites", read, post_favorite, "keep an eye on a pair", none, changing, blocks, "symbol"},
    Route{"DELETE", "/api/v1/favorites/{symbol}", read, delete_favorite, "no more", none, changing, blocks},
    Route{"GET", "/api/v1/backtest/runs", read, get_backtests, "backtests, newest first", backtest_parameters, reading,
          blocks},
    Route{"GET", "/api/v1/backtest/runs/{run_id}", read, get_backtest, "one backtest with its progress and figures",
          none, reading, blocks},
    Route{"GET", "/api/v1/backtest/results/{run_id}", read, get_backtest_result, "all that it found", none, reading,
          blocks},
    Route{"GET", "/api/v1/backtest/reports/{run_id}", read, get_backtest_report, "its report as a page", none, reading,
          blocks},
    Route{"POST", "/api/v1/backtest/run", control, post_backtest, "start a backtest beside the daemon", none, changing,
          blocks,
          "pair timeframe source strategy from to bars seed initial_balance risk_per_trade confluence_threshold "
          "min_confidence fee_pct max_position"},
    Route{"DELETE", "/api/v1/backtest/runs/{run_id}", control, delete_backtest, "end a backtest", none, changing,
          blocks},
    Route{"POST", "/api/v1/signals/webhook", signed_, post_signal, "a signal from outside, judged like the strategies'",
          none, hooked, blocks,
          "event_id id source pair direction entry_price stop_loss take_profit stop_pct risk_reward confluence strength "
          "confidence"},
    Route{"GET", "/api/v1/billing/plans", read, get_plans, "plans, and which of them are sold here"},
    Route{"POST", "/api/v1/billing/checkout", control, post_checkout, "begin to pay for a plan", none, changing, blocks,
          "tenant_id plan success_url cancel_url customer_email"},
    Route{"POST", "/api/v1/billing/portal", control, post_portal, "the payer's own page", none, changing, blocks,
          "tenant_id return_url"},
    Route{"POST", "/api/v1/billing/webhook", signed_, post_billing_event, "news of the payment service", none, hooked,
          blocks},
    Route{"GET", "/api/v1/settings", read, get_settings, "the configuration with bounds and origins", none, reading,
          blocks, {}, false, of_house},
    Route{"PATCH", "/api/v1/settings", admin, patch_settings, "change the configuration, or try to with dry_run", none,
          changing, blocks, "dry_run confirm", false, of_house},
    Route{"POST", "/api/v1/reload", admin, post_reload, "read the configuration files again", none, changing, blocks,
          {}, false, of_house},
    Route{"POST", "/api/v1/model", admin, post_model, "let the model that is active now judge candidates", none,
          changing, blocks, {}, false, of_house},
    Route{"GET", "/api/v1/keys", admin, get_keys, "keys, without their secrets", none, reading, blocks},
    Route{"POST", "/api/v1/keys", admin, post_key, "make a key; it is shown once", none, changing, blocks,
          "scope label tenant days"},
    Route{"DELETE", "/api/v1/keys/{id}", admin, delete_key, "revoke a key", none, changing, blocks},
    Route{"GET", "/api/v1/tenants", admin, get_tenants, "tenants with their state", none, reading, blocks},
    Route{"POST", "/api/v1/tenants", admin, post_tenant, "make a tenant", none, changing, blocks, "id name plan",
          false, of_house},
    Route{"GET", "/api/v1/tenants/{id}", read, get_tenant, "one tenant; one's own without administering", none,
          reading, blocks},
    Route{"PATCH", "/api/v1/tenants/{id}", admin, patch_tenant, "change a tenant", none, changing, blocks,
          "name status plan"},
    Route{"GET", "/api/v1/audit", admin, get_audit, "who did what, newest first", audit_parameters, reading, blocks},
    Route{"POST", "/api/v1/control/pause", control, post_pause, "no new entries; exits keep working", none, changing,
          blocks, "reason all_tenants", false},
    Route{"POST", "/api/v1/control/resume", control, post_resume, "entries again", none, changing, blocks,
          "reason clear_halt all_tenants", false},
    Route{"POST", "/api/v1/control/close_all", control, post_close_all, "close every position at the market", none,
          changing, blocks, "reason confirm all_tenants", false},
    Route{"POST", "/api/v1/control/close/{pair}", control, post_close, "close one position at the market", none,
          changing, blocks, "reason", of_engine},
    Route{"POST", "/api/v1/control/adopt/{asset}", admin, post_adopt,
          "book the unexplained balance of a currency as the owner's doing", none, changing, blocks, "reason",
          of_engine},
    Route{"POST", "/api/v1/control/kill", admin, post_kill, "pause, close all, end, and stay ended", none, changing,
          blocks, "reason confirm all_tenants", false},
    Route{"POST", "/api/v1/paper/reset", admin, post_paper_reset, "close all, and begin the record anew", none,
          changing, blocks, "confirm reason", of_engine},
};

/// What stands for the {name} of a path, or nothing when it does not fit.
std::optional<std::string_view> tail_of(std::string_view pattern, std::string_view path) {
  const auto brace = pattern.find('{');
  if (brace == std::string_view::npos) return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (!path.starts_with(pattern.substr(0, brace)) || !path.ends_with(after) || path.size() < brace + after.size()) {
    return std::nullopt;
  }
  const std::string_view tail = path.substr(brace, path.size() - brace - after.size());
  if (tail.empty() || tail.size() > 64 || tail.find('/') != std::string_view::npos) return std::nullopt;
  return tail;
}

}  // namespace

std::span<const Route> route_table() { return table; }

const Route* find_route(std::string_view method, std::string_view path, std::string& last) {
  for (const Route& route : table) {
    if (route.method != method) continue;
    if (const auto tail = tail_of(route.path, path)) {
      last = *tail;
      return &route;
    }
  }
  return nullptr;
}

bool is_known_path(std::string_view path) {
  return std::any_of(table.begin(), table.end(), [path](const Route& r) { return tail_of(r.path, path).has_value(); });
}

}  // namespace aitrade
