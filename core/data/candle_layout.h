// Which column of a table is what?
//
// Found by header name, or without a header by content: the low is at or below, the high at or above the
// others in every row. A table that allows two readings is refused, not guessed (data-formats.md); a
// column map given by the user settles it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/instrument.h"

namespace aitrade {

enum class Column : std::uint8_t { skip, time, open, high, low, close, volume, trades };

/// Returns "time", "open", ...; "-" for skip.
std::string_view to_string(Column column);

/// A user's answer to what the columns are: "time=0,open=3,volume=none", numbered from 0, or by header
/// name ("volume=Volume USD").
struct ColumnMap {
  std::map<Column, std::string> columns;

  /// Errors: invalid, naming the word that is wrong.
  static Result<ColumnMap> parse(std::string_view text);
};

struct CandleLayout {
  char delimiter{','};
  std::vector<Column> columns;         // role of each column, in the order of the file
  std::vector<std::string> names;      // header names; empty without a header
  std::size_t skipped_lines{0};        // preamble and header
  bool has_header{false};
  std::string first_symbol;            // of a symbol column, in the first row; empty without one

  [[nodiscard]] std::optional<std::size_t> index_of(Column column) const;
};

struct LayoutRequest {
  std::string_view sample;             // whole lines from the beginning of the input
  ColumnMap map;
  std::optional<Symbol> symbol;        // picks one of two volume columns named after currencies
};

/// Finds the layout of a table. Errors: invalid, as "LINE: what", LINE counted from 1.
Result<CandleLayout> detect_layout(const LayoutRequest& request);

/// Splits one line; quotes around a field and spaces outside it are removed.
void split_fields(std::string_view line, char delimiter, std::vector<std::string_view>& fields);

/// Returns what a header name stands for, in any case: "Unix Timestamp", "o", "Volume BTC", ...
Column column_named(std::string_view name);

}  // namespace aitrade
