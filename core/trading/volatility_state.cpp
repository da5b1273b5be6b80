#include "core/trading/volatility_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace aitrade {
namespace {

constexpr std::size_t window = 20;
constexpr std::size_t ranked = 100;
constexpr std::size_t ranked_min = 20;
constexpr std::size_t lookback = 10;
constexpr double expansion = 1.5 * 1.5;   // of the variance
constexpr double two_ln_two_less_one = 0.38629436111989061883;

double term(const Bar& bar) {
  if (!(bar.low > 0) || !(bar.open > 0)) return 0;
  const double range = std::log(bar.high / bar.low);
  const double body = std::log(bar.close / bar.open);
  return 0.5 * range * range - two_ln_two_less_one * body * body;
}

}  // namespace

VolatilityState assess_volatility(const Series& series) {
  VolatilityState out;
  const std::size_t bars = std::min(series.bars.size(), series.since_break);
  const std::size_t used = std::min(bars, ranked + window - 1);
  if (used < window + ranked_min - 1) return out;
  std::array<double, ranked + window> terms{};
  for (std::size_t k = 0; k < used; ++k) terms[k] = term(series.bars.back(k));
  const std::size_t values = used - window + 1;
  std::array<double, ranked> variances{};   // newest first
  double sum = 0;
  for (std::size_t k = used - window; k < used; ++k) sum += terms[k];
  for (std::size_t k = values; k-- > 0;) {
    variances[k] = std::max(sum, 0.0);
    if (k > 0) sum += terms[k - 1] - terms[k - 1 + window];
  }
  const double now = variances[0];
  const auto end = variances.begin() + static_cast<std::ptrdiff_t>(values);
  const auto at_or_below = std::count_if(variances.begin(), end, [&](double v) { return v <= now; });
  out.level = static_cast<double>(at_or_below) / static_cast<double>(values);
  out.is_expanding = values > lookback && now > expansion * variances[lookback];
  return out;
}

double choppiness_of(const Series& series) {
  constexpr std::size_t period = 14;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (std::min(series.bars.size(), series.since_break) < period + 1) return none;
  double sum = 0;
  double highest = series.bars.back(0).high;
  double lowest = series.bars.back(0).low;
  for (std::size_t k = 0; k < period; ++k) {
    const Bar& bar = series.bars.back(k);
    const double before = series.bars.back(k + 1).close;
    sum += std::max(bar.high, before) - std::min(bar.low, before);
    highest = std::max(highest, bar.high);
    lowest = std::min(lowest, bar.low);
  }
  const double range = highest - lowest;
  if (!(range > 0) || !(sum > 0)) return none;
  return 100.0 * std::log10(sum / range) / std::log10(static_cast<double>(period));
}

}  // namespace aitrade
