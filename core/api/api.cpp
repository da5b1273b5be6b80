#include "core/api/api.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "core/api/access.h"
#include "core/api/assets.h"
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

/// Changes of a tenant's world that is not the one this engine trades do not exist.
bool is_of_this_engine(const Principal& who) { return who.tenant == TenantId{}; }

/// What acts on the engine or the configuration happens once. Replies with a cookie or a key in them are not kept.
bool is_remembered(const Route& route) {
  return route.path.starts_with("/api/v1/control/") || (route.method == "PATCH" && route.path == "/api/v1/settings");
}

Response answer(const Route& route, Call& call) {
  const auto serve = [&] { return route.answer(call); };
  if (!is_remembered(route) || call.context.replies == nullptr) return serve();
  const std::string owner = call.who.actor() + " " + std::string(route.method) + " " + call.request.path;
  return call.context.replies->once(owner, call.request, call.now.steady, serve);
}

}  // namespace

std::string_view to_string(Access access) {
  switch (access) {
    case Access::open: return "open";
    case Access::read: return "read";
    case Access::control: return "control";
    case Access::admin: return "admin";
  }
  return "";
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

Response handle(const Request& request, const ApiContext& context) {
  if (has_credentials_in_url(request.query)) {
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
  if (route->access != Access::open || request.path == "/api/v1/session") {
    Asked asked = identify(request, context, now);
    if (asked.refused && route->method != "POST") return std::move(*asked.refused);
    if (asked.refused && route->access != Access::open) return std::move(*asked.refused);
    identity = std::move(asked.identity);
    if (auto refused = check_access(request, context, identity, route->access)) return std::move(*refused);
    if (route->access != Access::open && !is_of_this_engine(identity.principal)) {
      return error_response(404, "not_found", "there is nothing here");
    }
  }
  Call call{request, context, std::move(identity.principal), std::move(identity.csrf), client_of(request, context),
            std::move(last), {}, now};
  auto query = Query::parse(request.query, route->parameters);
  if (!query) return error_response(400, "bad_query", query.error().what);
  call.query = *std::move(query);
  return answer(*route, call);
}

// ---- behind a server ----------------------------------------------------------------------------------

struct ApiHandler::State {
  explicit State(const ApiLimits& chosen)
      : limits(chosen), address(chosen.address), control(chosen.control), ticket(chosen.ticket),
          download(chosen.download) {}

  ApiLimits limits;
  std::mutex mutex;   // guards the tables
  RateTable address, control, ticket, download;
  ReplyMemory replies;
  std::unique_ptr<LiveStream> stream;
};

ApiHandler::ApiHandler(ApiContext context, RateLimit limit)
    : ApiHandler(std::move(context), ApiLimits{limit, {0.5, 10.0}, {0.5, 10.0}, {0.1, 2.0}, true}) {}

ApiHandler::ApiHandler(ApiContext context, const ApiLimits& limits)
    : context_(std::move(context)), state_(std::make_unique<State>(limits)) {
  context_.replies = &state_->replies;
  state_->stream = std::make_unique<LiveStream>(context_);
}

ApiHandler::~ApiHandler() = default;

std::optional<ServerResponse> ApiHandler::limit(const ServerRequest& request) {
  const bool is_exempt = request.is_local || request.path == "/api/v1/health" ||
                         request.path == "/api/v1/ready" || is_asset(request.path);
  if (is_exempt || !state_->limits.is_on) return std::nullopt;
  const Time now = moment_of(context_).steady;
  const std::string client = address_class(client_of(request, context_));
  std::string ignored;
  const Route* route = find_route(request.method, request.path, ignored);
  const std::lock_guard lock(state_->mutex);
  Duration wait = state_->address.take(client, now, request.path == LiveStream::path ? 5.0 : 1.0);
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
  return aitrade::handle(request, context_);
}

bool ApiHandler::may_block(const ServerRequest& request) const {
  if (is_asset(request.path)) return false;
  std::string ignored;
  const Route* route = find_route(request.method, request.path, ignored);
  // The use of a key is written down.
  return route != nullptr && (route->blocks || request.method != "GET" || (!request.is_local
      && !shown_key(request).empty()));
}

std::unique_ptr<WsPeer> ApiHandler::upgrade(const ServerRequest& request) {
  if (request.path != LiveStream::path) return nullptr;
  return state_->stream->admit(request);
}

}  // namespace aitrade
