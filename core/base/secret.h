// Text that must never be printed.
//
// A Secret has no formatter and no stream operator, so logging one does not compile; its memory is
// wiped when it goes. Read it with `reveal()` at the one place that needs the bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace aitrade {

class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string text) : text_(std::move(text)) { wipe(text); }

  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }

  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }

  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(text_);
      text_ = std::move(other.text_);
      wipe(other.text_);
    }
    return *this;
  }

  ~Secret() { wipe(text_); }

  [[nodiscard]] std::string_view reveal() const { return text_; }

  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  /// All of the buffer: a short text lies in the string itself and is still there after a move.
  static void wipe(std::string& text) {
    text.resize(text.capacity());         // never longer than the buffer, so nothing is moved
    volatile char* bytes = text.data();   // volatile: the stores must not be optimised away
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
    text.clear();
  }

  std::string text_;
};

}  // namespace aitrade
