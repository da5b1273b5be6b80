#include "cmd/trade_log.h"

#include <algorithm>
#include <utility>

namespace aitrade::cli {
namespace {

constexpr std::size_t lines_max = 5;   // of one look; more cannot be read anyway

}  // namespace

void TradeLog::look(const EngineView& view) {
  if (view.run.empty()) return;   // nothing published yet
  look_at_trades(view);
  look_at_positions(view);
  has_looked_ = true;
}

void TradeLog::look_at_positions(const EngineView& view) {
  std::set<std::string> open;
  for (const PositionView& position : view.positions) {
    std::string key = position.symbol + to_string(position.opened_at);
    if (has_looked_ && !open_.contains(key)) {
      log_.info("position.opened", {{"pair", position.symbol},
                                    {"direction", to_string(position.direction)},
                                    {"quantity", to_string(position.quantity)},
                                    {"entry", to_string(position.entry)},
                                    {"stop", to_string(position.stop)},
                                    {"target", to_string(position.target)},
                                    {"strategy", position.lead}});
    }
    open.insert(std::move(key));
  }
  open_ = std::move(open);
}

void TradeLog::look_at_trades(const EngineView& view) {
  const std::uint64_t before = std::exchange(trades_seen_, view.trades);
  if (!has_looked_ || view.trades <= before) return;
  const std::size_t fresh = std::min<std::size_t>(view.trades - before, view.recent_trades.size());
  const std::size_t shown = std::min(fresh, lines_max);
  if (view.trades - before > shown) log_.info("trades.closed", {{"count", view.trades - before}});
  for (std::size_t i = shown; i-- > 0;) {   // newest first in the view, oldest first here
    const TradeView& row = view.recent_trades[i];
    log_.info("trade.closed", {{"pair", row.symbol},
                               {"direction", to_string(row.trade.direction)},
                               {"entry", to_string(row.trade.entry)},
                               {"exit", to_string(row.trade.exit)},
                               {"pnl", to_string(row.trade.pnl)},
                               {"reason", to_string(row.trade.reason)},
                               {"strategy", row.lead}});
  }
}

}  // namespace aitrade::cli
