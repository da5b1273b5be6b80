// Lists of the books: from the ledger by keyset pages, or what the view remembers where there is no ledger.

#include <algorithm>
#include <memory>
#include <utility>

#include "core/api/json.h"
#include "core/api/route.h"
#include "core/store/exports.h"
#include "core/store/queries.h"
#include "core/store/schema.h"

namespace aitrade {

Response starting() {
  Response response = error_response(503, "not_ready", "the daemon is starting");
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

Response with_store(const Call& call, Profile profile, const std::function<Response(Database&)>& serve) {
  const auto place = call.store();
  if (!place) return starting();
  auto database = open_reader(profile == Profile::ledger ? place->ledger : place->telemetry, profile);
  if (!database) return database.error().code == ErrorCode::not_found ? starting() : store_failure(database.error());
  return serve(*database);
}

namespace {

/// Newest first, as the query wants it.
Page page_of(const Call& call) {
  Page page = newest(static_cast<int>(call.query.integer("limit")));
  page.before = call.query.integer_or("before_id", INT64_MAX);
  page.pair = call.query.text("pair");
  page.strategy = call.query.text("strategy");
  page.from = call.query.time("from").value_or(Time{});
  page.to = call.query.time("to").value_or(Time{INT64_MAX});
  return page;
}

template <class Row, class Write>
Response list_response(const Result<std::vector<Row>>& rows, const Page& page, Write write) {
  if (!rows) return store_failure(rows.error());
  Json json;
  json.begin_list();
  for (const Row& row : *rows) write(json, row);
  json.end_list();
  Response response = json_response(json.take());
  if (static_cast<int>(rows->size()) == page.limit) {
    response.headers.push_back({"X-Next-Cursor", std::to_string(rows->back().id)});
  }
  return response;
}

void write_trade_fields(Json& json, const TradeRow& t) {
  json.field("id", t.id);
  json.field("trade_id", t.trade_id);
  json.field("exchange", t.exchange);
  json.field("account_id", t.account);
  json.field("mode", t.mode);
  json.field("pair", t.pair);
  json.field("direction", t.direction);
  json.field("quantity", t.quantity);
  json.field("entry", t.entry_price);
  json.field("exit", t.exit_price);
  json.maybe("stop", t.initial_stop);
  json.maybe("target", t.target);
  json.field("pnl", t.pnl);
  json.field("fees", t.fees);
  json.field("slippage", t.slippage);
  json.field("r_multiple", t.r_multiple);
  json.field("confidence", t.confidence);
  json.field("mae", t.mae);
  json.field("mfe", t.mfe);
  json.field("bars", t.bars);
  json.time("opened_at", t.entry);
  json.time("closed_at", t.exit);
  json.field("strategy", t.strategy);
  json.field("reason", t.close_reason);
}

void write_trade(Json& json, const TradeRow& t) {
  json.begin();
  write_trade_fields(json, t);
  json.end();
}

void write_fill(Json& json, const FillRow& f) {
  json.begin();
  json.field("id", f.id);
  json.time("at", f.at);
  json.field("pair", f.pair);
  json.field("side", f.side);
  json.field("role", f.role);
  json.field("price", f.price);
  json.field("quantity", f.quantity);
  json.field("fee", f.fee);
  json.field("fee_asset", f.fee_asset);
  json.field("liquidity", f.liquidity);
  json.field("fill_id", f.fill_id);
  json.field("client_order_id", f.client_order_id);
  json.field("exchange", f.exchange);
  json.field("account_id", f.account);
  json.end();
}

void write_order(Json& json, const OrderRow& o) {
  json.begin();
  json.field("id", o.id);
  json.time("created", o.created);
  json.time("updated", o.updated);
  json.field("pair", o.pair);
  json.field("role", o.role);
  json.field("side", o.side);
  json.field("type", o.type);
  json.field("tif", o.tif);
  json.maybe("limit_price", o.limit_price);
  json.maybe("trigger_price", o.trigger_price);
  json.field("quantity", o.quantity);
  json.field("filled", o.filled);
  json.field("status", o.status);
  json.maybe("reason", o.reason);
  json.field("client_order_id", o.client_order_id);
  json.maybe("exchange_order_id", o.venue_order_id);
  json.field("exchange", o.exchange);
  json.field("account_id", o.account);
  json.end();
}

/// A decision with the reasons it was written down with.
void write_decision(Json& json, const ThoughtRow& t) {
  json.begin();
  json.field("id", t.id);
  json.time("at", t.at);
  json.field("entered", t.severity == "info");
  json.raw("why", t.metadata);
  json.end();
}

void write_thought(Json& json, const ThoughtRow& t) {
  json.begin();
  json.field("id", t.id);
  json.time("at", t.at);
  json.field("category", t.category);
  json.field("severity", t.severity);
  json.field("message", t.message);
  json.raw("metadata", t.metadata);
  json.end();
}

void write_equity(Json& json, const EquityRow& e) {
  json.begin();
  json.time("t", e.at);
  json.field("equity", e.equity);
  json.field("cash", e.cash);
  json.field("drawdown", e.drawdown);
  json.end();
}

/// What an export goes on with, piece by piece: memory does not grow with its rows.
struct Download {
  std::vector<Database> sources;   // one after the other
  ExportKind kind;
  TenantId tenant;
  Page page;
  std::int64_t left;   // rows
  bool has_header{false};

  /// Appends the next slice; false after the last.
  bool next(std::string& piece) {
    if (!has_header) append_csv_header(kind, piece);
    has_header = true;
    page.limit = static_cast<int>(std::min<std::int64_t>(left, 500));
    while (page.limit > 0 && !sources.empty()) {
      const auto slice = export_slice(sources.front(), kind, tenant, page);
      if (!slice) return false;
      if (slice->rows.empty()) {
        sources.erase(sources.begin());
        page.after = 0;
        continue;
      }
      for (const auto& row : slice->rows) append_csv_row(kind, row, piece);
      left -= static_cast<std::int64_t>(slice->rows.size());
      page.after = slice->last_id;
      return true;
    }
    return false;
  }
};

/// The files that rows of a kind are in. The audit trail has two parts: of the ledger, and of access.
Result<std::vector<Database>> sources_of(const Call& call, ExportKind kind) {
  std::vector<Database> sources;
  const Profile profile = profile_of(kind) == Profile::telemetry ? Profile::telemetry : Profile::ledger;
  for (const StorePlace& place : call.stores()) {
    AITRADE_TRY(Database one, open_reader(profile == Profile::ledger ? place.ledger : place.telemetry, profile));
    sources.push_back(std::move(one));
  }
  if (sources.empty()) return fail(ErrorCode::not_found, "no books yet");
  if (kind != ExportKind::audit || call.context.gate == nullptr) return sources;
  AITRADE_TRY(const AccessStore* access, call.context.gate->store());
  AITRADE_TRY(std::optional<Database> second, access->reader());
  if (second) sources.push_back(*std::move(second));
  return sources;
}

Response download(const Call& call, ExportKind kind, const char* file_name) {
  auto sources = sources_of(call, kind);
  if (!sources) return sources.error().code == ErrorCode::not_found ? starting() : store_failure(sources.error());
  Page page;
  page.pair = call.query.text("pair");
  page.strategy = call.query.text("strategy");
  page.from = call.query.time("from").value_or(Time{});
  page.to = call.query.time("to").value_or(Time{INT64_MAX});
  auto state = std::make_shared<Download>(
      Download{*std::move(sources), kind, call.who.tenant, std::move(page), call.query.integer("limit")});
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.push_back({"Content-Disposition", std::string("attachment; filename=\"") + file_name + "\""});
  response.stream = [state](std::string& piece) { return state->next(piece); };
  return response;
}

}  // namespace

Response store_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found: return error_response(404, "not_found", "there is no such thing");
    case ErrorCode::busy:
    case ErrorCode::timeout: return error_response(503, "busy", "the store is busy; try again");
    case ErrorCode::rejected: return error_response(409, "conflict", "that is done already");
    case ErrorCode::invalid:
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::full:
    case ErrorCode::network:
    case ErrorCode::unsupported: break;
  }
  return error_response(503, "unavailable", "the store cannot be read; the log of the daemon says why");
}

