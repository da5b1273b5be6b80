// Plans, payments and what the payment service tells, against a stand-in on loopback (operations.md 7).
//
// The defects of the earlier system in that section have a case each, by their words.

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/billing/billing_service.h"
#include "core/net/http_client.h"
#include "tests/core/api/two_tenants.h"
#include "tests/core/billing/payment_stand_in.h"

using namespace aitrade;
using test::PaymentStandIn;
using test::TwoTenants;

namespace {

constexpr const char* hook_secret = "hook-test-secret-0123456789";
constexpr const char* admin_key = "adminadminADMIN-0123456789-ZYXWVU";
constexpr milliseconds long_enough{20'000};

struct Rig : TwoTenants {
  PaymentStandIn stripe;
  HttpClient client;
  std::mutex mutex;
  std::vector<std::string> notices;
  std::unique_ptr<BillingService> service;
  int events{0};

  explicit Rig(bool sells = true) : TwoTenants(true) {
    stripe.price("price_pro1");
    auto database = open_writer(file(Profile::access), Profile::access, now);
    REQUIRE(database);
    REQUIRE(database->execute("DELETE FROM billing_accounts"));   // nobody has paid yet
    if (sells) open();
  }

  void open(std::string currency = "usd") {
    BillingRules rules;
    rules.api_url = stripe.url();
    rules.currency = std::move(currency);
    rules.price_pro = "price_pro1";
    rules.is_live = false;
    rules.secret_key = Secret("service-test-key");
    rules.webhook_secrets.emplace_back(hook_secret);
    rules.return_origins = {"https://desk.example"};
    rules.retry_every = milliseconds{20};
    service = std::make_unique<BillingService>(std::move(rules), access(), client, [] { return test::two_tenants_now; },
                                               [this](const std::string& text) {
                                                 const std::lock_guard lock(mutex);
                                                 notices.push_back(text);
                                               });
    context.billing = service.get();
    REQUIRE(service->settle(long_enough));
  }

  ~Rig() { service.reset(); }

  Response deliver(const std::string& body, const std::string& key = hook_secret) {
    const std::int64_t at = (now + minutes{1}).seconds_floor();   // ask() lets a minute pass
    const std::string mac = to_hex(view(hmac_sha256(key, std::to_string(at) + "." + body)));
    return ask("POST", "/api/v1/billing/webhook",
               {{"Stripe-Signature", "t=" + std::to_string(at) + ",v1=" + mac}}, body);
  }

  /// An event about an object, with an id of its own.
  std::string event(const std::string& type, const std::string& object, const std::string& id = "") {
    return R"({"id":")" + (id.empty() ? "evt_test" + std::to_string(10'000 + ++events) : id) + R"(","type":")" + type +
           R"(","created":1643112000,"livemode":false,"data":{"object":)" + object + "}}";
  }

  std::string paid(const std::string& tenant, const std::string& customer = "cus_A", const std::string& sub = "sub_A") {
    return event("checkout.session.completed",
                 R"({"customer":")" + customer + R"(","subscription":")" + sub + R"(","payment_status":"paid","metadata":{)" +
                     (tenant.empty() ? "" : R"("tenant_id":")" + tenant + R"(","plan":"pro")") + "}}");
  }

  std::string about(const std::string& sub, const std::string& type = "customer.subscription.updated",
                    const std::string& customer = "cus_A") {
    return event(type, R"({"id":")" + sub + R"(","customer":")" + customer + R"(","status":"whatever","metadata":{}})");
  }

  /// Delivers, and waits until its work is done.
  int tell(const std::string& body) {
    const int status = deliver(body).status;
    CHECK(service->settle(long_enough));
    return status;
  }

  [[nodiscard]] TenantRow tenant(const std::string& id) const { return *TenantStore(access()).find(TenantId{id}); }

  [[nodiscard]] bool was_told(const std::string& words) {
    const std::lock_guard lock(mutex);
    for (const std::string& one : notices) {
      if (one.find(words) != std::string::npos) return true;
    }
    return false;
  }

  /// alpha pays for pro.
  void alpha_pays() {
    stripe.subscription("sub_A", "cus_A", "active", "alpha");
    REQUIRE(tell(paid("alpha")) == 200);
    REQUIRE(tenant("alpha").plan == "pro");
  }
};

