#include "core/store/exports.h"

#include "core/store/json_text.h"
#include "core/store/queries.h"

#include <algorithm>
#include <chrono>

namespace aitrade {
namespace {

constexpr bool text = false;
constexpr bool bare = true;

// Columns of operations.md 4.6, then those that data-formats.md adds.
const std::vector<ExportColumn> trade_columns{
    {"id", bare, false},         {"pair", text, false},       {"side", text, false},
    {"status", text, false},     {"entry_time", text, false}, {"exit_time", text, false},
    {"entry_price", bare, true}, {"exit_price", bare, true},  {"quantity", bare, true},
    {"size_usd", bare, true},    {"pnl", bare, true},         {"pnl_pct", bare, false},
    {"stop_loss", bare, true},   {"take_profit", bare, true}, {"confidence", bare, false},
    {"strategy", text, false},   {"reason", text, false},     {"exchange", text, false},
    {"metadata", text, false},   {"trade_id", text, false},   {"account_id", text, false},
    {"fees", bare, true},        {"slippage", bare, true},    {"duration_s", bare, false},
    {"fee_ccy", text, false},    {"gross", bare, true},       {"r_multiple", bare, false},
    {"mae", bare, false},        {"mfe", bare, false},        {"bars", bare, false},
    {"tags", text, false}};

const std::vector<ExportColumn> fill_columns{
    {"id", bare, false},        {"time", text, false},      {"pair", text, false},
    {"side", text, false},      {"role", text, false},      {"price", bare, true},
    {"quantity", bare, true},   {"fee", bare, true},        {"fee_ccy", text, false},
    {"liquidity", text, false}, {"fill_id", text, false},   {"client_order_id", text, false},
    {"exchange", text, false},  {"account_id", text, false}};

const std::vector<ExportColumn> order_columns{{"id", bare, false},
                                              {"created", text, false},
                                              {"updated", text, false},
                                              {"pair", text, false},
                                              {"role", text, false},
                                              {"side", text, false},
                                              {"type", text, false},
                                              {"tif", text, false},
                                              {"limit_price", bare, true},
                                              {"trigger_price", bare, true},
                                              {"quantity", bare, true},
                                              {"filled", bare, true},
                                              {"status", text, false},
                                              {"reason", text, false},
                                              {"client_order_id", text, false},
                                              {"exchange_order_id", text, false},
                                              {"exchange", text, false},
                                              {"account_id", text, false}};

const std::vector<ExportColumn> equity_columns{
    {"id", bare, false},       {"time", text, false},      {"equity", bare, true},
    {"cash", bare, true},      {"peak", bare, true},       {"drawdown", bare, false},
    {"exchange", text, false}, {"account_id", text, false}};

const std::vector<ExportColumn> thought_columns{{"id", bare, false},       {"time", text, false},
                                                {"category", text, false}, {"severity", text, false},
                                                {"message", text, false},  {"metadata", text, false}};

// The first columns are those that a file of foreign signals has.
const std::vector<ExportColumn> signal_columns{
    {"time", text, false},       {"pair", text, false},        {"direction", text, false},
    {"quantity", bare, true},    {"stop", bare, true},         {"target", bare, true},
    {"id", bare, false},         {"strategy", text, false},    {"confidence", bare, false},
    {"probability", bare, false}, {"expected_r", bare, false}, {"entry", bare, true},
    {"reason", text, false},     {"votes", text, false},       {"exchange", text, false},
    {"account_id", text, false}};

const std::vector<ExportColumn> audit_columns{{"id", bare, false},     {"time", text, false},   {"trail", text, false},
                                              {"actor", text, false},  {"action", text, false}, {"target", text, false},
                                              {"detail", text, false}, {"outcome", text, false}};

ExportCell number_cell(std::optional<double> value) {
  if (!value) return std::nullopt;
  std::string out;
  append_json_number(out, *value);
  return out == "null" ? ExportCell{} : ExportCell{out};
}

ExportCell present(const std::string& value) {
  return value.empty() ? ExportCell{} : ExportCell{value};
}

ExportCell number_cell(std::int64_t value) {
  return std::to_string(value);
}

std::vector<ExportCell> cells(const TradeRow& t) {
  const Price entry = Price::parse(t.entry_price).value_or(Price{});
  const Quantity quantity = Quantity::parse(t.quantity).value_or(Quantity{});
  const Money size = notional(entry, quantity, Rounding::half_even);
  const Money pnl = Money::parse(t.pnl).value_or(Money{});
  const Money fees = Money::parse(t.fees).value_or(Money{});
  ExportCell share;
  if (size.is_positive()) share = number_cell(std::optional<double>(to_double(pnl) / to_double(size)));
  const std::size_t slash = t.pair.find('/');
  const std::string quote = slash == std::string::npos ? "" : t.pair.substr(slash + 1);
  const auto held = std::chrono::duration_cast<seconds>(t.exit - t.entry).count();
  return {number_cell(t.id),
          t.pair,
          t.direction == "short" ? "sell" : "buy",
          "closed",
          to_string(t.entry),
          to_string(t.exit),
          t.entry_price,
          t.exit_price,
          t.quantity,
          to_string(size),
          t.pnl,
          share,
          present(t.initial_stop),
          present(t.target),
          number_cell(t.confidence),
          t.strategy,
          t.close_reason,
          t.exchange,
          std::nullopt,
          t.trade_id,
          t.account,
          t.fees,
          t.slippage,
          number_cell(std::int64_t{held}),
          quote,
          to_string(pnl + fees),
          number_cell(t.r_multiple),
          number_cell(t.mae),
          number_cell(t.mfe),
          number_cell(t.bars),
          std::nullopt};
}

std::vector<ExportCell> cells(const FillRow& f) {
  return {number_cell(f.id), to_string(f.at),   f.pair,     f.side,      f.role,
          f.price,           f.quantity,        f.fee,      f.fee_asset, f.liquidity,
          f.fill_id,         f.client_order_id, f.exchange, f.account};
}

std::vector<ExportCell> cells(const OrderRow& o) {
  return {number_cell(o.id),
          to_string(o.created),
          to_string(o.updated),
          o.pair,
          o.role,
          o.side,
          o.type,
          o.tif,
          present(o.limit_price),
          present(o.trigger_price),
          o.quantity,
          o.filled,
          o.status,
          present(o.reason),
          o.client_order_id,
          present(o.venue_order_id),
          o.exchange,
          o.account};
}

std::vector<ExportCell> cells(const EquityRow& e) {
  return {number_cell(e.id),
          to_string(e.at),
          e.equity,
          e.cash,
          e.peak,
          number_cell(std::optional<double>(e.drawdown)),
          e.exchange,
          e.account};
}

std::vector<ExportCell> cells(const ThoughtRow& t) {
  return {number_cell(t.id), to_string(t.at), t.category, t.severity, t.message, present(t.metadata)};
}

std::vector<ExportCell> cells(const DecisionRow& d) {
  const auto number = [](double value) { return number_cell(std::optional<double>(value)); };
  return {to_string(d.candle_close), d.pair,          d.direction,        d.quantity,
          present(d.stop),           present(d.target), number_cell(d.id), d.strategy,
          number(d.confidence),      number(d.probability), number(d.expected_r), present(d.entry),
          d.reason,                  d.votes,         d.exchange,         d.account};
}

std::vector<ExportCell> cells(const AuditRow& a) {
  return {number_cell(a.id), to_string(a.at), a.trail,           a.actor,
          a.action,          present(a.target), present(a.detail), a.outcome};
}

template <class Row>
Result<ExportSlice> slice_of(Result<std::vector<Row>> rows) {
  if (!rows) return std::move(rows).error();
  ExportSlice slice;
  for (const Row& row : *rows) {
    slice.rows.push_back(cells(row));
    slice.last_id = row.id;
  }
  return slice;
}

/// Says whether a spreadsheet would read the text as a formula or break out of its cell.
bool starts_like_formula(std::string_view value) {
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (value.empty()) return false;
  if (std::string_view("=+-@\t\r\n").find(value.front()) != std::string_view::npos) return true;
  if (value.front() == '\0') return true;
  for (const std::string_view wide :
       {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"}) {
    if (value.starts_with(wide)) return true;  // full-width = + - @
  }
  return false;
}

}  // namespace

Profile profile_of(ExportKind kind) {
  switch (kind) {
    case ExportKind::equity:
    case ExportKind::thoughts:
      return Profile::telemetry;
    case ExportKind::audit:
      return Profile::access;
    case ExportKind::trades:
    case ExportKind::fills:
    case ExportKind::orders:
    case ExportKind::signals:
      break;
  }
  return Profile::ledger;
}

const std::vector<ExportColumn>& export_columns(ExportKind kind) {
  switch (kind) {
    case ExportKind::trades:
      return trade_columns;
    case ExportKind::fills:
      return fill_columns;
    case ExportKind::orders:
      return order_columns;
    case ExportKind::equity:
      return equity_columns;
    case ExportKind::thoughts:
      return thought_columns;
    case ExportKind::signals:
      return signal_columns;
    case ExportKind::audit:
      return audit_columns;
  }
  return trade_columns;
}

Result<ExportSlice> export_slice(Database& database, ExportKind kind, const TenantId& tenant,
                                 const Page& page) {
  switch (kind) {
    case ExportKind::trades:
      return slice_of(trades(database, tenant, page));
    case ExportKind::fills:
      return slice_of(fills(database, tenant, page));
    case ExportKind::orders:
      return slice_of(orders(database, tenant, page));
    case ExportKind::equity:
      return slice_of(equity(database, tenant, page));
    case ExportKind::thoughts:
      return slice_of(thoughts(database, tenant, page));
    case ExportKind::signals:
      return slice_of(decisions(database, tenant, page));
    case ExportKind::audit:
      return slice_of(audit_rows(database, tenant, page));
  }
  return ExportSlice{};
}

std::string csv_text(std::string_view value) {
  std::string out = "\"";
  if (starts_like_formula(value)) out += '\'';
  for (const char c : value) {
    if (c == '\0' || c == '\r') continue;
    out += c;
    if (c == '"') out += c;
  }
  return out + "\"";
}

void append_csv_header(ExportKind kind, std::string& out) {
  bool is_first = true;
  for (const ExportColumn& column : export_columns(kind)) {
    if (!is_first) out += ',';
    is_first = false;
    out += column.name;
  }
  out += "\r\n";
}

void append_csv_row(ExportKind kind, const std::vector<ExportCell>& row, std::string& out) {
  const auto& columns = export_columns(kind);
  AITRADE_CHECK(row.size() == columns.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    if (columns[i].is_number) {
      out += row[i].value_or("");
    } else {
      out += csv_text(row[i].value_or(""));
    }
  }
  out += "\r\n";
}

void append_json_row(ExportKind kind, const std::vector<ExportCell>& row,
                     std::string_view first_field, std::string& out) {
  const auto& columns = export_columns(kind);
  AITRADE_CHECK(row.size() == columns.size());
  out += '{';
  out += first_field;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, columns[i].name);
    out += ':';
    if (!row[i]) {
      out += "null";
    } else if (columns[i].is_number && !columns[i].is_decimal) {
      out += *row[i];
    } else {
      append_json_string(out, *row[i]);
    }
  }
  out += '}';
}

}  // namespace aitrade
