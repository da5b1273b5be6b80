// The bytes of a vault file, version 1: the layout that writer and reader share.
//
//   offset  size  field                      offset  size  field
//        0     8  magic "AITVAULT"               60    12  nonce of the wrapped key
//        8     2  version = 1                    72    32  wrapped data key
//       10     1  KDF = 1, scrypt               104    16  its tag; authenticates 0..59 too
//       11     1  log2 N                        120    12  nonce of the body
//       12     4  r                             132     4  body length n, at most 1 MiB
//       16     4  p                             136     n  body, encrypted with the data key
//       20    16  salt                        136+n    16  its tag; authenticates 0..135 too
//       36    16  vault id, constant for life
//       52     8  generation, +1 each save    All integers big-endian. Nothing may follow.
#pragma once

#include "core/base/result.h"
#include "core/vault/crypto.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace aitrade {

using VaultId = std::array<unsigned char, 16>;

namespace vault_format {

inline constexpr std::string_view magic = "AITVAULT";
inline constexpr std::uint16_t version = 1;
inline constexpr std::uint8_t kdf_scrypt = 1;
inline constexpr std::size_t salt_size = 16;
inline constexpr std::size_t wrap_nonce_at = 60;  // what stands before it goes with the wrapped key
inline constexpr std::size_t wrapped_key_at = 72;
inline constexpr std::size_t wrap_tag_at = 104;
inline constexpr std::size_t body_nonce_at = 120;
inline constexpr std::size_t body_at = 136;  // what stands before it goes with the body
inline constexpr std::size_t body_limit = std::size_t{1} << 20U;
inline constexpr std::size_t file_limit = body_at + body_limit + gcm_tag_size;
inline constexpr std::size_t body_step = 1024;  // the body is padded to a multiple of this

}  // namespace vault_format

/// What a vault file says before anything is decrypted. Not yet trusted.
struct VaultHeader {
  KdfCost cost;
  std::array<unsigned char, vault_format::salt_size> salt{};
  VaultId id{};
  std::uint64_t generation{0};
  std::uint32_t body_size{0};
};

/// Reads the header and checks every bound and the size of the file, without allocating.
///
/// Errors: unsupported for a later version; rejected for everything else, saying what is wrong
Result<VaultHeader> read_header(std::string_view file, std::uint64_t kdf_memory_limit);

/// The random parts of one save; tests give known ones.
struct VaultEntropy {
  std::array<unsigned char, vault_format::salt_size> salt{};
  std::array<unsigned char, gcm_nonce_size> wrap_nonce{};
  std::array<unsigned char, gcm_nonce_size> body_nonce{};
  SecretBytes data_key;

  /// Fresh ones for each save, so that no nonce ever repeats under a key. Errors: io.
  static Result<VaultEntropy> fresh();
};

/// Returns the bytes of a vault file around `body`, which is padded with spaces. `key` was derived
/// from the passphrase with the salt of `entropy` and `cost`.
///
/// Errors: invalid when the body is over 1 MiB; io
Result<std::string> seal_vault(const SecretBytes& key, const KdfCost& cost, const VaultId& id,
                               std::uint64_t generation, const VaultEntropy& entropy,
                               std::string_view body);

/// Returns the padded body of a file whose header was read. `key` as above.
///
/// Errors: rejected, with the same words for a wrong passphrase and any changed byte
Result<SecretBytes> unseal_vault(const SecretBytes& key, std::string_view file,
                                 const VaultHeader& header);

}  // namespace aitrade
