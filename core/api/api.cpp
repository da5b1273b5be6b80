#include "core/api/api.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "core/api/access.h"
#include "core/api/assets.h"
#include "core/api/compression.h"
#include "core/api/idempotency.h"
#include "core/api/live_stream.h"
#include "core/api/route.h"
#include "core/auth/client_address.h"

namespace aitrade {
namespace {

Response method_not_allowed(std::string_view path) {
  std::string allow;
  std::string ignored;
  for (const std::string_view method : {"GET", "POST", "PATCH", "DELETE"}) {
    if (find_route(method, path, ignored) == nullptr) continue;
    allow += (allow.empty() ? "" : ", ") + std::string(method);
    if (method == "GET") allow += ", HEAD";
  }
  if (allow.empty()) allow = "GET, HEAD";  // an asset
  Response response = error_response(405, "method_not_allowed", "method is not allowed here");
  response.headers.push_back({"Allow", std::move(allow)});
  return response;
}

/// What acts on the engine or the configuration happens once. Replies with a cookie or a key in them are not kept.
bool is_remembered(const Route& route) {
  return route.path.starts_with("/api/v1/control/") || (route.method == "PATCH" && route.path == "/api/v1/settings") ||
         (route.method == "POST" && route.path.starts_with("/api/v1/backtest/")) ||
         route.path == "/api/v1/billing/checkout" || route.path == "/api/v1/billing/portal";
}

Response answer(const Route& route, Call& call) {
  const auto serve = [&] { return route.answer(call); };
  if (!is_remembered(route) || call.context.replies == nullptr) return serve();
  const std::string owner = call.who.tenant.name + " " + call.who.actor() + " " + std::string(route.method) + " " + call.request.path;
  return call.context.replies->once(owner, call.request, call.now.steady, serve);
}

}  // namespace

std::string_view to_string(Access access) {
  switch (access) {
    case Access::open: return "open";
    case Access::read: return "read";
    case Access::control: return "control";
    case Access::admin: return "admin";
    case Access::signature: return "signature";
  }
  return "";
}

Status ApiContext::command(std::size_t seat, const OperatorCommand& what) const {
  const CommandSink& sink = seat < doors.size() ? doors[seat].submit : submit;
  if (!sink) return fail(ErrorCode::busy, "there is no engine");
  return sink(what);
}

std::optional<StorePlace> ApiContext::store_of(std::size_t seat) const {
  if (doors.empty()) return store ? store() : std::nullopt;
  if (seat < doors.size()) return doors[seat].store();
  for (const EngineDoor& door : doors) {
    if (auto place = door.store()) return place;
  }
  return std::nullopt;
}

std::vector<RouteInfo> routes() {
  std::vector<RouteInfo> list;
  for (const Route& route : route_table()) list.push_back({route.method, route.path, route.access});
  return list;
}

Response json_response(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response not_found() { return error_response(404, "not_found", "there is nothing here"); }

std::variant<Body, Response> body_of(const Call& call, std::span<const BodyField> fields) {
  const Request& request = call.request;
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  auto body = Body::parse(request.body, fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  return *std::move(body);
}

std::vector<std::size_t> Call::seats() const {
  std::vector<std::size_t> list;
  const auto& all = context.views.seats();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].tenant == who.tenant && (account.empty() || i == seat)) list.push_back(i);
  }
  return list;
}

std::vector<StorePlace> Call::stores() const {
  std::vector<std::size_t> list = seats();
  if (list.empty()) list.push_back(TenantViews::no_seat);
  std::vector<StorePlace> places;
  for (const std::size_t one : list) {
    if (auto place = context.store_of(one)) places.push_back(*std::move(place));
  }
  return places;
}

void audit(const Call& call, std::string_view action, std::string_view target, std::string_view detail) {
  audit_of(call, call.who.tenant, action, target, detail);
}

void audit_of(const Call& call, const TenantId& tenant, std::string_view action, std::string_view target,
              std::string_view detail) {
  if (call.context.gate == nullptr) return;
  call.context.gate->audit({tenant, call.who.actor(), std::string(action), std::string(target),
                            std::string(detail.substr(0, 2000))}, call.now);
}

