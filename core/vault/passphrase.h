// Where the passphrase of the vault comes from, and what a good one is.
//
// First found: an inherited file descriptor, systemd's credential, a file that only this user reads,
// an environment variable; else the caller asks on the terminal. Never an argument: arguments are
// read by every process of the machine. The key is derived from the UTF-8 bytes in Unicode's composed
// form (NFC); texts whose form could differ between keyboards are refused instead of converted.
#pragma once

#include "core/base/result.h"
#include "core/vault/secret_bytes.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace aitrade {

inline constexpr std::string_view passphrase_variable = "VAULT_PASSWORD";
inline constexpr std::size_t passphrase_limit = 1024;  // bytes; far above what anybody types

enum class PassphraseOrigin { descriptor, credential, file, variable, prompt };

/// Returns "file descriptor", "systemd credential", "file", "environment variable", "prompt".
std::string_view to_string(PassphraseOrigin origin);

struct Passphrase {
  SecretBytes text;
  PassphraseOrigin origin{PassphraseOrigin::prompt};
};

/// What to try, in this order; what is not there is skipped.
struct PassphraseSources {
  int descriptor{-1};                // --vault-pass-fd; read to its end
  std::filesystem::path credential;  // $CREDENTIALS_DIRECTORY/vault_pass; may be missing
  std::filesystem::path file;        // VAULT_PASSWORD_FILE; must exist when it is named
  SecretBytes variable;              // from take_variable()
};

/// Returns the passphrase of the first source that there is, or nothing: then ask.
///
/// One line end at its end is not part of it.
/// Errors: invalid for a descriptor that is not open and for texts that cannot be a passphrase;
///         not_found for a named file that is missing; rejected for one that others may read; io
Result<std::optional<Passphrase>> find_passphrase(PassphraseSources sources);

/// Takes an environment variable out of the environment, its memory wiped. Empty when it is unset.
/// Not safe beside other threads.
SecretBytes take_variable(std::string_view name);

/// Says what is wrong with a text as a passphrase at all (empty, too long, not UTF-8, characters that
/// can be written in two ways), or returns "".
std::string fault_of_passphrase(std::string_view text);

/// Says why a passphrase is too easy for a new vault, or returns "": at least 12 characters, of them
/// five different, and none of the well-known ones.
std::string weakness_of(std::string_view passphrase);

/// Makes a phrase of six words of five letters that can be spoken: 96 random bits. Errors: io.
Result<SecretBytes> generate_passphrase();

}  // namespace aitrade
