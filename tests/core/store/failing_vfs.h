// A SQLite VFS over the system's that refuses writes or syncs on demand.
#pragma once

namespace aitrade {

/// Registers itself while it lives; one at a time. Thread-safe to steer.
class FailingVfs {
 public:
  static constexpr const char* name = "failing";

  FailingVfs();
  ~FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;

  /// The n-th write from now, and every one after it, finds the disk full; n >= 1.
  void fail_writes_from(long n);

  /// Every sync fails from now on.
  void fail_syncs();

  /// Everything works again.
  void heal();
};

}  // namespace aitrade
