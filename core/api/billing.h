// What the API asks of whoever sells plans (operations.md 7). Implemented in core/billing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/gatekeeper.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/net/http_server.h"

namespace aitrade {

struct BillingPlan {
  std::string name;
  bool is_sold{false};   // it has a price; "free" has none
};

struct CheckoutWish {
  TenantId tenant;
  std::string plan, success_url, cancel_url, email;
  std::string idempotency_key;   // forwarded; empty: one is made
};

struct Checkout {
  std::string url, session_id, plan, customer_id;
};

/// May be used from any thread; calls of the payment service are made on the caller's.
class BillingPort {
 public:
  virtual ~BillingPort() = default;

  /// Returns why nothing is sold, or "".
  [[nodiscard]] virtual std::string closed() const = 0;

  [[nodiscard]] virtual std::vector<BillingPlan> plans() const = 0;

  /// Errors: invalid (a plan that is not sold, an address that payers may not be sent to), rejected for "default",
  /// not_found for a tenant that there is not, network or busy when the service cannot be reached.
  virtual Result<Checkout> checkout(const CheckoutWish& wish) = 0;

  /// Returns the address of the payer's own page. Errors: as above; rejected before the first checkout.
  virtual Result<std::string> portal(const TenantId& tenant, const std::string& return_url) = 0;

  enum class Receipt : std::uint8_t {
    taken, duplicate, malformed, bad_signature, stale, other_mode, too_often, failed
  };

  /// Takes a signed event of a client: it is stored with its work before this returns.
  virtual Receipt receive(const ServerRequest& request, const std::string& client, const Moment& now) = 0;
};

}  // namespace aitrade
