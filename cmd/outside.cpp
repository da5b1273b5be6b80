#include "cmd/outside.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "cmd/client.h"
#include "cmd/vault_names.h"
#include "core/vault/passphrase.h"

namespace aitrade::cli {
namespace {

constexpr const char* signal_name = "SIGNAL_WEBHOOK_SECRET";
constexpr const char* payment_key_name = "STRIPE_SECRET_KEY";
constexpr const char* payment_name = "STRIPE_WEBHOOK_SECRET";
constexpr std::size_t shortest = 16, most = 2;

/// One secret, or two with a comma between them.
Result<std::vector<Secret>> secrets_of(const char* name, std::string_view text) {
  std::vector<Secret> list;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.size() < shortest) {
      return fail(ErrorCode::corrupt, std::string(name) + " is shorter than " + std::to_string(shortest) + " characters");
    }
    list.emplace_back(std::string(one));
  }
  if (list.size() > most) return fail(ErrorCode::corrupt, std::string(name) + " holds more than two secrets");
  return list;
}

/// What stands before the name of a secret of signals, such as "SECOND_"; empty: it is none of an account.
std::string_view account_part(std::string_view name) {
  return name.size() > std::string_view(signal_name).size() + 1 && name.ends_with("_" + std::string(signal_name))
             ? name.substr(0, name.size() - std::string_view(signal_name).size())
             : std::string_view();
}

/// The accounts by the prefix of their secrets.
std::map<std::string, std::string> accounts_by_prefix(const Config& config) {
  std::map<std::string, std::string> accounts;
  for (const auto& [account, exchange] : desks_of(config)) accounts.emplace(account_prefix(account), account);
  accounts.erase("");   // of the account "default" the common ones
  return accounts;
}

/// A secret must say whose signal it is.
Status refuse_shared(const SignalRules& rules) {
  std::set<std::string_view> seen;
  const auto add = [&seen](const std::vector<Secret>& secrets) {
    return std::all_of(secrets.begin(), secrets.end(), [&](const Secret& s) { return seen.insert(s.reveal()).second; });
  };
  bool is_apart = add(rules.secrets);
  for (const auto& [account, secrets] : rules.account_secrets) is_apart = add(secrets) && is_apart;
  return is_apart ? ok() : fail(ErrorCode::unsupported, std::string("two accounts share a ") + signal_name + ": each needs its own");
}

}  // namespace

Result<OutsideSecrets> take_outside_secrets() {
  OutsideSecrets secrets;
  const SecretBytes signals = take_variable(signal_name), key = take_variable(payment_key_name),
                    payments = take_variable(payment_name);
  AITRADE_TRY(secrets.signals, secrets_of(signal_name, signals.text()));
  AITRADE_TRY(secrets.payments, secrets_of(payment_name, payments.text()));
  std::vector<std::string> of_accounts;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string_view name = text.substr(0, text.find('='));
    if (!account_part(name).empty()) of_accounts.emplace_back(name);
  }
  for (const std::string& name : of_accounts) {
    const SecretBytes text = take_variable(name);
    AITRADE_TRY(secrets.account_signals[std::string(account_part(name))], secrets_of(name.c_str(), text.text()));
  }
  if (!key.empty()) secrets.payment_key = Secret(std::string(key.text()));
  return secrets;
}

Status take_outside_secrets(const VaultReader& vault, OutsideSecrets& secrets) {
  const auto take = [&vault](const char* name, std::vector<Secret>& list) -> Status {
    if (!list.empty() || !vault.holds(name)) return ok();
    AITRADE_TRY(const Secret found, vault.secret(name));
    AITRADE_TRY(list, secrets_of(name, found.reveal()));
    return ok();
  };
  AITRADE_TRY_STATUS(take(signal_name, secrets.signals));
  AITRADE_TRY_STATUS(take(payment_name, secrets.payments));
  for (const auto& entry : vault.body().entries()) {
    const std::string name(entry.name), part(account_part(name));
    if (!part.empty()) AITRADE_TRY_STATUS(take(name.c_str(), secrets.account_signals[part]));
  }
  if (secrets.payment_key.empty() && vault.holds(payment_key_name)) {
    AITRADE_TRY(secrets.payment_key, vault.secret(payment_key_name));
  }
  return ok();
}

Result<std::unique_ptr<SignalDesk>> make_signal_desk(const Config& config, bool is_live, OutsideSecrets&& secrets,
                                                     SignalSink sink) {
  const WebhooksConfig& webhooks = config.webhooks;
  if (!webhooks.enabled) return std::unique_ptr<SignalDesk>();
  SignalRules rules;
  rules.secrets = std::move(secrets.signals);
  const auto accounts = accounts_by_prefix(config);
  for (auto& [prefix, own] : secrets.account_signals) {
    const auto account = accounts.find(prefix);
    if (account == accounts.end()) return fail(ErrorCode::unsupported, prefix + signal_name + ": there is no such account");
    if (!own.empty()) rules.account_secrets.emplace(account->second, std::move(own));
  }
  AITRADE_TRY_STATUS(refuse_shared(rules));
  if (rules.secrets.empty() && rules.account_secrets.empty()) {
    return fail(ErrorCode::unsupported, std::string("webhooks.enabled without a secret: put ") + signal_name +
                                            " into the environment" + (is_live ? " or the vault" : ""));
  }
  rules.sources = webhooks.allowed_sources;
  rules.takes_any_source = rules.sources.empty() && !is_live;
  rules.tolerance = seconds{webhooks.max_timestamp_skew_seconds};
  rules.price_deviation = webhooks.max_price_deviation;
  return std::make_unique<SignalDesk>(std::move(rules), std::move(sink));
}

Result<std::unique_ptr<BillingParts>> make_billing(const Settings& settings, Secret key, std::vector<Secret> webhooks,
                                                   BillingNotice notice) {
  const BillingConfig& billing = settings.config->billing;
  const StripeConfig& stripe = billing.stripe;
  if (!stripe.enabled) return std::unique_ptr<BillingParts>();
  BillingRules rules;
  rules.api_url = stripe.api_url;
  while (rules.api_url.ends_with('/')) rules.api_url.pop_back();
  rules.currency = stripe.currency;
  rules.price_pro = stripe.price_id_pro.empty() ? stripe.price_id : stripe.price_id_pro;
  rules.price_premium = stripe.price_id_premium;
  rules.is_live = stripe.live;
  rules.return_origins = billing.allowed_return_origins;
  if (rules.return_origins.empty() && !settings.config->dashboard.public_origin.empty()) {
    rules.return_origins = {settings.config->dashboard.public_origin};
  }
  const bool has_price = !rules.price_pro.empty() || !rules.price_premium.empty();
  if (key.empty() || webhooks.empty() || !has_price) {
    return fail(ErrorCode::unsupported, std::string("billing.stripe.enabled without ") +
                                            (key.empty()        ? payment_key_name
                                             : webhooks.empty() ? payment_name
                                                                : "a price: set billing.stripe.price_id_pro or _premium"));
  }
  rules.secret_key = std::move(key);
  rules.webhook_secrets = std::move(webhooks);
  return std::make_unique<BillingParts>(std::move(rules), AccessStore(settings.paths.access_db()), wall_now,
                                        std::move(notice));
}

}  // namespace aitrade::cli
