#include "core/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace aitrade {
namespace {

constexpr std::size_t raw_block = 64 * 1024;  // compressed bytes held at a time
constexpr unsigned char gzip_magic_first = 0x1f;
constexpr unsigned char gzip_magic_second = 0x8b;
constexpr int gzip_window_bits = 15 + 16;  // largest window, gzip framing

}  // namespace

struct ByteSource::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (inflating) inflateEnd(&stream);
    if (owns_descriptor) ::close(descriptor);
  }

  /// Reads raw bytes from the descriptor or the memory.
  Result<std::size_t> raw(char* into, std::size_t size, const std::string& name) {
    if (descriptor < 0) {
      const std::size_t n = std::min(size, memory.size());
      std::memcpy(into, memory.data(), n);
      memory.remove_prefix(n);
      return n;
    }
    for (;;) {
      const ssize_t n = ::read(descriptor, into, size);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return fail(ErrorCode::io, name + ": " + std::strerror(errno));
    }
  }

  /// Refills the block of raw bytes; false at the end of the input.
  Result<bool> refill(const std::string& name) {
    AITRADE_TRY(const std::size_t n, raw(block.data(), block.size(), name));
    position = 0;
    filled = n;
    return n > 0;
  }

  /// Reads enough to see whether it is gzip.
  Status look(const std::string& name) {
    looked = true;
    while (filled < 2) {
      AITRADE_TRY(const std::size_t n, raw(block.data() + filled, block.size() - filled, name));
      if (n == 0) break;
      filled += n;
    }
    gzip = filled >= 2 && static_cast<unsigned char>(block[0]) == gzip_magic_first &&
           static_cast<unsigned char>(block[1]) == gzip_magic_second;
    if (!gzip) return ok();
    if (inflateInit2(&stream, gzip_window_bits) != Z_OK) return fail(ErrorCode::io, name + ": zlib cannot start");
    inflating = true;
    return ok();
  }

  Result<std::size_t> unpack(std::span<char> into, const std::string& name);

  int descriptor{-1};
  bool owns_descriptor{false};
  bool looked{false};
  bool gzip{false};
  bool inflating{false};
  bool member_done{false};
  std::string_view memory;
  std::array<char, raw_block> block{};
  std::size_t position{0};
  std::size_t filled{0};
  z_stream stream{};
};

Result<std::size_t> ByteSource::State::unpack(std::span<char> into, const std::string& name) {
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  stream.avail_out = static_cast<uInt>(into.size());
  while (stream.avail_out > 0) {
    if (position == filled) {
      AITRADE_TRY(const bool more, refill(name));
      if (!more) {
        if (member_done) break;
        return fail(ErrorCode::invalid,
                    name + ": the gzip stream ends too early (after " + std::to_string(stream.total_out) +
                        " bytes); the file is truncated");
      }
    }
    if (member_done) {  // another member follows
      if (inflateReset(&stream) != Z_OK) return fail(ErrorCode::io, name + ": zlib cannot restart");
      member_done = false;
    }
    stream.next_in = reinterpret_cast<Bytef*>(block.data() + position);
    stream.avail_in = static_cast<uInt>(filled - position);
    const int code = inflate(&stream, Z_NO_FLUSH);
    position = filled - stream.avail_in;
    if (code == Z_STREAM_END) {
      member_done = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return fail(ErrorCode::invalid, name + ": the gzip stream is damaged after " +
                                          std::to_string(stream.total_out) + " bytes");
    }
  }
  return into.size() - stream.avail_out;
}

ByteSource::ByteSource(std::unique_ptr<State> state, std::string name)
    : state_(std::move(state)), name_(std::move(name)) {}

ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::string& path) {
  auto state = std::make_unique<State>();
  if (path == "-") {
    state->descriptor = STDIN_FILENO;
    return ByteSource(std::move(state), "stdin");
  }
  state->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state->descriptor < 0) {
    const bool is_forbidden = errno == EACCES || errno == EPERM;
    return fail(is_forbidden ? ErrorCode::rejected : ErrorCode::invalid, path + ": " + std::strerror(errno));
  }
  state->owns_descriptor = true;
  struct stat information {};
  if (::fstat(state->descriptor, &information) == 0 && S_ISDIR(information.st_mode)) {
    return fail(ErrorCode::invalid, path + ": is a directory");
  }
  return ByteSource(std::move(state), path);
}

ByteSource ByteSource::bytes(std::string_view data, std::string name) {
  auto state = std::make_unique<State>();
  state->memory = data;
  return ByteSource(std::move(state), std::move(name));
}

bool ByteSource::is_gzip() const { return state_->gzip; }

Result<std::size_t> ByteSource::read(std::span<char> into) {
  State& state = *state_;
  if (!state.looked) AITRADE_TRY_STATUS(state.look(name_));
  if (state.gzip) return state.unpack(into, name_);
  if (state.position < state.filled) {  // what was looked at
    const std::size_t n = std::min(into.size(), state.filled - state.position);
    std::memcpy(into.data(), state.block.data() + state.position, n);
    state.position += n;
    return n;
  }
  return state.raw(into.data(), into.size(), name_);
}

}  // namespace aitrade