std::string wish(const std::string& plan, const std::string& more = "",
                 const std::string& success = "https://desk.example/paid?s={CHECKOUT_SESSION_ID}") {
  return R"({"plan":")" + plan + R"(","success_url":")" + success + R"(","cancel_url":"https://desk.example/back")" + more + "}";
}

}  // namespace

TEST_CASE("billing: off unless configured", "[billing]") {
  TwoTenants rig;
  const std::vector<HttpHeader> admin{{"X-API-Key", admin_key}};
  CHECK(rig.ask("GET", "/api/v1/billing/plans", admin).status == 503);
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", admin, wish("pro")).error_code == "billing_not_configured");
  CHECK(rig.ask("POST", "/api/v1/billing/portal", admin, "{}").status == 503);
  CHECK(rig.ask("POST", "/api/v1/billing/webhook", {}, "{}").status == 503);
}

TEST_CASE("billing: plans, and the way to the till", "[billing]") {
  Rig rig;
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}, {"Idempotency-Key", "one-click"}};
  rig.stripe.reply("/v1/checkout/sessions", R"({"id":"cs_1","url":"https://pay.example/cs_1","customer":null})");
  CHECK(rig.ask("GET", "/api/v1/billing/plans", alpha).body ==
        R"({"schema":"aitrade.plans/1","plans":[{"plan":"free","sold":false},{"plan":"pro","sold":true},)"
        R"({"plan":"premium","sold":false}]})");
  const Response reply = rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("pro", R"(,"customer_email":"a@b.example")"));
  CHECK(reply.status == 200);
  CHECK(reply.body.find(R"("url":"https://pay.example/cs_1","session_id":"cs_1","plan":"pro")") != std::string::npos);
  const auto asked = rig.stripe.asked().back();
  CHECK(asked.method == "POST");
  CHECK(asked.key == "Bearer service-test-key");
  CHECK_FALSE(asked.version.empty());
  CHECK(asked.idempotency == "aitrade-alpha-one-click");   // no other tenant's click is the same
  for (const char* field : {"mode=subscription", "line_items%5B0%5D%5Bprice%5D=price_pro1", "line_items%5B0%5D%5Bquantity%5D=1",
                            "metadata%5Btenant_id%5D=alpha", "subscription_data%5Bmetadata%5D%5Btenant_id%5D=alpha",
                            "subscription_data%5Bmetadata%5D%5Bplan%5D=pro", "customer_email=a%40b.example"}) {
    INFO(field << " of " << asked.body);
    CHECK(asked.body.find(field) != std::string::npos);
  }
}

TEST_CASE("billing: payers are sent back to where it is allowed, and nowhere else", "[billing]") {
  Rig rig;
  rig.stripe.reply("/v1/checkout/sessions", R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}};
  const auto status = [&](const std::string& url) {
    return rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("pro", "", url)).status;
  };
  for (const char* url : {"", "https://evil.example/", "https://desk.example.evil/", "https://desk.example@evil.example/",
                          "http://desk.example/", "https://desk.example:444/", "//desk.example/", "javascript:alert(1)",
                          "https://desk.example\\\\evil", "https://"}) {
    INFO(url);
    CHECK(status(url) == 400);
  }
  CHECK(status("https://DESK.example/x") == 200);
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", alpha, R"({"plan":"pro","success_url":"https://desk.example/"})").status == 400);
}

