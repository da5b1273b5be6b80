// What comes from outside and is no key of the page: secrets of webhooks and of the payment service, and who serves
// them. Off unless configured; a secret is taken from the environment or the vault, never from a file of settings.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cmd/compose.h"
#include "core/api/signal_desk.h"
#include "core/billing/billing_service.h"
#include "core/net/http_client.h"
#include "core/vault/vault.h"

namespace aitrade::cli {

/// Secrets of others' messages to us, and ours to them. Webhook secrets may be two, while one replaces the other.
struct OutsideSecrets {
  std::vector<Secret> signals;
  std::map<std::string, std::vector<Secret>> account_signals;   // by what stands before the name: "SECOND_"
  Secret payment_key;
  std::vector<Secret> payments;
};

/// Takes them out of the environment, its memory wiped. Before any thread. Errors: corrupt for one that is too short or
/// more than two.
Result<OutsideSecrets> take_outside_secrets();

/// Takes from the vault what the environment did not bring. Errors: as above.
Status take_outside_secrets(const VaultReader& vault, OutsideSecrets& secrets);

/// Returns who takes signals; null where that is off. Takes their secrets out of `secrets`. Errors: unsupported when it
/// is on without a secret, with one of an account that there is not, or with one that two share.
Result<std::unique_ptr<SignalDesk>> make_signal_desk(const Config& config, bool is_live, OutsideSecrets&& secrets,
                                                     SignalSink sink);

/// Who sells plans, and the connection that it has of its own.
class BillingParts {
 public:
  BillingParts(BillingRules rules, AccessStore access, std::function<Time()> wall, BillingNotice notice)
      : access_(std::move(access)), service_(std::move(rules), access_, client_, std::move(wall), std::move(notice)) {}

  /// A call that hangs must not hold up the end of the process.
  ~BillingParts() { client_.cancel(); }
  BillingParts(const BillingParts&) = delete;
  BillingParts& operator=(const BillingParts&) = delete;

  [[nodiscard]] BillingService& service() { return service_; }

 private:
  AccessStore access_;
  HttpClient client_;
  BillingService service_;
};

/// Returns who sells plans; null where that is off. Errors: unsupported when it is on and something is missing.
Result<std::unique_ptr<BillingParts>> make_billing(const Settings& settings, Secret key, std::vector<Secret> webhooks,
                                                   BillingNotice notice);

}  // namespace aitrade::cli
