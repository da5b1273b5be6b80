#include "core/market/crc32.h"

#include <array>
#include <cstddef>

namespace aitrade {
namespace {

constexpr std::uint32_t polynomial = 0xEDB88320U;   // IEEE 802.3, reflected
constexpr std::size_t slices = 8;

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to the sum when k more bytes follow it.
constexpr std::array<Table, slices> tables = [] {
  std::array<Table, slices> out{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t c = byte;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? polynomial ^ (c >> 1U) : c >> 1U;
    out[0][byte] = c;
  }
  for (std::size_t k = 1; k < slices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      out[k][byte] = (out[k - 1][byte] >> 8U) ^ out[0][out[k - 1][byte] & 0xFFU];
    }
  }
  return out;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFU;
  for (; bytes.size() >= slices; bytes.remove_prefix(slices)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < slices; ++i) {
      const std::uint32_t old = i < 4 ? c >> (8U * i) & 0xFFU : 0U;
      next ^= tables[slices - 1 - i][byte_at(bytes, i) ^ old];
    }
    c = next;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) c = tables[0][(c ^ byte_at(bytes, i)) & 0xFFU] ^ (c >> 8U);
  return c ^ 0xFFFFFFFFU;
}

}  // namespace aitrade
