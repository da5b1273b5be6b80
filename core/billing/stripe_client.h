// The payment service over HTTPS: form-encoded requests, JSON replies, a pinned version of its interface.
//
// Blocking, on the caller's thread; ten seconds a call and two repetitions, which the Idempotency-Key makes safe. The
// secret key goes into one header and nowhere else.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/net/transport.h"

namespace aitrade {

/// Name and value, such as {"line_items[0][price]", "price_1"}.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// Returns application/x-www-form-urlencoded.
std::string form_encode(const FormFields& fields);

struct StripePrice {
  std::string id, currency;
  bool is_active{false}, is_recurring{false}, is_live{false};
};

struct StripeSubscription {
  std::string id, customer, status, price, tenant, plan;   // tenant and plan of its metadata
};

struct StripeSession {
  std::string id, url, customer;
};

class StripeClient {
 public:
  /// `transport` is borrowed and must outlive the client. `base` has no slash at its end.
  StripeClient(HttpTransport& transport, std::string base, Secret key)
      : transport_(transport), base_(std::move(base)), key_(std::move(key)) {}

  /// Errors of all: not_found, rejected when the service refuses, network or timeout, corrupt for a strange reply.
  Result<StripePrice> price(const std::string& id);
  Result<StripeSubscription> subscription(const std::string& id);
  Result<StripeSession> open_checkout(const FormFields& fields, const std::string& idempotency_key);
  Result<StripeSession> open_portal(const FormFields& fields, const std::string& idempotency_key);

 private:
  Result<std::string> call(const char* method, const std::string& path, const FormFields& fields,
                           const std::string& idempotency_key);

  HttpTransport& transport_;
  std::string base_;
  Secret key_;
};

}  // namespace aitrade
