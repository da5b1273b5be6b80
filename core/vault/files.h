// The files of the vault: which ones are trusted, and the few operations that saving needs.
//
// A vault is opened only when it is a regular file of this user, 0600 or stricter, in a directory of
// this user that nobody else can enter, below directories that nobody else can change. The interface
// exists so that tests can stop a save at every step and lose what was not yet on the disk.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace aitrade {

/// How open a file may be.
enum class FileTrust {
  own,         // a regular file of this user, nobody else may read it
  credential,  // systemd's: the service may not own it, but nobody outside of its group reads it
};

/// Reads a small file that holds a secret, or the vault. The checks are made on the open file.
///
/// Errors: not_found; rejected for a symbolic link, anything that is not a regular file, another
/// owner, permissions for others, or more than `limit` bytes, naming the file and the fix; io
Result<std::string> read_trusted(const std::filesystem::path& file, FileTrust trust,
                                 std::size_t limit);

/// Checks the directory of a vault and what is above it.
///
/// Errors: not_found when it does not exist; rejected, naming the directory and the fix; io
Status check_directory(const std::filesystem::path& directory);

/// Makes the directory of a vault, 0700, where it is missing. Errors: full, io.
Status make_directory(const std::filesystem::path& directory);

/// What saving does to the disk, step by step. Paths are of one directory.
class VaultFiles {
 public:
  VaultFiles() = default;
  VaultFiles(const VaultFiles&) = delete;
  VaultFiles& operator=(const VaultFiles&) = delete;
  virtual ~VaultFiles() = default;

  /// Reads a vault with the checks of read_trusted. Errors: as there.
  virtual Result<std::string> read(const std::filesystem::path& file) = 0;
  /// Writes a file that must not exist, 0600, without waiting for the disk. Errors: full, io.
  virtual Status write_new(const std::filesystem::path& file, std::string_view bytes) = 0;
  /// Waits until the bytes of a file are on the disk. Errors: full, io.
  virtual Status sync(const std::filesystem::path& file) = 0;
  /// Gives a file a second name that must not exist. Missing file: nothing happens. Errors: full, io.
  virtual Status keep_as(const std::filesystem::path& file, const std::filesystem::path& second) = 0;
  /// Puts a file in the place of another at once. Errors: full, io.
  virtual Status replace(const std::filesystem::path& file, const std::filesystem::path& by) = 0;
  /// Removes a file, or finds it gone. Errors: full, io.
  virtual Status remove(const std::filesystem::path& file) = 0;
  /// Waits until names are on the disk. Errors: full, io.
  virtual Status sync_directory(const std::filesystem::path& directory) = 0;
};

/// The file system.
class SystemFiles final : public VaultFiles {
 public:
  Result<std::string> read(const std::filesystem::path& file) override;
  Status write_new(const std::filesystem::path& file, std::string_view bytes) override;
  Status sync(const std::filesystem::path& file) override;
  Status keep_as(const std::filesystem::path& file, const std::filesystem::path& second) override;
  Status replace(const std::filesystem::path& file, const std::filesystem::path& by) override;
  Status remove(const std::filesystem::path& file) override;
  Status sync_directory(const std::filesystem::path& directory) override;
};

/// One writer of a vault at a time, across processes; the kernel lets go however a process ends.
class VaultLock {
 public:
  /// Takes the lock file beside a vault. Errors: busy; full, io.
  static Result<VaultLock> take(const std::filesystem::path& vault);

  VaultLock(VaultLock&& other) noexcept;
  VaultLock& operator=(VaultLock&& other) noexcept;
  ~VaultLock();

 private:
  explicit VaultLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace aitrade
