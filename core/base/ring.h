// A fixed number of the newest values, with constant time push and look-back.
//
// Capacity is rounded up to a power of two. `back(0)` is the newest. Reading further back than was
// pushed is a bug and stops the process.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/result.h"

namespace aitrade {

template <class T>
class Ring {
 public:
  /// Makes room for at least `capacity` values; capacity >= 1.
  explicit Ring(std::size_t capacity = 1) {
    std::size_t size = 1;
    while (size < capacity) size *= 2;
    values_.resize(size);
    mask_ = size - 1;
  }

  void push(const T& value) {
    cell(count_) = value;
    ++count_;
  }

  /// Makes room for a newest value and returns it for writing; until then it holds an old one.
  T& grow() { return cell(count_++); }

  /// Overwrites the newest value; at least one must have been pushed.
  void update_last(const T& value) {
    AITRADE_CHECK(count_ > 0);
    cell(count_ - 1) = value;
  }

  /// Returns the value `k` steps before the newest; k < size().
  [[nodiscard]] const T& back(std::size_t k = 0) const {
    AITRADE_CHECK(k < size());
    return values_.data()[(count_ - 1 - k) & mask_];
  }

  /// How many values can be read: at most the capacity.
  [[nodiscard]] std::size_t size() const {
    return count_ <= mask_ ? count_ : mask_ + 1;
  }

  /// How many were ever pushed.
  [[nodiscard]] std::size_t pushed() const { return count_; }

  [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

  [[nodiscard]] bool empty() const { return count_ == 0; }

  void clear() { count_ = 0; }

  /// Grows to at least `capacity`, keeping what is there.
  void reserve(std::size_t capacity) {
    if (capacity <= mask_ + 1) return;
    Ring grown(capacity);
    for (std::size_t k = size(); k > 0; --k) grown.push(back(k - 1));
    *this = std::move(grown);
  }

 private:
  // Masked, so never out of bounds; the check of operator[] would divide by sizeof(T) on every access.
  T& cell(std::size_t i) { return values_.data()[i & mask_]; }

  std::vector<T> values_;   // mask_ + 1 of them, a power of two
  std::size_t mask_{0};
  std::size_t count_{0};
};

}  // namespace aitrade
