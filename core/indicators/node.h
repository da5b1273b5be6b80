// What the indicator set calls for each closed bar, and what every indicator is.
//
// One NaN policy for all: a non-finite input clears the indicator, and it warms up again from the
// next bar. For a windowed indicator that is the same as "NaN while the bad value is in the
// window"; for a recursive one it is the only way not to carry the damage for ever.
#pragma once

#include "core/domain/candle.h"
#include "core/indicators/line.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace aitrade {

class IndicatorNode {
 public:
  IndicatorNode() = default;
  IndicatorNode(const IndicatorNode&) = delete;
  IndicatorNode& operator=(const IndicatorNode&) = delete;
  virtual ~IndicatorNode() = default;

  /// Takes one closed bar and pushes one value to each column. O(1) amortised, no allocation.
  virtual void update(const Bar& bar) = 0;

  [[nodiscard]] virtual std::span<OutputColumn> columns() = 0;

  /// Forgets state and history; handles stay valid.
  void reset() {
    clear();
    for (OutputColumn& column : columns())
      column.reset();
  }

 protected:
  /// Forgets the state, not the history.
  virtual void clear() = 0;
};

/// A node with `Outputs` columns.
template <std::size_t Outputs>
class NodeOf : public IndicatorNode {
 public:
  [[nodiscard]] std::span<OutputColumn> columns() final { return out_; }

 protected:
  void push_nan() {
    for (OutputColumn& column : out_)
      column.push(nan_value);
  }

  void first_valid(int index) {
    for (OutputColumn& column : out_)
      column.first_valid(index);
  }

  /// Writes column I; the index is checked when compiling.
  template <std::size_t I>
  void push(double value) {
    std::get<I>(out_).push(value);
  }

  template <std::size_t I>
  [[nodiscard]] OutputColumn& column() {
    return std::get<I>(out_);
  }

 private:
  std::array<OutputColumn, Outputs> out_;
};

}  // namespace aitrade
