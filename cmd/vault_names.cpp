#include "cmd/vault_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/config/keys.h"

namespace aitrade::cli {
namespace {

struct KnownSecret {
  std::string_view name;
  std::string_view purpose;
  bool is_of_account{false};
};

constexpr auto known = std::to_array<KnownSecret>({
    {"KRAKEN_API_KEY", "Kraken", true},
    {"KRAKEN_API_SECRET", "Kraken", true},
    {"KRAKEN_API_OTP", "Kraken", true},
    {"COINBASE_KEY_NAME", "Coinbase", true},
    {"COINBASE_ORG_ID", "Coinbase", true},
    {"COINBASE_KEY_ID", "Coinbase", true},
    {"COINBASE_PRIVATE_KEY", "Coinbase", true},
    {"DASHBOARD_ADMIN_KEY", "dashboard"},
    {"DASHBOARD_SECRET_KEY", "dashboard"},
    {"DASHBOARD_READ_KEY", "dashboard"},
    {"DASHBOARD_READONLY_KEY", "dashboard"},
    {"DASHBOARD_SESSION_SECRET", "dashboard"},
    {"DASHBOARD_ADMIN_PASSWORD_HASH", "dashboard"},
    {"TELEGRAM_BOT_TOKEN", "Telegram"},
    {"DISCORD_TOKEN", "Discord"},
    {"DISCORD_WEBHOOK_URL", "Discord"},
    {"SLACK_BOT_TOKEN", "Slack"},
    {"SLACK_SIGNING_SECRET", "Slack"},
    {"SLACK_APP_TOKEN", "Slack"},
    {"SLACK_WEBHOOK_URL", "Slack"},
    {"SIGNAL_WEBHOOK_SECRET", "signal webhooks", true},
    {"STRIPE_SECRET_KEY", "billing"},
    {"STRIPE_WEBHOOK_SECRET", "billing"},
});

bool is_account_prefix(std::string_view text) {
  return text.size() > 1 && text.ends_with('_') && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

std::string account_prefix(const std::string& account) {
  if (account == "default") return {};
  std::string prefix = account + '_';
  for (char& c : prefix) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return prefix;
}

std::vector<std::pair<std::string, std::string>> desks_of(const Config& config) {
  std::vector<std::pair<std::string, std::string>> desks;
  for (const std::string& pair : config.app.trading_accounts) {
    const std::size_t colon = pair.find(':');
    desks.emplace_back(pair.substr(0, colon), pair.substr(colon + 1));
  }
  for (const AccountConfig& account : config.accounts) desks.emplace_back(account.id, account.exchange);
  if (!desks.empty()) return desks;
  std::vector<std::string> exchanges = config.app.trading_exchanges;
  if (exchanges.empty()) exchanges.emplace_back(word_of(config.exchange.name));
  for (std::string& exchange : exchanges) desks.emplace_back(config.app.account_id, std::move(exchange));
  return desks;
}

std::string_view purpose_of(std::string_view name) {
  for (const KnownSecret& secret : known) {
    if (name == secret.name) return secret.purpose;
    if (secret.is_of_account && name.ends_with(secret.name) &&
        is_account_prefix(name.substr(0, name.size() - secret.name.size()))) {
      return secret.purpose;
    }
  }
  return {};
}

std::vector<WantedSecret> wanted_secrets(const Config& config) {
  std::vector<WantedSecret> wanted;
  for (const auto& [account, exchange] : desks_of(config)) {
    const std::string prefix = account_prefix(account);
    const std::string purpose = "account " + account + " at " + exchange;
    if (exchange == "kraken") {
      wanted.push_back({{prefix + "KRAKEN_API_KEY"}, purpose});
      wanted.push_back({{prefix + "KRAKEN_API_SECRET"}, purpose});
    } else if (exchange == "coinbase") {
      wanted.push_back({{prefix + "COINBASE_KEY_NAME", prefix + "COINBASE_KEY_ID"}, purpose});
      wanted.push_back({{prefix + "COINBASE_PRIVATE_KEY"}, purpose});
    }
  }
  if (config.dashboard.enabled) {
    wanted.push_back({{"DASHBOARD_ADMIN_KEY", "DASHBOARD_SECRET_KEY", "DASHBOARD_ADMIN_PASSWORD_HASH"},
                      "control of the dashboard"});
  }
  return wanted;
}

}  // namespace aitrade::cli
