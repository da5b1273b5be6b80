#include "core/store/queries.h"

#include <algorithm>

namespace aitrade {
namespace {

std::string text(const Statement& s, int column) {
  return std::string(s.text(column));
}

std::optional<double> real(const Statement& s, int column) {
  if (s.is_null(column)) return std::nullopt;
  return s.real(column);
}

/// How a table calls what pages go by; text of this file only.
struct PageColumns {
  std::string id, time;
  std::string pair{};       // empty: the table has none
  std::string strategy{};
};

/// Runs `select` (which ends in a WHERE with tenant_id = ?) for a page and maps each row.
template <class T, class Map>
Result<std::vector<T>> read_page(Database& database, const std::string& select, const PageColumns& columns,
                                 const TenantId& tenant, const Page& page, Map map) {
  const bool is_newest_first = page.before.has_value();
  std::string sql = select + " AND " + columns.time + " >= ?2 AND " + columns.time + " < ?3";  // tidy: column names
  sql += columns.pair.empty() ? " AND ?4 = ?4" : " AND (?4 = '' OR " + columns.pair + " = ?4)";
  sql += columns.strategy.empty() ? " AND ?5 = ?5" : " AND (?5 = '' OR " + columns.strategy + " = ?5)";
  sql += is_newest_first ? " AND " + columns.id + " < ?6 ORDER BY " + columns.id + " DESC LIMIT ?7"  // tidy: column names
                         : " AND " + columns.id + " > ?6 ORDER BY " + columns.id + " LIMIT ?7";      // tidy: column names
  AITRADE_TRY(Statement s, database.prepare(sql));
  s.bind_all(tenant.name, page.from, page.to, page.pair, page.strategy, page.before.value_or(page.after),
             std::clamp(page.limit, 1, slice_rows_max));
  std::vector<T> rows;
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return rows;
    rows.push_back(map(s));
  }
}

constexpr const char* trade_columns =
    "SELECT id, trade_id, account_id, exchange, mode, pair, direction, quantity, entry_price, "
    "exit_price, initial_stop, target, strategy, pnl, fees, slippage, confidence, r_multiple, "
    "mae, mfe, bars, close_reason, entry_ns, exit_ns FROM trades WHERE tenant_id = ?";

TradeRow trade_row(const Statement& s) {
  TradeRow r;
  r.id = s.integer(0);
  r.trade_id = text(s, 1);
  r.account = text(s, 2);
  r.exchange = text(s, 3);
  r.mode = text(s, 4);
  r.pair = text(s, 5);
  r.direction = text(s, 6);
  r.quantity = text(s, 7);
  r.entry_price = text(s, 8);
  r.exit_price = text(s, 9);
  r.initial_stop = text(s, 10);
  r.target = text(s, 11);
  r.strategy = text(s, 12);
  r.pnl = text(s, 13);
  r.fees = text(s, 14);
  r.slippage = text(s, 15);
  r.confidence = real(s, 16);
  r.r_multiple = real(s, 17);
  r.mae = real(s, 18);
  r.mfe = real(s, 19);
  r.bars = s.integer(20);
  r.close_reason = text(s, 21);
  r.entry = s.time(22);
  r.exit = s.time(23);
  return r;
}

}  // namespace

Result<std::vector<TradeRow>> trades(Database& ledger, const TenantId& tenant, const Page& page) {
  return read_page<TradeRow>(ledger, trade_columns, {"id", "exit_ns", "pair", "strategy"}, tenant, page, trade_row);
}

Result<TradeRow> trade(Database& ledger, const TenantId& tenant, const std::string& trade_id) {
  AITRADE_TRY(Statement s, ledger.prepare(std::string(trade_columns) + " AND trade_id = ?"));
  AITRADE_TRY(const bool has_row, s.bind_all(tenant.name, trade_id).step());
  if (!has_row) return fail(ErrorCode::not_found, "there is no such trade");
  return trade_row(s);
}

Result<std::optional<SignalRow>> external_signal(Database& ledger, const TenantId& tenant, const std::string& event_id) {
  AITRADE_TRY(Statement s, ledger.prepare("SELECT event_id, source, body_sha256, pair, direction, reason, judged_ns "
                                          "FROM external_signals WHERE tenant_id = ? AND event_id = ?"));
  AITRADE_TRY(const bool has_row, s.bind_all(tenant.name, event_id).step());
  if (!has_row) return std::optional<SignalRow>();
  return std::optional(SignalRow{text(s, 0), text(s, 1), text(s, 2), text(s, 3), text(s, 4), text(s, 5), s.time(6)});
}

