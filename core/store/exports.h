// The rows of `aitrade export` and of the API's files: columns, kinds and text forms in one place.
//
// Columns are those of operations.md 4.6 and data-formats.md. Number columns are written bare, so
// that a loss stays a number; text columns are always quoted, and a text that a spreadsheet would
// take for a formula gets an apostrophe in front (security.md 7). Lines end in CRLF.
#pragma once

#include "core/base/ids.h"
#include "core/store/database.h"
#include "core/store/queries.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// `signals` are the decisions that led to an order, in a form that `backtest --signals` reads.
enum class ExportKind : std::uint8_t { trades, fills, orders, equity, thoughts, signals, audit };

struct ExportColumn {
  const char* name;
  bool is_number;   // written bare in CSV
  bool is_decimal;  // money, price or quantity: a string in JSON, so that no float touches it
};

/// One value; absent is empty in CSV and null in JSON.
using ExportCell = std::optional<std::string>;

struct ExportSlice {
  std::vector<std::vector<ExportCell>> rows;
  std::int64_t last_id{0};  // pass it as `after` for the next slice; no rows: the end
};

/// Which file the rows of a kind are in.
Profile profile_of(ExportKind kind);

const std::vector<ExportColumn>& export_columns(ExportKind kind);

/// Reads the rows after `page.after` that its filters let through, at most 2000. `database` is the
/// one of profile_of(); for audit the ledger has rows too.
Result<ExportSlice> export_slice(Database& database, ExportKind kind, const TenantId& tenant, const Page& page);

/// The same without filters.
inline Result<ExportSlice> export_slice(Database& database, ExportKind kind, const TenantId& tenant,
    std::int64_t after) {
  return export_slice(database, kind, tenant, Page{after, std::nullopt, slice_rows_max});
}

/// Appends the header line, or a row, as CSV.
void append_csv_header(ExportKind kind, std::string& out);
void append_csv_row(ExportKind kind, const std::vector<ExportCell>& row, std::string& out);

/// Appends a row as a JSON object; `first_field` ("\"t\":\"trade\",") comes before the columns.
void append_json_row(ExportKind kind, const std::vector<ExportCell>& row,
                     std::string_view first_field, std::string& out);

/// Returns the text as security.md 7 wants it in a CSV text column, quotes included.
std::string csv_text(std::string_view text);

}  // namespace aitrade
