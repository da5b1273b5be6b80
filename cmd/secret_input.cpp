#include "cmd/secret_input.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace aitrade::cli {

Result<SecretBytes> read_secret(const std::string& file, std::size_t limit) {
  const bool is_stdin = file == "-";
  const std::string name = is_stdin ? "standard input" : "'" + file + "'";
  const auto failure = [&name](int number) {
    return fail(number == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                "cannot read " + name + ": " + std::generic_category().message(number));
  };
  const int descriptor = is_stdin ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure(errno);
  SecretBytes bytes(limit + 1);
  std::size_t size = 0;
  int failed = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::read(descriptor, bytes.bytes().data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) failed = errno;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (!is_stdin) ::close(descriptor);
  if (failed != 0) return failure(failed);
  if (size > limit) {
    return fail(ErrorCode::invalid, name + " has more than " + std::to_string(limit) + " bytes");
  }
  bytes.shorten(size);
  return bytes;
}

}  // namespace aitrade::cli