namespace {

/// Whether the request comes from a page of another origin that may read what we answer.
bool is_cors(const Request& request, const ApiContext& context) {
  const auto& origins = context.access.cors_origins;
  return std::find(origins.begin(), origins.end(), request.header("Origin")) != origins.end();
}

/// Lets the page of a configured origin read the reply; with a cookie only where people reach our own page.
void allow_origin(const Request& request, const ApiContext& context, Response& response) {
  const std::string origin(request.header("Origin"));
  response.headers.push_back({"Access-Control-Allow-Origin", origin});
  response.headers.push_back({"Vary", "Origin"});
  if (origin == context.access.public_origin) response.headers.push_back({"Access-Control-Allow-Credentials", "true"});
}

Response preflight() {
  Response response;
  response.status = 204;
  response.headers.push_back({"Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE"});
  response.headers.push_back(
      {"Access-Control-Allow-Headers", "X-API-Key, X-CSRF-Token, X-Tenant-ID, Content-Type, Idempotency-Key"});
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  return response;
}

Response respond(const Request& request, const ApiContext& context);

}  // namespace

Response handle(const Request& request, const ApiContext& context) {
  if (!is_cors(request, context)) return respond(request, context);
  const bool asks_first = request.method == "OPTIONS" && !request.header("Access-Control-Request-Method").empty();
  Response response = asks_first ? preflight() : respond(request, context);
  allow_origin(request, context, response);
  return response;
}

namespace {

/// Takes `account=` out of a query: every route knows it. One that is there twice stays, and is refused.
std::string take_account(std::string& query) {
  std::string account, rest;
  for (const auto& [name, value] : query_pairs(query)) {
    if (name == "account" && account.empty() && is_name(value)) {
      account = value;
      continue;
    }
    rest += (rest.empty() ? "" : "&") + std::string(name) + "=" + std::string(value);
  }
  if (!account.empty()) query = std::move(rest);
  return account;
}

/// Whether somebody speaks for the daemon itself: what is configured for all is nobody else's to see.
bool is_house(const Principal& who, const ApiContext& context) {
  return context.doors.empty() ? context.views.is_owner(who.tenant) : who.tenant == TenantId{};
}

Response respond(const Request& request, const ApiContext& context) {
  if (const auto shown = credentials_in_url(request.query); !shown.empty()) {
    if (context.gate != nullptr) {
      context.gate->flag_shown(shown.front(), client_of(request, context), moment_of(context));
    }
    return error_response(400, "credentials_in_url", "credentials do not belong in a URL");
  }
  if (is_asset(request.path)) {
    if (request.method != "GET") return method_not_allowed(request.path);
    return serve_asset(request);
  }
  std::string last;
  const Route* route = find_route(request.method, request.path, last);
  if (route == nullptr) {
    if (is_known_path(request.path)) return method_not_allowed(request.path);
    return error_response(404, "not_found", "there is nothing here");
  }
  const Moment now = moment_of(context);
  Identity identity;
  // Liveness is told to everybody, whatever they show.
  const bool asks_who = route->access != Access::open && route->access != Access::signature;
  if (asks_who || request.path == "/api/v1/session") {
    Asked asked = identify(request, context, now);
    if (asked.refused && route->method != "POST") return std::move(*asked.refused);
    if (asked.refused && route->access != Access::open) return std::move(*asked.refused);
    identity = std::move(asked.identity);
    if (auto refused = check_access(request, context, identity, route->access)) return std::move(*refused);
    if (route->of_engine && !context.views.is_owner(identity.principal.tenant)) return not_found();
    if (route->of_house && !is_house(identity.principal, context)) return not_found();
  }
  std::string rest = request.query;
  std::string account(request.header("X-Account-ID"));
  if (account.empty() && route->access != Access::open) account = take_account(rest);
  const std::size_t seat = context.views.find(identity.principal.tenant, account);
  if (!account.empty() && seat == TenantViews::no_seat) return not_found();
  Call call{request, context, std::move(identity.principal), std::move(identity.csrf), client_of(request, context),
            std::move(last), {}, now, seat, std::move(account)};
  auto query = Query::parse(rest, route->parameters);
  if (!query) return error_response(400, "bad_query", query.error().what);
  call.query = *std::move(query);
  return answer(*route, call);
}

}  // namespace

// ---- behind a server ----------------------------------------------------------------------------------

namespace {

/// Files of the page as they were sent compressed: the table of assets is small and never changes.
class PackedAssets {
 public:
  std::optional<ServerResponse> find(const ServerRequest& request) {
    if (!request.header("If-None-Match").empty() || !accepts_gzip(request.header("Accept-Encoding"))) return std::nullopt;
    if (!request.header("Origin").empty() || !request.query.empty()) return std::nullopt;   // what they add is not kept
    const std::lock_guard lock(mutex_);
    const auto found = replies_.find(request.path);
    return found == replies_.end() ? std::nullopt : std::optional(found->second);
  }

