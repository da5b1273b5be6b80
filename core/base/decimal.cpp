#include "core/base/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace aitrade {
namespace {

__extension__ typedef unsigned __int128 Unsigned128;

constexpr Int128 int128_max = static_cast<Int128>(~Unsigned128{0} >> 1U);
constexpr int exponent_limit = 64;  // far beyond any amount; keeps hostile exponents cheap
constexpr std::size_t text_max = 128;

Error bad(std::string_view text, const char* why) {
  return fail(ErrorCode::invalid, "\"" + std::string(text.substr(0, 40)) + "\" " + why);
}

Error too_large() {
  return fail(ErrorCode::invalid, "an amount of more than 38 digits");
}

Unsigned128 magnitude(Int128 value) {
  const auto bits = static_cast<Unsigned128>(value);
  return value < 0 ? Unsigned128{0} - bits : bits;
}

/// Multiplies by 10^power in place; false when it does not fit.
bool scale_up(Int128& value, int power) {
  for (; power > 0 && value != 0; --power) {
    if (__builtin_mul_overflow(value, Int128{10}, &value)) return false;
  }
  return true;
}

/// Reads the digits of an exponent with its sign.
bool read_exponent(std::string_view text, int& exponent) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  return error == std::errc{} && end == text.data() + text.size() && exponent >= -exponent_limit &&
         exponent <= exponent_limit;
}

/// Reads "12.50" without a sign into a coefficient and its decimals.
bool read_digits(std::string_view text, Int128& coefficient, int& places, bool& is_large) {
  bool has_digit = false;
  bool has_point = false;
  for (const char c : text) {
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (c < '0' || c > '9') return false;
    has_digit = true;
    if (has_point) ++places;
    is_large = is_large || __builtin_mul_overflow(coefficient, Int128{10}, &coefficient) ||
               __builtin_add_overflow(coefficient, Int128{c - '0'}, &coefficient);
  }
  return has_digit;
}

/// Four limbs, least significant first.
using Wide = std::array<std::uint64_t, 4>;

Wide multiply(Unsigned128 a, Unsigned128 b) {
  const std::array<std::uint64_t, 2> left{static_cast<std::uint64_t>(a),
                                          static_cast<std::uint64_t>(a >> 64U)};
  const std::array<std::uint64_t, 2> right{static_cast<std::uint64_t>(b),
                                           static_cast<std::uint64_t>(b >> 64U)};
  Wide out{};
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < right.size(); ++k) {
      const Unsigned128 part = static_cast<Unsigned128>(left[i]) * right[k] + out[i + k] + carry;
      out[i + k] = static_cast<std::uint64_t>(part);
      carry = static_cast<std::uint64_t>(part >> 64U);
    }
    out[i + 2] += carry;
  }
  return out;
}

/// Divides in place and returns the remainder.
std::uint64_t divide(Wide& value, std::uint64_t by) {
  std::uint64_t remainder = 0;
  for (std::size_t i = value.size(); i-- > 0;) {
    const Unsigned128 part = (static_cast<Unsigned128>(remainder) << 64U) | value[i];
    value[i] = static_cast<std::uint64_t>(part / by);
    remainder = static_cast<std::uint64_t>(part % by);
  }
  return remainder;
}

/// What was cut off: -1 less than half a unit, 0 exactly half, 1 more; nothing was when `is_exact`.
struct Rest {
  bool is_exact{true};
  int against_half{-1};
};

Rest cut(Wide& value, int digits) {
  Rest rest;
  while (digits > 0) {
    const int step = std::min(digits, Decimal::scale_max);
    const auto by = static_cast<std::uint64_t>(fixed_detail::power_of_ten(step));
    const std::uint64_t remainder = divide(value, by);
    const std::uint64_t half = by / 2;
    rest.against_half = remainder > half || (remainder == half && !rest.is_exact) ? 1
                        : remainder == half                                       ? 0
                                                                                  : -1;
    rest.is_exact = rest.is_exact && remainder == 0;
    digits -= step;
  }
  return rest;
}

