#include "core/store/trade_sums.h"

#include <array>
#include <cstdio>

namespace aitrade {
namespace {

std::string name_of(const TradeRow& trade, TradeGroup group) {
  switch (group) {
    case TradeGroup::all: return "";
    case TradeGroup::strategy: return trade.strategy;
    case TradeGroup::pair: return trade.pair;
    case TradeGroup::direction: return trade.direction;
    case TradeGroup::reason: return trade.close_reason;
    case TradeGroup::session_hour: break;
  }
  std::array<char, 8> hour{};
  std::snprintf(hour.data(), hour.size(), "%02d", static_cast<int>(trade.entry.seconds_floor() / 3600 % 24));
  return hour.data();
}

}  // namespace

void TradeSums::add(const TradeRow& trade) {
  const Money result = Money::parse(trade.pnl).value_or(Money{});
  ++trades;
  pnl += result;
  fees += Money::parse(trade.fees).value_or(Money{});
  slippage += Money::parse(trade.slippage).value_or(Money{});
  if (result.is_positive()) {
    ++wins;
    won += result;
  } else if (!result.is_zero()) {
    ++losses;
    lost += result;
  }
  if (!trade.r_multiple) return;
  r_sum += *trade.r_multiple;
  ++r_count;
}

std::optional<TradeGroup> trade_group(std::string_view word) {
  if (word == "strategy") return TradeGroup::strategy;
  if (word == "pair") return TradeGroup::pair;
  if (word == "direction") return TradeGroup::direction;
  if (word == "session_hour") return TradeGroup::session_hour;
  if (word == "reason") return TradeGroup::reason;
  return std::nullopt;
}

Result<std::map<std::string, TradeSums>> trade_sums(Database& ledger, const TenantId& tenant, Page page,
                                                    TradeGroup group) {
  std::map<std::string, TradeSums> sums;
  page.before.reset();
  page.after = 0;
  page.limit = slice_rows_max;
  for (;;) {
    AITRADE_TRY(const std::vector<TradeRow> rows, trades(ledger, tenant, page));
    for (const TradeRow& row : rows) sums[name_of(row, group)].add(row);
    if (rows.empty()) return sums;
    page.after = rows.back().id;
  }
}

}  // namespace aitrade
