#include "core/data/row_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace aitrade {
namespace {

constexpr double float_noise = 1e-9;     // largest relative change by rounding that a binary float explains
constexpr std::size_t shown_max = 40;    // characters of a field in a message

std::string shown(std::string_view field) { return "\"" + std::string(field.substr(0, shown_max)) + "\""; }

Error bad(std::string_view field, const char* why) {
  return fail(ErrorCode::invalid, field.empty() ? "is empty" : shown(field) + " " + why);
}

/// Reads "2019-10-01 12-AM" as "2019-10-01T00:00"; empty when it is not of that form.
std::string with_hour_of_day(std::string_view field) {
  const std::size_t space = field.find(' ');
  if (space == std::string_view::npos || field.size() < space + 5) return {};
  const std::string_view half = field.substr(field.size() - 2);
  const std::string_view hour_text = field.substr(space + 1, field.size() - space - 4);
  int hour = 0;
  const auto [end, error] = std::from_chars(hour_text.data(), hour_text.data() + hour_text.size(), hour);
  if (error != std::errc{} || end != hour_text.data() + hour_text.size()) return {};
  if (field[field.size() - 3] != '-' || (half != "AM" && half != "PM") || hour < 1 || hour > 12) return {};
  const int of_day = hour % 12 + (half == "PM" ? 12 : 0);
  return std::string(field.substr(0, space)) + (of_day < 10 ? "T0" : "T") + std::to_string(of_day) + ":00";
}

/// Cuts the text of a plain decimal after as many decimals as a Price holds.
std::string_view cut_decimals(std::string_view field) {
  const std::size_t point = field.find('.');
  if (point == std::string_view::npos || field.find_first_not_of("0123456789", point + 1) != std::string_view::npos) {
    return {};
  }
  return field.substr(0, point + 1 + static_cast<std::size_t>(Price::decimals));
}

}  // namespace

Result<Time> read_time_field(std::string_view field) {
  auto time = parse_time(field);
  if (time) return time;
  if (const std::string text = with_hour_of_day(field); !text.empty()) {
    if (auto dated = parse_time(text)) return dated;
  }
  return bad(field, "is not a time");
}

Result<Price> read_price_field(std::string_view field, bool& rounded) {
  rounded = false;
  auto price = Price::parse(field);
  if (price) return price;
  const std::string_view cut = cut_decimals(field);
  if (!cut.empty() && cut.size() < field.size()) {
    AITRADE_TRY(Price shorter, Price::parse(cut));
    // What was cut off is a fraction of the last unit: its first digit decides the rounding.
    if (field[cut.size()] >= '5' && shorter.raw() < INT64_MAX) shorter = Price::from_raw(shorter.raw() + 1);
    if (0.5 <= static_cast<double>(shorter.raw()) * float_noise || field.substr(cut.size()).starts_with("0000") ||
        field.substr(cut.size()).starts_with("9999")) {
      rounded = true;
      return shorter;
    }
    return bad(field, "has more than 10 decimals");
  }
  return bad(field, "is not a price");
}

Result<double> read_volume_field(std::string_view field) {
  std::string_view digits = field;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) {
    return bad(field, "is not a number");
  }
  return value;
}

RowParser::RowParser(const CandleLayout& layout, Duration interval)
    : columns_(layout.columns),
      delimiter_(layout.delimiter),
      interval_(interval),
      has_volume_(layout.index_of(Column::volume).has_value()) {
  AITRADE_CHECK(!columns_.empty());
}

Status RowParser::careful(std::string_view line, Candle& candle) {
  split_fields(line, delimiter_, fields_);
  if (fields_.size() != columns_.size()) {
    return fail(ErrorCode::invalid, "found " + std::to_string(fields_.size()) + " columns, expected " +
                                        std::to_string(columns_.size()));
  }
  candle = Candle{};
  candle.interval = interval_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (auto status = read_field(columns_[i], fields_[i], candle); !status) {
      return fail(ErrorCode::invalid,
                  std::string(to_string(columns_[i])) + " " + std::move(status).error().what);
    }
  }
  return ok();
}

Status RowParser::read_field(Column column, std::string_view field, Candle& candle) {
  Price* price = nullptr;
  switch (column) {
    case Column::skip:
      return ok();
    case Column::time: {
      AITRADE_TRY(candle.open_time, read_time_field(field));
      return ok();
    }
    case Column::volume: {
      AITRADE_TRY(candle.volume, read_volume_field(field));
      return ok();
    }
    case Column::trades: {
      AITRADE_TRY(const double count, read_volume_field(field));
      if (count < 0 || count > 4e9 || count != std::floor(count)) return bad(field, "is not a count");
      candle.trades = static_cast<std::uint32_t>(count);
      return ok();
    }
    case Column::open:
      price = &candle.open;
      break;
    case Column::high:
      price = &candle.high;
      break;
    case Column::low:
      price = &candle.low;
      break;
    case Column::close:
      price = &candle.close;
      break;
  }
  bool rounded = false;
  AITRADE_TRY(*price, read_price_field(field, rounded));
  rounded_ += rounded ? 1 : 0;
  return ok();
}

}  // namespace aitrade
