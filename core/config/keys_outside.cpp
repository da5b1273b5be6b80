// The rows of [webhooks] and [billing]: operations.md 1.10. Their secrets are no keys: they come from the environment
// or the vault and from nowhere else.
#include "core/config/keys.h"

#include <algorithm>

namespace aitrade {

namespace {

std::string check_source(const std::string& text) {
  const bool is_name = !text.empty() && text.size() <= 32 &&
                       text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
  return is_name ? std::string{} : "must be a name of at most 32 lower-case letters, digits, '.', '_' and '-'";
}

std::string check_price(const std::string& text) {
  if (text.empty()) return {};
  const bool is_id = text.starts_with("price_") && text.size() <= 64 &&
                     std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '_' || std::isalnum(c) != 0; });
  return is_id ? std::string{} : "must be the id of a price, price_...";
}

std::string check_currency(const std::string& text) {
  const bool is_code = text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return is_code ? std::string{} : "must be three lower-case letters, such as usd";
}

std::string check_return_origin(const std::string& text) {
  const bool is_plain = text.starts_with("http://");
  if (!is_plain && !text.starts_with("https://")) return "must begin with https:// or http://";
  const std::string_view host = std::string_view(text).substr(is_plain ? 7 : 8);
  if (host.empty() || host.find_first_of("/?#@ ") != std::string_view::npos) {
    return "must be an origin, scheme and host only, without a path";
  }
  return {};
}

}  // namespace

std::vector<Key> webhook_keys() {
  std::vector<Key> keys{
      AITRADE_KEY(webhooks.enabled, "take signed signals at /api/v1/signals/webhook; needs SIGNAL_WEBHOOK_SECRET")
          .on_reload(Reload::restart)
          .env({"SIGNAL_WEBHOOK_ENABLED"}),
      AITRADE_KEY(webhooks.allowed_sources, "names of senders; empty: any on paper, none live")
          .checked(check_source)
          .on_reload(Reload::restart)
          .env({"SIGNAL_WEBHOOK_ALLOWED_SOURCES"}),
      AITRADE_KEY(webhooks.max_timestamp_skew_seconds, "most that the time of a signature may differ from ours")
          .range(5, 900)
          .in_unit("seconds")
          .on_reload(Reload::restart)
          .env({"SIGNAL_WEBHOOK_MAX_TIMESTAMP_SKEW_SECONDS"}),
      AITRADE_KEY(webhooks.max_price_deviation, "most that the price of a signal may differ from the market's")
          .above(0, 0.5)
          .in_unit("fraction")
          .on_reload(Reload::restart),
  };
  for (Key& key : keys) key.outside_decisions();
  return keys;
}

std::vector<Key> billing_keys() {
  using enum Reload;
  std::vector<Key> keys{
      AITRADE_KEY(billing.stripe.enabled, "sell plans to tenants; needs STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and a price")
          .on_reload(restart)
          .env({"BILLING_STRIPE_ENABLED"}),
      AITRADE_KEY(billing.stripe.price_id, "price of the plan pro, its older name")
          .checked(check_price)
          .on_reload(restart)
          .env({"STRIPE_PRICE_ID"}),
      AITRADE_KEY(billing.stripe.price_id_pro, "price of the plan pro")
          .checked(check_price)
          .on_reload(restart)
          .when_unset("billing.stripe.price_id")
          .env({"STRIPE_PRICE_ID_PRO"}),
      AITRADE_KEY(billing.stripe.price_id_premium, "price of the plan premium")
          .checked(check_price)
          .on_reload(restart)
          .env({"STRIPE_PRICE_ID_PREMIUM"}),
      AITRADE_KEY(billing.stripe.currency, "that every price must have")
          .checked(check_currency)
          .on_reload(restart)
          .env({"STRIPE_CURRENCY"}),
      AITRADE_KEY(billing.stripe.live, "whether real money is meant: prices and events of the other kind are refused")
          .on_reload(restart),
      AITRADE_KEY(billing.stripe.api_url, "address of the payment service").checked(check_https).on_reload(restart),
      AITRADE_KEY(billing.grace_days_past_due, "days that a tenant goes on after a failed payment")
          .range(0, 30)
          .in_unit("days")
          .on_reload(restart),
      AITRADE_KEY(billing.allowed_return_origins, "where payers may be sent back to; empty: dashboard.public_origin")
          .checked(check_return_origin)
          .on_reload(restart),
  };
  for (Key& key : keys) key.outside_decisions();
  return keys;
}

}  // namespace aitrade
