// How far our own size moves the price against us.
//
// The square-root law, k * sigma * sqrt(size / volume), with volatility and volume of one span. Volatility
// grows with the root of the span and volume with the span, so the law says the same for a day
// (k * sigma_day * sqrt(size / ADV)) as for the minute in which the order fills. It is read from that candle:
// nothing has to be remembered, and a thin or wild minute costs what it would.
#pragma once

#include "core/base/fixed.h"
#include "core/domain/candle.h"

namespace aitrade {

/// Returns the impact of taking `size` during `candle` as a fraction of the price.
///
/// Formula: k * sigma * sqrt(min(1, size / volume)), sigma = (high - low) / close / (2 * sqrt(ln 2))
/// Units:   k about 1 charges every fill the whole impact of the order, the average fill pays two thirds
/// Source:  Almgren et al. (2005), Toth et al. (2011); Donier and Bonart (2015) find k about one for bitcoin;
///          sigma after Parkinson (1980)
Rate impact_of(double k, const Candle& candle, Quantity size);

/// The same from numbers: `sigma` and `volume` of one span, `size` in the unit of `volume`.
double impact_of(double k, double sigma, double size, double volume);

/// Returns the volatility of a candle as a fraction of its close.
double sigma_of(const Candle& candle);

}  // namespace aitrade
