// What do the columns of a table without a header mean, judged by their content alone?
//
// Venues differ in order: Kraken and Binance write open, high, low, close; Coinbase low, high, open,
// close; others open, close, high, low. The highest and the lowest of four neighbouring columns name
// themselves; open comes before close everywhere, and the step from one row to the next has to agree.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/data/candle_layout.h"

namespace aitrade {

inline constexpr Column columns_of_a_candle[] = {Column::time, Column::open,  Column::high,
                                                 Column::low,  Column::close, Column::volume};

/// Returns whether a field is plain decimal text, with sign and exponent allowed.
bool is_number(std::string_view field);

/// Returns the role of each of `count` columns, from the rows in `sample`.
///
/// Errors: invalid when no reading or more than one fits; the text says what to give with --map
Result<std::vector<Column>> guess_columns(std::string_view sample, char delimiter, std::size_t count);

}  // namespace aitrade
