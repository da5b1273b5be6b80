// A small disk of its own for a test that fills one: a tmpfs, seen by this process and its children only.
//
// The test program moves into a mount namespace, for which it needs no privilege where user namespaces
// are allowed. Where neither is, there is no disk, and the test says that it was skipped.
#pragma once

#include <string>

namespace aitrade::test {

class SmallDisk {
 public:
  /// Mounts `bytes` of room at `path`, which is created. One at a time; before any thread is started.
  SmallDisk(std::string path, std::size_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool is_there() const { return is_mounted_; }

  /// Takes all the room that is left.
  void fill() const;

  /// Gives it back.
  void free() const;

 private:
  std::string path_;
  bool is_mounted_{false};
};

/// Another file in the place of one of the system's, for this process and its children.
class CoveredFile {
 public:
  CoveredFile(std::string path, const std::string& with);
  ~CoveredFile();
  CoveredFile(const CoveredFile&) = delete;
  CoveredFile& operator=(const CoveredFile&) = delete;

  [[nodiscard]] bool is_there() const { return is_mounted_; }

 private:
  std::string path_;
  bool is_mounted_{false};
};

}  // namespace aitrade::test
