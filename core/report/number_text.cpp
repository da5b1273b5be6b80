#include "core/report/number_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace aitrade {

namespace {

/// "-0.00" says nothing that "0.00" does not.
std::string without_negative_zero(std::string text) {
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  if (is_zero && !text.empty() && text.front() == '-') text.erase(0, 1);
  return text;
}

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

std::string shortest_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return without_negative_zero(std::string(buffer.data(), end));
}

std::string fixed_text(double value, int places) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 400> buffer{};  // the largest double has 309 digits before the point
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, places)
                       .ptr;
  return without_negative_zero(std::string(buffer.data(), end));
}

std::string percent_text(double fraction, int places) {
  return fixed_text(fraction * 100, places) + " %";
}

std::string money_text(Money amount, int places) {
  const std::int64_t unit = fixed_detail::power_of_ten(Money::decimals - places);
  const std::int64_t rounded = fixed_detail::divide(amount.raw(), unit, Rounding::half_even);
  return fixed_detail::print_places(rounded, places, places);
}

int places_of(Money tick) {
  int places = Money::decimals;
  for (std::int64_t raw = tick.raw(); raw > 0 && raw % 10 == 0 && places > 2; raw /= 10)
    --places;
  return places;
}

std::string span_text(Duration span) {
  const std::int64_t s = span / seconds(1);
  if (s < 60) return std::to_string(s) + "s";
  if (s < 3600) return std::to_string(s / 60) + "m " + two_digits(s % 60) + "s";
  if (s < 86400) return std::to_string(s / 3600) + "h " + two_digits(s % 3600 / 60) + "m";
  return std::to_string(s / 86400) + "d " + two_digits(s % 86400 / 3600) + "h";
}

std::string grouped_text(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string align_right(std::string_view text, std::size_t width) {
  const std::string_view cut = text.substr(0, width);
  return std::string(width - cut.size(), ' ') + std::string(cut);
}

std::string align_left(std::string_view text, std::size_t width) {
  const std::string_view cut = text.substr(0, width);
  return std::string(cut) + std::string(width - cut.size(), ' ');
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (used > 0 && used + 1 + word.size() > width) {
      out += '\n';
      used = 0;
    }
    if (used == 0) {
      out += indent;
      used = indent.size();
    } else {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return out.empty() ? out : out + '\n';
}

}  // namespace aitrade
