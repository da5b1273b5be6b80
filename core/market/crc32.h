// The checksum of order books.
//
// Eight bytes at a time by tables ("slicing by 8", Kounavis and Berry, 2005): a book is summed with every message. Ours
// because this folder is pure; zlib's is the same function, and a test compares them.
#pragma once

#include <cstdint>
#include <string_view>

namespace aitrade {

/// Returns the CRC-32 (IEEE 802.3, as in zlib) of the bytes.
std::uint32_t crc32(std::string_view bytes);

}  // namespace aitrade
