#include "cmd/page_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace aitrade::cli {

Status write_page(const std::string& path, const std::string& page) {
  const auto failed = [&] {
    return fail(ErrorCode::full,
                "cannot write '" + path + "': " + std::generic_category().message(errno));
  };
  const std::string fresh = path + ".new";
  errno = 0;
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << page;
  file.close();
  if (!file) return failed();
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (!error) return ok();
  errno = error.value();
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  return failed();
}

}  // namespace aitrade::cli
