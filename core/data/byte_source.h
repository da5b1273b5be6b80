// Where do the bytes of an input come from?
//
// A file, standard input or memory, with gzip told by its first bytes and unpacked on the way (several
// members in a row are one stream, as gzip has it). Reads in order and holds 64 KiB.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace aitrade {

class ByteSource {
 public:
  /// Opens a file, or standard input for "-". Errors: invalid (none there, a directory),
  /// rejected (no permission).
  static Result<ByteSource> open(const std::string& path);

  /// Reads from memory, which is borrowed and must outlive the source; `name` is for messages.
  static ByteSource bytes(std::string_view data, std::string name);

  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  /// Fills as much of `into` as there is and returns how much; 0 at the end.
  ///
  /// Errors: io; invalid when a gzip stream is damaged or ends too early
  Result<std::size_t> read(std::span<char> into);

  /// The path as given, "stdin" for standard input.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Whether the input is compressed; known after the first read.
  [[nodiscard]] bool is_gzip() const;

 private:
  struct State;

  ByteSource(std::unique_ptr<State> state, std::string name);

  std::unique_ptr<State> state_;
  std::string name_;
};

}  // namespace aitrade
