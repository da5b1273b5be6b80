#include "core/store/reserve.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace aitrade {

Status ReserveFile::allocate(std::uint64_t bytes) {
  std::error_code failure;
  if (std::filesystem::file_size(path_, failure) == bytes && !failure) return ok();
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorCode::full, path_.string() + ": " + std::strerror(errno));
  const int code = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
  ::close(file);
  if (code == 0) return ok();
  release();
  return fail(code == ENOSPC ? ErrorCode::full : ErrorCode::io,
              path_.string() + ": cannot set " + std::to_string(bytes) +
                  " bytes aside: " + std::strerror(code));
}

bool ReserveFile::release() {
  std::error_code failure;
  return std::filesystem::remove(path_, failure);
}

bool ReserveFile::is_held() const {
  std::error_code failure;
  return std::filesystem::exists(path_, failure);
}

}  // namespace aitrade
