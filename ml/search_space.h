// Which values of which parameters are tried?
//
// An axis is one parameter with the range that is searched; a point is a value for each axis. The user's text
// "ema_fast=5:40:5,adx_threshold=20:40" becomes axes here, checked against the bounds of the parameters.
// Nothing knows what the parameters mean.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/base/result.h"

namespace aitrade::ml {

/// What is known of a parameter that may be searched.
struct ParameterBounds {
  std::string name;
  double value;              // as configured
  double minimum, maximum;   // inclusive
  bool is_integer;
};

/// A value for each axis, in their order.
using Point = std::vector<double>;

/// One searched parameter: `low` to `high`, inclusive.
struct Axis {
  std::string name;
  double low{0}, high{0};
  double step{0};            // 0: none was named
  bool is_integer{false};

  /// Returns the values that a grid takes: by step, or at most five evenly spaced where none was named.
  [[nodiscard]] std::vector<double> levels() const;

  /// Returns the value at `unit` in [0, 1] of the range: whole, or on a step, where it has to be.
  [[nodiscard]] double at(double unit) const;

  /// Returns where a value stands in the range, in [0, 1]; 0.5 when the range is one value.
  [[nodiscard]] double unit_of(double value) const;

  /// Draws a value, each one alike.
  [[nodiscard]] double draw(Random& random) const;

  friend bool operator==(const Axis&, const Axis&) = default;
};

/// Reads `name=low:high:step`, `name=low:high` or `name=value`, comma separated. Empty text means every
/// parameter over a sensible part of its bounds: half to twice the configured value, the whole bounds where
/// that is zero.
///
/// Errors: invalid, naming the word: an unknown or repeated name, no number, out of bounds, low above high, a
///         step that is not above zero, a fraction where a whole number is needed
Result<std::vector<Axis>> parse_axes(std::string_view text, std::span<const ParameterBounds> known);

}  // namespace aitrade::ml
