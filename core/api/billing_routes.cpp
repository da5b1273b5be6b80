// Plans and payments: what is sold, the way to the till, and what the payment service tells (operations.md 7).

#include <utility>

#include "core/api/billing.h"
#include "core/api/json.h"
#include "core/api/route.h"

namespace aitrade {
namespace {

Response not_configured(std::string_view why) {
  return error_response(503, "billing_not_configured", why.empty() ? "nothing is sold here" : std::string("nothing is sold here: ").append(why));
}

/// Nothing when plans are sold; else why not, as a response. Who may not administer learns no reasons.
std::optional<Response> closed(const Call& call) {
  if (call.context.billing == nullptr) return not_configured("");
  const std::string why = call.context.billing->closed();
  if (why.empty()) return std::nullopt;
  return not_configured(call.who.scope == Scope::admin ? why : "");
}

Response billing_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid: return error_response(400, "bad_body", error.what);
    case ErrorCode::rejected: return error_response(409, "conflict", error.what);
    case ErrorCode::not_found: return not_found();
    case ErrorCode::network:
    case ErrorCode::timeout:
    case ErrorCode::busy:
      return error_response(503, "payment_service", "the payment service cannot be reached; try again");
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::unsupported: break;
  }
  return error_response(503, "payment_service", "the payment service refused; the log of the daemon says why");
}

/// Whose payment it is: one's own; whoever owns the engine may name another.
std::optional<TenantId> payer(const Call& call, const Body& body) {
  if (!body.has("tenant_id")) return call.who.tenant;
  const TenantId wanted{body.text("tenant_id")};
  const bool may_choose = call.who.scope == Scope::admin && call.is_house();
  if (wanted != call.who.tenant && !may_choose) return std::nullopt;
  return wanted;
}

constexpr std::size_t url_max = 1024;

}  // namespace

Response get_plans(const Call& call) {
  if (auto refused = closed(call)) return std::move(*refused);
  Json json;
  json.begin();
  json.field("schema", "aitrade.plans/1");
  json.key("plans");
  json.begin_list();
  for (const BillingPlan& plan : call.context.billing->plans()) {
    json.begin();
    json.field("plan", plan.name);
    json.field("sold", plan.is_sold);
    json.end();
  }
  json.end_list();
  json.end();
  return json_response(json.take());
}

Response post_checkout(const Call& call) {
  if (auto refused = closed(call)) return std::move(*refused);
  static constexpr BodyField fields[] = {{"tenant_id", BodyField::Kind::text, 32},
                                         {"plan", BodyField::Kind::text, 32},
                                         {"success_url", BodyField::Kind::text, url_max},
                                         {"cancel_url", BodyField::Kind::text, url_max},
                                         {"customer_email", BodyField::Kind::text, 254}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const auto tenant = payer(call, body);
  if (!tenant) return not_found();
  const auto done = call.context.billing->checkout({*tenant, body.text("plan"), body.text("success_url"),
                                                    body.text("cancel_url"), body.text("customer_email"),
                                                    std::string(call.request.header("Idempotency-Key"))});
  if (!done) return billing_failure(done.error());
  audit(call, "checkout", tenant->name, body.text("plan"));
  Json json;
  json.begin();
  json.field("schema", "aitrade.checkout/1");
  json.field("url", done->url);
  json.field("session_id", done->session_id);
  json.field("plan", done->plan);
  json.maybe("customer_id", done->customer_id);
  json.end();
  return json_response(json.take());
}

Response post_portal(const Call& call) {
  if (auto refused = closed(call)) return std::move(*refused);
  static constexpr BodyField fields[] = {{"tenant_id", BodyField::Kind::text, 32},
                                         {"return_url", BodyField::Kind::text, url_max}};
  auto parsed = body_of(call, fields);
  if (auto* refused = std::get_if<Response>(&parsed)) return std::move(*refused);
  const Body& body = std::get<Body>(parsed);
  const auto tenant = payer(call, body);
  if (!tenant) return not_found();
  const auto url = call.context.billing->portal(*tenant, body.text("return_url"));
  if (!url) return billing_failure(url.error());
  Json json;
  json.begin();
  json.field("schema", "aitrade.portal/1");
  json.field("url", *url);
  json.end();
  return json_response(json.take());
}

Response post_billing_event(const Call& call) {
  using Receipt = BillingPort::Receipt;
  if (call.context.billing == nullptr) return not_configured("");
  const Request& request = call.request;
  if (request.body.size() > (256U << 10)) return error_response(413, "body_too_large", "request body is too large");
  switch (call.context.billing->receive(request, call.client, call.now)) {
    case Receipt::taken: return json_response(R"({"received":true,"duplicate":false})");
    case Receipt::duplicate: return json_response(R"({"received":true,"duplicate":true})");
    case Receipt::malformed: return error_response(400, "bad_event", "the event cannot be read");
    case Receipt::bad_signature: return error_response(400, "bad_signature", "the signature is missing or wrong");
    case Receipt::stale: return error_response(400, "stale", "the signature is too old, or of the future");
    case Receipt::other_mode: return error_response(400, "other_mode", "the event is not of the mode this service is in");
    case Receipt::too_often: return error_response(429, "rate_limited", "too many wrong signatures");
    case Receipt::failed: break;
  }
  return error_response(500, "failed", "the event could not be kept; send it again");
}

}  // namespace aitrade
