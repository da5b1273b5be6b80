#include "core/config/accounts.h"

#include <algorithm>

#include "core/config/rules.h"

namespace aitrade {

Config account_config(const Config& config, const AccountConfig& account) {
  Config own = config;
  own.accounts.clear();
  own.app.account_id = account.id;
  if (account.bankroll) own.risk.initial_bankroll = *account.bankroll;
  if (account.max_risk_per_trade) own.risk.max_risk_per_trade = *account.max_risk_per_trade;
  if (account.max_daily_loss) own.risk.max_daily_loss = *account.max_daily_loss;
  if (account.max_total_exposure_pct) own.risk.max_total_exposure_pct = *account.max_total_exposure_pct;
  if (!account.pairs.empty()) own.trading.pairs = account.pairs;
  if (!account.strategies.empty()) {
    for (auto& [name, strategy] : own.strategies) {
      strategy.enabled = std::find(account.strategies.begin(), account.strategies.end(), name) != account.strategies.end();
    }
    normalise_weights(own);
  }
  return own;
}

const AccountConfig* find_account(const Config& config, const std::string& id) {
  const auto found = std::find_if(config.accounts.begin(), config.accounts.end(),
                                  [&id](const AccountConfig& account) { return account.id == id; });
  return found == config.accounts.end() ? nullptr : &*found;
}

}  // namespace aitrade
