// Cuts a stream of bytes into runs of whole lines without copying each line.
//
// One buffer, refilled with the unfinished last line moved to its front. Each run ends with a line feed
// (one is added where the input lacks it) and is followed by readable padding, so that a scanner may load
// eight bytes at once and needs no end check but the line feed.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "core/data/byte_source.h"

namespace aitrade {

class LineBuffer {
 public:
  static constexpr std::size_t default_capacity = 1024 * 1024;  // also the longest line
  static constexpr std::size_t padding = 64;

  explicit LineBuffer(ByteSource& source, std::size_t capacity = default_capacity)
      : source_(&source), bytes_(capacity + padding), capacity_(capacity) {}

  /// Makes the next run of whole lines available; false at the end of the input.
  ///
  /// Errors: those of the source; invalid when a line is longer than the buffer
  Result<bool> fill() {
    std::memmove(bytes_.data(), bytes_.data() + end_, filled_ - end_);
    filled_ -= end_;
    end_ = 0;
    while (!at_end_ && filled_ < capacity_) {
      AITRADE_TRY(const std::size_t n, source_->read({bytes_.data() + filled_, capacity_ - filled_}));
      at_end_ = n == 0;
      filled_ += n;
    }
    if (filled_ == 0) return false;
    if (at_end_ && bytes_[filled_ - 1] != '\n') bytes_[filled_++] = '\n';  // padding has room for it
    const void* last = memrchr(bytes_.data(), '\n', filled_);
    if (last == nullptr) {
      return fail(ErrorCode::invalid, source_->name() + ": a line is longer than " +
                                          std::to_string(capacity_) + " bytes; this is no table of candles");
    }
    end_ = static_cast<std::size_t>(static_cast<const char*>(last) - bytes_.data()) + 1;
    return true;
  }

  [[nodiscard]] char* begin() { return bytes_.data(); }

  [[nodiscard]] char* end() { return bytes_.data() + end_; }

  /// Whether the source has ended: the run at hand is the last.
  [[nodiscard]] bool is_last() const { return at_end_; }

 private:
  ByteSource* source_;
  std::vector<char> bytes_;
  std::size_t capacity_;
  std::size_t filled_{0};
  std::size_t end_{0};
  bool at_end_{false};
};

}  // namespace aitrade
