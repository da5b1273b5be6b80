#include "exchanges/loopback/venue_ids.h"

#include <cstddef>
#include <string_view>

namespace aitrade::loopback {

std::string IdMaker::next(char kind) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t length = 17;  // 6-5-6
  const auto number = static_cast<std::uint64_t>(static_cast<unsigned char>(kind)) << 56U;
  std::uint64_t bits = mix_bits(seed_ ^ mix_bits(number + ++count_));
  std::string id(1, kind);
  std::size_t used = 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == 6 || i == 11) id += '-';
    if (++used == 12) bits = mix_bits(bits);  // twelve letters of five bits are in 64
    id += letters[bits & 31U];
    bits = (bits >> 5U) | (bits << 59U);
  }
  return id;
}

}  // namespace aitrade::loopback
