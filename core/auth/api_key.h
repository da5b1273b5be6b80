// What an API key is made of, what it may do, and how it is compared.
//
// `atk_<10 base32>_<43 base64url>`: the first part names the row, the second is 256 random bits that are
// stored nowhere, only their MAC under a pepper (security.md 2.2). Pure: no file, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/store/digest.h"

namespace aitrade {

/// Each scope holds the ones before it.
enum class Scope : std::uint8_t { none, read, control, admin };

/// Returns "none", "read", "control" or "admin".
std::string_view to_string(Scope scope);

/// Reads one scope, or a list with commas: then the widest. Errors: invalid.
Result<Scope> parse_scope(std::string_view text);

/// The two parts of a key that was presented.
struct KeyParts {
  std::string id;
  Secret secret;
};

/// Takes a key apart; nothing when it is not in the form of one.
std::optional<KeyParts> parse_key(std::string_view text);

/// A key as it is shown once, and its parts.
struct NewKey {
  Secret text;
  KeyParts parts;
};

/// Makes a key of the system's random source.
NewKey make_key();

/// Returns the MAC of the secret part, which is what a row keeps.
Digest key_mac(std::string_view pepper, std::string_view secret);

/// Compares in a time that depends on the sizes only.
bool equal_digests(const Digest& a, const Digest& b);

/// Says what is wrong with a bootstrap key (shorter than 32 characters, a sample value), or "".
std::string fault_of_bootstrap_key(std::string_view text);

/// Returns `count` random bytes in base64url without padding.
std::string random_token(std::size_t count);

}  // namespace aitrade
