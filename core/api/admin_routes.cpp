// For the administrator: keys, tenants, and who did what.

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/api/access.h"
#include "core/api/json.h"
#include "core/api/route.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade {
namespace {

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

/// Whether it concerns the tenant that is asked for: the owner of the engine sees the keys of all.
bool is_shown(const Call& call, const TenantId& tenant) { return call.is_house() || call.who.tenant == tenant; }

Response admin_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid: return error_response(400, "bad_body", error.what);
    case ErrorCode::rejected: return error_response(409, "conflict", error.what);
    case ErrorCode::not_found: return error_response(404, "not_found", error.what);
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::timeout:
    case ErrorCode::busy:
    case ErrorCode::unsupported: break;
  }
  return store_failure(error);
}

/// Runs `serve` with the store of keys and tenants; where there is none, there is nothing here.
template <class Serve>
Response with_access(const Call& call, Serve serve) {
  if (call.context.gate == nullptr) return not_found();
  const auto store = call.context.gate->store();
  return store ? serve(**store) : not_found();
}

void write_tenant(Json& json, const TenantRow& tenant, bool is_for_admin) {
  json.begin();
  json.field("id", tenant.id.name);
  json.field("name", tenant.name);
  json.field("status", tenant.status);
  json.field("plan", tenant.plan);
  json.time("created_at", tenant.created);
  if (is_for_admin) {
    json.time("updated_at", tenant.updated);
    json.time("past_due_since", tenant.past_due_since.value_or(Time{}));
  }
  json.end();
}

/// One tenant as the answer to a change.
Response tenant_response(const AccessStore& access, const TenantId& id, int status) {
  const auto tenant = TenantStore(access).find(id);
  if (!tenant) return admin_failure(tenant.error());
  Json json;
  write_tenant(json, *tenant, true);
  return json_response(json.take(), status);
}

}  // namespace

Response get_keys(const Call& call) {
  return with_access(call, [&](const AccessStore& access) {
    const auto keys = access.keys();
    if (!keys) return store_failure(keys.error());
    Json json;
    json.begin();
    json.field("schema", "aitrade.keys/1");
    json.key("rows");
    json.begin_list();
    for (const ApiKeyRow& key : *keys) {
      if (is_shown(call, key.tenant)) write_key(json, key, call.now.wall);
    }
    json.end_list();
    json.end();
    return json_response(json.take());
  });
}

