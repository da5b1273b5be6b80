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
  }

  void push(const T& value) {
    values_[count_ & (values_.size() - 1)] = value;
    ++count_;
  }

  /// Overwrites the newest value; at least one must have been pushed.
  void update_last(const T& value) {
    AITRADE_CHECK(count_ > 0);
    values_[(count_ - 1) & (values_.size() - 1)] = value;
  }

  /// Returns the value `k` steps before the newest; k < size().
  [[nodiscard]] const T& back(std::size_t k = 0) const {
    AITRADE_CHECK(k < size());
    return values_[(count_ - 1 - k) & (values_.size() - 1)];
  }

  /// How many values can be read: at most the capacity.
  [[nodiscard]] std::size_t size() const {
    return count_ < values_.size() ? count_ : values_.size();
  }

  /// How many were ever pushed.
  [[nodiscard]] std::size_t pushed() const { return count_; }

  [[nodiscard]] std::size_t capacity() const { return values_.size(); }

  [[nodiscard]] bool empty() const { return count_ == 0; }

  void clear() { count_ = 0; }

  /// Grows to at least `capacity`, keeping what is there.
  void reserve(std::size_t capacity) {
    if (capacity <= values_.size()) return;
    Ring grown(capacity);
    for (std::size_t k = size(); k > 0; --k) grown.push(back(k - 1));
    *this = std::move(grown);
  }

 private:
  std::vector<T> values_;
  std::size_t count_{0};
};

}  // namespace aitrade
