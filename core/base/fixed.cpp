#include "core/base/fixed.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace aitrade {
namespace fixed_detail {
namespace {

constexpr Int128 int64_max = std::numeric_limits<std::int64_t>::max();
constexpr Int128 int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t plain_length_max = 19;   // 18 digits and a point: no overflow on the way

constexpr std::array<std::uint64_t, 19> powers_of_ten = [] {
  std::array<std::uint64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

constexpr int exponent_limit = 64;  // far beyond any price; keeps hostile exponents cheap

Error bad_number(std::string_view text, const char* why) {
  return fail(ErrorCode::invalid, "\"" + std::string(text.substr(0, 40)) + "\" " + why);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads "e-8" at `position`; returns false when it is malformed or absurd.
bool read_exponent(std::string_view text, std::size_t position, int& exponent) {
  bool negative = false;
  if (position < text.size() && (text[position] == '+' || text[position] == '-')) {
    negative = text[position] == '-';
    ++position;
  }
  if (position >= text.size()) return false;
  int value = 0;
  for (; position < text.size(); ++position) {
    if (!is_digit(text[position])) return false;
    value = value * 10 + (text[position] - '0');
    if (value > exponent_limit) return false;
  }
  exponent = negative ? -value : value;
  return true;
}

struct Digits {
  Int128 value{0};
  int places{0};
  int exponent{0};
};

/// Collects sign-less digits, places after the point and the exponent of `text`.
Result<Digits> read_digits(std::string_view text, std::string_view whole) {
  Digits digits;
  bool any = false;
  bool point = false;
  int pending_zeros = 0;  // zeros after the point count only if a digit follows
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (point) return bad_number(whole, "is not a number");
      point = true;
    } else if (is_digit(c)) {
      any = true;
      if (point && c == '0') {
        ++pending_zeros;
        continue;
      }
      for (int k = 0; k < (point ? pending_zeros + 1 : 1); ++k) {
        if (digits.value > int64_max * 100) return bad_number(whole, "is too large");
        digits.value *= 10;
      }
      if (point) digits.places += pending_zeros + 1;
      pending_zeros = 0;
      digits.value += c - '0';
    } else if ((c == 'e' || c == 'E') && any) {
      if (!read_exponent(text, i + 1, digits.exponent)) return bad_number(whole, "is not a number");
      break;
    } else {
      return bad_number(whole, "is not a number");
    }
  }
  if (!any) return bad_number(whole, "is not a number");
  return digits;
}

/// Reads digits with at most one point, the form of almost every number; nothing for what needs more care.
std::optional<std::int64_t> parse_plain(std::string_view text, int decimals) {
  if (text.size() > plain_length_max) return std::nullopt;
  std::uint64_t value = 0;
  int digits = 0;
  int places = 0;
  bool point = false;
  for (const char c : text) {
    if (is_digit(c)) {
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
      ++digits;
      if (point) ++places;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      return std::nullopt;
    }
  }
  std::uint64_t raw = 0;
  if (digits == 0 || places > decimals ||
      __builtin_mul_overflow(value, powers_of_ten[static_cast<std::size_t>(decimals - places)], &raw) ||
      raw > static_cast<std::uint64_t>(int64_max)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(raw);
}

}  // namespace

Result<std::int64_t> parse(std::string_view text, int decimals) {
  if (const auto plain = parse_plain(text, decimals)) return *plain;
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  AITRADE_TRY(Digits digits, read_digits(rest, text));
  int shift = decimals - digits.places + digits.exponent;
  for (; shift > 0 && digits.value != 0; --shift) {
    if (digits.value > int64_max) return bad_number(text, "is too large");
    digits.value *= 10;
  }
  for (; shift < 0 && digits.value != 0; ++shift) {
    if (digits.value % 10 != 0) return bad_number(text, "has more decimals than can be held");
    digits.value /= 10;
  }
  if (negative) digits.value = -digits.value;
  if (digits.value > int64_max || digits.value < int64_min) return bad_number(text, "is too large");
  return static_cast<std::int64_t>(digits.value);
}

std::string print_places(std::int64_t raw, int decimals, int places) {
  const bool negative = raw < 0;
  std::uint64_t magnitude =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
  for (int i = places; i < decimals; ++i) {
    AITRADE_CHECK(magnitude % 10 == 0);
    magnitude /= 10;
  }
  std::string digits = std::to_string(magnitude);
  const auto wanted = static_cast<std::size_t>(places) + 1;
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - static_cast<std::size_t>(places), 1, '.');
  return negative ? "-" + digits : digits;
}

std::string print(std::int64_t raw, int decimals) {
  int places = decimals;
  for (std::int64_t rest = raw; places > 0 && rest % 10 == 0; rest /= 10) --places;
  return print_places(raw, decimals, places);
}

std::int64_t divide(Int128 numerator, Int128 denominator, Rounding rounding) {
  AITRADE_CHECK(denominator > 0);
  Int128 quotient = numerator / denominator;
  const Int128 remainder = numerator % denominator;
  if (remainder != 0) {
    const int sign = numerator < 0 ? -1 : 1;
    const Int128 twice = (remainder < 0 ? -remainder : remainder) * 2;
    switch (rounding) {
      case Rounding::down:
        break;
      case Rounding::up:
        quotient += sign;
        break;
      case Rounding::floor:
        if (sign < 0) --quotient;
        break;
      case Rounding::ceil:
        if (sign > 0) ++quotient;
        break;
      case Rounding::half_even:
        if (twice > denominator || (twice == denominator && quotient % 2 != 0)) quotient += sign;
        break;
    }
  }
  AITRADE_CHECK(quotient <= int64_max && quotient >= int64_min);
  return static_cast<std::int64_t>(quotient);
}

Result<std::int64_t> from_double(double value, int decimals, Rounding rounding) {
  const double scaled = value * static_cast<double>(power_of_ten(decimals));
  constexpr double limit = 9.2e18;  // just inside 64 bits
  if (!std::isfinite(scaled) || scaled > limit || scaled < -limit) {
    return fail(ErrorCode::invalid, "a number out of range");
  }
  double rounded = 0;
  switch (rounding) {
    case Rounding::down:
      rounded = std::trunc(scaled);
      break;
    case Rounding::up:
      rounded = scaled < 0 ? std::floor(scaled) : std::ceil(scaled);
      break;
    case Rounding::floor:
      rounded = std::floor(scaled);
      break;
    case Rounding::ceil:
      rounded = std::ceil(scaled);
      break;
    case Rounding::half_even:
      rounded = std::nearbyint(scaled);
      break;
  }
  return static_cast<std::int64_t>(rounded);
}

}  // namespace fixed_detail