TEST_CASE("billing: who may pay for whom, and for what", "[billing][A1]") {
  Rig rig;
  rig.stripe.reply("/v1/checkout/sessions", R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}}, admin{{"X-API-Key", admin_key}};
  const auto ask = [&](const std::vector<HttpHeader>& who, const std::string& body) {
    return rig.ask("POST", "/api/v1/billing/checkout", who, body).status;
  };
  CHECK(ask({}, wish("pro")) == 401);
  CHECK(ask({{"X-API-Key", rig.key("alpha")}}, wish("pro")) == 403);
  CHECK(ask(alpha, wish("pro", R"(,"tenant_id":"beta")")) == 404);
  CHECK(ask(alpha, wish("pro", R"(,"tenant_id":"nobody")")) == 404);
  CHECK(ask(alpha, wish("gold")) == 400);
  CHECK(ask(alpha, wish("premium")) == 400);   // has no price
  CHECK(ask(alpha, wish("pro", R"(,"customer_email":"nobody")")) == 400);
  CHECK(ask(admin, wish("pro", R"(,"tenant_id":"beta")")) == 200);
  CHECK(ask(admin, wish("pro", R"(,"tenant_id":"nobody")")) == 404);
  CHECK(ask(admin, wish("pro")) == 409);       // the owner of the engine pays nothing
}

TEST_CASE("billing: the free plan asks nobody", "[billing]") {
  Rig rig;
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}};
  const std::size_t before = rig.stripe.asked().size();
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("free")).status == 200);
  CHECK(rig.tenant("alpha").status == "trialing");
  CHECK(rig.tenant("alpha").plan == "free");
  CHECK(rig.stripe.asked().size() == before);
  rig.alpha_pays();
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("free")).status == 409);   // while something is paid for
  CHECK(rig.tenant("alpha").plan == "pro");
}

TEST_CASE("billing: the payer's own page", "[billing]") {
  Rig rig;
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}};
  const std::string body = R"({"return_url":"https://desk.example/"})";
  rig.stripe.reply("/v1/billing_portal/sessions", R"({"id":"bps_1","url":"https://pay.example/p"})");
  CHECK(rig.ask("POST", "/api/v1/billing/portal", alpha, body).status == 409);   // has not paid yet
  rig.alpha_pays();
  CHECK(rig.ask("POST", "/api/v1/billing/portal", alpha, R"({"return_url":"https://evil.example/"})").status == 400);
  const Response reply = rig.ask("POST", "/api/v1/billing/portal", alpha, body);
  CHECK(reply.body == R"({"schema":"aitrade.portal/1","url":"https://pay.example/p"})");
  CHECK(rig.stripe.asked().back().body == "customer=cus_A&return_url=https%3A%2F%2Fdesk.example%2F");
}

TEST_CASE("billing: a price of another currency closes the till, with the reason for who administers (B2)", "[billing][B2]") {
  Rig rig(false);
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}}, admin{{"X-API-Key", admin_key}};
  std::string why;
  SECTION("currency") {
    rig.stripe.price("price_pro1", "eur");
    why = "is in eur, not in usd";
  }
  SECTION("not active") {
    rig.stripe.price("price_pro1", "usd", false);
    why = "not active";
  }
  SECTION("once") {
    rig.stripe.price("price_pro1", "usd", true, false);
    why = "recurring";
  }
  SECTION("the other mode") {
    rig.stripe.price("price_pro1", "usd", true, true, true);
    why = "live mode";
  }
  SECTION("none") {
    rig.stripe.forget("/v1/prices/price_pro1");
    why = "there is no such thing";
  }
  rig.open();
  const Response told = rig.ask("POST", "/api/v1/billing/checkout", admin, wish("pro", R"(,"tenant_id":"alpha")"));
  CHECK(told.status == 503);
  CHECK(told.error_message.find(why) != std::string::npos);
  const Response other = rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("pro"));
  CHECK(other.status == 503);
  CHECK(other.error_message == "nothing is sold here");
  CHECK(rig.was_told(why));
}

