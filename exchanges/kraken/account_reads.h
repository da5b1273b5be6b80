// Reading money of the account over REST: balances, fee tier, margin figures, ledger
// (kraken.md 5.1).
//
// Pure. Assets carry the venue's own ids here ("XXBT", "ZUSD", "ETH2.S"); names come from its
// tables (symbols.h). A suffix marks staked or rewarded holdings that cannot be traded.
#pragma once

#include "core/base/decimal.h"
#include "core/base/time.h"
#include "exchanges/kraken/order_reads.h"
#include "exchanges/kraken/private_call.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace aitrade::kraken {

struct BalanceInfo {
  Amount total;  // holds included
  Amount held;   // by open orders
  std::optional<Amount> credit, credit_used;

  /// Returns total + credit - credit_used - held; errors: invalid when 38 digits do not hold it.
  [[nodiscard]] Result<Decimal> available() const;
};

/// By the venue's asset id.
using Balances = std::map<std::string, BalanceInfo>;

/// The asset id names a holding that cannot be traded: staked, earning, rewarded, tokenised.
bool is_locked_asset(std::string_view asset_id);

struct MarginInfo {
  Amount equivalent, trade_balance, margin_used, unrealised, cost, valuation, equity, free_margin;
  std::optional<Amount> margin_level;
};

struct FeeTier {
  Rate taker, maker;
};

struct VolumeInfo {
  std::string currency;
  Amount volume;                        // of 30 days
  std::map<std::string, FeeTier> fees;  // by canonical pair id
};

/// One change of one asset: a trade makes two.
struct LedgerInfo {
  std::string id, reference;
  Time time;
  std::string type, subtype;
  std::string asset_class, asset;
  Amount amount, fee, balance;
};

PrivateCall balance_call();
PrivateCall balance_ex_call();
PrivateCall trade_balance_call(std::string_view asset_id);
PrivateCall trade_volume_call(std::string_view pair);
PrivateCall ledgers_call(const HistoryWindow& window);

/// Of Balance: totals only, nothing is known to be held.
Result<Balances> parse_balance(std::string_view body);
Result<Balances> parse_balance_ex(std::string_view body);
Result<MarginInfo> parse_trade_balance(std::string_view body);
Result<VolumeInfo> parse_trade_volume(std::string_view body);
Result<HistoryPage<LedgerInfo>> parse_ledgers(std::string_view body);

}  // namespace aitrade::kraken