Money notional(Price price, Quantity quantity, Rounding rounding) {
  const Int128 product = static_cast<Int128>(price.raw()) * quantity.raw();  // 1e-18 units
  return Money::from_raw(fixed_detail::divide(product, Price::scale, rounding));
}

Quantity quantity_for(Money money, Price price, Rounding rounding) {
  AITRADE_CHECK(price.is_positive());
  const Int128 scaled = static_cast<Int128>(money.raw()) * Price::scale;
  return Quantity::from_raw(fixed_detail::divide(scaled, price.raw(), rounding));
}

Price price_for(Money money, Quantity quantity, Rounding rounding) {
  AITRADE_CHECK(quantity.is_positive());
  const Int128 scaled = static_cast<Int128>(money.raw()) * Price::scale;
  return Price::from_raw(fixed_detail::divide(scaled, quantity.raw(), rounding));
}

Price mean_price(Price a, Quantity of_a, Price b, Quantity of_b) {
  const Quantity both = of_a + of_b;
  AITRADE_CHECK(both.is_positive());
  const Int128 sum = static_cast<Int128>(a.raw()) * of_a.raw() + static_cast<Int128>(b.raw()) * of_b.raw();
  return Price::from_raw(fixed_detail::divide(sum, both.raw(), Rounding::half_even));
}

Money apply(Rate rate, Money money, Rounding rounding) {
  const Int128 product = static_cast<Int128>(rate.raw()) * money.raw();
  return Money::from_raw(fixed_detail::divide(product, Rate::scale, rounding));
}

Price apply(Rate rate, Price price, Rounding rounding) {
  const Int128 product = static_cast<Int128>(rate.raw()) * price.raw();
  return Price::from_raw(fixed_detail::divide(product, Rate::scale, rounding));
}

}  // namespace aitrade
