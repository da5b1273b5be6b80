#include "core/auth/tenant_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/store/ledger.h"

namespace aitrade {
namespace {

constexpr std::array<std::string_view, 6> statuses{"active",   "trialing",   "past_due",
                                                   "canceled", "incomplete", "suspended"};
constexpr const char* all_tenants =
    "SELECT id, name, status, plan, past_due_since_ns, created_ns, updated_ns FROM tenants ORDER BY id <> 'default', id";
constexpr const char* one_tenant =
    "SELECT id, name, status, plan, past_due_since_ns, created_ns, updated_ns FROM tenants WHERE id = ?";

TenantRow tenant_row(const Statement& s) {
  TenantRow row;
  row.id = TenantId{std::string(s.text(0))};
  row.name = s.text(1);
  row.status = s.text(2);
  row.plan = s.text(3);
  if (!s.is_null(4)) row.past_due_since = s.time(4);
  row.created = s.time(5);
  row.updated = s.time(6);
  return row;
}

/// What there is before anything was stored.
TenantRow owner() { return {TenantId{}, "default", "active", "free", std::nullopt, Time{}, Time{}}; }

}  // namespace

bool TenantRow::is_active(Time now, Duration grace) const {
  if (status == "active" || status == "trialing") return true;
  return status == "past_due" && past_due_since && now - *past_due_since < grace;
}

bool is_tenant_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

bool is_tenant_status(std::string_view text) {
  return std::find(statuses.begin(), statuses.end(), text) != statuses.end();
}

Status TenantStore::add(const TenantId& id, const std::string& name, const std::string& plan, std::string_view actor,
                        Time now) const {
  if (!is_tenant_name(id.name)) {
    return fail(ErrorCode::invalid, "a tenant is named by lower-case letters, digits, _ and -, at most 32");
  }
  if (!is_tenant_name(plan)) return fail(ErrorCode::invalid, "a plan is named by lower-case letters, digits, _ and -");
  if (name.empty() || name.size() > 100) return fail(ErrorCode::invalid, "a name has 1 to 100 bytes");
  return access_.change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement known, database.prepare("SELECT 1 FROM tenants WHERE id = ?"));
    AITRADE_TRY(const bool is_known, known.bind_all(id.name).step());
    if (is_known) return fail(ErrorCode::rejected, "there is a tenant '" + id.name + "' already");
    known.reset();
    AITRADE_TRY(Statement insert,
                database.prepare("INSERT INTO tenants(id, name, status, plan, created_ns, updated_ns) "
                                 "VALUES(?1,?2,'active',?3,?4,?4)"));
    AITRADE_TRY_STATUS(insert.bind_all(id.name, name, plan, now).run());
    return append_audit(database, id, {std::string(actor), "tenant_created", id.name, name, "ok"}, now);
  });
}

Status TenantStore::change(const TenantId& id, const Change& wish, std::string_view actor, Time now) const {
  if (wish.status && !is_tenant_status(*wish.status)) {
    return fail(ErrorCode::invalid, "status: active, trialing, past_due, canceled, incomplete or suspended");
  }
  if (wish.plan && !is_tenant_name(*wish.plan)) return fail(ErrorCode::invalid, "plan: a short lower-case name");
  if (wish.name && (wish.name->empty() || wish.name->size() > 100)) {
    return fail(ErrorCode::invalid, "a name has 1 to 100 bytes");
  }
  if (id == TenantId{} && wish.status && *wish.status != "active") {
    return fail(ErrorCode::rejected, "the tenant 'default' owns the engine and stays active");
  }
  return access_.change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement update,
                database.prepare("UPDATE tenants SET name = coalesce(?2, name), plan = coalesce(?3, plan), "
                                 "past_due_since_ns = CASE WHEN ?4 IS NULL OR ?4 = status THEN past_due_since_ns "
                                 "WHEN ?4 = 'past_due' THEN ?5 ELSE NULL END, "
                                 "status = coalesce(?4, status), updated_ns = ?5 WHERE id = ?1 RETURNING id"));
    AITRADE_TRY(const bool is_known, update.bind_all(id.name, wish.name, wish.plan, wish.status, now).step());
    if (!is_known) return fail(ErrorCode::not_found, "there is no tenant '" + id.name + "'");
    update.reset();
    std::string detail;
    const auto tell = [&detail](const char* what, const std::optional<std::string>& value) {
      if (value) detail += (detail.empty() ? "" : " ") + std::string(what) + "=" + *value;
    };
    tell("status", wish.status);
    tell("plan", wish.plan);
    tell("name", wish.name);
    return append_audit(database, id, {std::string(actor), "tenant_changed", id.name, detail, "ok"}, now);
  });
}

