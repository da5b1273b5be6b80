// Assumptions of the simulated venue, each with its sentence.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/base/time.h"

namespace aitrade {

/// What trading costs and how long it takes in the simulation.
struct VenueModels {
  Duration latency{milliseconds{150}};   // from decision to the venue: a home line to a far exchange
  Rate half_spread{Rate::parse_or_die("0.0001")};   // paid by whoever takes; half of 2 bps
  Rate slippage{Rate::parse_or_die("0.0001")};      // beyond the touch, for every taking fill
  Rate maker_fee{Rate::parse_or_die("0.0016")};
  Rate taker_fee{Rate::parse_or_die("0.0026")};
  double volume_cap{0.1};                // share of a candle's volume we can be; 0 = no cap
  double impact{0};                      // k of the square-root law (impact.h); 0 = our size moves nothing
  Rate borrow_daily{};                   // interest on what is short, in the base asset, per day
  std::vector<Rate> half_spreads{};      // by instrument id; those beyond its end have half_spread

  /// Half the spread of one instrument.
  [[nodiscard]] Rate half_spread_of(InstrumentId id) const {
    return number(id) < half_spreads.size() ? half_spreads[number(id)] : half_spread;
  }

  /// The widest half spread of any instrument.
  [[nodiscard]] Rate half_spread_max() const {
    Rate widest = half_spreads.empty() ? half_spread : half_spreads.front();
    for (const Rate one : half_spreads) widest = std::max(widest, one);
    return widest;
  }
};

/// Totals the simulation keeps about its own guesses.
struct VenueTotals {
  Money fees;                          // interest included
  Money borrow;                        // of these, interest on shorts
  Money spread_and_slippage;           // what taking cost against the path price, impact included
  std::uint64_t ambiguous_candles{0};  // stop and target both inside one candle: the stop was assumed
  std::uint64_t rejected{0};
  std::uint64_t fills{0};
  Money turnover;                      // sum of absolute notional
};

}  // namespace aitrade
