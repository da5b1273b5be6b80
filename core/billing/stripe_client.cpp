#include "core/billing/stripe_client.h"

#include "core/billing/json_path.h"

#include <rapidjson/document.h>

#include <string_view>

namespace aitrade {
namespace {

constexpr const char* version = "2024-06-20";
constexpr int tries_max = 3;
constexpr std::size_t reply_max = 1 << 20;

std::string escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      out += c;
    } else {
      out.append("%").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    }
  }
  return out;
}

bool is_true(const rapidjson::Value& from, const char* name) {
  const rapidjson::Value* value = value_at(from, {name});
  return value != nullptr && value->IsBool() && value->GetBool();
}

Result<rapidjson::Document> parse(const std::string& text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return fail(ErrorCode::corrupt, "payment service: a strange reply");
  return json;
}

Result<StripeSession> session_of(const std::string& text) {
  AITRADE_TRY(const rapidjson::Document json, parse(text));
  StripeSession session{text_at(json, {"id"}), text_at(json, {"url"}), text_at(json, {"customer"})};
  if (session.id.empty() || session.url.empty()) return fail(ErrorCode::corrupt, "payment service: a session without an address");
  return session;
}

/// Ids go into paths: nothing but what ids are made of.
bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 255 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
}

}  // namespace

std::string form_encode(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text.append(text.empty() ? "" : "&").append(escaped(name)).append("=").append(escaped(value));
  }
  return text;
}

Result<std::string> StripeClient::call(const char* method, const std::string& path, const FormFields& fields,
                                       const std::string& idempotency_key) {
  HttpRequest request;
  request.method = method;
  request.url = base_ + path;
  request.headers = {{"Authorization", "Bearer " + std::string(key_.reveal())}, {"Stripe-Version", version}};
  if (!fields.empty()) {
    request.body = form_encode(fields);
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  }
  if (!idempotency_key.empty()) request.headers.push_back({"Idempotency-Key", idempotency_key});
  request.timeouts = {milliseconds{5'000}, milliseconds{10'000}};
  request.max_reply_bytes = reply_max;
  for (int i = 1;; ++i) {
    HttpOutcome outcome = transport_.perform(request);
    const int status = outcome.is_reply() ? outcome.reply.status : 0;
    const bool may_repeat = i < tries_max && (!outcome.is_reply() || status == 429 || status >= 500 || status == 409);
    if (may_repeat) continue;
    if (!outcome.is_reply()) return fail(ErrorCode::network, "payment service: " + unreached(outcome.error).what);
    if (status == 404) return fail(ErrorCode::not_found, "payment service: there is no such thing");
    if (status == 429 || status >= 500) return fail(ErrorCode::network, "payment service: status " + std::to_string(status));
    if (status < 200 || status > 299) return fail(ErrorCode::unsupported, "payment service: refused with status " + std::to_string(status));
    return std::move(outcome.reply.body);
  }
}

Result<StripePrice> StripeClient::price(const std::string& id) {
  if (!is_id(id)) return fail(ErrorCode::invalid, "not the id of a price");
  AITRADE_TRY(const std::string text, call("GET", "/v1/prices/" + id, {}, ""));
  AITRADE_TRY(const rapidjson::Document json, parse(text));
  const rapidjson::Value* recurring = value_at(json, {"recurring"});
  return StripePrice{text_at(json, {"id"}), text_at(json, {"currency"}), is_true(json, "active"),
                     recurring != nullptr && recurring->IsObject(), is_true(json, "livemode")};
}

Result<StripeSubscription> StripeClient::subscription(const std::string& id) {
  if (!is_id(id)) return fail(ErrorCode::invalid, "not the id of a subscription");
  AITRADE_TRY(const std::string text, call("GET", "/v1/subscriptions/" + id, {}, ""));
  AITRADE_TRY(const rapidjson::Document json, parse(text));
  StripeSubscription found{text_at(json, {"id"}), text_at(json, {"customer"}), text_at(json, {"status"}), "",
                           text_at(json, {"metadata", "tenant_id"}), text_at(json, {"metadata", "plan"})};
  if (const rapidjson::Value* items = value_at(json, {"items", "data"}); items != nullptr && items->IsArray() && !items->Empty()) {
    found.price = text_at((*items)[0], {"price", "id"});
  }
  if (found.id != id || found.status.empty()) return fail(ErrorCode::corrupt, "payment service: a strange subscription");
  return found;
}

Result<StripeSession> StripeClient::open_checkout(const FormFields& fields, const std::string& idempotency_key) {
  AITRADE_TRY(const std::string text, call("POST", "/v1/checkout/sessions", fields, idempotency_key));
  return session_of(text);
}

Result<StripeSession> StripeClient::open_portal(const FormFields& fields, const std::string& idempotency_key) {
  AITRADE_TRY(const std::string text, call("POST", "/v1/billing_portal/sessions", fields, idempotency_key));
  return session_of(text);
}

}  // namespace aitrade
