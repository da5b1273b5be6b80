// Log-in and log-out, tickets for streams, keys and the audit trail.

#include <utility>

#include "core/api/access.h"
#include "core/api/body.h"
#include "core/api/json.h"
#include "core/api/route.h"
#include "core/auth/password.h"

namespace aitrade {
namespace {

std::string set_cookie(const CookieRule& rule, std::string_view value, bool is_over) {
  std::string text(rule.name);
  text.append("=").append(value).append(is_over ? "; Max-Age=0" : "").append("; HttpOnly; SameSite=Strict; Path=/");
  if (rule.is_secure) text += "; Secure";
  return text;
}

/// Who asks, in the words of the page.
std::string session_json(const Principal& who, std::string_view csrf, bool may_control, bool can_log_in) {
  Json json;
  json.begin();
  json.field("schema", "aitrade.session/1");
  json.field("kind", who.kind == Principal::Kind::session     ? "session"
                     : who.kind == Principal::Kind::local     ? "local"
                     : who.kind == Principal::Kind::anonymous ? "anonymous"
                     : who.kind == Principal::Kind::nobody    ? "nobody"
                                                              : "key");
  json.field("scope", to_string(who.scope));
  json.field("may_control", may_control);
  json.field("can_log_in", can_log_in);
  json.maybe("csrf", csrf);
  json.end();
  return json.take();
}

bool may_control(const Call& call, const Principal& who) {
  return call.context.gate != nullptr ? call.context.gate->may_control(who) : who.scope >= Scope::control;
}

}  // namespace

Response get_session(const Call& call) {
  const bool can = call.context.gate != nullptr && call.context.gate->has_password(call.now) &&
                   cookie_rule(call.request, call.context).has_value();
  return json_response(session_json(call.who, call.csrf, may_control(call, call.who), can));
}

Response post_session(const Call& call) {
  const Request& request = call.request;
  if (call.context.gate == nullptr) return not_found();
  if (!request.header("Origin").empty() && !request.origin_allowed) {
    return error_response(403, "origin_refused", "nobody logs in from this origin");
  }
  if (!request.header("Content-Type").starts_with("application/json")) {
    return error_response(415, "unsupported_media_type", "the body must be application/json");
  }
  const auto rule = cookie_rule(request, call.context);
  if (!rule) {
    return error_response(403, "plain_connection",
        "no cookie is given out over plain HTTP beyond loopback: use a tunnel, "
                                                   "or dashboard.public_origin behind a proxy with TLS");
  }
  if (request.body.size() > 8 * password_limit) return error_response(413, "body_too_large",
      "request body is too large");
  static constexpr BodyField fields[] = {{"username", BodyField::Kind::text, 64},
                                         {"password", BodyField::Kind::text, password_limit}};
  const auto body = Body::parse(request.body, fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  const std::string name = body->has("username") ? body->text("username") : call.context.access.username;
  auto login = call.context.gate->log_in(name, body->text("password"), call.client, call.now);
  using Answer = Gatekeeper::Login::Answer;
  switch (login.answer) {
    case Answer::opened: break;
    case Answer::wrong: {
      Response response = error_response(401, "unauthorized", "name or password is wrong");
      response.delay = milliseconds{login.wait.count() / 1'000'000};
      return response;
    }
    case Answer::too_often: return too_often(login.wait);
    case Answer::busy: return too_often(Duration{seconds{1}});
    case Answer::unavailable: return error_response(503, "unavailable", "passwords cannot be checked at the moment");
  }
  Response response = json_response(session_json(login.principal, login.csrf, true, true));
  response.headers.push_back({"Set-Cookie", set_cookie(*rule, login.cookie.reveal(), false)});
  return response;
}

Response delete_session(const Call& call) {
  if (call.context.gate == nullptr) return not_found();
  if (call.who.kind != Principal::Kind::session) return error_response(409, "conflict", "nobody is logged in");
  call.context.gate->log_out(session_cookie(call.request), call.now);
  Response response = json_response(R"({"schema":"aitrade.session/1","kind":"nobody"})");
  if (const auto rule = cookie_rule(call.request, call.context)) {
    response.headers.push_back({"Set-Cookie", set_cookie(*rule, "", true)});
  }
  return response;
}

Response post_ws_ticket(const Call& call) {
  if (call.context.gate == nullptr) return not_found();
  Json json;
  json.begin();
  json.field("schema", "aitrade.ws_ticket/1");
  json.field("ticket", call.context.gate->issue_ticket(call.who, call.request.header("Origin"), call.now));
  json.field("expires_in", 15);
  json.end();
  return json_response(json.take());
}

}  // namespace aitrade
