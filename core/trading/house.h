// Limits over all desks: what one desk may still add when the others are counted too.
//
// Invariants:
//   1. Open positions and pending entries count alike, at full quantity, until an order is terminal.
//   2. A limit never raises what a desk may do by its own rules.
#pragma once

#include <vector>

#include "core/base/fixed.h"
#include "core/base/ids.h"

namespace aitrade {

struct HouseRules {
  Rate exposure_max{Rate::parse_or_die("0.5")};  // of the equity of all desks
};

class House {
 public:
  House(const HouseRules& rules, std::size_t desks) : rules_(rules), equity_(desks), exposure_(desks) {}

  void set_rules(const HouseRules& rules) { rules_ = rules; }

  /// Reports a desk's equity and its exposure, pending entries included.
  void report(DeskId desk, Money equity, Money exposure) {
    equity_[number(desk)] = equity;
    exposure_[number(desk)] = exposure;
  }

  /// Returns the notional that may still be added, zero or more.
  [[nodiscard]] Money remaining() const {
    Money equity;
    Money exposure;
    for (const Money m : equity_) equity += m;
    for (const Money m : exposure_) exposure += m;
    const Money room = apply(rules_.exposure_max, equity, Rounding::down) - exposure;
    return room.is_positive() ? room : Money{};
  }

 private:
  HouseRules rules_;
  std::vector<Money> equity_;
  std::vector<Money> exposure_;
};

}  // namespace aitrade
