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

Response no_gate() { return error_response(404, "not_found", "there is nothing here"); }

void write_key(Json& json, const ApiKeyRow& key, Time now) {
  json.begin();
  json.field("id", key.id);
  json.field("label", key.label);
  json.field("scope", to_string(key.scope));
  json.field("tenant", key.tenant.name);
  json.field("state", key.revoked ? "revoked" : key.is_live(now) ? "live" : "expired");
  json.time("created", key.created);
  json.time("expires", key.expires.value_or(Time{}));
  json.time("last_used", key.last_used.value_or(Time{}));
  json.time("revoked", key.revoked.value_or(Time{}));
  json.end();
}

}  // namespace

Response get_session(const Call& call) {
  const bool can = call.context.gate != nullptr && call.context.gate->has_password(call.now) &&
                   cookie_rule(call.request, call.context).has_value();
  return json_response(session_json(call.who, call.csrf, may_control(call, call.who), can));
}

Response post_session(const Call& call) {
  const Request& request = call.request;
  if (call.context.gate == nullptr) return no_gate();
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
  if (call.context.gate == nullptr) return no_gate();
  if (call.who.kind != Principal::Kind::session) return error_response(409, "conflict", "nobody is logged in");
  call.context.gate->log_out(session_cookie(call.request), call.now);
  Response response = json_response(R"({"schema":"aitrade.session/1","kind":"nobody"})");
  if (const auto rule = cookie_rule(call.request, call.context)) {
    response.headers.push_back({"Set-Cookie", set_cookie(*rule, "", true)});
  }
  return response;
}

Response post_ws_ticket(const Call& call) {
  if (call.context.gate == nullptr) return no_gate();
  Json json;
  json.begin();
  json.field("schema", "aitrade.ws_ticket/1");
  json.field("ticket", call.context.gate->issue_ticket(call.who, call.request.header("Origin"), call.now));
  json.field("expires_in", 15);
  json.end();
  return json_response(json.take());
}

Response get_keys(const Call& call) {
  if (call.context.gate == nullptr) return no_gate();
  const auto store = call.context.gate->store();
  if (!store) return json_response(R"({"schema":"aitrade.keys/1","rows":[]})");
  const auto keys = (*store)->keys();
  if (!keys) return store_failure(keys.error());
  Json json;
  json.begin();
  json.field("schema", "aitrade.keys/1");
  json.key("rows");
  json.begin_list();
  for (const ApiKeyRow& key : *keys) write_key(json, key, call.now.wall);
  json.end_list();
  json.end();
  return json_response(json.take());
}

Response post_key(const Call& call) {
  if (call.context.gate == nullptr) return no_gate();
  static constexpr BodyField fields[] = {{"scope", BodyField::Kind::text, 32},
                                         {"label", BodyField::Kind::text, 100},
                                         {"days", BodyField::Kind::integer}};
  const auto body = Body::parse(call.request.body, fields);
  if (!body) return error_response(400, "bad_body", body.error().what);
  const auto scope = parse_scope(body->has("scope") ? body->text("scope") : "read");
  if (!scope) return error_response(400, "bad_body", scope.error().what);
  const std::int64_t days = body->integer("days").value_or(365);
  if (days < 1 || days > 3650) return error_response(400, "bad_body", "days must be from 1 to 3650");
  const auto store = call.context.gate->store();
  if (!store) return no_gate();
  const KeyRequest wanted{{}, *scope, body->text("label"), Duration{hours{24 * days}}};
  const auto key = (*store)->create(wanted, call.who.actor(), call.now.wall);
  if (!key) return store_failure(key.error());
  Json json;
  json.begin();
  json.field("schema", "aitrade.key/1");
  json.field("id", key->parts.id);
  json.field("key", key->text.reveal());
  json.field("scope", to_string(*scope));
  json.end();
  return json_response(json.take(), 201);
}

Response delete_key(const Call& call) {
  if (call.context.gate == nullptr) return no_gate();
  const auto store = call.context.gate->store();
  if (!store) return no_gate();
  const Status revoked = (*store)->revoke(call.last, call.who.actor(), call.now.wall);
  if (!revoked) return store_failure(revoked.error());
  return json_response(R"({"schema":"aitrade.key/1","state":"revoked"})");
}

Response get_audit(const Call& call) {
  if (call.context.gate == nullptr) return no_gate();
  const auto store = call.context.gate->store();
  const auto rows = store ? (*store)->audit_rows(call.who.tenant, call.query.integer("before_id"),
                                                 static_cast<int>(call.query.integer("limit")))
                          : Result<std::vector<AccessStore::AuditRow>>(std::vector<AccessStore::AuditRow>());
  if (!rows) return store_failure(rows.error());
  Json json;
  json.begin_list();
  for (const auto& row : *rows) {
    json.begin();
    json.field("id", row.id);
    json.time("at", row.at);
    json.field("actor", row.actor);
    json.field("action", row.action);
    json.maybe("target", row.target);
    json.maybe("detail", row.detail);
    json.field("outcome", row.outcome);
    json.end();
  }
  json.end_list();
  Response response = json_response(json.take());
  if (!rows->empty()) response.headers.push_back({"X-Next-Cursor", std::to_string(rows->back().id)});
  return response;
}

}  // namespace aitrade
