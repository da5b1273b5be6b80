// Numbers exactly as a venue wrote them, for the ledger and for proofs.
//
// The engine decides with Price, Quantity and Money (fixed.h); what a venue reports can be finer
// and larger than those, and must be summed and kept to the last digit (reliability.md 3.5). A
// Decimal is a 128-bit count of 10^-scale units; its scale is the number of decimals that were
// written, so it prints as it was read. Nothing here goes through double or a locale, and nothing
// is rounded unless the caller names how.
#pragma once

#include "core/base/fixed.h"
#include "core/base/result.h"

#include <compare>
#include <string>
#include <string_view>

namespace aitrade {

class Decimal {
 public:
  static constexpr int scale_max = 18;

  constexpr Decimal() = default;

  /// Reads decimal text: sign, digits with at most one point, and an exponent ("1e-08"). Errors:
  /// invalid for anything else, for more than 18 decimals and for more than 38 digits.
  static Result<Decimal> parse(std::string_view text);

  /// Reads text that the program itself wrote; anything else stops the process.
  static Decimal parse_or_die(std::string_view text);

  /// Returns `coefficient` times 10^-scale; 0 <= scale <= 18, else the process stops.
  static Decimal from_parts(Int128 coefficient, int scale);

  template <class Tag, int Decimals>
  static Decimal from(Fixed<Tag, Decimals> value) {
    return from_parts(value.raw(), Decimals).trimmed();
  }

  [[nodiscard]] Int128 coefficient() const { return coefficient_; }

  /// The number of decimals as written.
  [[nodiscard]] int scale() const { return scale_; }

  [[nodiscard]] bool is_zero() const { return coefficient_ == 0; }

  [[nodiscard]] bool is_positive() const { return coefficient_ > 0; }

  [[nodiscard]] bool is_negative() const { return coefficient_ < 0; }

  /// Returns the same value without trailing zeros.
  [[nodiscard]] Decimal trimmed() const;

  /// By value: 1.0 equals 1.00.
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

  Decimal operator-() const;

 private:
  Int128 coefficient_{0};
  int scale_{0};
};

/// Returns plain digits with exactly scale() decimals and no exponent.
std::string to_string(const Decimal& value);

/// Returns the exact sum; errors: invalid when it has more than 38 digits.
Result<Decimal> sum(const Decimal& a, const Decimal& b);

/// Returns a - b; errors as sum.
Result<Decimal> difference(const Decimal& a, const Decimal& b);

/// Returns the product with at most `scale` decimals, through 256 bits; errors: invalid when it has
/// more than 38 digits. 0 <= scale <= 18.
Result<Decimal> product(const Decimal& a, const Decimal& b, int scale, Rounding rounding);

/// Returns the value in an engine type; errors: invalid when that type cannot hold it exactly.
template <class F>
Result<F> to_fixed(const Decimal& value) {
  return F::parse(to_string(value));
}

/// A number with the very text it came in: what the ledger keeps, and what it sums.
struct Amount {
  std::string text{"0"};
  Decimal value;

  /// Errors as Decimal::parse.
  static Result<Amount> parse(std::string_view text);

  friend bool operator==(const Amount& a, const Amount& b) { return a.value == b.value; }
};

}  // namespace aitrade
