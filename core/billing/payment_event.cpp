#include "core/billing/payment_event.h"

#include "core/billing/json_path.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace aitrade {
namespace {

constexpr std::array<std::string_view, 6> known_types{"checkout.session.completed",    "customer.subscription.created",
                                                      "customer.subscription.updated", "customer.subscription.deleted",
                                                      "invoice.paid",                  "invoice.payment_failed"};
constexpr std::size_t text_max = 255;

std::string short_text_at(const rapidjson::Value& from, std::initializer_list<const char*> path) {
  return text_at(from, path, text_max);
}

/// An id, or the object that has it, where the sender expanded it.
std::string id_at(const rapidjson::Value& from, const char* name) {
  std::string id = short_text_at(from, {name});
  return id.empty() ? short_text_at(from, {name, "id"}) : id;
}

bool is_event_id(std::string_view id) {
  return id.starts_with("evt_") && id.size() >= 12 && id.size() <= 68 &&
         std::all_of(id.begin() + 4, id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

/// Whose subscription an invoice is of; newer versions of the interface tell it deeper inside.
void read_invoice(const rapidjson::Value& object, PaymentEvent& event) {
  event.subscription = id_at(object, "subscription");
  for (const char* where : {"subscription_details", "parent"}) {
    const bool is_inside = std::string_view(where) == "parent";
    const rapidjson::Value* details = is_inside ? value_at(object, {"parent", "subscription_details"})
                                                : value_at(object, {"subscription_details"});
    if (details == nullptr) continue;
    if (event.subscription.empty()) event.subscription = id_at(*details, "subscription");
    if (event.tenant.empty()) event.tenant = short_text_at(*details, {"metadata", "tenant_id"});
    if (event.plan.empty()) event.plan = short_text_at(*details, {"metadata", "plan"});
  }
}

}  // namespace

bool PaymentEvent::is_known() const { return std::find(known_types.begin(), known_types.end(), type) != known_types.end(); }

std::optional<PaymentEvent> parse_payment_event(std::string_view body) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  PaymentEvent event;
  event.id = short_text_at(json, {"id"});
  event.type = short_text_at(json, {"type"});
  if (!is_event_id(event.id) || event.type.empty()) return std::nullopt;
  const rapidjson::Value* created = value_at(json, {"created"});
  constexpr std::int64_t latest = 4'102'444'800;   // 2100
  if (created != nullptr && created->IsInt64() && created->GetInt64() > 0 && created->GetInt64() < latest) {
    event.created = Time::from_seconds(created->GetInt64());
  }
  const rapidjson::Value* is_live = value_at(json, {"livemode"});
  if (is_live == nullptr || !is_live->IsBool()) return std::nullopt;
  event.is_live = is_live->GetBool();
  const rapidjson::Value* object = value_at(json, {"data", "object"});
  if (object == nullptr || !object->IsObject()) {
    return event.is_known() ? std::nullopt : std::optional(event);
  }
  event.tenant = short_text_at(*object, {"metadata", "tenant_id"});
  event.plan = short_text_at(*object, {"metadata", "plan"});
  event.customer = id_at(*object, "customer");
  if (event.type.starts_with("customer.subscription.")) {
    event.subscription = short_text_at(*object, {"id"});
  } else if (event.type.starts_with("invoice.")) {
    read_invoice(*object, event);
  } else {
    event.subscription = id_at(*object, "subscription");
    const std::string paid = short_text_at(*object, {"payment_status"});
    event.is_paid = paid == "paid" || paid == "no_payment_required";
  }
  return event;
}

std::string tenant_status_of(std::string_view status) {
  if (status == "active" || status == "trialing" || status == "past_due" || status == "incomplete") {
    return std::string(status);
  }
  if (status == "unpaid" || status == "paused") return "suspended";
  if (status == "canceled" || status == "incomplete_expired") return "canceled";
  return {};
}

}  // namespace aitrade
