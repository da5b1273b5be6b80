#include "core/vault/files.h"

#include "core/vault/format.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace aitrade {
namespace {

namespace fs = std::filesystem;

constexpr mode_t others = S_IRWXG | S_IRWXO;
constexpr mode_t others_write = S_IWGRP | S_IWOTH;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }

  /// Closes and returns what went wrong, 0 when nothing did.
  int close() { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

 private:
  int number_;
};

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

Error system_failure(const char* what, const fs::path& path, int number) {
  const bool is_full = number == ENOSPC || number == EROFS || number == EDQUOT;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              std::string("cannot ") + what + ' ' + quoted(path) + ": " +
                  std::generic_category().message(number));
}

Error refused(const fs::path& path, const std::string& what) {
  return fail(ErrorCode::rejected, quoted(path) + " is refused: " + what);
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  return text.data();
}

Status check_file(const fs::path& file, const struct stat& found, FileTrust trust) {
  if (!S_ISREG(found.st_mode)) return refused(file, "it is no regular file");
  if (trust == FileTrust::credential) {
    const bool is_private = (found.st_mode & (S_IRWXO | S_IWGRP)) == 0;
    return is_private ? ok() : Status(refused(file, "its mode is " + octal(found.st_mode)));
  }
  if (found.st_uid != ::geteuid()) {
    return refused(file, "it belongs to user " + std::to_string(found.st_uid) + ", not to " +
                             std::to_string(::geteuid()) + "; chown it");
  }
  if ((found.st_mode & others) != 0) {
    return refused(file, "its mode is " + octal(found.st_mode) +
                             ", so others may read it; chmod 600 " + file.string());
  }
  return ok();
}

Result<std::string> read_all(int descriptor, const fs::path& file, std::size_t limit) {
  std::string bytes;
  std::array<char, 16384> part{};
  while (true) {
    const ssize_t count = ::read(descriptor, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("read", file, errno);
    if (count == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(count));
    if (bytes.size() > limit) {
      return refused(file, "it has more than " + std::to_string(limit) + " bytes");
    }
  }
}

}  // namespace

Result<std::string> read_trusted(const fs::path& file, FileTrust trust, std::size_t limit) {
  // Without O_NONBLOCK the open of a pipe that somebody put there would wait for ever.
  const Descriptor descriptor(
      ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!descriptor.is_open()) {
    if (errno == ELOOP) return refused(file, "it is a symbolic link");
    if (errno == ENOENT || errno == ENOTDIR) {
      return fail(ErrorCode::not_found, quoted(file) + " does not exist");
    }
    if (errno == EACCES || errno == EPERM) return refused(file, "this user may not read it");
    if (errno == ENXIO) return refused(file, "it is no regular file");
    return system_failure("open", file, errno);
  }
  struct stat found {};

  if (::fstat(descriptor.number(), &found) != 0) return system_failure("look at", file, errno);
  AITRADE_TRY_STATUS(check_file(file, found, trust));
  return read_all(descriptor.number(), file, limit);
}

Status check_directory(const fs::path& directory) {
  const uid_t me = ::geteuid();
  bool is_first = true;
  for (fs::path at = fs::absolute(directory).lexically_normal();; at = at.parent_path()) {
    struct stat found {};

    if (::stat(at.c_str(), &found) != 0) {
      if (errno == ENOENT) return fail(ErrorCode::not_found, quoted(at) + " does not exist");
      return system_failure("look at", at, errno);
    }
    if (!S_ISDIR(found.st_mode)) return refused(at, "it is no directory");
    const bool is_root_owned = found.st_uid == 0;
    if (!is_root_owned && found.st_uid != me) {
      return refused(at, "it belongs to user " + std::to_string(found.st_uid));
    }
    if (is_first && found.st_uid != me) return refused(at, "it belongs to user " + std::to_string(found.st_uid) + "; chown it");
    if (is_first && (found.st_mode & others) != 0) {
      return refused(at, "its mode is " + octal(found.st_mode) + ", so others may enter it; chmod 700 " +
                             at.string());
    }
    // In a sticky directory such as /tmp nobody can replace what is another's.
    if ((found.st_mode & others_write) != 0 && (found.st_mode & S_ISVTX) == 0) {
      return refused(at, "its mode is " + octal(found.st_mode) +
                             ", so others may replace what is in it; chmod go-w " + at.string());
    }
    if ((is_root_owned && me != 0) || at == at.root_path()) return ok();
    is_first = false;
  }
}

Status make_directory(const fs::path& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return ok();
  fs::create_directories(directory.parent_path(), error);
  if (error) return system_failure("make", directory.parent_path(), error.value());
  if (::mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) return ok();
  return system_failure("make", directory, errno);
}

Result<std::string> SystemFiles::read(const fs::path& file) {
  return read_trusted(file, FileTrust::own, vault_format::file_limit);
}

Status SystemFiles::write_new(const fs::path& file, std::string_view bytes) {
  Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                               S_IRUSR | S_IWUSR));
  if (!descriptor.is_open()) return system_failure("write", file, errno);
  if (::fchmod(descriptor.number(), S_IRUSR | S_IWUSR) != 0) {
    return system_failure("write", file, errno);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("write", file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  const int failure = descriptor.close();
  return failure == 0 ? ok() : Status(system_failure("write", file, failure));
}

Status SystemFiles::sync(const fs::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!descriptor.is_open() || ::fsync(descriptor.number()) != 0) {
    return system_failure("write to the disk", file, errno);
  }
  return ok();
}

Status SystemFiles::keep_as(const fs::path& file, const fs::path& second) {
  if (::link(file.c_str(), second.c_str()) == 0 || errno == ENOENT) return ok();
  return system_failure("keep the old", file, errno);
}

Status SystemFiles::replace(const fs::path& file, const fs::path& by) {
  if (::rename(by.c_str(), file.c_str()) == 0) return ok();
  return system_failure("replace", file, errno);
}

Status SystemFiles::remove(const fs::path& file) {
  if (::unlink(file.c_str()) == 0 || errno == ENOENT) return ok();
  return system_failure("remove", file, errno);
}

Status SystemFiles::sync_directory(const fs::path& directory) {
  const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || ::fsync(descriptor.number()) != 0) {
    return system_failure("write to the disk", directory, errno);
  }
  return ok();
}

VaultLock::VaultLock(VaultLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

VaultLock& VaultLock::operator=(VaultLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

VaultLock::~VaultLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<VaultLock> VaultLock::take(const fs::path& vault) {
  const fs::path file = vault.string() + ".lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                                S_IRUSR | S_IWUSR);
  if (descriptor < 0) return system_failure("lock", file, errno);
  VaultLock lock(descriptor);
  struct flock request {};

  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &request) == 0) return lock;
  if (errno == EAGAIN || errno == EACCES) {
    return fail(ErrorCode::busy, "another command is changing the vault " + quoted(vault));
  }
  return system_failure("lock", file, errno);
}

}  // namespace aitrade