Response post_key(const Call& call) {
  static constexpr BodyField fields[] = {{"scope", BodyField::Kind::text, 32},
                                         {"label", BodyField::Kind::text, 100},
                                         {"tenant", BodyField::Kind::text, 32},
                                         {"days", BodyField::Kind::integer}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const auto scope = parse_scope(body.has("scope") ? body.text("scope") : "read");
  if (!scope) return error_response(400, "bad_body", scope.error().what);
  const std::int64_t days = body.integer("days").value_or(365);
  if (days < 1 || days > 3650) return error_response(400, "bad_body", "days must be from 1 to 3650");
  const TenantId tenant = body.has("tenant") ? TenantId{body.text("tenant")} : call.who.tenant;
  if (!is_shown(call, tenant)) return not_found();
  return with_access(call, [&](const AccessStore& access) {
    const KeyRequest wanted{tenant, *scope, body.text("label"), Duration{hours{24 * days}}};
    const auto key = access.create(wanted, call.who.actor(), call.now.wall);
    if (!key) return admin_failure(key.error());
    Json json;
    json.begin();
    json.field("schema", "aitrade.key/1");
    json.field("id", key->parts.id);
    json.field("key", key->text.reveal());
    json.field("scope", to_string(*scope));
    json.field("tenant", tenant.name);
    json.field("label", wanted.label);
    json.time("expires", call.now.wall + *wanted.lifetime);
    json.end();
    return json_response(json.take(), 201);
  });
}

Response delete_key(const Call& call) {
  return with_access(call, [&](const AccessStore& access) {
    const auto keys = access.keys();
    if (!keys) return store_failure(keys.error());
    const auto found =
        std::find_if(keys->begin(), keys->end(), [&call](const ApiKeyRow& key) { return key.id == call.last; });
    if (found == keys->end() || !is_shown(call, found->tenant)) return not_found();
    const Status revoked = access.revoke(call.last, call.who.actor(), call.now.wall);
    if (!revoked) return store_failure(revoked.error());
    return json_response(R"({"schema":"aitrade.key/1","state":"revoked"})");
  });
}

Response get_tenants(const Call& call) {
  return with_access(call, [&](const AccessStore& access) {
    const auto tenants = TenantStore(access).list();
    if (!tenants) return store_failure(tenants.error());
    Json json;
    json.begin();
    json.field("schema", "aitrade.tenants/1");
    json.key("rows");
    json.begin_list();
    for (const TenantRow& tenant : *tenants) {
      if (is_shown(call, tenant.id)) write_tenant(json, tenant, true);
    }
    json.end_list();
    json.end();
    return json_response(json.take());
  });
}

Response get_tenant(const Call& call) {
  const TenantId id{call.last};
  const bool is_admin = call.who.scope == Scope::admin;
  if (id != call.who.tenant && !(is_admin && call.is_house())) return not_found();
  if (call.who.kind == Principal::Kind::anonymous) return unauthorized();
  return with_access(call, [&](const AccessStore& access) {
    const auto tenant = TenantStore(access).find(id);
    if (!tenant) return tenant.error().code == ErrorCode::not_found ? not_found() : store_failure(tenant.error());
    Json json;
    write_tenant(json, *tenant, is_admin);
    return json_response(json.take());
  });
}

Response post_tenant(const Call& call) {
  static constexpr BodyField fields[] = {
      {"id", BodyField::Kind::text, 32}, {"name", BodyField::Kind::text, 100}, {"plan", BodyField::Kind::text, 32}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const TenantId id{body.text("id")};
  return with_access(call, [&](const AccessStore& access) {
    const Status added = TenantStore(access).add(id, body.has("name") ? body.text("name") : id.name,
                                                 body.has("plan") ? body.text("plan") : "free", call.who.actor(),
                                                 call.now.wall);
    return added ? tenant_response(access, id, 201) : admin_failure(added.error());
  });
}

Response patch_tenant(const Call& call) {
  static constexpr BodyField fields[] = {
      {"name", BodyField::Kind::text, 100}, {"status", BodyField::Kind::text, 32}, {"plan", BodyField::Kind::text, 32}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const auto maybe = [&body](const char* name) {
    return body.has(name) ? std::optional(body.text(name)) : std::nullopt;
  };
  const TenantId id{call.last};
  if (!is_shown(call, id)) return not_found();
  return with_access(call, [&](const AccessStore& access) {
    const Status changed =
        TenantStore(access).change(id, {maybe("name"), maybe("status"), maybe("plan")}, call.who.actor(), call.now.wall);
    return changed ? tenant_response(access, id, 200) : admin_failure(changed.error());
  });
}

// ---- who did what -----------------------------------------------------------------------------------------

namespace {

/// The newest rows of both trails before a time, newest first. Rows of one instant stay together.
Result<std::vector<AuditRow>> newest_audit(const Call& call, int limit) {
  Page page = newest(limit + 16);
  page.strategy = call.query.text("action");
  page.from = call.query.time("from").value_or(Time{});
  page.to = std::min(call.query.time("to").value_or(Time{INT64_MAX}), Time{call.query.integer("before_id")});
  std::vector<AuditRow> rows;
  const auto add = [&](Database& database) -> Status {
    AITRADE_TRY(std::vector<AuditRow> more, audit_rows(database, call.who.tenant, page));
    std::move(more.begin(), more.end(), std::back_inserter(rows));
    return ok();
  };
  AITRADE_TRY(const AccessStore* access, call.context.gate->store());
  AITRADE_TRY(std::optional<Database> accesses, access->reader());
  if (accesses) AITRADE_TRY_STATUS(add(*accesses));
  for (const auto& place : call.stores()) {
    AITRADE_TRY(Database ledger, open_reader(place.ledger, Profile::ledger));
    AITRADE_TRY_STATUS(add(ledger));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const AuditRow& a, const AuditRow& b) { return a.at > b.at; });
  auto count = std::min(static_cast<std::size_t>(limit), rows.size());
  while (count > 0 && count < rows.size() && rows[count].at == rows[count - 1].at) ++count;
  rows.resize(count);
  return rows;
}

}  // namespace

Response get_audit(const Call& call) {
  if (call.context.gate == nullptr) return not_found();
  const int limit = static_cast<int>(call.query.integer("limit"));
  const auto rows = newest_audit(call, limit);
  if (!rows) return store_failure(rows.error());
  Json json;
  json.begin_list();
  for (const AuditRow& row : *rows) {
    json.begin();
    json.field("id", row.trail + "-" + std::to_string(row.id));
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
  if (static_cast<int>(rows->size()) >= limit) {
    response.headers.push_back({"X-Next-Cursor", std::to_string(rows->back().at.ns)});
  }
  return response;
}

}  // namespace aitrade
