// The columns that indicators write and the handles that strategies read.
//
// A column is a ring of the newest values of one output. It starts full of NaN, so "not warm", "not
// that many bars" and "further back than anybody asked for" all read as NaN without a special case.
// Laid on a tape (tape.h) it is a window on the values of a whole history instead; readers see no difference.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>

namespace aitrade {

inline constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Values a caller can look back on when it does not say how many.
inline constexpr std::size_t history_default = 8;

/// One output of one indicator. Owned by its node, which never moves; so handles stay valid.
class OutputColumn {
 public:
  OutputColumn() { reserve(history_default); }

  OutputColumn(const OutputColumn&) = delete;
  OutputColumn& operator=(const OutputColumn&) = delete;

  /// Appends the value of the newest bar. No allocation.
  void push(double value) {
    head_ = (head_ + 1) & mask_;
    cells_[head_] = value;
  }

  [[nodiscard]] double last() const { return cells_[head_]; }

  /// Returns the value `k` bars back, NaN when it is not kept.
  [[nodiscard]] double back(std::size_t k) const {
    return k <= oldest_ ? cells_[(head_ - k) & mask_] : nan_value;
  }

  /// Makes at least `count` values readable, keeping those there are. Not for the hot path.
  void reserve(std::size_t count) {
    std::size_t size = 1;
    while (size < count)
      size *= 2;
    if (storage_ != nullptr && size <= mask_ + 1) return;
    auto grown = std::make_unique<double[]>(size);
    for (std::size_t i = 0; i < size; ++i) {
      grown[size - 1 - i] = storage_ == nullptr ? nan_value : back(i);
    }
    storage_ = std::move(grown);
    cells_ = storage_.get();
    mask_ = oldest_ = size - 1;
    head_ = mask_;
  }

  /// Forgets all values. On a tape: steps over the room() cells of NaN between two series.
  void reset() {
    if (storage_ == nullptr) {
      head_ += room();
      return;
    }
    for (std::size_t i = 0; i <= mask_; ++i)
      cells_[i] = nan_value;
  }

  /// How many values can be read.
  [[nodiscard]] std::size_t room() const { return oldest_ + 1; }

  /// Lays the column on a tape, before its first cell of a series; push() then writes the tape, for good.
  /// `cells` is borrowed and holds room() cells of NaN before each series. No reserve() afterwards.
  void play(double* cells) {
    storage_.reset();
    cells_ = cells;
    mask_ = ~std::size_t{0};
    head_ = oldest_;
  }

  /// On a tape: the next cell becomes the newest value.
  void advance() { ++head_; }

  /// On a tape: the cell at `index` becomes the newest value.
  void seek(std::size_t index) { head_ = index; }

  /// 0-based index of the first bar that can have a value.
  [[nodiscard]] int first_valid() const { return first_valid_; }

  void first_valid(int index) { first_valid_ = index; }

 private:
  double* cells_{nullptr};  // storage_.get(), or a tape: spares the hot path the checks of unique_ptr
  std::size_t mask_{0};
  std::size_t oldest_{0};   // furthest look back
  std::size_t head_{0};
  std::unique_ptr<double[]> storage_;
  int first_valid_{0};
};

/// A cheap, copyable handle to one output column; valid as long as its IndicatorSet lives.
class Line {
 public:
  explicit Line(const OutputColumn& column) : column_(&column) {}

  /// Returns the value `k` closed bars back; NaN if not available or not warm.
  [[nodiscard]] double operator[](std::size_t k) const { return column_->back(k); }

  /// Returns the value of the newest closed bar; NaN if not warm.
  [[nodiscard]] double last() const { return column_->last(); }

  /// Returns the 0-based index of the first bar that can have a value.
  [[nodiscard]] int first_valid() const { return column_->first_valid(); }

  friend bool operator==(Line, Line) = default;

 private:
  const OutputColumn* column_;
};

}  // namespace aitrade
