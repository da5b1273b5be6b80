// All the core can ask for.
//
// The engine appends to an ActionList; the session journals what is in it, makes it durable when it
// holds an order, and only then dispatches.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/gate_state.h"
#include "core/domain/order.h"
#include "core/domain/signal.h"
#include "core/domain/trade_result.h"

namespace aitrade {

struct SubmitOrder {
  Order order;
};

struct CancelOrder {
  ClientOrderId client_id;
  InstrumentId instrument{};
};

/// Moves a resting order: the new trigger or limit, and the new total quantity.
struct ReplaceOrder {
  ClientOrderId client_id;
  InstrumentId instrument{};
  Price limit, trigger;
  Quantity quantity;
};

/// A position changed: opened, grew, shrank, moved its levels or closed.
struct PositionChanged {
  DeskId desk{};
  InstrumentId instrument{};
  Direction direction{Direction::neutral};
  Quantity quantity;             // 0 when closed
  Quantity quantity_initial;
  Price entry, stop, target, initial_stop, best_since_entry;
  Money entry_fees;              // not yet allocated
  Money realized;                // of this trade so far, after fees
  Time opened_at;
  StrategyId lead{};
  double atr_at_entry{0};
  bool breakeven_done{false};
  bool trailing_on{false};
  std::uint32_t trade_number{0};
  PositionDetail detail;
};

/// A round trip is over.
struct TradeClosed {
  DeskId desk{};
  InstrumentId instrument{};
  std::uint32_t trade_number{0};
  Direction direction{Direction::neutral};
  Quantity quantity;
  Price entry, exit;             // average prices
  Price initial_stop, target;
  Money pnl;                     // after all fees
  Money fees;                    // entry and exit
  Money slippage;                // against the arrival price, positive is adverse
  Time opened_at, closed_at;
  StrategyId lead{};
  double confidence{0};
  double r_multiple{0};          // pnl over initial risk, NaN when there was none
  double mae{0}, mfe{0};         // worst and best unrealised move as a fraction of entry
  std::uint32_t bars{0};         // base candles held
  ExitReason reason{ExitReason::none};
  Regime regime;                 // of the primary timeframe at the decision
  Voters voters;
};

/// Money, limits and marks of a desk; the projection that a restart needs.
struct AccountChanged {
  DeskId desk{};
  Money cash;
  Money equity;
  Money day_start_equity, peak_equity;
  Time day_start;
  std::int32_t loss_streak{0};
  std::uint32_t next_sequence{1};
  Time loss_cooldown_until;
  Time probation_since;          // of risk of ruin; 0 = not on probation
  std::uint32_t probation_trades{0};
};

struct CooldownSet {
  DeskId desk{};
  InstrumentId instrument{};
  Time pair_until;
  Time strategy_until;
  StrategyId strategy{};
  Direction direction{Direction::neutral};
};

/// Pause, resume, halt, or a breaker: new entries stop or start again; exits never stop.
struct RunStateChanged {
  bool paused{false};
  bool halted{false};
  std::string reason;
  std::string actor;
};

/// An answer from a venue that fits no transition, or another oddity to keep.
struct Incident {
  ClientOrderId client_id;
  std::string what;
};

/// An order reached a new state (for the orders table).
struct OrderChanged {
  ClientOrderId client_id;
  OrderState state{OrderState::journaled};
  Quantity filled;
  Price limit, trigger;
  std::string venue_id;
  std::string why;
};

struct Notify {
  enum class Level : std::uint8_t { info, warning, critical } level{Level::info};
  std::string text;
};

/// The test of the active model moved on; the projection that a restart needs.
struct GateChanged {
  DeskId desk{};
  GateState state;
};

/// A part of a position that somebody else took out of the account; what the ledger needs so that its sums stay true.
struct HoldingTaken {
  DeskId desk{};
  InstrumentId instrument{};
  Quantity quantity;
  Price price;                   // at which it counts as sold: that of the trade, else the mark
  Money fee;                     // its part of the trade's
  Money cash;                    // that came for it, after the fee; zero when nothing did
  std::string reference;         // the venue's id of what took it
  Time at;
};

/// What became of a signal from outside. In the ledger in the same transaction as its order, so that it happens once.
struct SignalJudged {
  DeskId desk{};
  InstrumentId instrument{};
  Direction direction{Direction::neutral};
  Reason reason{Reason::none};   // entered, closing_opposite, or why nothing came of it
  std::string source, id, body_hash;
};

using Action = std::variant<SubmitOrder, CancelOrder, ReplaceOrder, Decision, PositionChanged,
                            TradeClosed, AccountChanged, CooldownSet, RunStateChanged, Incident,
                            OrderChanged, Notify, GateChanged, SignalJudged, HoldingTaken>;

/// What a step asks for, in order. Reused from step to step, so a healthy step allocates nothing.
class ActionList {
 public:
  /// `keep_decisions` false drops Decision records of non-trading candles (a fast backtest).
  explicit ActionList(bool keep_decisions = true) : keep_decisions_(keep_decisions) {}

  [[nodiscard]] bool keeps_decisions() const { return keep_decisions_; }

  template <class T>
  void add(T&& action) {
    using Kind = std::decay_t<T>;
    if constexpr (std::is_same_v<Kind, SubmitOrder> || std::is_same_v<Kind, CancelOrder> ||
                  std::is_same_v<Kind, ReplaceOrder>) {
      has_orders_ = true;
    }
    actions_.emplace_back(std::forward<T>(action));
  }

  [[nodiscard]] bool has_orders() const { return has_orders_; }

  [[nodiscard]] bool empty() const { return actions_.empty(); }

  [[nodiscard]] std::size_t size() const { return actions_.size(); }

  [[nodiscard]] const Action& operator[](std::size_t i) const { return actions_[i]; }

  [[nodiscard]] auto begin() const { return actions_.begin(); }

  [[nodiscard]] auto end() const { return actions_.end(); }

  void clear() {
    actions_.clear();
    has_orders_ = false;
  }

 private:
  std::vector<Action> actions_;
  bool keep_decisions_;
  bool has_orders_{false};
};

}  // namespace aitrade
