// The outcome of a closed trade, as later decisions remember it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/fixed.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/signal.h"

namespace aitrade {

enum class ExitReason : std::uint8_t {
  none,
  stop,
  target,
  trailing,
  breakeven,
  opposite_signal,
  close_all,
  end_of_data,
  stagnation,    // too slow for the costs
  time_limit,    // held as long as a position may be
  partial_entry, // too little of the entry was filled
  taken,         // somebody else sold or withdrew the coins
};

inline constexpr ExitReason exit_reason_last = ExitReason::partial_entry;

std::string_view to_string(ExitReason reason);

/// Who voted for a trade, and with what share of the weight. The heaviest six are kept.
struct Voters {
  static constexpr std::size_t most = 6;

  struct Share {
    StrategyId strategy{};
    double share{0};  // (0, 1]; all together 1

    friend bool operator==(const Share&, const Share&) = default;
  };

  std::array<Share, most> shares{};
  std::uint8_t count{0};

  friend bool operator==(const Voters&, const Voters&) = default;
};

/// Returns the voters of the winning side of an opinion; their shares sum to 1.
Voters voters_of(const Opinion& opinion);

/// What a position carries besides its levels, so that a restart goes on with the very numbers.
struct PositionDetail {
  Money entry_cost;              // of the part still held, negative for a short
  Money fees, slippage;          // so far
  Price worst;                   // price since entry
  Price exit;                    // average, of the parts closed
  Quantity exited;
  Price initial_target;
  double confidence{0};
  std::uint32_t bars{0};
  std::uint8_t stages{0};        // exit stages already applied, a bit each
  Regime regime;                 // at the decision
  Voters voters;
  ExitReason closing{ExitReason::none};   // on its way out, whatever becomes of the order that does it
};

struct TradeResult {
  Time closed_at;
  Money pnl;              // after all fees
  double r{0};            // pnl over initial risk; NaN when there was none
  StrategyId lead{};
  Voters voters;
};

}  // namespace aitrade
