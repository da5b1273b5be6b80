// Order book levels and the summary of them that the core is told.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/base/fixed.h"
#include "core/base/time.h"

namespace aitrade {

struct Level {
  Price price;
  Quantity quantity;

  friend bool operator==(const Level&, const Level&) = default;
};

/// Both sides, best first.
struct BookLevels {
  std::vector<Level> bids;
  std::vector<Level> asks;
};

/// Best bid and ask with the signed depth ratio of the best ten levels.
struct BookTop {
  Price bid, ask;
  Quantity bid_size, ask_size;
  double imbalance{0};  // (bid depth - ask depth) / (bid depth + ask depth), in [-1, 1]

  /// A two-sided book that is not crossed or locked; anything else has no spread.
  [[nodiscard]] bool is_valid() const { return bid.is_positive() && ask > bid; }

  [[nodiscard]] Price mid() const { return Price::from_raw(bid.raw() + (ask.raw() - bid.raw()) / 2); }
};

/// Returns (ask - bid) / mid of a valid top.
inline double spread_of(const BookTop& top) {
  const double bid = to_double(top.bid), ask = to_double(top.ask);
  return 2 * (ask - bid) / (ask + bid);
}

/// Returns the mid of a valid top weighted by the opposite sizes: near the ask when the bid is the larger.
inline double micro_price_of(const BookTop& top) {
  const double bid = to_double(top.bid_size), ask = to_double(top.ask_size);
  return (to_double(top.bid) * ask + to_double(top.ask) * bid) / (bid + ask);
}

/// What an analysed order book says (trading-core.md 4, rewrite; core/market/book_analysis.h makes it).
///
/// Sizes are in quote currency, valued at the mid, so that pairs and sides compare. A side that is missing
/// gives no analysis at all, never zeros. Imbalances are (bid - ask) / (bid + ask) of depth weighted by
/// exp(-distance from the mid / 5 bps); a band holds at least the best level of each side.
struct BookAnalysis {
  double score{0};               // [-1, 1]; positive: buyers outweigh; mean of the last three seconds
  double score_now{0};           // the same, of the newest book alone
  double imbalance_5{0};         // of levels within 5 bps of the mid
  double imbalance_25{0};
  double imbalance_50{0};
  double imbalance_trend{std::numeric_limits<double>::quiet_NaN()};  // slope of imbalance_25 per second
                                                                     // over 20 values; NaN before
  double micro_price{0};         // mid weighted by the opposite sizes of the best level
  double spread{0};              // fraction of the mid
  double depth_bid{0};           // quote currency within 50 bps of the mid
  double depth_ask{0};
  double whale_bias{0};          // [-1, 1]; share of whale notional on the bid less that on the ask
  double liquidity{0};           // [0, 1]
  std::uint16_t whales_bid{0};   // levels that are whales
  std::uint16_t whales_ask{0};
  std::uint16_t voids{0};        // gaps of more than 0.3 % between neighbours of a side
  bool is_spoofed{false};        // large levels were taken back untraded, twice within a minute
};

/// Funding of the perpetual contract of an instrument, as a fraction per eight hours.
struct Funding {
  double rate{0};
  double extreme{0.0005};        // from which it counts: the larger of 0.0005 and the 95th percentile of 30 days
};

}  // namespace aitrade
