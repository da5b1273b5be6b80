#include "core/api/access.h"

#include <algorithm>
#include <chrono>

#include "core/auth/client_address.h"

namespace aitrade {
namespace {

constexpr std::string_view secure_cookie = "__Host-aitrade";
constexpr std::string_view local_cookie = "aitrade_local";

/// Without a gate nobody is known but the local user.
Identity identify_alone(const Claim& claim, const ApiContext& context) {
  Identity identity;
  if (claim.is_local) {
    identity.principal = {Principal::Kind::local, std::to_string(claim.uid), {}, Scope::admin};
  } else if (!claim.key.empty() || !claim.cookie.empty()) {
    identity.answer = Identity::Answer::unknown;
  } else if (context.access.reads_open) {
    identity.principal = {Principal::Kind::anonymous, "", {}, Scope::read};
  }
  return identity;
}

Response forbidden(std::string_view code, std::string_view message) { return error_response(403, code, message); }

bool is_change(const Request& request) { return request.method != "GET"; }

/// A page of another site can send our cookie along, but neither read the token nor claim our origin.
std::optional<Response> check_forgery(const Request& request, const Identity& identity) {
  if (!request.origin_allowed) return forbidden("origin_refused", "this origin may not change anything here");
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin") {
    return forbidden("origin_refused", "this origin may not change anything here");
  }
  const bool fits = equal_digests(sha256(request.header("X-CSRF-Token")), sha256(identity.csrf));
  if (!fits || identity.csrf.empty()) return forbidden("csrf", "the token of this session is missing or wrong");
  if (!request.body.empty() && !request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  return std::nullopt;
}

}  // namespace

std::optional<CookieRule> cookie_rule(const Request& request, const ApiContext& context) {
  const std::string& origin = context.access.public_origin;
  if (origin.starts_with("https://") && request.header("Origin") == origin) return CookieRule{secure_cookie, true};
  if (context.access.is_loopback) return CookieRule{local_cookie, false};
  return std::nullopt;
}

std::string_view session_cookie(const Request& request) {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    std::string_view item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = item.substr(0, equals);
    if (name == secure_cookie || name == local_cookie) return item.substr(equals + 1);
  }
  return {};
}

std::string_view shown_key(const Request& request) {
  if (const std::string_view key = request.header("X-API-Key"); !key.empty()) return key;
  const std::string_view header = request.header("Authorization");
  return header.starts_with("Bearer ") ? header.substr(7) : header;
}

std::string client_of(const Request& request, const ApiContext& context) {
  return client_address(request.peer_address, request.header("X-Forwarded-For"), context.access.trusted_proxies);
}

Moment moment_of(const ApiContext& context) {
  const Time wall = context.wall ? context.wall() : Time{};
  if (context.steady) return {wall, context.steady()};
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {wall, Time{std::chrono::duration_cast<Duration>(now).count()}};
}

Response unauthorized() {
  Response response = error_response(401, "unauthorized", "this needs a key or a log-in");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

Response too_often(Duration wait) {
  Response response = error_response(429, "rate_limited", "too many requests");
  response.headers.push_back({"Retry-After", std::to_string(std::max<std::int64_t>(1,
      (wait.count() + 999'999'999) / 1'000'000'000))});
  return response;
}

Asked identify(const Request& request, const ApiContext& context, const Moment& now, bool may_write) {
  const std::string client = client_of(request, context);
  const Claim claim{shown_key(request),  session_cookie(request), request.is_local,
                    request.peer_uid, client, request.header("X-Tenant-ID")};
  Asked asked;
  asked.identity = context.gate != nullptr ? context.gate->identify(claim, now, may_write) : identify_alone(claim,
      context);
  switch (asked.identity.answer) {
    case Identity::Answer::known: break;
    case Identity::Answer::unknown: {
      asked.refused = unauthorized();
      if (claim.cookie.empty()) break;
      // The browser forgets a session that is over, so that the page may ask again without it.
      if (const auto rule = cookie_rule(request, context)) {
        asked.refused->headers.push_back({"Set-Cookie",
            std::string(rule->name) + "=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/" +
                                                            (rule->is_secure ? "; Secure" : "")});
      }
      break;
    }
    case Identity::Answer::too_often: asked.refused = too_often(asked.identity.wait); break;
    case Identity::Answer::inactive:
      asked.refused = forbidden("tenant_inactive", "the tenant of this key is not active");
      break;
    case Identity::Answer::elsewhere: asked.refused = error_response(404, "not_found", "there is nothing here"); break;
    case Identity::Answer::unavailable:
      asked.refused = error_response(503, "unavailable", "keys cannot be checked at the moment");
      break;
  }
  return asked;
}

std::optional<Response> check_access(const Request& request, const ApiContext& context, const Identity& identity,
                                     Access access) {
  if (access == Access::open || access == Access::signature) return std::nullopt;
  const Principal& who = identity.principal;
  const bool is_identified = who.kind != Principal::Kind::nobody && who.kind != Principal::Kind::anonymous;
  if (access == Access::read) {
    if (who.scope < Scope::read) return unauthorized();
  } else if (!is_identified) {
    if (context.gate != nullptr) return unauthorized();
    return forbidden("control_is_local", "control works over the Unix socket only: use aitrade pause, resume or "
                                         "close-all on the machine of the daemon");
  } else if (access == Access::control && !(context.gate == nullptr || context.gate->may_control(who))) {
    return forbidden("scope", who.scope >= Scope::control ? "keys of tenants may not control here"
                                                          : "this key may read, not control");
  } else if (access == Access::admin && who.scope < Scope::admin) {
    return forbidden("scope", "this is for the administrator");
  }
  if (who.kind == Principal::Kind::session && is_change(request)) return check_forgery(request, identity);
  return std::nullopt;
}

}  // namespace aitrade
