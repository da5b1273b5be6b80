#include "core/store/instance_lock.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace aitrade {
namespace {

struct flock whole_file() {
  struct flock lock {};

  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

LockHolder read_holder(int file) {
  std::array<char, 128> buffer{};
  const ssize_t size = ::pread(file, buffer.data(), buffer.size(), 0);
  LockHolder holder;
  if (size <= 0) return holder;
  std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  std::from_chars(text.data(), text.data() + text.size(), holder.pid);
  const std::size_t space = text.find(' ');
  const std::size_t end = text.find('\n');
  if (space != std::string_view::npos && end != std::string_view::npos && end > space) {
    holder.started = text.substr(space + 1, end - space - 1);
  }
  return holder;
}

Error system_error(const std::filesystem::path& path) {
  const bool is_full = errno == ENOSPC || errno == EROFS || errno == EACCES || errno == EPERM;
  return fail(is_full ? ErrorCode::full : ErrorCode::io,
              path.string() + ": " + std::strerror(errno));
}

}  // namespace

InstanceLock::InstanceLock(InstanceLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

InstanceLock& InstanceLock::operator=(InstanceLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

InstanceLock::~InstanceLock() {
  if (file_ >= 0) ::close(file_);
}

Result<InstanceLock> InstanceLock::take(const std::filesystem::path& path, Time now) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return system_error(path);
  InstanceLock lock(file);
  struct flock request = whole_file();
  if (::fcntl(file, F_OFD_SETLK, &request) != 0) {
    if (errno != EAGAIN && errno != EACCES) return system_error(path);
    const LockHolder holder = read_holder(file);
    return fail(ErrorCode::busy, path.string() + ": held by process " + std::to_string(holder.pid) +
                                     ", started " + holder.started);
  }
  const std::string text = std::to_string(::getpid()) + " " + to_string(now) + "\n";
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return system_error(path);
  }
  return lock;
}

Result<std::optional<LockHolder>> lock_holder(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::optional<LockHolder>{};
    return system_error(path);
  }
  struct flock request = whole_file();
  const bool asked = ::fcntl(file, F_OFD_GETLK, &request) == 0;
  std::optional<LockHolder> holder;
  if (asked && request.l_type != F_UNLCK) holder = read_holder(file);
  ::close(file);
  if (!asked) return system_error(path);
  return holder;
}

}  // namespace aitrade
