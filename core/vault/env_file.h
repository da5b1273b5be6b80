// Files of NAME=VALUE lines: what `vault import-env` reads and `vault export` writes.
//
// Values are raw to the end of the line, or in single quotes, or in double quotes where a backslash
// begins a line end (n), a tab (t) or the character behind it. Nothing is expanded: password hashes
// hold dollars. The text stays in secret memory and is decoded in place.
#pragma once

#include "core/base/result.h"
#include "core/vault/body.h"
#include "core/vault/secret_bytes.h"

#include <span>
#include <string_view>
#include <vector>

namespace aitrade {

inline constexpr std::size_t env_file_limit = std::size_t{1} << 20U;

/// One line. Borrowed from the EnvFile.
struct EnvLine {
  std::string_view name;
  std::string_view value;  // may be empty
};

class EnvFile {
 public:
  /// Reads all lines. The last of several lines of one name counts.
  ///
  /// Errors: invalid, naming the line and never its content
  static Result<EnvFile> parse(SecretBytes text);

  [[nodiscard]] const std::vector<EnvLine>& lines() const { return lines_; }

 private:
  SecretBytes text_;
  std::vector<EnvLine> lines_;
};

/// Returns lines that EnvFile::parse reads back without loss.
SecretBytes to_env_text(std::span<const VaultEntry> entries);

}  // namespace aitrade
