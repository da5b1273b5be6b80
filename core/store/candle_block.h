// A few thousand candles of one series as packed bytes, and back to the last bit.
//
// Form: version byte, varint size of the columns, the columns deflated (zlib with its checksum). Columns,
// one after another: flags, first time, steps; the power of ten all prices share; opens against the close
// before, closes against opens, highs and lows against the body; volumes; trade counts and the marks of
// synthetic candles where there are any. A volume is a whole count of 1e-8 where that gives back the same
// double, else its eight bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/domain/candle.h"

namespace aitrade {

inline constexpr std::size_t candles_per_block = 4096;

/// Packs sound candles with increasing times and one interval; at least one, at most candles_per_block.
std::string pack_candles(std::span<const Candle> candles);

/// Unpacks into `out`, replacing what is there. Errors: corrupt.
Status unpack_candles(std::string_view bytes, Duration interval, std::vector<Candle>& out);

}  // namespace aitrade
