// Order book levels and the summary of them that the core is told.
#pragma once

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

/// What an analysed order book says (trading-core.md 4, rewrite). Sizes in quote currency, so that pairs
/// compare; a side that is missing gives no analysis at all, never zeros.
struct BookAnalysis {
  double score{0};               // [-1, 1]; positive: buyers outweigh
  double imbalance_5{0};         // (bid - ask) / (bid + ask) of the depth within 5 bps of the mid
  double imbalance_25{0};
  double imbalance_50{0};
  double micro_price{0};         // mid weighted by the opposite sizes of the best level
  double spread{0};              // fraction of the mid
  double depth_bid{0};           // quote currency within 50 bps of the mid
  double depth_ask{0};
  double whale_bias{0};          // [-1, 1]; share of whale notional on the bid less that on the ask
  double liquidity{0};           // [0, 1]
  bool is_spoofed{false};
};

/// Funding of the perpetual contract of an instrument, as a fraction per eight hours.
struct Funding {
  double rate{0};
  double extreme{0.0005};        // from which it counts: the larger of 0.0005 and the 95th percentile of 30 days
};

}  // namespace aitrade
