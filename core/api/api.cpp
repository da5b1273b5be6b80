#include "core/api/api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "core/api/assets.h"
#include "core/api/control.h"
#include "core/api/view_json.h"

namespace aitrade {
namespace {

/// What a handler gets besides the request.
struct Call {
  const Request& request;
  const ApiContext& context;
  std::size_t limit{0};  // of the query, or the route's default

  [[nodiscard]] std::shared_ptr<const EngineView> view() const { return context.views.read(); }

  [[nodiscard]] ServiceFacts facts() const {
    return {context.version, context.build, context.wall ? context.wall() : Time{}};
  }
};

Response json_response(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// ---- reads --------------------------------------------------------------------------------------------

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

Response get_trades(const Call& call) {
  return json_response(trades_json(*call.view(), call.limit));
}

Response get_decisions(const Call& call) {
  return json_response(decisions_json(*call.view(), call.limit));
}

Response get_equity(const Call& call) {
  return json_response(equity_json(*call.view(), call.limit));
}

// ---- control ------------------------------------------------------------------------------------------

Response post_pause(const Call& call) {
  return run_control(OperatorAction::pause, call.request, call.context);
}

Response post_resume(const Call& call) {
  return run_control(OperatorAction::resume, call.request, call.context);
}

Response post_close_all(const Call& call) {
  return run_control(OperatorAction::close_all, call.request, call.context);
}

Response post_kill(const Call& call) {
  return run_control(OperatorAction::halt, call.request, call.context);
}

// ---- the table ----------------------------------------------------------------------------------------

struct Route {
  std::string_view method, path;
  Access access;
  Response (*answer)(const Call&);
  std::size_t limit{0};  // default of the query parameter `limit`; 0: not accepted
};

constexpr std::array<Route, 12> table{{
    {"GET", "/api/v1/health", Access::open, get_health},
    {"GET", "/api/v1/ready", Access::open, get_ready},
    {"GET", "/api/v1/status", Access::read, get_status},
    {"GET", "/api/v1/view", Access::read, get_view},
    {"GET", "/api/v1/positions", Access::read, get_positions},
    {"GET", "/api/v1/trades", Access::read, get_trades, 100},
    {"GET", "/api/v1/decisions", Access::read, get_decisions, 50},
    {"GET", "/api/v1/equity", Access::read, get_equity, 500},
    {"POST", "/api/v1/control/pause", Access::control, post_pause},
    {"POST", "/api/v1/control/resume", Access::control, post_resume},
    {"POST", "/api/v1/control/close_all", Access::control, post_close_all},
    {"POST", "/api/v1/control/kill", Access::control, post_kill},
}};

// ---- who and what -------------------------------------------------------------------------------------

/// A query as names and values, exactly as sent; the parameters known here need no decoding.
std::vector<std::pair<std::string_view, std::string_view>> query_pairs(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    const auto equals = std::min(item.find('='), item.size());
    pairs.emplace_back(item.substr(0, equals),
                       equals < item.size() ? item.substr(equals + 1) : std::string_view{});
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return pairs;
}

/// Credentials never travel in a URL (security.md 2.3): refused before anything else looks at it.
bool has_credentials_in_url(std::string_view query) {
  constexpr std::array<std::string_view, 8> names{"api_key", "apikey",       "key",    "token",
                                                  "secret",  "access_token", "ticket", "password"};
  for (const auto& [name, value] : query_pairs(query)) {
    std::string lower(name);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (std::find(names.begin(), names.end(), lower) != names.end()) return true;
  }
  return false;
}

std::optional<Response> check_access(const Route& route, const Call& call) {
  const Request& request = call.request;
  if (route.access == Access::open || request.is_local) return std::nullopt;
  const bool has_key =
      !request.header("X-API-Key").empty() || !request.header("Authorization").empty();
  // A key that is not known is refused even where none is needed: fail closed.
  if (has_key || (route.access == Access::read && !call.context.access.reads_open)) {
    Response response = error_response(401, "unauthorized", "this needs a key or a log-in");
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
  }
  if (route.access == Access::control) {
    return error_response(403, "control_is_local",
                          "control works over the Unix socket only: use aitrade pause, resume or "
                          "close-all on the machine of the daemon");
  }
  return std::nullopt;
}

std::optional<Response> read_query(const Route& route, Call& call) {
  call.limit = route.limit;
  bool seen = false;
  for (const auto& [name, value] : query_pairs(call.request.query)) {
    if (name != "limit" || route.limit == 0 || seen) {
      return error_response(400, "bad_query", "unknown or repeated query parameter");
    }
    seen = true;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), call.limit);
    if (ec != std::errc{} || end != value.data() + value.size() || call.limit < 1 ||
        call.limit > 1000) {
      return error_response(400, "bad_query", "limit must be a whole number from 1 to 1000");
    }
  }
  return std::nullopt;
}

Response method_not_allowed(std::string_view path) {
  std::string allow;
  for (const Route& route : table) {
    if (route.path != path) continue;
    allow += (allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") allow += ", HEAD";
  }
  if (allow.empty()) allow = "GET, HEAD";  // an asset
  Response response = error_response(405, "method_not_allowed", "method is not allowed here");
  response.headers.push_back({"Allow", std::move(allow)});
  return response;
}

}  // namespace

std::vector<RouteInfo> routes() {
  std::vector<RouteInfo> list;
  for (const Route& route : table) list.push_back({route.method, route.path, route.access});
  return list;
}

Response handle(const Request& request, const ApiContext& context) {
  if (has_credentials_in_url(request.query)) {
    return error_response(400, "credentials_in_url", "credentials do not belong in a URL");
  }
  if (is_asset(request.path)) {
    if (request.method != "GET") return method_not_allowed(request.path);
    return serve_asset(request);
  }
  bool is_known = false;
  for (const Route& route : table) {
    if (route.path != request.path) continue;
    is_known = true;
    if (route.method != request.method) continue;
    Call call{request, context};
    if (auto refused = check_access(route, call)) return std::move(*refused);
    if (auto refused = read_query(route, call)) return std::move(*refused);
    return route.answer(call);
  }
  if (is_known) return method_not_allowed(request.path);
  return error_response(404, "not_found", "there is nothing here");
}

// ---- behind a server ----------------------------------------------------------------------------------

struct ApiHandler::Limiter {
  explicit Limiter(RateLimit limit) : table(limit) {}

  std::mutex mutex;
  RateTable table;
};

ApiHandler::ApiHandler(ApiContext context, RateLimit limit)
    : context_(std::move(context)), limiter_(std::make_unique<Limiter>(limit)) {}

ApiHandler::~ApiHandler() = default;

ServerResponse ApiHandler::handle(const ServerRequest& request) {
  const bool is_exempt = request.is_local || request.path == "/api/v1/health" ||
                         request.path == "/api/v1/ready" || is_asset(request.path);
  if (!is_exempt) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::lock_guard lock(limiter_->mutex);
    const Duration wait = limiter_->table.take(request.peer_address, Time{Duration(now).count()});
    if (wait.count() > 0) {
      ServerResponse response = error_response(429, "rate_limited", "too many requests");
      const auto whole = std::chrono::ceil<seconds>(wait).count();
      response.headers.push_back({"Retry-After", std::to_string(whole)});
      return response;
    }
  }
  return aitrade::handle(request, context_);
}

bool ApiHandler::may_block(const ServerRequest& request) const {
  // Only who may control waits for the engine; everybody else is answered at once.
  return request.is_local && request.method == "POST";
}

}  // namespace aitrade
