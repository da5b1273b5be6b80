// 32 MiB set aside for the day the disk is full (reliability.md 6.6).
//
// Allocated at start; released when a write finds no space, so that exits and fills can still be
// journaled. Entries stop from then on; the next start allocates it again.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>

namespace aitrade {

class ReserveFile {
 public:
  static constexpr std::uint64_t bytes_default = 32ULL * 1024 * 1024;

  explicit ReserveFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Allocates real blocks; errors: full, io. A reserve of that size that is there already is kept.
  Status allocate(std::uint64_t bytes = bytes_default);

  /// Gives the space back; true when there was a reserve to give.
  bool release();

  [[nodiscard]] bool is_held() const;

 private:
  std::filesystem::path path_;
};

}  // namespace aitrade