Result<std::vector<TenantRow>> TenantStore::list() const {
  std::vector<TenantRow> rows;
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) return std::vector<TenantRow>{owner()};
  AITRADE_TRY(Statement select, database->prepare(all_tenants));
  for (;;) {
    AITRADE_TRY(const bool has_row, select.step());
    if (!has_row) return rows;
    rows.push_back(tenant_row(select));
  }
}

Result<TenantRow> TenantStore::find(const TenantId& id) const {
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) {
    if (id == TenantId{}) return owner();
    return fail(ErrorCode::not_found, "there is no tenant '" + id.name + "'");
  }
  AITRADE_TRY(Statement select, database->prepare(one_tenant));
  AITRADE_TRY(const bool has_row, select.bind_all(id.name).step());
  if (!has_row) return fail(ErrorCode::not_found, "there is no tenant '" + id.name + "'");
  return tenant_row(select);
}

Result<std::string> PreferenceStore::get(const TenantId& tenant, std::string_view key) const {
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) return std::string();
  AITRADE_TRY(Statement select, database->prepare("SELECT value FROM preferences WHERE tenant_id = ? AND key = ?"));
  AITRADE_TRY(const bool has_row, select.bind_all(tenant.name, key).step());
  return has_row ? std::string(select.text(0)) : std::string();
}

Status PreferenceStore::put(const TenantId& tenant, std::string_view key, std::string_view value, Time now) const {
  return access_.change(now, [&](Database& database) -> Status {
    AITRADE_TRY(Statement upsert, database.prepare("INSERT OR REPLACE INTO preferences(tenant_id, key, value, "
                                                   "updated_ns) VALUES(?,?,?,?)"));
    return upsert.bind_all(tenant.name, key, value, now).run();
  });
}

Result<std::vector<PreferenceStore::Ack>> PreferenceStore::acks(const TenantId& tenant) const {
  std::vector<Ack> rows;
  AITRADE_TRY(std::optional<Database> database, access_.reader());
  if (!database) return rows;
  AITRADE_TRY(Statement select, database->prepare("SELECT alert_id, ts_ns, acked_ns, acked_by FROM alert_acks "
                                                  "WHERE tenant_id = ? ORDER BY acked_ns DESC LIMIT 5000"));
  select.bind_all(tenant.name);
  for (;;) {
    AITRADE_TRY(const bool has_row, select.step());
    if (!has_row) return rows;
    rows.push_back({select.integer(0), select.time(1), select.time(2), std::string(select.text(3))});
  }
}

Status PreferenceStore::acknowledge(const TenantId& tenant, const Ack& ack) const {
  return access_.change(ack.at, [&](Database& database) -> Status {
    AITRADE_TRY(Statement insert, database.prepare("INSERT OR IGNORE INTO alert_acks(tenant_id, alert_id, ts_ns, "
                                                   "acked_ns, acked_by) VALUES(?,?,?,?,?)"));
    AITRADE_TRY_STATUS(insert.bind_all(tenant.name, ack.alert, ack.of, ack.at, ack.by).run());
    return append_audit(database, tenant, {ack.by, "alert_seen", std::to_string(ack.alert), "", "ok"}, ack.at);
  });
}

}  // namespace aitrade
