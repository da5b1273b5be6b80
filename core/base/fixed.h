// Price, Quantity and Money as exact decimals.
//
// Each is a signed 64-bit count of its smallest unit, tagged so that they do not mix. Products go
// through 128 bits and name their rounding; overflow stops the process in every build. Text to value
// and back is integer arithmetic: never through double, never through a locale.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

__extension__ typedef __int128 Int128;  // pedantic mode has no name for it

/// How a result that does not fit the unit is rounded; written at every call, never defaulted.
enum class Rounding {
  down,       // toward zero
  up,         // away from zero
  floor,      // toward minus infinity
  ceil,       // toward plus infinity
  half_even,  // to nearest, ties to the even unit
};

namespace fixed_detail {

/// Parses decimal text into a count of 10^-decimals units. Accepts an optional sign, digits with at
/// most one point, and an exponent ("1e-08"); refuses empty text, more significant decimals than the
/// type holds (trailing zeros are fine), and values outside 64 bits.
Result<std::int64_t> parse(std::string_view text, int decimals);

/// Prints a count of 10^-decimals units without exponent and without trailing zeros ("0", "1.5").
std::string print(std::int64_t raw, int decimals);

/// Prints with exactly `places` decimals; places must not be less than the digits in use.
std::string print_places(std::int64_t raw, int decimals, int places);

/// Divides with the named rounding; denominator > 0; stops the process if the result is too large.
std::int64_t divide(Int128 numerator, Int128 denominator, Rounding rounding);

/// Converts a double to units; returns invalid for NaN, infinity or a value out of range.
Result<std::int64_t> from_double(double value, int decimals, Rounding rounding);

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return value;
}

}  // namespace fixed_detail

/// A signed decimal with a fixed number of decimals; `Tag` keeps kinds apart.
template <class Tag, int Decimals>
class Fixed {
 public:
  static constexpr int decimals = Decimals;
  static constexpr std::int64_t scale = fixed_detail::power_of_ten(Decimals);

  constexpr Fixed() = default;

  static constexpr Fixed from_raw(std::int64_t raw) {
    Fixed value;
    value.raw_ = raw;
    return value;
  }

  /// Reads decimal text; errors as fixed_detail::parse.
  static Result<Fixed> parse(std::string_view text) {
    auto raw = fixed_detail::parse(text, Decimals);
    if (!raw) return std::move(raw).error();
    return from_raw(*raw);
  }

  /// Reads text that the program itself wrote; anything else stops the process.
  static Fixed parse_or_die(std::string_view text) {
    auto value = parse(text);
    AITRADE_CHECK(value.has_value());
    return *value;
  }

  /// Rounds a statistic to units; errors: invalid for NaN, infinity, out of range.
  static Result<Fixed> from_double(double value, Rounding rounding) {
    auto raw = fixed_detail::from_double(value, Decimals, rounding);
    if (!raw) return std::move(raw).error();
    return from_raw(*raw);
  }

  [[nodiscard]] constexpr std::int64_t raw() const { return raw_; }

  [[nodiscard]] constexpr bool is_zero() const { return raw_ == 0; }

  [[nodiscard]] constexpr bool is_positive() const { return raw_ > 0; }

  [[nodiscard]] constexpr bool is_negative() const { return raw_ < 0; }

  [[nodiscard]] Fixed abs() const { return raw_ < 0 ? -*this : *this; }

  friend constexpr auto operator<=>(Fixed, Fixed) = default;

  Fixed operator-() const {
    std::int64_t raw = 0;
    AITRADE_CHECK(!__builtin_sub_overflow(std::int64_t{0}, raw_, &raw));
    return from_raw(raw);
  }

  friend Fixed operator+(Fixed a, Fixed b) {
    std::int64_t raw = 0;
    AITRADE_CHECK(!__builtin_add_overflow(a.raw_, b.raw_, &raw));
    return from_raw(raw);
  }

  friend Fixed operator-(Fixed a, Fixed b) {
    std::int64_t raw = 0;
    AITRADE_CHECK(!__builtin_sub_overflow(a.raw_, b.raw_, &raw));
    return from_raw(raw);
  }

  friend Fixed operator*(Fixed a, std::int64_t factor) {
    std::int64_t raw = 0;
    AITRADE_CHECK(!__builtin_mul_overflow(a.raw_, factor, &raw));
    return from_raw(raw);
  }

  Fixed& operator+=(Fixed other) { return *this = *this + other; }

  Fixed& operator-=(Fixed other) { return *this = *this - other; }

 private:
  std::int64_t raw_{0};
};

struct PriceTag {};
struct QuantityTag {};
struct MoneyTag {};
struct RateTag {};

using Price = Fixed<PriceTag, 10>;       // quote currency per unit of base
using Quantity = Fixed<QuantityTag, 8>;  // units of the base currency
using Money = Fixed<MoneyTag, 8>;        // units of the quote currency
using Rate = Fixed<RateTag, 10>;         // a fraction, such as a fee of 0.0026

/// Returns the shortest exact decimal text.
template <class Tag, int Decimals>
std::string to_string(Fixed<Tag, Decimals> value) {
  return fixed_detail::print(value.raw(), Decimals);
}

/// Returns the nearest double, for statistics only; there is no implicit way back.
template <class Tag, int Decimals>
constexpr double to_double(Fixed<Tag, Decimals> value) {
  return static_cast<double>(value.raw()) / static_cast<double>(Fixed<Tag, Decimals>::scale);
}

/// Rounds to a multiple of `step`; step > 0, else the value is returned unchanged.
template <class Tag, int Decimals>
Fixed<Tag, Decimals> round_to_step(Fixed<Tag, Decimals> value, Fixed<Tag, Decimals> step,
                                   Rounding rounding) {
  if (step.raw() <= 1) return value;
  return Fixed<Tag, Decimals>::from_raw(fixed_detail::divide(value.raw(), step.raw(), rounding)) *
         step.raw();
}

/// Returns price times quantity in quote currency.
Money notional(Price price, Quantity quantity, Rounding rounding);

/// Returns how many base units `money` buys at `price`; price > 0.
Quantity quantity_for(Money money, Price price, Rounding rounding);

/// Returns the price at which `quantity` is worth `money`; quantity > 0.
Price price_for(Money money, Quantity quantity, Rounding rounding);

/// Returns the mean of two prices weighted by their quantities, half even; their sum > 0. Equal prices give
/// that price.
Price mean_price(Price a, Quantity of_a, Price b, Quantity of_b);

/// Returns `rate` of `money`.
Money apply(Rate rate, Money money, Rounding rounding);

/// Returns `rate` of `price`.
Price apply(Rate rate, Price price, Rounding rounding);

}  // namespace aitrade
