// The cryptography of the vault: scrypt, AES-256-GCM and random bytes, all OpenSSL's.
//
// Nothing here knows the file format. Any call of the library that does not succeed ends the
// operation; a byte of plain text exists only after its tag was checked.
#pragma once

#include "core/base/result.h"
#include "core/vault/secret_bytes.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade {

inline constexpr std::size_t aes_key_size = 32;
inline constexpr std::size_t gcm_nonce_size = 12;
inline constexpr std::size_t gcm_tag_size = 16;

/// What deriving a key costs: scrypt's N = 2^log2_n, r and p (RFC 7914).
struct KdfCost {
  std::uint8_t log2_n{17};
  std::uint32_t r{8};
  std::uint32_t p{1};

  bool operator==(const KdfCost&) const = default;

  /// Returns the memory that deriving takes, in bytes: 128 r (N + p + 2). The cost must be one that
  /// check_cost() accepts.
  [[nodiscard]] std::uint64_t memory() const;
};

/// 128 MiB, a third of a second.
inline constexpr KdfCost default_cost{17, 8, 1};
/// 32 MiB in three passes: for boards with 1 GiB or less.
inline constexpr KdfCost small_cost{15, 8, 3};

/// Accepts log2 N of 14 to 20, r = 8, p of 1 to 4, and no more memory than `memory_limit` bytes.
///
/// Allocates nothing: a hostile file must not be able to exhaust memory.
/// Errors: rejected, naming the bound
Status check_cost(const KdfCost& cost, std::uint64_t memory_limit);

/// Returns scrypt(passphrase, salt), 32 bytes. `cost` must have passed check_cost().
///
/// Errors: io when the library refuses, which is memory
Result<SecretBytes> derive_key(std::string_view passphrase, std::string_view salt,
                               const KdfCost& cost);

/// What AES-256-GCM made of a plain text.
struct Sealed {
  std::string ciphertext;
  std::array<unsigned char, gcm_tag_size> tag{};
};

/// Encrypts and authenticates `plain` together with `associated`. Key 32, nonce 12 bytes.
///
/// Errors: io when the library refuses
Result<Sealed> seal(const SecretBytes& key, std::string_view nonce, std::string_view associated,
                    std::string_view plain);

/// Decrypts what `seal` made. Nothing comes out unless the tag fits.
///
/// Errors: rejected when it does not
Result<SecretBytes> unseal(const SecretBytes& key, std::string_view nonce,
                           std::string_view associated, std::string_view ciphertext,
                           std::string_view tag);

/// Fills `bytes` from the system's random source. Errors: io.
Status fill_random(std::span<unsigned char> bytes);

}  // namespace aitrade
