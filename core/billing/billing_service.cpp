#include "core/billing/billing_service.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/auth/client_address.h"

namespace aitrade {
namespace {

constexpr Duration tolerance{minutes{5}};
constexpr std::string_view free_plan = "free", pro_plan = "pro", premium_plan = "premium";

/// Returns "scheme://host[:port]" of an address, in lower case; empty for one that hides something.
std::string origin_of(const std::string& url) {
  const bool is_plain = url.starts_with("http://");
  if (!is_plain && !url.starts_with("https://")) return {};
  for (const char c : url) {
    if (c <= ' ' || c == '\\' || c == 0x7f) return {};
  }
  const std::size_t from = is_plain ? 7 : 8;
  const std::size_t end = std::min(url.find_first_of("/?#", from), url.size());
  std::string origin = url.substr(0, end);
  if (end == from || origin.find('@') != std::string::npos) return {};
  for (char& c : origin) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return origin;
}

bool is_mail_address(const std::string& text) {
  const auto at = text.find('@');
  return at != 0 && at != std::string::npos && at + 1 < text.size() && text.find('@', at + 1) == std::string::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

Error refused(std::string why) { return fail(ErrorCode::rejected, std::move(why)); }

}  // namespace

BillingService::BillingService(BillingRules rules, const AccessStore& access, HttpTransport& transport,
                               std::function<Time()> wall, BillingNotice notice)
    : rules_(std::move(rules)), access_(access), store_(access), client_(transport, rules_.api_url, rules_.secret_key),
      wall_(std::move(wall)), notice_(std::move(notice)), thread_([this] { run(); }) {}

BillingService::~BillingService() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string BillingService::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::vector<BillingPlan> BillingService::plans() const {
  return {{std::string(free_plan), false},
          {std::string(pro_plan), !rules_.price_pro.empty()},
          {std::string(premium_plan), !rules_.price_premium.empty()}};
}

std::string BillingService::price_of(const std::string& plan) const {
  return plan == pro_plan ? rules_.price_pro : plan == premium_plan ? rules_.price_premium : "";
}

std::string BillingService::plan_of(const std::string& price) const {
  if (price.empty()) return {};
  return std::string(price == rules_.price_pro ? pro_plan : price == rules_.price_premium ? premium_plan : "");
}

bool BillingService::may_return(const std::string& url) const {
  const std::string origin = origin_of(url);
  return !origin.empty() && std::find(rules_.return_origins.begin(), rules_.return_origins.end(), origin) != rules_.return_origins.end();
}

/// Errors: rejected for "default", not_found.
Result<TenantRow> BillingService::known_tenant(const TenantId& tenant) const {
  if (tenant == TenantId{}) return refused("the tenant 'default' owns the engine and pays nothing");
  return TenantStore(access_).find(tenant);
}

Result<Checkout> BillingService::checkout(const CheckoutWish& wish) {
  const bool is_plan = wish.plan == free_plan || wish.plan == pro_plan || wish.plan == premium_plan;
  if (!is_plan) return fail(ErrorCode::invalid, "plan: free, pro or premium");
  if (!may_return(wish.success_url) || !may_return(wish.cancel_url)) {
    return fail(ErrorCode::invalid, "success_url and cancel_url must lead to an origin of billing.allowed_return_origins");
  }
  if (!wish.email.empty() && !is_mail_address(wish.email)) return fail(ErrorCode::invalid, "customer_email is no address");
  AITRADE_TRY(const TenantRow tenant, known_tenant(wish.tenant));
  if (wish.plan == free_plan) return begin_free(wish);
  const std::string price = price_of(wish.plan);
  if (price.empty()) return fail(ErrorCode::invalid, "this plan is not sold here");
  AITRADE_TRY(const auto account, store_.of_tenant(tenant.id));
  FormFields fields{{"mode", "subscription"},
                    {"line_items[0][price]", price},
                    {"line_items[0][quantity]", "1"},
                    {"success_url", wish.success_url},
                    {"cancel_url", wish.cancel_url},
                    {"client_reference_id", tenant.id.name},
                    {"metadata[tenant_id]", tenant.id.name},
                    {"metadata[plan]", wish.plan},
                    {"subscription_data[metadata][tenant_id]", tenant.id.name},
                    {"subscription_data[metadata][plan]", wish.plan}};
  if (account && !account->customer.empty()) {
    fields.emplace_back("customer", account->customer);
  } else if (!wish.email.empty()) {
    fields.emplace_back("customer_email", wish.email);
  }
  const std::string key = wish.idempotency_key.empty() ? to_hex(random_bytes(16)) : wish.idempotency_key;
  AITRADE_TRY(StripeSession session, client_.open_checkout(fields, "aitrade-" + tenant.id.name + "-" + key));
  return Checkout{std::move(session.url), std::move(session.id), wish.plan, std::move(session.customer)};
}

/// The free plan costs nothing and asks nobody, unless something else is being paid for.
Result<Checkout> BillingService::begin_free(const CheckoutWish& wish) {
  AITRADE_TRY(const auto account, store_.of_tenant(wish.tenant));
  if (account && !account->subscription.empty()) return refused("a subscription ends on the payer's own page");
  AITRADE_TRY_STATUS(set_standing(wish.tenant, "trialing", std::string(free_plan)));
  return Checkout{wish.success_url, "", std::string(free_plan), ""};
}

Result<std::string> BillingService::portal(const TenantId& tenant, const std::string& return_url) {
  if (!may_return(return_url)) return fail(ErrorCode::invalid, "return_url must lead to an origin of billing.allowed_return_origins");
  AITRADE_TRY(const TenantRow known, known_tenant(tenant));
  AITRADE_TRY(const auto account, store_.of_tenant(known.id));
  if (!account || account->customer.empty()) return refused("nothing was paid for yet");
  AITRADE_TRY(StripeSession session, client_.open_portal({{"customer", account->customer}, {"return_url", return_url}},
                                                         to_hex(random_bytes(16))));
  return std::move(session.url);
}

// ---- what the service tells ---------------------------------------------------------------------------------

BillingPort::Receipt BillingService::receive(const ServerRequest& request, const std::string& client, const Moment& now) {
  const std::string address = address_class(client);
  if (guard_.wait(address, now.steady).count() > 0) return Receipt::too_often;   // before anything is computed (A5)
  const auto is_signature = [](const HttpHeader& h) { return !header_value({h}, "Stripe-Signature").empty(); };
  const auto count = std::count_if(request.headers.begin(), request.headers.end(), is_signature);
  const auto stamp = count == 1 ? parse_stamp(request.header("Stripe-Signature")) : std::nullopt;
  const auto verdict = stamp ? judge_signature(*stamp, request.body, rules_.webhook_secrets, now.wall, tolerance)
                             : SignatureVerdict::wrong;
  if (verdict == SignatureVerdict::stale) return Receipt::stale;
  if (verdict != SignatureVerdict::right) {
    guard_.failed(address, now.steady);
    return Receipt::bad_signature;
  }
  const auto event = parse_payment_event(request.body);
  if (!event) return Receipt::malformed;
  if (event->is_live != rules_.is_live) {
    notice_("billing: an event of the other mode was refused: " + event->id);
    return Receipt::other_mode;
  }
  const auto kept = store_.keep(*event, to_hex(view(sha256(request.body))), now.wall);
  if (!kept) return Receipt::failed;
  if (*kept == BillingStore::Kept::other_body) notice_("billing: event " + event->id + " came again with another body");
  if (*kept != BillingStore::Kept::fresh) return Receipt::duplicate;
  {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
    is_idle_ = false;
  }
  wake_.notify_all();
  return Receipt::taken;
}

bool BillingService::settle(milliseconds limit) {
  std::unique_lock lock(mutex_);
  return settled_.wait_for(lock, limit, [this] { return is_idle_ && !has_news_; });
}

void BillingService::run() {
  bool are_prices_known = false;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      has_news_ = false;
    }
    if (!are_prices_known) are_prices_known = check_prices();
    const bool is_done = work_off() && are_prices_known;
    std::unique_lock lock(mutex_);
    is_idle_ = !has_news_;
    settled_.notify_all();
    const auto is_wanted = [this] { return stop_ || has_news_; };
    if (is_done) {
      wake_.wait(lock, is_wanted);
    } else {
      wake_.wait_for(lock, rules_.retry_every, is_wanted);
    }
  }
}

