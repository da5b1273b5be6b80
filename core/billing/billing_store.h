// What billing keeps, in access.db beside the tenants: who pays for whom, and events with their work.
//
// An event and its work are one row, so there is no moment at which one is there and the other is not (B1).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/auth/tenant_store.h"
#include "core/billing/payment_event.h"

namespace aitrade {

struct BillingAccount {
  TenantId tenant;
  std::string customer, subscription;   // empty: none yet
};

class BillingStore {
 public:
  /// `access` is borrowed and must outlive the store.
  explicit BillingStore(const AccessStore& access) : access_(access) {}

  enum class Kept : std::uint8_t { fresh, duplicate, other_body };

  /// Keeps an event, waiting or ignored. One that is known stays as it is. Errors: as Database.
  Result<Kept> keep(const PaymentEvent& event, const std::string& body_hash, Time now) const;

  /// Returns events whose work is not done, oldest first. Errors: as Database.
  [[nodiscard]] Result<std::vector<PaymentEvent>> waiting() const;

  /// Ends the work of an event: "done" or "refused", and why. Errors: as Database.
  Status finish(const std::string& id, const char* state, const std::string& detail, Time now) const;

  [[nodiscard]] Result<std::optional<BillingAccount>> of_tenant(const TenantId& tenant) const;
  [[nodiscard]] Result<std::optional<BillingAccount>> of_subscription(const std::string& id) const;
  [[nodiscard]] Result<std::optional<BillingAccount>> of_customer(const std::string& id) const;

  /// Keeps who pays. Errors: rejected when customer or subscription are another tenant's.
  Status put(const BillingAccount& account, Time now) const;

 private:
  [[nodiscard]] Result<std::optional<BillingAccount>> find(const char* sql, const std::string& value) const;

  const AccessStore& access_;
};

}  // namespace aitrade
