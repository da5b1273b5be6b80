// What did a model outside of this program say, row by row?
//
// A table with a header, `time,pair,direction[,size|quantity,stop,target]` in any order, or NDJSON records
// {"t":"signal","time":...,"direction":"long",...}; other records of such a stream are skipped. Decimals stay
// exact; digits beyond what a type holds are cut off, which makes an order smaller, never larger. Nothing is
// guessed: what cannot be read is an error that names input and line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/data/byte_source.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"

namespace aitrade {

/// One row as read.
struct SignalRow {
  std::int64_t line{0};                       // of the input, from 1
  Time time;
  std::optional<Symbol> pair;                 // absent: the row does not say
  Direction direction{Direction::neutral};    // neutral for "flat"
  std::optional<Rate> size;                   // share of equity, (0, 1]
  std::optional<Quantity> quantity;           // base units; never beside a size
  Price stop, target;                         // 0 = none
};

/// Reads all rows in the order of the input. Times are as in candle files: seconds, ms, us or ns, or ISO 8601.
///
/// Errors: invalid ("FILE:LINE: what"): no header, an unknown or missing column, a value that cannot be read
///         or is out of range, both size and quantity; the source's own
Result<std::vector<SignalRow>> read_signals(ByteSource source);

}  // namespace aitrade
