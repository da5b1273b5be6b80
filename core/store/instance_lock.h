// One process per data directory (reliability.md 9.1).
//
// An open-file-description lock on <state>/lock, held for life; the kernel releases it however the
// process ends. Pid and start time inside are for people and for the message of the second starter.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <filesystem>
#include <optional>
#include <string>

namespace aitrade {

struct LockHolder {
  long pid{0};          // 0 when the file does not say
  std::string started;  // RFC 3339
};

class InstanceLock {
 public:
  /// Takes the lock and writes who holds it; errors: busy (names the holder), full, io.
  static Result<InstanceLock> take(const std::filesystem::path& path, Time now);

  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&& other) noexcept;
  ~InstanceLock();

 private:
  explicit InstanceLock(int file) : file_(file) {}

  int file_;
};

/// Says who holds the lock, without taking it; nothing when it is free or was never taken.
Result<std::optional<LockHolder>> lock_holder(const std::filesystem::path& path);

}  // namespace aitrade
