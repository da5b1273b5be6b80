// What is inside a vault: named values, as canonical JSON once decrypted.
//
//   {"v":1,"entries":[{"name":"KRAKEN_API_KEY","value":"...","created":1700000000,"note":""}]}
//
// padded with spaces. The text stays in secret memory and is decoded in place: entries are views
// into it, so no copy of a value lies elsewhere.
#pragma once

#include "core/base/result.h"
#include "core/vault/secret_bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

inline constexpr std::size_t vault_name_limit = 64;            // characters
inline constexpr std::size_t vault_value_limit = 16 * 1024;    // bytes; a PEM key has 2 KiB
inline constexpr std::size_t vault_note_limit = 256;           // bytes; a line for people

/// One entry. Borrowed from the VaultBody that gave it, or from the caller that adds it.
struct VaultEntry {
  std::string_view name;   // ^[A-Za-z][A-Za-z0-9_.-]{0,63}$
  std::string_view value;  // 1 byte to 16 KiB of UTF-8, lines and all
  std::int64_t created{0};  // seconds since 1970 UTC, when the value was stored
  std::string_view note;
};

/// Says what is wrong with a name, a value or a note, or returns "". Never quotes the value.
std::string fault_of_name(std::string_view name);
std::string fault_of_value(std::string_view value);
std::string fault_of_note(std::string_view note);

/// Returns whether the text is UTF-8 without overlong forms, surrogates or NUL.
bool is_vault_text(std::string_view text);

/// The entries of a vault, in the order in which they were added.
class VaultBody {
 public:
  VaultBody() = default;

  /// Reads decrypted text. Errors: rejected when it is not what a vault holds.
  static Result<VaultBody> parse(SecretBytes text);

  /// Returns the text to encrypt, not padded. Errors: invalid when it is over 1 MiB.
  [[nodiscard]] Result<SecretBytes> text() const;

  [[nodiscard]] const std::vector<VaultEntry>& entries() const { return entries_; }

  /// Returns the entry of that name, or null.
  [[nodiscard]] const VaultEntry* find(std::string_view name) const;

  /// Returns a body where `entry` is added, or stands in place of the one of its name.
  ///
  /// Errors: invalid for a bad name, value or note, or when the body is over 1 MiB
  [[nodiscard]] Result<VaultBody> with(const VaultEntry& entry) const;

  /// Returns a body without the entry of that name. Errors: not_found.
  [[nodiscard]] Result<VaultBody> without(std::string_view name) const;

 private:
  SecretBytes text_;                 // decoded in place; entries_ point into it
  std::vector<VaultEntry> entries_;
};

}  // namespace aitrade