TEST_CASE("billing: a service in trouble is asked again, thrice at most", "[billing]") {
  Rig rig;
  rig.stripe.reply("/v1/checkout/sessions", R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  const std::vector<HttpHeader> alpha{{"X-API-Key", rig.key("alpha", Scope::control)}};
  rig.stripe.fail_next(2);
  CHECK(rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("pro")).status == 200);
  rig.stripe.fail_next(3);
  const std::size_t before = rig.stripe.asked().size();
  const Response reply = rig.ask("POST", "/api/v1/billing/checkout", alpha, wish("pro"));
  CHECK(reply.status == 503);
  CHECK(reply.error_code == "payment_service");
  CHECK(rig.stripe.asked().size() == before + 3);
}

TEST_CASE("billing: an event is taken once, whatever it is delivered (B1, X8: no check at all before)", "[billing][B1][X8][N92]") {
  Rig rig;
  rig.stripe.subscription("sub_A", "cus_A", "active", "alpha");
  const std::string body = rig.paid("alpha");
  CHECK(rig.deliver(body).body == R"({"received":true,"duplicate":false})");
  CHECK(rig.deliver(body).body == R"({"received":true,"duplicate":true})");
  REQUIRE(rig.service->settle(long_enough));
  CHECK(rig.tenant("alpha").status == "active");
  CHECK(rig.tenant("alpha").plan == "pro");
  int fetched = 0;
  for (const auto& one : rig.stripe.asked()) fetched += one.path == "/v1/subscriptions/sub_A" ? 1 : 0;
  CHECK(fetched == 1);
  SECTION("with another body it has no effect, and people are told") {
    std::string other = body;
    other.replace(other.find("alpha"), 5, "betaa");
    CHECK(rig.deliver(other).body == R"({"received":true,"duplicate":true})");
    CHECK(rig.was_told("came again with another body"));
  }
}

TEST_CASE("billing: ten deliveries at once have one effect (N92)", "[billing][B1][N92]") {
  Rig rig;
  rig.stripe.subscription("sub_A", "cus_A", "active", "alpha");
  const std::string body = rig.paid("alpha");
  const Time at = rig.now;
  const std::string mac = to_hex(view(hmac_sha256(hook_secret, std::to_string(at.seconds_floor()) + "." + body)));
  ServerRequest request;
  request.body = body;
  request.headers = {{"Stripe-Signature", "t=" + std::to_string(at.seconds_floor()) + ",v1=" + mac}};
  std::atomic<int> taken{0}, duplicates{0};
  std::vector<std::thread> senders;
  for (int i = 0; i < 10; ++i) {
    senders.emplace_back([&] {
      const auto receipt = rig.service->receive(request, "127.0.0.1", {at, at});
      taken += receipt == BillingPort::Receipt::taken ? 1 : 0;
      duplicates += receipt == BillingPort::Receipt::duplicate ? 1 : 0;
    });
  }
  for (std::thread& one : senders) one.join();
  CHECK(taken == 1);
  CHECK(duplicates == 9);
}

TEST_CASE("billing: events in any order end in what the service says now (N93; X8: ordering was ignored)", "[billing][X8][N93]") {
  Rig rig;
  rig.alpha_pays();
  rig.stripe.subscription("sub_A", "cus_A", "canceled", "alpha");   // as it is by now
  CHECK(rig.tell(rig.about("sub_A", "customer.subscription.deleted")) == 200);
  CHECK(rig.tell(rig.about("sub_A", "customer.subscription.created")) == 200);   // older, and late
  CHECK(rig.tell(rig.about("sub_A", "customer.subscription.updated")) == 200);
  CHECK(rig.tenant("alpha").status == "canceled");
}

