// One line of a table to one candle.
//
// Two ways through a line: `fast` takes plain digits, which is what nearly all files hold, at eight digits
// a step and without a branch per character; whatever it does not take, `careful` reads field by field
// (quotes, spaces, signs, exponents, ISO times) and explains what is wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/candle_layout.h"
#include "core/data/digits.h"
#include "core/domain/candle.h"

namespace aitrade {

/// Reads a time field: an epoch number in s, ms, us or ns by magnitude, ISO 8601, or "2019-10-01 12-AM".
Result<Time> read_time_field(std::string_view field);

/// Reads a price field exactly. A field with more decimals than a Price holds is accepted only when
/// they are the noise of a binary float (rounding moves it by less than one part in a billion).
Result<Price> read_price_field(std::string_view field, bool& rounded);

/// Reads a volume field: the nearest double.
Result<double> read_volume_field(std::string_view field);

class RowParser {
 public:
  RowParser(const CandleLayout& layout, Duration interval);

  /// Parses the line at `p`, which ends with a line feed and has eight readable bytes behind it.
  /// Returns the start of the next line, or null when the line is not in the plain form.
  const char* fast(const char* p, Candle& candle) const;

  /// Parses any line without its line feed; errors: invalid, without file and line.
  Status careful(std::string_view line, Candle& candle);

  /// How many price fields carried float noise.
  [[nodiscard]] std::int64_t rounded() const { return rounded_; }

 private:
  Status read_field(Column column, std::string_view field, Candle& candle);

  std::vector<Column> columns_;
  char delimiter_;
  Duration interval_;
  bool has_volume_;
  std::vector<std::string_view> fields_;
  std::int64_t rounded_{0};
};

// ---- the fast way, inlined into the reading loop ------------------------------------------------

namespace row_detail {

/// Reads "123.456" into units of 1e-10; null when it is not plain or may not fit.
inline const char* price(const char* p, Price& out) {
  std::uint64_t whole = 0;
  unsigned count = 0;
  p = digits::read(p, whole, count);
  if (count == 0 || count > 9 || whole > 922'337'202U) return nullptr;
  std::uint64_t raw = whole * static_cast<std::uint64_t>(Price::scale);
  if (*p == '.') {
    std::uint64_t fraction = 0;
    p = digits::read(p + 1, fraction, count);
    if (count == 0 || count > static_cast<unsigned>(Price::decimals)) return nullptr;
    raw += fraction * digits::powers.data()[static_cast<unsigned>(Price::decimals) - count];
  }
  out = Price::from_raw(static_cast<std::int64_t>(raw));
  return p;
}

/// Reads "8.54199109" as the nearest double; null when it is not plain or needs more than 53 bits.
///
/// Source: Clinger (1990): one correctly rounded division of two exactly held numbers is exact enough
inline const char* volume(const char* p, double& out) {
  std::uint64_t value = 0;
  unsigned count = 0;
  p = digits::read(p, value, count);
  if (count == 0 || count > 15) return nullptr;
  if (*p != '.') {
    out = static_cast<double>(value);
    return p;
  }
  std::uint64_t fraction = 0;
  unsigned places = 0;
  p = digits::read(p + 1, fraction, places);
  if (places == 0 || count + places > 18) return nullptr;
  value = value * digits::powers.data()[places] + fraction;
  if (value > (std::uint64_t{1} << 53U)) return nullptr;
  out = static_cast<double>(value) / digits::exact_powers.data()[places];
  return p;
}

/// Reads an epoch number, its unit by magnitude; null when it is not plain.
inline const char* time(const char* p, Time& out) {
  std::uint64_t value = 0;
  unsigned count = 0;
  p = digits::read(p, value, count);
  if (count < 9 || count > 19) return nullptr;  // eight digits are a date
  if (value < 100'000'000'000U) {
    value *= 1'000'000'000U;
  } else if (value < 100'000'000'000'000U) {
    value *= 1'000'000U;
  } else if (value < 100'000'000'000'000'000U) {
    value *= 1'000U;
  }
  if (value > 9'000'000'000'000'000'000U) return nullptr;
  out = Time{static_cast<std::int64_t>(value)};
  return p;
}

inline const char* trades(const char* p, std::uint32_t& out) {
  std::uint64_t value = 0;
  unsigned count = 0;
  p = digits::read(p, value, count);
  if (count == 0 || count > 9) return nullptr;
  out = static_cast<std::uint32_t>(value);
  return p;
}

inline const char* skip(const char* p, char delimiter) {
  while (*p != delimiter && *p != '\n') {
    if (*p == '"') return nullptr;  // a quoted field may hide a delimiter
    ++p;
  }
  return p;
}

}  // namespace row_detail

inline const char* RowParser::fast(const char* p, Candle& candle) const {
  candle.interval = interval_;
  candle.trades = 0;
  if (!has_volume_) candle.volume = 0;
  const Column* column = columns_.data();
  const Column* const last = column + columns_.size() - 1;
  for (;; ++column) {
    switch (*column) {
      case Column::skip:
        p = row_detail::skip(p, delimiter_);
        break;
      case Column::time:
        p = row_detail::time(p, candle.open_time);
        break;
      case Column::open:
        p = row_detail::price(p, candle.open);
        break;
      case Column::high:
        p = row_detail::price(p, candle.high);
        break;
      case Column::low:
        p = row_detail::price(p, candle.low);
        break;
      case Column::close:
        p = row_detail::price(p, candle.close);
        break;
      case Column::volume:
        p = row_detail::volume(p, candle.volume);
        break;
      case Column::trades:
        p = row_detail::trades(p, candle.trades);
        break;
    }
    if (p == nullptr) return nullptr;
    if (column == last) break;
    if (*p != delimiter_) return nullptr;
    ++p;
  }
  if (*p == '\r') ++p;
  return *p == '\n' ? p + 1 : nullptr;
}

}  // namespace aitrade
