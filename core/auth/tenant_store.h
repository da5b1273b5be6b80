// Tenants and what they leave behind: rows of access.db beside the keys.
//
// "default" owns the engine and always exists, active. The others have keys of their own; what a status other than
// active or trialing means for them is settled here and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/access_store.h"

namespace aitrade {

struct TenantRow {
  TenantId id;
  std::string name, status, plan;
  std::optional<Time> past_due_since;
  Time created, updated;

  /// Whether its keys work: active, trialing, or not long past due.
  [[nodiscard]] bool is_active(Time now, Duration grace) const;
};

/// Whether a text may name a tenant: [a-z0-9_-]{1,32}.
bool is_tenant_name(std::string_view text);

/// Whether a text is one of the six states that a tenant may have.
bool is_tenant_status(std::string_view text);

class TenantStore {
 public:
  /// `access` is borrowed and must outlive the store.
  explicit TenantStore(const AccessStore& access) : access_(access) {}

  /// Errors: invalid for a bad name, rejected when there is one of that id.
  Status add(const TenantId& id, const std::string& name, const std::string& plan, std::string_view actor,
             Time now) const;

  struct Change {
    std::optional<std::string> name, status, plan;
  };

  /// Errors: not_found, invalid for an unknown status, rejected for another status of "default".
  Status change(const TenantId& id, const Change& wish, std::string_view actor, Time now) const;

  /// Returns all tenants, "default" first.
  [[nodiscard]] Result<std::vector<TenantRow>> list() const;

  /// Returns one. Errors: not_found.
  [[nodiscard]] Result<TenantRow> find(const TenantId& id) const;

 private:
  const AccessStore& access_;
};

/// Small things a tenant keeps: favourites, where its record begins anew, which alerts it has seen.
class PreferenceStore {
 public:
  /// `access` is borrowed and must outlive the store.
  explicit PreferenceStore(const AccessStore& access) : access_(access) {}

  /// Returns "" for what was never kept.
  [[nodiscard]] Result<std::string> get(const TenantId& tenant, std::string_view key) const;
  Status put(const TenantId& tenant, std::string_view key, std::string_view value, Time now) const;

  struct Ack {
    std::int64_t alert{0};
    Time of, at;       // of: the alert's own time
    std::string by;
  };

  [[nodiscard]] Result<std::vector<Ack>> acks(const TenantId& tenant) const;

  /// The first one counts.
  Status acknowledge(const TenantId& tenant, const Ack& ack) const;

 private:
  const AccessStore& access_;
};

}  // namespace aitrade
