// SHA-256, HMAC and random bytes from OpenSSL, as the store needs them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace aitrade {

using Digest = std::array<unsigned char, 32>;

/// Returns the SHA-256 of `text`.
Digest sha256(std::string_view text);

/// Returns HMAC-SHA-256 (RFC 2104) of `text` under `key`.
Digest hmac_sha256(std::string_view key, std::string_view text);

/// Returns `count` bytes from the system's random source.
std::string random_bytes(std::size_t count);

/// Returns lowercase hexadecimal.
std::string to_hex(std::string_view bytes);

/// Returns base64 with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);

/// Reads hexadecimal; empty when it is not. Takes as long whatever the digits are: signatures are read with it.
std::string from_hex(std::string_view text);

/// The bytes of a digest.
inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace aitrade
