// Small helpers of the data tests: candles in a line, inputs from text, gzip in memory.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/data/candle_reader.h"

namespace aitrade::test {

inline Candle candle(std::int64_t seconds, std::string_view open, std::string_view high, std::string_view low,
                     std::string_view close, double volume, Duration interval = minutes(1),
                     std::uint32_t trades = 0) {
  Candle c;
  c.open_time = Time::from_seconds(seconds);
  c.interval = interval;
  c.open = Price::parse_or_die(open);
  c.high = Price::parse_or_die(high);
  c.low = Price::parse_or_die(low);
  c.close = Price::parse_or_die(close);
  c.volume = volume;
  c.trades = trades;
  return c;
}

inline Result<std::vector<Candle>> read_text(std::string_view text, CandleReadOptions options = {}) {
  return read_all_candles(ByteSource::bytes(text, "test"), std::move(options));
}

/// The error text of an input that must be refused; "" when it was read.
inline std::string refusal(std::string_view text, CandleReadOptions options = {}) {
  auto read = read_text(text, std::move(options));
  return read ? std::string() : read.error().what;
}

inline std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string in(text);
  std::string out(deflateBound(&stream, in.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace aitrade::test
