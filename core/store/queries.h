// Scoped reads of the ledger and the telemetry, for API and exports.
//
// Each takes the tenant whose rows it may see; the filter is in the SQL. Amounts are the stored
// decimal texts. Lists are read in slices by key, so that no reader pins the log for long: pass the
// id of the last row to get the next slice.
#pragma once

#include "core/base/ids.h"
#include "core/store/database.h"
#include "core/store/ledger.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aitrade {

constexpr int slice_rows_max = 2000;

/// Where to go on: rows with an id above `after`, or, newest first, below `before`.
struct Page {
  std::int64_t after{0};
  std::optional<std::int64_t> before;  // set: newest first
  int limit{slice_rows_max};           // 1 to slice_rows_max; more is cut
  std::string pair{};                  // BASE/QUOTE; empty: all
  std::string strategy{};              // of trades and decisions; the category of thoughts; empty: all
  Time from{}, to{INT64_MAX};          // of the row's own time: from <= t < to
};

/// Newest first from the end.
inline Page newest(int limit) {
  return Page{0, INT64_MAX, limit};
}

struct TradeRow {
  std::int64_t id{0};
  std::string trade_id, account, exchange, mode, pair, direction;
  std::string quantity, entry_price, exit_price, initial_stop, target;  // empty when absent
  std::string strategy;
  std::string pnl, fees, slippage;
  std::optional<double> confidence, r_multiple, mae, mfe;
  std::int64_t bars{0};
  std::string close_reason;
  Time entry, exit;
};

struct FillRow {
  std::int64_t id{0};
  std::string fill_id, client_order_id, account, exchange, pair, side, role;
  std::string price, quantity, fee, fee_asset, liquidity;
  Time at;
};

struct OrderRow {
  std::int64_t id{0};
  std::string client_order_id, venue_order_id, account, exchange, pair, role, side, type, tif;
  std::string limit_price, trigger_price, quantity, filled, status, reason;
  Time created, updated;
};

struct EquityRow {
  std::int64_t id{0};
  std::string account, exchange, equity, cash, peak;
  double drawdown{0};
  Time at;
};

struct DecisionRow {
  std::int64_t id{0};
  std::string account, exchange, pair, direction, strategy, reason;
  std::string entry, stop, target, quantity, votes;
  double confidence{0}, probability{0}, expected_r{0};
  Time candle_close;
};

struct PositionRow {
  std::string account, exchange, pair, direction, quantity, entry_price, stop, target, strategy;
  Time opened;
};

struct ThoughtRow {
  std::int64_t id{0};
  Time at;
  std::string category, severity, message, metadata;
};

/// Who did what, of the ledger (pauses, closes, settings) or of access.db (log-ins, keys, tenants).
struct AuditRow {
  std::int64_t id{0};
  Time at;
  std::string trail;   // "ledger" or "access": which file the row is of
  std::string actor, action, target, detail, outcome;
};

/// A signal from outside that was judged.
struct SignalRow {
  std::string event_id, source, body_hash, pair, direction, reason;
  Time at;
};

/// Returns what became of a signal, or nothing when it was never judged.
Result<std::optional<SignalRow>> external_signal(Database& ledger, const TenantId& tenant, const std::string& event_id);

Result<std::vector<TradeRow>> trades(Database& ledger, const TenantId& tenant, const Page& page);
Result<std::vector<FillRow>> fills(Database& ledger, const TenantId& tenant, const Page& page);
Result<std::vector<OrderRow>> orders(Database& ledger, const TenantId& tenant, const Page& page);
Result<std::vector<DecisionRow>> decisions(Database& ledger, const TenantId& tenant,
                                           const Page& page);

/// Returns the trade of that id. Errors: not_found.
Result<TradeRow> trade(Database& ledger, const TenantId& tenant, const std::string& trade_id);

/// Open positions only.
Result<std::vector<PositionRow>> positions(Database& ledger, const TenantId& tenant);

/// From telemetry.db.
Result<std::vector<EquityRow>> equity(Database& telemetry, const TenantId& tenant,
                                      const Page& page);
/// Returns at most about `points` rows from `from` to before `to`, the newest of each stretch, oldest first.
Result<std::vector<EquityRow>> equity_curve(Database& telemetry, const TenantId& tenant, Time from, Time to,
                                            int points);
Result<std::vector<ThoughtRow>> thoughts(Database& telemetry, const TenantId& tenant,
                                         const Page& page);

/// Returns decisions that at least one strategy voted for, entered or not: metadata says why.
Result<std::vector<ThoughtRow>> told_decisions(Database& telemetry, const TenantId& tenant, const Page& page);

/// Returns what people should look at: incidents and notices from warning on. `page.strategy` is the severity.
Result<std::vector<ThoughtRow>> alerts(Database& telemetry, const TenantId& tenant, const Page& page);

/// From the ledger or from access.db. `page.strategy` is the action.
Result<std::vector<AuditRow>> audit_rows(Database& database, const TenantId& tenant, const Page& page);

/// Returns how often a metric was stored in the `span` before `now`, both ends as
/// now - span <= t <= now.
Result<std::int64_t> metric_count(Database& telemetry, const TenantId& tenant,
                                  std::string_view name, Time now, Duration span);

}  // namespace aitrade
