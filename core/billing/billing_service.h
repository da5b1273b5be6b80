// Sells plans to tenants: the way to the till, and what the payment service tells of it (operations.md 7).
//
// A webhook only keeps its event; a thread of its own does the work, by asking the service for the subscription as it
// is now: the order in which events arrive says nothing, and an event that comes twice changes nothing. The owner of
// the engine ("default") is never touched. Calls never run on a thread that trades.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/api/billing.h"
#include "core/api/signature.h"
#include "core/billing/billing_store.h"
#include "core/billing/stripe_client.h"

namespace aitrade {

struct BillingRules {
  std::string api_url, currency;
  std::string price_pro, price_premium;        // empty: that plan is not sold
  bool is_live{true};                          // which kind of prices and events is meant
  Secret secret_key;
  std::vector<Secret> webhook_secrets;         // at most two, while one replaces the other
  std::vector<std::string> return_origins;     // to which payers may be sent back
  Duration retry_every{seconds{30}};           // of work that the service did not answer
};

/// Says something to people: a tenant whose payment failed, an event that fits nothing.
using BillingNotice = std::function<void(const std::string& text)>;

class BillingService final : public BillingPort {
 public:
  /// Starts the thread. `access` and `transport` are borrowed and must outlive it; `wall` is called from it.
  BillingService(BillingRules rules, const AccessStore& access, HttpTransport& transport, std::function<Time()> wall,
                 BillingNotice notice);
  ~BillingService() override;
  BillingService(const BillingService&) = delete;
  BillingService& operator=(const BillingService&) = delete;

  [[nodiscard]] std::string closed() const override;
  [[nodiscard]] std::vector<BillingPlan> plans() const override;
  Result<Checkout> checkout(const CheckoutWish& wish) override;
  Result<std::string> portal(const TenantId& tenant, const std::string& return_url) override;
  Receipt receive(const ServerRequest& request, const std::string& client, const Moment& now) override;

  /// Waits until the prices are checked and no work is left that can be done now. False when `limit` passed.
  bool settle(milliseconds limit);

 private:
  void run();
  bool check_prices();
  bool work_off();
  Status apply(const PaymentEvent& event);
  Status on_checkout(const PaymentEvent& event);
  Status on_subscription(const PaymentEvent& event);
  Status set_standing(const TenantId& tenant, const std::string& status, const std::string& plan);
  Result<TenantId> payer_of(const PaymentEvent& event, const StripeSubscription& now);
  Result<Checkout> begin_free(const CheckoutWish& wish);
  [[nodiscard]] std::string price_of(const std::string& plan) const;
  [[nodiscard]] std::string plan_of(const std::string& price) const;
  [[nodiscard]] bool may_return(const std::string& url) const;
  [[nodiscard]] Result<TenantRow> known_tenant(const TenantId& tenant) const;

  BillingRules rules_;
  const AccessStore& access_;
  BillingStore store_;
  StripeClient client_;
  std::function<Time()> wall_;
  BillingNotice notice_;
  SignatureGuard guard_;
  mutable std::mutex mutex_;              // guards all that follows
  std::condition_variable wake_, settled_;
  std::string closed_{"prices are being checked"};
  bool has_news_{true};                   // work that nobody has looked at
  bool is_idle_{false};
  bool stop_{false};
  std::thread thread_;                    // last: it uses all of the above
};

}  // namespace aitrade
