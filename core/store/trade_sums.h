// What closed trades add up to, whole or by what they have in common. Exact: sums are of decimal texts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fixed.h"
#include "core/store/queries.h"

namespace aitrade {

struct TradeSums {
  std::uint64_t trades{0}, wins{0}, losses{0};   // neither: broke even
  Money pnl, won, lost, fees, slippage;          // won + lost = pnl; lost is not above zero
  double r_sum{0};
  std::uint64_t r_count{0};

  void add(const TradeRow& trade);
};

/// What trades are put together by.
enum class TradeGroup : std::uint8_t { all, strategy, pair, direction, session_hour, reason };

/// Returns the group that a word names: "strategy", "pair", "direction", "session_hour", "reason".
std::optional<TradeGroup> trade_group(std::string_view word);

/// Sums the trades of a tenant that the filters of `page` let through, by group; reads in slices. Errors: as Database.
Result<std::map<std::string, TradeSums>> trade_sums(Database& ledger, const TenantId& tenant, Page page,
                                                    TradeGroup group);

}  // namespace aitrade
