#include "tests/support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace aitrade::test {
namespace {

/// Makes this process root of a user namespace; false where that is forbidden.
bool become_root() {
  const auto user = std::to_string(::geteuid());
  const auto group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
  return ::geteuid() == 0;
}

/// Gives this process mounts of its own, once.
bool leave_mounts() {
  static const bool left = (::unshare(CLONE_NEWNS) == 0 || become_root()) &&
                           ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return left;
}

}  // namespace

SmallDisk::SmallDisk(std::string path, std::size_t bytes) : path_(std::move(path)) {
  std::filesystem::create_directories(path_);
  const std::string size = "mode=0700,size=" + std::to_string(bytes);
  is_mounted_ = leave_mounts() && ::mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  const int file = ::open((path_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::array<char, 4096> page{};
  while (::write(file, page.data(), page.size()) > 0) {
  }
  ::close(file);
}

void SmallDisk::free() const { ::unlink((path_ + "/filler").c_str()); }

CoveredFile::CoveredFile(std::string path, const std::string& with) : path_(std::move(path)) {
  is_mounted_ = leave_mounts() && ::mount(with.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

CoveredFile::~CoveredFile() {
  if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
}

}  // namespace aitrade::test