TEST_CASE("billing: every status of a subscription has one of ours (X8: unknown ones went into the column)", "[billing][X8]") {
  Rig rig;
  rig.alpha_pays();
  const std::pair<const char*, const char*> table[] = {
      {"trialing", "trialing"}, {"past_due", "past_due"}, {"unpaid", "suspended"},    {"active", "active"},
      {"paused", "suspended"},  {"incomplete", "incomplete"}, {"incomplete_expired", "canceled"}, {"canceled", "canceled"}};
  for (const auto& [theirs, ours] : table) {
    INFO(theirs);
    rig.stripe.subscription("sub_A", "cus_A", theirs, "alpha");
    CHECK(rig.tell(rig.about("sub_A")) == 200);
    CHECK(rig.tenant("alpha").status == ours);
  }
  rig.stripe.subscription("sub_A", "cus_A", "of_tomorrow", "alpha");
  CHECK(rig.tell(rig.about("sub_A")) == 200);           // taken, refused, told; and not tried for ever
  CHECK(rig.tenant("alpha").status == "canceled");
  CHECK(rig.was_told("of_tomorrow"));
}

TEST_CASE("billing: a failed payment has an effect, and people are told (X8: it was only logged)", "[billing][X8]") {
  Rig rig;
  rig.alpha_pays();
  rig.stripe.subscription("sub_A", "cus_A", "past_due", "alpha");
  SECTION("as invoices tell it") {
    CHECK(rig.tell(rig.event("invoice.payment_failed", R"({"customer":"cus_A","subscription":"sub_A"})")) == 200);
  }
  SECTION("as newer invoices tell it") {
    CHECK(rig.tell(rig.event("invoice.payment_failed",
                             R"({"customer":"cus_A","parent":{"subscription_details":{"subscription":"sub_A"}}})")) == 200);
  }
  CHECK(rig.tenant("alpha").status == "past_due");
  CHECK(rig.tenant("alpha").past_due_since.has_value());
  CHECK(rig.was_told("a payment of alpha failed"));
  rig.stripe.subscription("sub_A", "cus_A", "active", "alpha");
  CHECK(rig.tell(rig.event("invoice.paid", R"({"customer":"cus_A","subscription":"sub_A"})")) == 200);
  CHECK(rig.tenant("alpha").status == "active");
  CHECK_FALSE(rig.tenant("alpha").past_due_since.has_value());
}

TEST_CASE("billing: a checkout that is not paid gives nothing", "[billing]") {
  Rig rig;
  rig.stripe.subscription("sub_A", "cus_A", "incomplete", "alpha");
  std::string body = rig.paid("alpha");
  body.replace(body.find("\"paid\""), 6, "\"unpaid\"");
  CHECK(rig.tell(body) == 200);
  CHECK(rig.tenant("alpha").plan == "free");
}

TEST_CASE("billing: an event that fits nobody changes nobody, and is told", "[billing]") {
  Rig rig;
  rig.alpha_pays();
  rig.stripe.subscription("sub_A", "cus_A", "active", "");
  rig.stripe.subscription("sub_B", "cus_B", "active", "");
  SECTION("names no tenant") {
    CHECK(rig.tell(rig.paid("", "cus_B", "sub_B")) == 200);
  }
  SECTION("names one that there is not") {
    CHECK(rig.tell(rig.paid("nobody", "cus_B", "sub_B")) == 200);
  }
  SECTION("names beta, and the subscription is alpha's") {
    CHECK(rig.tell(rig.paid("beta", "cus_A", "sub_A")) == 200);
  }
  SECTION("names alpha, and the customer is another") {
    CHECK(rig.tell(rig.paid("alpha", "cus_B", "sub_B")) == 200);
  }
  SECTION("names the owner of the engine") {
    CHECK(rig.tell(rig.paid("default", "cus_B", "sub_B")) == 200);
  }
  SECTION("is of a subscription that there is not") {
    CHECK(rig.tell(rig.about("sub_C")) == 200);
  }
  CHECK(rig.was_told("was refused"));
  CHECK(rig.tenant("alpha").plan == "pro");
  CHECK(rig.tenant("beta").plan == "free");
  CHECK(rig.tenant("default").plan == "free");
}