Result<std::vector<FillRow>> fills(Database& ledger, const TenantId& tenant, const Page& page) {
  return read_page<FillRow>(
      ledger,
      "SELECT f.id, f.exchange_fill_id, o.client_order_id, f.account_id, f.exchange, f.pair, "
      "f.side, o.role, f.price, f.quantity, f.fee, f.fee_asset, f.liquidity, f.filled_ns "
      "FROM fills f JOIN orders o ON o.id = f.order_id WHERE f.tenant_id = ?",
      {"f.id", "f.filled_ns", "f.pair"}, tenant, page, [](const Statement& s) {
        return FillRow{s.integer(0), text(s, 1),  text(s, 2),  text(s, 3), text(s, 4),
                       text(s, 5),   text(s, 6),  text(s, 7),  text(s, 8), text(s, 9),
                       text(s, 10),  text(s, 11), text(s, 12), s.time(13)};
      });
}

Result<std::vector<OrderRow>> orders(Database& ledger, const TenantId& tenant, const Page& page) {
  return read_page<OrderRow>(
      ledger,
      "SELECT id, client_order_id, exchange_order_id, account_id, exchange, pair, role, side, "
      "type, "
      "tif, limit_price, trigger_price, quantity, filled, status, reason, created_ns, updated_ns "
      "FROM orders WHERE tenant_id = ?",
      {"id", "created_ns", "pair"}, tenant, page, [](const Statement& s) {
        return OrderRow{s.integer(0), text(s, 1),  text(s, 2),  text(s, 3),  text(s, 4),
                        text(s, 5),   text(s, 6),  text(s, 7),  text(s, 8),  text(s, 9),
                        text(s, 10),  text(s, 11), text(s, 12), text(s, 13), text(s, 14),
                        text(s, 15),  s.time(16),  s.time(17)};
      });
}

Result<std::vector<DecisionRow>> decisions(Database& ledger, const TenantId& tenant,
                                           const Page& page) {
  return read_page<DecisionRow>(
      ledger,
      "SELECT id, account_id, exchange, pair, direction, strategy, reason, entry, stop, target, "
      "quantity, votes, confidence, probability, expected_r, candle_close_ns "
      "FROM decisions WHERE tenant_id = ?",
      {"id", "candle_close_ns", "pair", "strategy"}, tenant, page, [](const Statement& s) {
        return DecisionRow{s.integer(0), text(s, 1), text(s, 2),  text(s, 3),
                           text(s, 4),   text(s, 5), text(s, 6),  text(s, 7),
                           text(s, 8),   text(s, 9), text(s, 10), text(s, 11),
                           s.real(12),   s.real(13), s.real(14),  s.time(15)};
      });
}

Result<std::vector<PositionRow>> positions(Database& ledger, const TenantId& tenant) {
  AITRADE_TRY(Statement s,
              ledger.prepare("SELECT account_id, exchange, pair, direction, quantity, entry_price, "
                             "stop, target, strategy, opened_ns FROM positions "
                             "WHERE tenant_id = ? AND quantity <> '0' ORDER BY opened_ns DESC"));
  s.bind_all(tenant.name);
  std::vector<PositionRow> rows;
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return rows;
    rows.push_back({text(s, 0), text(s, 1), text(s, 2), text(s, 3), text(s, 4), text(s, 5),
                    text(s, 6), text(s, 7), text(s, 8), s.time(9)});
  }
}

Result<std::vector<EquityRow>> equity(Database& telemetry, const TenantId& tenant,
                                      const Page& page) {
  return read_page<EquityRow>(
      telemetry,
      "SELECT id, account_id, exchange, equity, cash, peak, drawdown, ts_ns FROM equity_snapshots "
      "WHERE tenant_id = ?",
      {"id", "ts_ns"}, tenant, page, [](const Statement& s) {
        return EquityRow{s.integer(0), text(s, 1), text(s, 2), text(s, 3),
                         text(s, 4),   text(s, 5), s.real(6),  s.time(7)};
      });
}

