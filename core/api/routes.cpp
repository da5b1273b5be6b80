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

Response get_ready(const Call& call) {
  const auto view = call.view();
  std::vector<std::string_view> reasons;
  if (!view->ledger_ok) reasons.emplace_back("db");
  if (view->state == "initializing" || view->state == "warming") reasons.emplace_back("warmup");
  if (view->halted || view->state == "halted") reasons.emplace_back("halted");
  if (view->state == "stopping") reasons.emplace_back("shutting_down");
  if (!view->entries_held.empty()) reasons.emplace_back("venue");   // coarse: `status` says why
  if (!view->ready && reasons.empty()) reasons.emplace_back("warmup");
  if (reasons.empty()) return json_response(R"({"status":"ready"})");
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

constexpr Parameter before_id{"before_id", Kind::integer, 1, end_of_rows, end_of_rows, {}, "rows older than this one: X-Next-Cursor of the page before"};

constexpr Parameter trade_parameters[] = {limit_of(100)};
constexpr Parameter decision_parameters[] = {limit_of(50)};
constexpr Parameter equity_parameters[] = {limit_of(500)};
constexpr Parameter audit_parameters[] = {limit_of(100), before_id};

// ---- the table ------------------------------------------------------------------------------------------

constexpr std::array table{
    Route{"GET", "/api/v1/health", Access::open, get_health, "the process answers", {}, RateClass::none},
    Route{"GET", "/api/v1/ready", Access::open, get_ready, "entries are possible, or why not", {}, RateClass::none},
    Route{"GET", "/api/v1/session", Access::open, get_session, "who asks, and what they may"},
    Route{"POST", "/api/v1/session", Access::open, post_session, "log in", {}, RateClass::read, true, "username password"},
    Route{"DELETE", "/api/v1/session", Access::read, delete_session, "log out", {}, RateClass::read, true},
    Route{"POST", "/api/v1/ws-ticket", Access::read, post_ws_ticket, "a ticket that opens one stream", {}, RateClass::ticket},
    Route{"GET", "/ws/live", Access::read, get_stream, "the live view over WebSocket"},
    Route{"GET", "/api/v1/status", Access::read, get_status, "what the daemon is doing"},
    Route{"GET", "/api/v1/view", Access::read, get_view, "everything the page shows"},
    Route{"GET", "/api/v1/positions", Access::read, get_positions, "open positions"},
    Route{"GET", "/api/v1/trades", Access::read, get_trades, "closed trades, newest first", trade_parameters, RateClass::read, true},
    Route{"GET", "/api/v1/decisions", Access::read, get_decisions, "decisions with their why, newest first", decision_parameters, RateClass::read, true},
    Route{"GET", "/api/v1/equity", Access::read, get_equity, "equity over time, oldest first", equity_parameters, RateClass::read, true},
    Route{"GET", "/api/v1/keys", Access::admin, get_keys, "keys, without their secrets", {}, RateClass::read, true},
    Route{"POST", "/api/v1/keys", Access::admin, post_key, "make a key; it is shown once", {}, RateClass::control, true, "scope label days"},
    Route{"DELETE", "/api/v1/keys/{id}", Access::admin, delete_key, "revoke a key", {}, RateClass::control, true},
    Route{"GET", "/api/v1/audit", Access::admin, get_audit, "log-ins, keys and changes, newest first", audit_parameters, RateClass::read, true},
    Route{"POST", "/api/v1/control/pause", Access::control, post_pause, "no new entries; exits keep working", {}, RateClass::control, true, "reason"},
    Route{"POST", "/api/v1/control/resume", Access::control, post_resume, "entries again", {}, RateClass::control, true, "reason clear_halt"},
    Route{"POST", "/api/v1/control/close_all", Access::control, post_close_all, "close every position at the market", {}, RateClass::control, true, "reason confirm"},
    Route{"POST", "/api/v1/control/kill", Access::admin, post_kill, "pause, close all, end, stay ended", {}, RateClass::control, true, "reason confirm"},
};

/// What stands for the {name} of a path, or nothing when it does not fit.
std::optional<std::string_view> tail_of(std::string_view pattern, std::string_view path) {
  const auto brace = pattern.find('{');
  if (brace == std::string_view::npos) return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  if (!path.starts_with(pattern.substr(0, brace))) return std::nullopt;
  const std::string_view tail = path.substr(brace);
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
