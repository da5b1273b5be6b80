// Where the counters of signed requests survive a restart.
//
// A nonce may be used only after a mark at or above it is on disk, so that no crash, no clock set
// back and no restored process can use one twice (reliability.md 7.5).
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <string_view>

namespace aitrade {

class NonceStore {
 public:
  virtual ~NonceStore() = default;

  /// Returns the mark of a key: no nonce above it was ever used. 0 for a key that is new.
  virtual Result<std::uint64_t> high_water(std::string_view key_id) = 0;

  /// Raises the mark and returns when it is on disk; a lower mark changes nothing. `now` is noted
  /// beside it.
  virtual Status raise(std::string_view key_id, std::uint64_t mark, Time now) = 0;
};

}  // namespace aitrade
