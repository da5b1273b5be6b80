#include "ml/search_space.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace aitrade::ml {
namespace {

constexpr int levels_default = 5;
constexpr double slack = 1e-9;       // of a step: 0.1 + 2 * 0.1 is 0.3
constexpr double decimals = 1e10;    // values of a step are decimals, not sums with their noise

double tidy(double value) {
  const double rounded = std::round(value * decimals) / decimals;
  return std::isfinite(rounded) ? rounded : value;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Error bad(std::string_view word, const std::string& why) {
  return fail(ErrorCode::invalid, "\"" + std::string(word) + "\": " + why);
}

Axis narrowed(const ParameterBounds& p) {
  Axis axis{p.name, p.minimum, p.maximum, 0, p.is_integer};
  if (std::abs(p.value) > 0) {
    axis.low = std::max(p.minimum, std::min(p.value / 2, p.value * 2));
    axis.high = std::min(p.maximum, std::max(p.value / 2, p.value * 2));
  }
  if (p.is_integer) {
    axis.low = std::ceil(axis.low);
    axis.high = std::floor(axis.high);
  }
  return axis;
}

Result<Axis> axis_of(std::string_view word, std::span<const ParameterBounds> known) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return bad(word, "wants name=low:high:step");
  const std::string_view name = word.substr(0, equals);
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const ParameterBounds& p) { return p.name == name; });
  if (found == known.end()) {
    std::string names;
    for (const ParameterBounds& p : known) names += (names.empty() ? "" : ", ") + p.name;
    return bad(word, "no such parameter (known: " + names + ")");
  }
  const std::vector<std::string_view> parts = split(word.substr(equals + 1), ':');
  std::vector<double> numbers;
  for (const std::string_view part : parts) {
    const auto number = number_of(part);
    if (!number) return bad(word, "\"" + std::string(part) + "\" is no number");
    numbers.push_back(*number);
  }
  if (numbers.size() > 3) return bad(word, "wants name=low:high:step");
  Axis axis{found->name, numbers.front(), numbers.size() > 1 ? numbers[1] : numbers.front(),
            numbers.size() > 2 ? numbers[2] : 0, found->is_integer};
  if (axis.low > axis.high) return bad(word, "the low end is above the high end");
  if (numbers.size() > 2 && !(axis.step > 0)) return bad(word, "the step is not above zero");
  if (axis.low < found->minimum || axis.high > found->maximum) return bad(word, "out of the parameter's bounds");
  for (const double number : numbers) {
    if (axis.is_integer && number != std::floor(number)) return bad(word, "wants whole numbers");
  }
  return axis;
}

}  // namespace

std::vector<double> Axis::levels() const {
  std::vector<double> out;
  if (step > 0) {
    const auto count = static_cast<std::size_t>(std::floor((high - low) / step + slack)) + 1;
    for (std::size_t i = 0; i < count; ++i) out.push_back(tidy(low + static_cast<double>(i) * step));
    return out;
  }
  for (int i = 0; i < levels_default; ++i) {
    const double value = at(static_cast<double>(i) / (levels_default - 1));
    if (out.empty() || value > out.back()) out.push_back(value);
  }
  return out;
}

double Axis::at(double unit) const {
  const double value = low + std::clamp(unit, 0.0, 1.0) * (high - low);
  if (step > 0) {
    const double count = std::floor((high - low) / step + slack);
    return tidy(low + std::min(std::round((value - low) / step), count) * step);
  }
  return is_integer ? std::clamp(std::round(value), low, high) : tidy(value);
}

double Axis::unit_of(double value) const {
  return high > low ? (value - low) / (high - low) : 0.5;
}

double Axis::draw(Random& random) const {
  if (step > 0) {
    const auto count = static_cast<std::uint64_t>(std::floor((high - low) / step + slack)) + 1;
    return tidy(low + static_cast<double>(random.below(count)) * step);
  }
  if (is_integer) return low + static_cast<double>(random.below(static_cast<std::uint64_t>(high - low) + 1));
  return tidy(low + random.uniform() * (high - low));
}

Result<std::vector<Axis>> parse_axes(std::string_view text, std::span<const ParameterBounds> known) {
  std::vector<Axis> axes;
  if (text.empty()) {
    for (const ParameterBounds& p : known) axes.push_back(narrowed(p));
    return axes;
  }
  for (const std::string_view word : split(text, ',')) {
    AITRADE_TRY(Axis axis, axis_of(word, known));
    for (const Axis& other : axes) {
      if (other.name == axis.name) return bad(word, "named twice");
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace aitrade::ml
