// How an intent is worked: which order comes first, and which after it when something is left.
//
// An entry or exit is one intent pursued by several orders, one after another: the next is made only when the
// one before has ended with all its fills known, and only for what is left. Orders that wait carry the time
// at which the venue takes them off by itself, so that neither a crash nor a cut line leaves one behind, and
// no cancel can cross a fill (X10).
// Source: trading-core.md 6.3 and 6.5, rewrite; the chase is that of the page with the pause left out.
#pragma once

#include <optional>

#include "core/domain/book.h"
#include "core/domain/instrument.h"
#include "core/domain/order.h"
#include "core/domain/signal.h"
#include "core/domain/trade_result.h"

namespace aitrade {

enum class EntryStyle : std::uint8_t {
  market,       // one unbounded market order
  ioc_limit,    // one order up to the price cap, what does not fill at once is given up
  limit_chase,  // limit orders at the touch, moved after the price, then the one of ioc_limit
};

enum class ExitStyle : std::uint8_t {
  market,
  ioc_limit,          // a narrow band, a wider one, then the market
  limit_then_market,  // at the touch first, then as ioc_limit
};

struct ExecutionRules {
  EntryStyle entry{EntryStyle::market};
  int chase_moves{2};                   // orders after the first that follow the price
  Duration chase_wait{seconds{10}};     // how long each works
  bool post_only{false};                // chase at our own side of the book and never take
  bool take_rest{true};                 // end the chase with a capped IOC order
  bool whole_or_nothing{false};         // that order is fill-or-kill
  Rate slippage_max{Rate::parse_or_die("0.0015")};   // of the planned entry
  double stop_share_max{0.25};          // of the distance from entry to stop
  double part_min{0.25};                // least part of the wanted entry that is kept
  ExitStyle target_exit{ExitStyle::market};          // exits that are not in a hurry
  ExitStyle stop_exit{ExitStyle::market};            // exits that are
  bool stop_limit{false};               // protection at the venue is a stop-limit order
  Rate stop_limit_band{Rate::parse_or_die("0.01")};  // how far its limit lies beyond the trigger
  /// The venue holds what a stop would sell: no other order can sell it. Targets are watched instead of resting, and
  /// an exit first takes the stop off and waits for the proof (reliability.md 3.6).
  bool stop_locks{false};
  Rate half_spread;                     // assumed while there is no book
};

/// Bid and ask, or what stands for them.
struct Touch {
  Price bid, ask;
};

/// Returns the touch of a book, or around `mark` when there is none: mark -/+ half the assumed spread.
Touch touch_of(const std::optional<BookTop>& book, Price mark, Rate half_spread, const Instrument& instrument);

/// What the next order of an intent looks like.
struct OrderStep {
  OrderType type{OrderType::market};
  TimeInForce tif{TimeInForce::gtc};
  Price limit;
  bool post_only{false};
  Duration works_for{0};   // 0 = until it ends by itself
};

/// Returns the worst price an entry may pay: planned entry and min(share of the stop distance, slippage_max),
/// rounded to the better side of the tick.
Price entry_cap(const Bracket& bracket, Side side, const ExecutionRules& rules, const Instrument& instrument);

/// Returns the entry order number `attempt` (0 is the first), or nothing when the chase is over.
std::optional<OrderStep> entry_step(const ExecutionRules& rules, const Bracket& bracket, Side side, Touch touch,
                                    int attempt, const Instrument& instrument);

/// Returns the exit order number `attempt`; there is always one, from some number on the market order.
OrderStep exit_step(ExitStyle style, Side side, Touch touch, int attempt, Duration wait,
                    const Instrument& instrument);

/// Returns how a reason leaves: what an operator, the end of data or a broken protection asks for goes to the
/// market at once.
ExitStyle style_of(ExitReason reason, OrderRole role, const ExecutionRules& rules);

/// Returns the limit of protection that triggers at `stop`.
Price stop_limit_of(Price stop, Side side, const ExecutionRules& rules, const Instrument& instrument);

/// Puts a step into an order; `now` starts its time.
void shape(Order& order, const OrderStep& step, Time now);

}  // namespace aitrade