  void keep(const ServerRequest& request, const ServerResponse& response) {
    const bool is_packed = header_value(response.headers, "Content-Encoding") == "gzip";
    if (!is_packed || !request.header("Origin").empty() || !request.query.empty()) return;
    const std::lock_guard lock(mutex_);
    replies_.emplace(request.path, response);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, ServerResponse> replies_;
};

}  // namespace

struct ApiHandler::State {
  explicit State(const ApiLimits& chosen)
      : limits(chosen), address(chosen.address), control(chosen.control), ticket(chosen.ticket),
          download(chosen.download), webhook(chosen.webhook) {}

  ApiLimits limits;
  std::mutex mutex;   // guards the tables
  RateTable address, control, ticket, download, webhook;
  ReplyMemory replies;
  PackedAssets assets;
  std::unique_ptr<LiveStream> stream;
};

ApiHandler::ApiHandler(ApiContext context, RateLimit limit)
    : ApiHandler(std::move(context), ApiLimits{.address = limit}) {}

ApiHandler::ApiHandler(ApiContext context, const ApiLimits& limits)
    : context_(std::move(context)), state_(std::make_unique<State>(limits)) {
  context_.replies = &state_->replies;
  state_->stream = std::make_unique<LiveStream>(context_);
}

ApiHandler::~ApiHandler() = default;

void ApiHandler::reconfigure(const ApiLimits& limits) {
  const std::lock_guard lock(state_->mutex);
  state_->limits = limits;
  state_->address = RateTable(limits.address);
  state_->control = RateTable(limits.control);
  state_->ticket = RateTable(limits.ticket);
  state_->download = RateTable(limits.download);
  state_->webhook = RateTable(limits.webhook);
}

std::optional<ServerResponse> ApiHandler::limit(const ServerRequest& request) {
  const bool is_exempt = request.is_local || request.path == "/api/v1/health" ||
                         request.path == "/api/v1/ready" || is_asset(request.path);
  if (is_exempt) return std::nullopt;
  const Time now = moment_of(context_).steady;
  const std::string client = address_class(client_of(request, context_));
  std::string ignored;
  const Route* route = find_route(request.method, request.path, ignored);
  const std::lock_guard lock(state_->mutex);
  if (!state_->limits.is_on) return std::nullopt;
  const bool is_hook = route != nullptr && route->rate == RateClass::webhook;   // has a limit of its own
  Duration wait = is_hook ? state_->webhook.take(client, now)
                          : state_->address.take(client, now, request.path == LiveStream::path ? 5.0 : 1.0);
  if (wait.count() == 0 && route != nullptr) {
    RateTable* table = route->rate == RateClass::control    ? &state_->control
                       : route->rate == RateClass::ticket   ? &state_->ticket
                       : route->rate == RateClass::download ? &state_->download
                                                            : nullptr;
    if (table != nullptr) wait = table->take(client, now);
  }
  if (wait.count() == 0) return std::nullopt;
  return too_often(wait);
}

ServerResponse ApiHandler::handle(const ServerRequest& request) {
  if (auto refused = limit(request)) return std::move(*refused);
  if (is_asset(request.path) && request.method == "GET") {   // the same for everybody: compressed once
    if (auto kept = state_->assets.find(request)) return *std::move(kept);
  }
  ServerResponse response = aitrade::handle(request, context_);
  compress(request, response);
  if (is_asset(request.path)) state_->assets.keep(request, response);
  return response;
}

bool ApiHandler::may_block(const ServerRequest& request) const {
  if (is_asset(request.path)) return false;
  std::string ignored;
  const Route* route = find_route(request.method, request.path, ignored);
  // The use of a key is written down.
  return route != nullptr && (route->blocks || request.method != "GET" || (!request.is_local
      && !shown_key(request).empty()));
}

std::size_t ApiHandler::body_limit(const ServerRequest& request, std::size_t usual) const {
  constexpr std::size_t of_webhooks = 256 << 10;
  std::string ignored;
  const Route* route = find_route(request.method, request.path, ignored);
  return route != nullptr && route->rate == RateClass::webhook ? std::max(usual, of_webhooks) : usual;
}

std::unique_ptr<WsPeer> ApiHandler::upgrade(const ServerRequest& request) {
  if (request.path != LiveStream::path) return nullptr;
  return state_->stream->admit(request);
}

}  // namespace aitrade
