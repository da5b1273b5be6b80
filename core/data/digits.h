// Decimal digits at eight a step.
//
// The scanner below the candle reader: it reads up to eight ASCII digits from one 64-bit load (SWAR). The
// caller guarantees eight readable bytes at each position; LineBuffer's padding does. Little-endian only.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace aitrade::digits {

static_assert(std::endian::native == std::endian::little, "the digit scanner loads little-endian words");

inline constexpr std::array<std::uint64_t, 20> powers = [] {
  std::array<std::uint64_t, 20> table{};
  std::uint64_t value = 1;
  for (auto& entry : table) {
    entry = value;
    value *= 10;
  }
  return table;
}();

/// 10^0 to 10^22: the powers of ten that a double holds exactly.
inline constexpr std::array<double, 23> exact_powers = [] {
  std::array<double, 23> table{};
  double value = 1;
  for (auto& entry : table) {
    entry = value;
    value *= 10;
  }
  return table;
}();

inline std::uint64_t load(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

/// Returns how many of the eight bytes are digits before the first that is none.
inline unsigned leading(std::uint64_t word) {
  // A digit has high nibble 3, and still has it after adding 6. A carry can only reach bytes behind the
  // first non-digit, which do not matter.
  constexpr std::uint64_t high = 0xF0F0F0F0F0F0F0F0U;
  const std::uint64_t shape = (word & high) | (((word + 0x0606060606060606U) & high) >> 4U);
  const std::uint64_t differs = shape ^ 0x3333333333333333U;
  return differs == 0 ? 8U : static_cast<unsigned>(std::countr_zero(differs)) >> 3U;
}

/// Returns the number that the first `count` bytes spell; count from 1 to 8, all digits.
inline std::uint64_t convert(std::uint64_t word, unsigned count) {
  word = (word & 0x0F0F0F0F0F0F0F0FU) << (64U - 8U * count);  // zeros in front
  word = (word * 2561U) >> 8U;                                // pairs: 10 * a + b
  word = ((word & 0x00FF00FF00FF00FFU) * 6553601U) >> 16U;    // fours
  return ((word & 0x0000FFFF0000FFFFU) * 42949672960001U) >> 32U;
}

/// Reads digits at `p` into `value` and returns the position after them; `count` is how many there were,
/// and 20 or more means that the value does not fit.
inline const char* read(const char* p, std::uint64_t& value, unsigned& count) {
  std::uint64_t word = load(p);
  unsigned n = leading(word);
  count = n;
  if (n == 0) {
    value = 0;
    return p;
  }
  value = convert(word, n);
  p += n;
  while (n == 8) {
    word = load(p);
    n = leading(word);
    if (n == 0) break;
    count += n;
    if (count >= powers.size()) return p;
    value = value * powers.data()[n] + convert(word, n);
    p += n;
  }
  return p;
}

}  // namespace aitrade::digits