Response get_trades(const Call& call) {
  const auto limit = static_cast<std::size_t>(call.query.integer("limit"));
  if (!call.context.has_store()) return json_response(trades_json(*call.view(), limit));
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const Page page = page_of(call);
    return list_response(trades(ledger, call.who.tenant, page), page, write_trade);
  });
}

namespace {

/// What belongs to a trade: the decision it began with, its orders and its fills, oldest first.
struct TradeParts {
  std::optional<DecisionRow> decision;
  std::vector<OrderRow> orders;
  std::vector<FillRow> fills;
};

/// An account holds one position of a pair at a time, so pair and time say what belongs together.
Result<TradeParts> parts_of(Database& ledger, const TenantId& tenant, const TradeRow& t) {
  constexpr Duration instant{1};
  const auto is_other = [&t](const auto& row) { return row.account != t.account || row.exchange != t.exchange; };
  TradeParts parts;
  Page page = newest(20);
  page.pair = t.pair;
  page.to = t.entry + instant;
  AITRADE_TRY(const std::vector<DecisionRow> decided, decisions(ledger, tenant, page));
  const auto first = std::find_if_not(decided.begin(), decided.end(), is_other);
  if (first != decided.end()) parts.decision = *first;
  page.limit = 500;
  page.from = parts.decision ? std::min(parts.decision->candle_close, t.entry) : t.entry;
  page.to = t.exit + instant;
  AITRADE_TRY(parts.orders, orders(ledger, tenant, page));
  page.from = t.entry;
  AITRADE_TRY(parts.fills, fills(ledger, tenant, page));
  std::erase_if(parts.orders, is_other);
  // The entry of the next trade may fill at the moment this one ends, and the exit of the last one where it began.
  std::erase_if(parts.fills, [&](const FillRow& f) {
    const bool is_entry = f.role == "entry";
    return is_other(f) || (is_entry && f.at == t.exit && t.exit != t.entry) || (!is_entry && f.at == t.entry && t.exit != t.entry);
  });
  std::erase_if(parts.orders, [&](const OrderRow& o) { return o.role == "entry" && o.created > t.entry; });
  std::reverse(parts.orders.begin(), parts.orders.end());
  std::reverse(parts.fills.begin(), parts.fills.end());
  return parts;
}

void write_snapshot(Json& json, const DecisionRow& d) {
  json.begin();
  json.time("at", d.candle_close);
  json.field("direction", d.direction);
  json.field("strategy", d.strategy);
  json.field("confidence", d.confidence);
  json.field("probability", d.probability);
  json.field("expected_r", d.expected_r);
  json.field("entry", d.entry);
  json.maybe("stop", d.stop);
  json.maybe("target", d.target);
  json.field("quantity", d.quantity);
  json.raw("votes", d.votes);
  json.end();
}

void write_parts(Json& json, const TradeParts& parts) {
  json.key("decision");
  if (parts.decision) {
    write_snapshot(json, *parts.decision);
  } else {
    json.null();
  }
  json.key("orders");
  json.begin_list();
  for (const OrderRow& row : parts.orders) write_order(json, row);
  json.end_list();
  json.key("fills");
  json.begin_list();
  for (const FillRow& row : parts.fills) write_fill(json, row);
  json.end_list();
}

}  // namespace

