#include "core/store/ledger.h"

#include "core/store/digest.h"
#include "core/store/instance_lock.h"
#include "core/store/schema.h"

#include <charconv>
#include <utility>

namespace aitrade {
namespace {

Result<std::string> meta(Database& ledger, std::string_view key) {
  AITRADE_TRY(Statement select, ledger.prepare("SELECT value FROM meta WHERE key=?"));
  AITRADE_TRY(const bool has_row, select.bind_all(key).step());
  if (!has_row) return fail(ErrorCode::not_found, "meta " + std::string(key));
  return std::string(select.text(0));
}

Status put_meta(Database& ledger, std::string_view key, std::string_view value) {
  AITRADE_TRY(Statement insert, ledger.prepare("INSERT INTO meta VALUES(?,?)"));
  return insert.bind_all(key, value).run();
}

Status make_identity(Database& ledger) {
  const ClientIdKey fresh = new_client_id_key();
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger));
  AITRADE_TRY_STATUS(put_meta(ledger, "instance_tag", std::to_string(fresh.tag)));
  AITRADE_TRY_STATUS(put_meta(ledger, "client_id_key", to_hex(fresh.key.reveal())));
  AITRADE_TRY_STATUS(put_meta(ledger, "epoch", "1"));
  return transaction.commit();
}

Result<std::uint32_t> meta_number(Database& ledger, std::string_view key) {
  AITRADE_TRY(const std::string text, meta(ledger, key));
  std::uint32_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  if (text.empty() || end != text.data() + text.size()) {
    return fail(ErrorCode::corrupt, "meta " + std::string(key) + ": " + text);
  }
  return value;
}

std::string audit_hash(std::string_view before, const TenantId& tenant, const AuditEntry& entry,
                       Time now) {
  std::string text;
  for (const std::string_view part :
       {before, std::string_view(tenant.name), std::string_view(entry.actor),
        std::string_view(entry.action), std::string_view(entry.target),
        std::string_view(entry.detail), std::string_view(entry.outcome)}) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  }
  return to_hex(view(sha256(text + std::to_string(now.ns))));
}

}  // namespace

Result<LedgerIdentity> ledger_identity(Database& ledger) {
  if (auto found = meta(ledger, "instance_tag"); !found) {
    if (found.error().code != ErrorCode::not_found) return std::move(found).error();
    AITRADE_TRY_STATUS(make_identity(ledger));
  }
  LedgerIdentity identity;
  AITRADE_TRY(identity.key.tag, meta_number(ledger, "instance_tag"));
  AITRADE_TRY(const std::string key, meta(ledger, "client_id_key"));
  identity.key.key = Secret(from_hex(key));
  AITRADE_TRY(const std::uint32_t epoch, meta_number(ledger, "epoch"));
  identity.epoch = static_cast<std::uint16_t>(epoch);
  return identity;
}

Result<ControlState> control_state(Database& ledger, const TenantId& tenant) {
  AITRADE_TRY(Statement select,
              ledger.prepare("SELECT paused, halted, reason, actor, updated_ns FROM control_state "
                             "WHERE tenant_id = ?"));
  AITRADE_TRY(const bool has_row, select.bind_all(tenant.name).step());
  ControlState state;
  if (!has_row) return state;
  state.paused = select.integer(0) != 0;
  state.halted = select.integer(1) != 0;
  state.reason = select.text(2);
  state.actor = select.text(3);
  state.updated = select.time(4);
  return state;
}

Status put_control_state(Database& ledger, const TenantId& tenant, const ControlState& state) {
  AITRADE_TRY(Statement upsert, ledger.prepare("INSERT OR REPLACE INTO control_state(tenant_id, "
                                               "paused, halted, reason, actor, updated_ns) "
                                               "VALUES(?,?,?,?,?,?)"));
  AITRADE_TRY_STATUS(upsert
                         .bind_all(tenant.name, state.paused, state.halted, state.reason,
                                   state.actor, state.updated)
                         .run());
  const char* action = state.halted ? "halt" : state.paused ? "pause" : "resume";
  return append_audit(ledger, tenant, {state.actor, action, "", state.reason, "ok"}, state.updated);
}

Status append_audit(Database& ledger, const TenantId& tenant, const AuditEntry& entry, Time now) {
  // every tenant: one chain over all rows
  auto before = ledger.text("SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1");
  if (!before && before.error().code != ErrorCode::not_found) return std::move(before).error();
  const std::string previous = before ? *before : "";
  AITRADE_TRY(Statement insert,
              ledger.prepare("INSERT INTO audit_log(tenant_id, ts_ns, actor, action, target, "
                             "detail, outcome, prev_hash, hash) VALUES(?,?,?,?,?,?,?,?,?)"));
  return insert
      .bind_all(tenant.name, now, entry.actor, entry.action, entry.target, entry.detail,
                entry.outcome, previous, audit_hash(previous, tenant, entry, now))
      .run();
}

Status check_audit(Database& ledger) {
  AITRADE_TRY(Statement rows,
              ledger.prepare("SELECT id, tenant_id, ts_ns, actor, action, target, detail, outcome, "
                             "prev_hash, hash FROM audit_log ORDER BY id"));
  std::string previous;
  for (;;) {
    AITRADE_TRY(const bool has_row, rows.step());
    if (!has_row) return ok();
    const AuditEntry entry{std::string(rows.text(3)), std::string(rows.text(4)),
                           std::string(rows.text(5)), std::string(rows.text(6)),
                           std::string(rows.text(7))};
    const std::string hash =
        audit_hash(previous, TenantId{std::string(rows.text(1))}, entry, rows.time(2));
    if (rows.text(8) != previous || rows.text(9) != hash) {
      return fail(ErrorCode::corrupt,
                  "audit row " + std::to_string(rows.integer(0)) + " was changed");
    }
    previous = hash;
  }
}

Status store_pause(const std::filesystem::path& lock_file, const std::filesystem::path& trading_db,
                   const PauseRequest& request, Time now) {
  AITRADE_TRY(const InstanceLock lock, InstanceLock::take(lock_file, now));
  static_cast<void>(lock);  // held until the end
  AITRADE_TRY(Database ledger, open_writer(trading_db, Profile::ledger, now));
  AITRADE_TRY(Transaction transaction, Transaction::begin(ledger));
  AITRADE_TRY(Statement tenant,
              ledger.prepare("INSERT OR IGNORE INTO tenants(id, name, status, created_ns, "
                             "updated_ns) VALUES(?1,?1,'active',?2,?2)"));
  AITRADE_TRY_STATUS(tenant.bind_all(request.tenant.name, now).run());
  AITRADE_TRY(ControlState state, control_state(ledger, request.tenant));
  state.halted = request.halted.value_or(state.halted);
  if (!request.paused && state.halted) {
    return fail(ErrorCode::rejected, "halted by " + state.actor + (state.reason.empty() ? "" : ": " + state.reason));
  }
  state.paused = request.paused;
  state.reason = request.reason;
  state.actor = request.actor;
  state.updated = now;
  AITRADE_TRY_STATUS(put_control_state(ledger, request.tenant, state));
  AITRADE_TRY_STATUS(transaction.commit());
  return ledger.checkpoint(true);
}

}  // namespace aitrade
