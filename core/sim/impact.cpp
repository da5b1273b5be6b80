#include "core/sim/impact.h"

#include <algorithm>
#include <cmath>

namespace aitrade {
namespace {

const double range_per_sigma = 2 * std::sqrt(std::log(2.0));

}  // namespace

double sigma_of(const Candle& candle) {
  return to_double(candle.high - candle.low) / to_double(candle.close) / range_per_sigma;
}

double impact_of(double k, double sigma, double size, double volume) {
  const double share = volume > size ? size / volume : 1.0;
  return k * sigma * std::sqrt(share);
}

Rate impact_of(double k, const Candle& candle, Quantity size) {
  const double moved = impact_of(k, sigma_of(candle), to_double(size), candle.volume);
  constexpr double most = 0.5;   // of the price; a candle so wild is not a market
  const auto rate = Rate::from_double(std::min(moved, most), Rounding::up);
  return rate ? *rate : Rate{};
}

}  // namespace aitrade
