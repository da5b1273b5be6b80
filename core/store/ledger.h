// What the ledger says of itself and of control: identity, pause and halt, the audit trail.
//
// Identity is made at first open and kept for ever: the instance tag and key of client order ids,
// and the epoch. `store_pause` is the road of `aitrade pause` when no daemon runs (decision 3).
#pragma once

#include "core/store/client_id.h"
#include "core/store/database.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace aitrade {

struct LedgerIdentity {
  ClientIdKey key;
  std::uint16_t epoch{1};
};

/// Reads the identity, or makes it in a ledger that has none; writer only.
Result<LedgerIdentity> ledger_identity(Database& ledger);

struct ControlState {
  bool paused{false};
  bool halted{false};
  std::string reason;
  std::string actor;  // "cli:UID", "session:...", "system"
  Time updated;
};

/// Returns pause and halt of a tenant; all clear when nothing was ever stored.
Result<ControlState> control_state(Database& ledger, const TenantId& tenant);

/// Stores pause and halt with an audit row. Call inside a transaction.
Status put_control_state(Database& ledger, const TenantId& tenant, const ControlState& state);

struct AuditEntry {
  std::string actor;
  std::string action;
  std::string target;
  std::string detail;
  std::string outcome{"ok"};
};

/// Appends to the audit trail; each row's hash covers the row before. Call inside a transaction.
Status append_audit(Database& ledger, const TenantId& tenant, const AuditEntry& entry, Time now);

/// Recomputes the chain of the audit trail; errors: corrupt, naming the first row that does not
/// fit.
Status check_audit(Database& ledger);

struct PauseRequest {
  TenantId tenant;
  bool paused{true};
  std::string reason;
  std::string actor;
  std::optional<bool> halted{};   // unset: a halt that is stored stays
};

/// Stores pause, resume or a halt in the ledger of a state directory with no daemon: takes the instance lock, is
/// the only writer for that moment, and stores flag and audit row in one transaction. Errors: busy (a daemon holds
/// the lock), rejected (a resume while halted, and the halt is not cleared), and those of open_writer.
Status store_pause(const std::filesystem::path& lock_file, const std::filesystem::path& trading_db,
                   const PauseRequest& request, Time now);

}  // namespace aitrade
