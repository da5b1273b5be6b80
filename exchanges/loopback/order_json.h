// Orders and fills as JSON: REST's objects and the rows of the executions channel.
//
// REST objects are shown as of a moment: what happened later is not in them, which is how a venue
// whose history trails its stream looks (read lag). Numbers are printed from decimals.
#pragma once

#include "exchanges/loopback/market.h"
#include "exchanges/loopback/matching.h"

#include <optional>
#include <string>
#include <vector>

namespace aitrade::loopback {

/// An order at a moment that may lie before its last event.
struct OrderView {
  const VenueOrder* order{nullptr};
  Phase phase{Phase::open};
  Quantity filled;
  Money cost;
  Amount fee;
  std::vector<const VenueFill*> fills;

  [[nodiscard]] bool is_live() const { return phase == Phase::pending || phase == Phase::open; }
};

/// Nothing when the order was not known yet.
std::optional<OrderView> view_of(const VenueOrder& order, const Matching& matching, Time as_of,
                                 Time now);

/// The order object of REST (kraken.md 5.2), without its key.
std::string order_object(const OrderView& view, const Market& market, bool with_trades);

/// The trade object of REST, without its key.
std::string trade_object(const VenueFill& fill, const Market& market, bool with_ledgers = true);

/// Fills of one taking that have one order and one moment as one: how history shows them by default.
std::vector<VenueFill> consolidated(const std::vector<const VenueFill*>& fills);

/// A row of the executions channel for an event. `count`: the rate counter, when asked for.
std::string execution_row(const OrderEvent& event, const Market& market,
                          std::optional<std::int64_t> count);

/// The row that a snapshot has for a live order.
std::string snapshot_row(const VenueOrder& order, const Market& market);

/// The row that a snapshot has for a past fill.
std::string fill_row(const VenueOrder& order, const VenueFill& fill, const Market& market);

/// A row of the balances channel.
std::string ledger_row(const LedgerEntry& entry);

/// Returns UNIX seconds with six decimals, or "0".
std::string unix_text(Time time);

/// Returns a quoted RFC 3339 stamp with six decimals.
std::string stamp_text(Time time);

/// Returns exact text with at least `places` decimals.
std::string money_text(Money money, int places);

}  // namespace aitrade::loopback
