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

  explicit Secret(std::string text) : text_(std::move(text)) {}

  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }

  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal() const { return text_; }

  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  void wipe() {
    volatile char* bytes = text_.data();  // volatile: the stores must not be optimised away
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
    text_.clear();
  }

  std::string text_;
};

}  // namespace aitrade