/// Whether every price is what it should be (B2); until then, and unless they are, nothing is sold. False: ask again.
bool BillingService::check_prices() {
  std::string why;
  bool is_known = true;
  for (const std::string& id : {rules_.price_pro, rules_.price_premium}) {
    if (id.empty() || !why.empty()) continue;
    const auto price = client_.price(id);
    if (!price) {
      why = "price " + id + ": " + price.error().what;
      is_known = price.error().code != ErrorCode::network && price.error().code != ErrorCode::timeout;
    } else if (!price->is_active || !price->is_recurring) {
      why = "price " + id + " is not active and recurring";
    } else if (price->currency != rules_.currency) {
      why = "price " + id + " is in " + price->currency + ", not in " + rules_.currency;
    } else if (price->is_live != rules_.is_live) {
      why = "price " + id + " is of the " + (price->is_live ? "live" : "test") + " mode";
    }
  }
  if (!why.empty()) notice_("billing is closed: " + why);
  const std::lock_guard lock(mutex_);
  closed_ = std::move(why);
  return is_known;
}

/// Does what waits. False when some of it has to be tried again.
bool BillingService::work_off() {
  for (;;) {
    const auto events = store_.waiting();
    if (!events) return false;
    if (events->empty()) return true;
    bool is_all = true;
    for (const PaymentEvent& event : *events) {
      const Status done = apply(event);
      const bool must_wait = !done && done.error().code != ErrorCode::rejected;
      if (must_wait) {
        is_all = false;
        continue;
      }
      if (!done) notice_("billing: " + event.type + " " + event.id + " was refused: " + done.error().what);
      is_all = store_.finish(event.id, done ? "done" : "refused", done ? "" : done.error().what, wall_()) && is_all;
    }
    if (!is_all) return false;
    const std::lock_guard lock(mutex_);
    if (stop_) return true;
  }
}