bool rounds_away(const Rest& rest, bool is_negative, bool is_odd, Rounding rounding) {
  if (rest.is_exact) return false;
  switch (rounding) {
    case Rounding::down:
      return false;
    case Rounding::up:
      return true;
    case Rounding::floor:
      return is_negative;
    case Rounding::ceil:
      return !is_negative;
    case Rounding::half_even:
      return rest.against_half > 0 || (rest.against_half == 0 && is_odd);
  }
  return false;
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  if (text.size() > text_max) return bad(text, "is too long for a number");
  std::string_view rest = text;
  const bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
  int exponent = 0;
  if (const auto e = rest.find_first_of("eE"); e != std::string_view::npos) {
    if (!read_exponent(rest.substr(e + 1), exponent)) return bad(text, "is not a number");
    rest = rest.substr(0, e);
  }
  Int128 coefficient = 0;
  int places = 0;
  bool is_large = false;
  if (!read_digits(rest, coefficient, places, is_large)) return bad(text, "is not a number");
  places -= exponent;
  if (places < 0) {
    is_large = is_large || !scale_up(coefficient, -places);
    places = 0;
  }
  if (is_large) return bad(text, "has more than 38 digits");
  if (places > scale_max) return bad(text, "has more than 18 decimals");
  return from_parts(is_negative ? -coefficient : coefficient, places);
}

Decimal Decimal::parse_or_die(std::string_view text) {
  auto value = parse(text);
  AITRADE_CHECK(value.has_value());
  return *value;
}

Decimal Decimal::from_parts(Int128 coefficient, int scale) {
  AITRADE_CHECK(scale >= 0 && scale <= scale_max && coefficient >= -int128_max);
  Decimal value;
  value.coefficient_ = coefficient;
  value.scale_ = scale;
  return value;
}

Decimal Decimal::trimmed() const {
  Decimal value = *this;
  while (value.scale_ > 0 && value.coefficient_ % 10 == 0) {
    value.coefficient_ /= 10;
    --value.scale_;
  }
  return value;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  // Whole parts first: bringing both to one scale could need more than 128 bits, a fraction never
  // does.
  const Int128 unit_a = fixed_detail::power_of_ten(a.scale_);
  const Int128 unit_b = fixed_detail::power_of_ten(b.scale_);
  const Int128 whole_a = a.coefficient_ / unit_a;
  const Int128 whole_b = b.coefficient_ / unit_b;
  if (whole_a != whole_b)
    return whole_a < whole_b ? std::strong_ordering::less : std::strong_ordering::greater;
  const Int128 part_a =
      a.coefficient_ % unit_a * fixed_detail::power_of_ten(Decimal::scale_max - a.scale_);
  const Int128 part_b =
      b.coefficient_ % unit_b * fixed_detail::power_of_ten(Decimal::scale_max - b.scale_);
  if (part_a != part_b)
    return part_a < part_b ? std::strong_ordering::less : std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

Decimal Decimal::operator-() const {
  return from_parts(-coefficient_, scale_);
}

std::string to_string(const Decimal& value) {
  std::string digits;
  for (Unsigned128 rest = magnitude(value.coefficient()); rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  const auto wanted = static_cast<std::size_t>(value.scale()) + 1;
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  if (value.scale() > 0) digits.insert(digits.size() - wanted + 1, 1, '.');
  return value.is_negative() ? "-" + digits : digits;
}

Result<Decimal> sum(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale(), b.scale());
  Int128 left = a.coefficient();
  Int128 right = b.coefficient();
  Int128 total = 0;
  if (!scale_up(left, scale - a.scale()) || !scale_up(right, scale - b.scale()) ||
      __builtin_add_overflow(left, right, &total) || total < -int128_max) {
    return too_large();
  }
  return Decimal::from_parts(total, scale);
}

Result<Decimal> difference(const Decimal& a, const Decimal& b) {
  return sum(a, -b);
}

Result<Decimal> product(const Decimal& a, const Decimal& b, int scale, Rounding rounding) {
  AITRADE_CHECK(scale >= 0 && scale <= Decimal::scale_max);
  const bool is_negative = a.is_negative() != b.is_negative();
  Wide wide = multiply(magnitude(a.coefficient()), magnitude(b.coefficient()));
  const int kept = std::min(scale, a.scale() + b.scale());
  const Rest rest = cut(wide, a.scale() + b.scale() - kept);
  if (wide[3] != 0 || wide[2] != 0 || wide[1] >> 63U != 0) return too_large();
  auto count = static_cast<Int128>((static_cast<Unsigned128>(wide[1]) << 64U) | wide[0]);
  if (rounds_away(rest, is_negative, count % 2 != 0, rounding)) {
    if (count == int128_max) return too_large();
    ++count;
  }
  return Decimal::from_parts(is_negative ? -count : count, kept);
}

Result<Amount> Amount::parse(std::string_view text) {
  AITRADE_TRY(const Decimal value, Decimal::parse(text));
  return Amount{std::string(text), value};
}

}  // namespace aitrade
