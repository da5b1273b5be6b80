// SIGINT and SIGTERM as values, for the one thread that waits for them.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"

namespace aitrade::cli {

/// Blocks the stop signals in this thread and all it starts, so that only wait() sees them; SIGPIPE is
/// ignored. POSIX only. Restores the mask when it goes.
class StopSignals {
 public:
  /// `reload`: SIGHUP is waited for as well.
  enum class Also : std::uint8_t { nothing, reload };

  explicit StopSignals(Also also = Also::nothing);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Waits up to `limit` for a stop signal; returns its number.
  std::optional<int> wait(Duration limit);

  /// From here on a further stop signal ends the process at once, with 128 plus its number.
  void next_one_kills();

 private:
  struct Mask;
  Mask* before_;
  Also also_;
};

}  // namespace aitrade::cli
