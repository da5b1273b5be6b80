// The highest generation of the vault that was ever seen here, so that an old copy put in its place is
// noticed.
//
// A file of its own in the state directory and not a row of the ledger: the tool saves the vault
// while a daemon runs, and the ledger has one writer. Another vault id begins anew.
#pragma once

#include "core/base/result.h"
#include "core/vault/format.h"

#include <filesystem>

namespace aitrade {

struct GenerationMark {
  VaultId id{};
  std::uint64_t generation{0};

  /// Returns whether a vault of that id and generation is older than what was seen.
  [[nodiscard]] bool is_ahead_of(const VaultId& other, std::uint64_t its_generation) const {
    return id == other && its_generation < generation;
  }
};

/// Reads the mark; a missing file is generation 0. Errors: rejected when it cannot be trusted; io.
Result<GenerationMark> read_mark(const std::filesystem::path& file);

/// Writes the mark, durably. Errors: full, io.
Status write_mark(const std::filesystem::path& file, const GenerationMark& mark);

}  // namespace aitrade
