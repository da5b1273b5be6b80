// An event of the payment service, read once: what of it anybody acts on. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace aitrade {

struct PaymentEvent {
  std::string id, type;
  Time created;
  bool is_live{false};
  std::string tenant, plan;              // of its metadata; empty: none
  std::string customer, subscription;    // ids; empty: none
  bool is_paid{false};                   // of a checkout: paid, or nothing to pay

  /// Whether anything follows from an event of this type; the others are kept and ignored.
  [[nodiscard]] bool is_known() const;
};

/// Reads an event. Nothing when it is none: no JSON object, an id that is not evt_..., no type.
std::optional<PaymentEvent> parse_payment_event(std::string_view body);

/// Returns the status that a tenant has by the status of its subscription; "" for one that we do not know.
///
/// The table is operations.md 7. A status that the table of tenants does not know must never reach it (X8).
std::string tenant_status_of(std::string_view subscription_status);

}  // namespace aitrade