Result<std::vector<EquityRow>> equity_curve(Database& telemetry, const TenantId& tenant, Time from, Time to,
                                            int points) {
  AITRADE_TRY(Statement ends, telemetry.prepare("SELECT min(ts_ns), max(ts_ns) FROM equity_snapshots "
                                                "WHERE tenant_id = ? AND ts_ns >= ? AND ts_ns < ?"));
  std::vector<EquityRow> rows;
  AITRADE_TRY(const bool has_ends, ends.bind_all(tenant.name, from, to).step());
  if (!has_ends || ends.is_null(0)) return rows;
  const std::int64_t stretch = std::max<std::int64_t>(1, (ends.integer(1) - ends.integer(0)) / std::max(points - 1, 1));
  // SQLite takes the other columns from the row that has the maximum.
  AITRADE_TRY(Statement s,
      telemetry.prepare("SELECT id, account_id, exchange, equity, cash, peak, drawdown, max(ts_ns) "
                                             "FROM equity_snapshots WHERE tenant_id = ? AND ts_ns >= ? AND ts_ns < ? "
                                             "GROUP BY ts_ns / ? ORDER BY ts_ns"));
  s.bind_all(tenant.name, from, to, stretch);
  for (;;) {
    AITRADE_TRY(const bool has_row, s.step());
    if (!has_row) return rows;
    rows.push_back({s.integer(0), text(s, 1), text(s, 2), text(s, 3), text(s, 4), text(s, 5), s.real(6), s.time(7)});
  }
}

namespace {

ThoughtRow thought_row(const Statement& s) {
  return ThoughtRow{s.integer(0), s.time(1), text(s, 2), text(s, 3), text(s, 4), text(s, 5)};
}

}  // namespace

Result<std::vector<ThoughtRow>> thoughts(Database& telemetry, const TenantId& tenant, const Page& page) {
  return read_page<ThoughtRow>(telemetry,
                               "SELECT id, ts_ns, category, severity, message, metadata FROM thought_log "
                               "WHERE tenant_id = ?",
                               {"id", "ts_ns", "", "category"}, tenant, page, thought_row);
}

Result<std::vector<ThoughtRow>> told_decisions(Database& telemetry, const TenantId& tenant, const Page& page) {
  // The message of a decision begins with its pair.
  return read_page<ThoughtRow>(telemetry,
                               "SELECT id, ts_ns, category, severity, message, metadata FROM thought_log "
                               "WHERE tenant_id = ? AND category = 'decision' AND metadata NOT LIKE '%\"votes\":[]}'",
                               {"id", "ts_ns", "substr(message, 1, instr(message, ' ') - 1)"}, tenant, page,
                                   thought_row);
}

Result<std::vector<ThoughtRow>> alerts(Database& telemetry, const TenantId& tenant, const Page& page) {
  return read_page<ThoughtRow>(telemetry,
                               "SELECT id, ts_ns, category, severity, message, metadata FROM thought_log "
                               "WHERE tenant_id = ? AND category <> 'decision' "
                               "AND severity IN ('warning','error','critical')",
                               {"id", "ts_ns", "", "severity"}, tenant, page, thought_row);
}

Result<std::vector<AuditRow>> audit_rows(Database& database, const TenantId& tenant, const Page& page) {
  const char* trail = database.profile() == Profile::access ? "access" : "ledger";
  return read_page<AuditRow>(database,
                             "SELECT id, ts_ns, actor, action, target, detail, outcome FROM audit_log "
                             "WHERE tenant_id = ?",
                             {"id", "ts_ns", "", "action"}, tenant, page, [trail](const Statement& s) {
                               return AuditRow{s.integer(0), s.time(1), trail, text(s, 2), text(s, 3),
                                               text(s, 4), text(s, 5), text(s, 6)};
                             });
}

Result<std::int64_t> metric_count(Database& telemetry, const TenantId& tenant,
                                  std::string_view name, Time now, Duration span) {
  AITRADE_TRY(Statement s, telemetry.prepare("SELECT count(*) FROM metrics WHERE tenant_id = ? AND "
                                             "name=? AND ts_ns >= ? AND ts_ns <= ?"));
  AITRADE_TRY(const bool has_row, s.bind_all(tenant.name, name, now - span, now).step());
  AITRADE_CHECK(has_row);
  return s.integer(0);
}

}  // namespace aitrade