Response get_trade(const Call& call) {
  if (!call.context.has_store()) return starting();
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const auto found = trade(ledger, call.who.tenant, call.last);
    if (!found) return store_failure(found.error());
    const auto parts = parts_of(ledger, call.who.tenant, *found);
    if (!parts) return store_failure(parts.error());
    Json json;
    json.begin();
    write_trade_fields(json, *found);
    write_parts(json, *parts);
    json.end();
    return json_response(json.take());
  });
}

Response get_fills(const Call& call) {
  if (!call.context.has_store()) return starting();
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const Page page = page_of(call);
    return list_response(fills(ledger, call.who.tenant, page), page, write_fill);
  });
}

Response get_orders(const Call& call) {
  if (!call.context.has_store()) return starting();
  return with_store(call, Profile::ledger, [&](Database& ledger) {
    const Page page = page_of(call);
    return list_response(orders(ledger, call.who.tenant, page), page, write_order);
  });
}

Response get_decisions(const Call& call) {
  const auto limit = static_cast<std::size_t>(call.query.integer("limit"));
  if (!call.context.has_store()) return json_response(decisions_json(*call.view(), limit));
  return with_store(call, Profile::telemetry, [&](Database& telemetry) {
    const Page page = page_of(call);
    return list_response(told_decisions(telemetry, call.who.tenant, page), page, write_decision);
  });
}

Response get_thoughts(const Call& call) {
  if (!call.context.has_store()) return starting();
  return with_store(call, Profile::telemetry, [&](Database& telemetry) {
    Page page = page_of(call);
    page.strategy = call.query.text("category");
    return list_response(thoughts(telemetry, call.who.tenant, page), page, write_thought);
  });
}

Response get_equity(const Call& call) {
  const auto limit = static_cast<std::size_t>(call.query.integer("limit"));
  if (!call.context.has_store()) return json_response(equity_json(*call.view(), limit));
  return with_store(call, Profile::telemetry, [&](Database& telemetry) {
    Page page = page_of(call);
    page.limit = INT32_MAX;   // stretches, not pages
    return list_response(equity_curve(telemetry, call.who.tenant, page.from, page.to, static_cast<int>(limit)), page,
                         write_equity);
  });
}

Response get_trades_csv(const Call& call) { return download(call, ExportKind::trades, "trades.csv"); }

Response get_fills_csv(const Call& call) { return download(call, ExportKind::fills, "fills.csv"); }

Response get_orders_csv(const Call& call) { return download(call, ExportKind::orders, "orders.csv"); }

Response get_audit_csv(const Call& call) { return download(call, ExportKind::audit, "audit.csv"); }

Response get_equity_csv(const Call& call) { return download(call, ExportKind::equity, "equity.csv"); }

}  // namespace aitrade
