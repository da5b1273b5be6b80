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

}  // namespace aitrade