TEST_CASE("billing: news of a subscription that was replaced change nothing", "[billing]") {
  Rig rig;
  rig.alpha_pays();
  rig.stripe.subscription("sub_old", "cus_A", "canceled", "alpha");
  CHECK(rig.tell(rig.about("sub_old", "customer.subscription.deleted")) == 200);
  CHECK(rig.tenant("alpha").status == "active");
}

TEST_CASE("billing: work that the service did not answer is done later; that it waits outlives a restart (B1)", "[billing][B1]") {
  Rig rig;
  rig.stripe.subscription("sub_A", "cus_A", "active", "alpha");
  rig.stripe.fail_next(1'000'000);
  CHECK(rig.deliver(rig.paid("alpha")).status == 200);
  rig.service.reset();                       // before it was done
  CHECK(rig.tenant("alpha").plan == "free");
  rig.stripe.fail_next(0);
  rig.open();
  REQUIRE(rig.service->settle(long_enough));
  CHECK(rig.tenant("alpha").plan == "pro");
}

TEST_CASE("billing: a ledger that cannot be written says so, and the event comes again (N95)", "[billing][N95]") {
  Rig rig;
  rig.stripe.subscription("sub_A", "cus_A", "active", "alpha");
  const std::string body = rig.paid("alpha");
  {
    auto database = open_writer(rig.file(Profile::access), Profile::access, rig.now);
    REQUIRE(database);
    REQUIRE(database->execute("CREATE TRIGGER full BEFORE INSERT ON billing_events BEGIN SELECT RAISE(ABORT, 'full'); END"));
  }
  CHECK(rig.deliver(body).status == 500);
  {
    auto database = open_writer(rig.file(Profile::access), Profile::access, rig.now);
    REQUIRE(database);
    REQUIRE(database->execute("DROP TRIGGER full"));
  }
  CHECK(rig.tell(body) == 200);
  CHECK(rig.tenant("alpha").plan == "pro");
}

TEST_CASE("billing: nothing is believed that is not signed just now, once, for this mode (N87 to N91, N94)",
          "[billing][N87][N88][N91][N94]") {
  Rig rig;
  const std::string body = rig.paid("alpha");
  const auto status = [&](std::vector<HttpHeader> headers, const std::string& text) {
    return rig.ask("POST", "/api/v1/billing/webhook", std::move(headers), text).status;
  };
  CHECK(status({}, body) == 400);
  CHECK(status({{"Stripe-Signature", ""}}, body) == 400);
  CHECK(rig.deliver(body, "another-secret-0123456789").error_code == "bad_signature");
  const std::int64_t at = (rig.now + minutes{1}).seconds_floor();
  const std::string right = "t=" + std::to_string(at) + ",v1=" +
                            to_hex(view(hmac_sha256(hook_secret, std::to_string(at) + "." + body)));
  CHECK(status({{"Stripe-Signature", right}, {"Stripe-Signature", right}}, body) == 400);   // exactly one
  CHECK(rig.deliver(body).status == 200);
  std::string live = rig.paid("alpha");
  live.replace(live.find("\"livemode\":false"), 16, "\"livemode\":true");
  CHECK(rig.deliver(live).error_code == "other_mode");
  CHECK(rig.was_told("other mode"));
  for (const char* bad : {"[]", "no", R"({"id":"evt_1","type":"x","livemode":false})",
                          R"({"id":"nothing12345","type":"x","livemode":false})",
                          R"({"id":"evt_12345678","livemode":false})", R"({"id":"evt_12345678","type":"x"})",
                          R"({"id":"evt_12345678","type":"invoice.paid","livemode":false})"}) {
    INFO(bad);
    CHECK(rig.deliver(bad).error_code == "bad_event");
  }
  CHECK(rig.deliver(R"({"id":"evt_12345678","type":"of.tomorrow","livemode":false})").status == 200);   // kept, ignored
}