/// Errors: rejected when the event fits nothing and never will; everything else is tried again.
Status BillingService::apply(const PaymentEvent& event) {
  if (event.type == "checkout.session.completed") return on_checkout(event);
  if (event.subscription.empty()) return refused("it names no subscription");
  AITRADE_TRY_STATUS(on_subscription(event));
  if (event.type == "invoice.payment_failed") {
    const auto account = store_.of_subscription(event.subscription);
    const std::string who = account && *account ? (*account)->tenant.name : event.subscription;
    notice_("billing: a payment of " + who + " failed");
  }
  return ok();
}

Status BillingService::on_checkout(const PaymentEvent& event) {
  if (!event.is_paid) return ok();   // its invoice tells when it is
  if (event.tenant.empty()) return refused("it names no tenant");
  if (event.subscription.empty() || event.customer.empty()) return refused("it names no subscription or no customer");
  return on_subscription(event);
}

/// Whose subscription it is: the tenant of its metadata, if that does not contradict what is kept, else whose it was.
Result<TenantId> BillingService::payer_of(const PaymentEvent& event, const StripeSubscription& now) {
  AITRADE_TRY(const auto by_subscription, store_.of_subscription(now.id));
  AITRADE_TRY(const auto by_customer, store_.of_customer(now.customer));
  const auto& known = by_subscription ? by_subscription : by_customer;
  const std::string& named = event.tenant.empty() ? now.tenant : event.tenant;
  if (named.empty() && !known) return refused("nobody knows whose it is");
  const TenantId tenant{named.empty() ? known->tenant.name : named};
  if (known && known->tenant != tenant) return refused("it names " + tenant.name + ", and is another's");
  AITRADE_TRY(const auto kept, store_.of_tenant(tenant));
  if (kept && !kept->customer.empty() && kept->customer != now.customer) return refused("its customer is not the one of " + tenant.name);
  const auto row = known_tenant(tenant);
  if (!row) return row.error().code == ErrorCode::not_found ? refused("there is no tenant " + tenant.name) : Error(row.error());
  return tenant;
}

/// What the service says of the subscription now, whatever the event said, goes to the tenant.
Status BillingService::on_subscription(const PaymentEvent& event) {
  const auto now = client_.subscription(event.subscription);
  if (!now) {
    const bool is_gone = now.error().code == ErrorCode::not_found || now.error().code == ErrorCode::invalid;
    return is_gone ? refused("there is no such subscription") : Error(now.error());
  }
  AITRADE_TRY(const TenantId tenant, payer_of(event, *now));
  const std::string status = tenant_status_of(now->status);
  if (status.empty()) return refused("its status '" + now->status + "' is not known here");
  AITRADE_TRY(const auto kept, store_.of_tenant(tenant));
  const bool is_other = kept && !kept->subscription.empty() && kept->subscription != now->id;
  if (is_other && status != "active" && status != "trialing") return ok();   // news of one that was replaced
  AITRADE_TRY_STATUS(store_.put({tenant, now->customer, now->id}, wall_()));
  std::string plan = plan_of(now->price);
  if (plan.empty()) plan = now->plan == pro_plan || now->plan == premium_plan ? now->plan : "";
  return set_standing(tenant, status, plan);
}

Status BillingService::set_standing(const TenantId& tenant, const std::string& status, const std::string& plan) {
  AITRADE_TRY(const TenantRow row, known_tenant(tenant));
  TenantStore::Change change;
  if (row.status != status) change.status = status;
  if (!plan.empty() && row.plan != plan) change.plan = plan;
  if (!change.status && !change.plan) return ok();
  return TenantStore(access_).change(tenant, change, "billing", wall_());
}

}  // namespace aitrade
