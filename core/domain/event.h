// All the core can be told.
//
// Events arrive one after another, numbered; the engine is a function of them and of nothing else.
// `at` is when we received it (never runs backwards) and is for ages and records; `when` is what the
// event says of itself and is the time that decisions use, so that a candle decides alike whether it
// was received at once, late, or from a file.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/book.h"
#include "core/domain/candle.h"
#include "core/domain/gate_state.h"
#include "core/domain/order.h"
#include "core/domain/trade_result.h"

namespace aitrade {

// ---- market ---------------------------------------------------------------------------------

/// An interval of the base timeframe is over. `when` = its close time.
struct CandleClosed {
  InstrumentId instrument{};
  Candle candle;
  bool backfill{false};  // fetched after the fact: venues match it, exits run, entries do not
};

/// A candle from before this run, for warm-up: indicators see it, nothing trades on it.
struct HistoryLoaded {
  InstrumentId instrument{};
  Candle candle;
};

/// The best of the book changed (decision 22: at most once a second, four while a position is held), or
/// deeper levels did and the last summary is two seconds old, so that an analysis does not grow stale
/// beside a living book.
struct BookSummary {
  InstrumentId instrument{};
  BookTop top;
  std::optional<BookAnalysis> analysis{};  // of the book at this moment; none while it settles
};

struct FeedUp {
  VenueId venue{};
};

/// Every instrument of the feed is stale from this moment.
struct FeedDown {
  VenueId venue{};
};

/// The series of an instrument broke (a gap over 30 minutes, or lost data): it warms up again.
struct SeriesBroken {
  InstrumentId instrument{};
};

/// Every candle that closes at `when` has come, of all instruments: what wants to enter at this instant is
/// ranked and served. Sent by whoever gathers the candles; a session adds it before a later candle when
/// entries still wait. One instrument alone needs none.
struct InstantClosed {};

/// Time passes. Comes once a second live; the core has no timers.
struct Tick {};

// ---- orders ---------------------------------------------------------------------------------

struct OrderAccepted {
  ClientOrderId client_id;
  std::string venue_id;
};

struct OrderRejected {
  ClientOrderId client_id;
  std::string why;
};

struct OrderFilled {
  Fill fill;
  bool is_last{false};  // the venue says that nothing is left
};

struct OrderCanceled {
  ClientOrderId client_id;
  std::string why;
};

struct OrderExpired {
  ClientOrderId client_id;
};

/// A cancel or replace was refused, or its price moved as asked.
struct OrderReplaced {
  ClientOrderId client_id;
  Price limit, trigger;
  Quantity quantity;
};

/// What else became of an order at a real venue, in the words of the table of order_states.h: acknowledged,
/// lost from sight, fired, proved absent...
struct OrderNews {
  ClientOrderId client_id;
  OrderTrigger trigger{OrderTrigger::acknowledge};
  std::string venue_id;        // empty: not told
  std::string why;
};

/// Money of the account moved by something else than our fills: a deposit, a withdrawal, a trade by hand, or the
/// holdings that were there when we came. The books of a venue are the sum of these and of our fills.
struct BalanceMoved {
  VenueId venue{};
  std::string asset;           // as the pairs name it
  std::string amount;          // signed decimal text, exact
  std::string kind;            // "baseline", "deposit", "withdrawal", "trade", ... in the venue's words
  std::string reference;       // the venue's id of it; counts once
  Time venue_time;
  Quantity held;               // of the asset in the account after it, by the books; never negative
  Price price;                 // that a trade of one of our pairs got; zero: no such trade
  Money fee;                   // of that trade
};

// ---- restart: a run's journal begins with all it needs ----------------------------------------

/// Money, limits and marks of a desk as the ledger knows them. First event of each desk in a run.
struct AccountRestored {
  DeskId desk{};
  Money cash;                  // free and held quote currency
  Money day_start_equity;
  Money peak_equity;
  Time day_start;              // 00:00 UTC of the day that day_start_equity belongs to
  std::int32_t loss_streak{0};
  std::uint32_t next_sequence{1};   // of client order ids
  std::uint16_t epoch{1};
  bool paused{false};
  bool halted{false};
  Time loss_cooldown_until;
  std::string pause_reason;
  Time probation_since;
  std::uint32_t probation_trades{0};
};

/// A position held when the run starts.
struct PositionAdopted {
  DeskId desk{};
  InstrumentId instrument{};
  Direction direction{Direction::neutral};
  Quantity quantity;
  Quantity quantity_initial;
  Price entry, stop, target;
  Price initial_stop;
  Price best_since_entry;
  Money entry_fees;            // not yet allocated to exits
  Money realized;              // of parts already closed, after fees
  Time opened_at;
  StrategyId lead{};
  double atr_at_entry{0};
  bool breakeven_done{false};
  bool trailing_on{false};
  std::uint32_t trade_number{0};
  PositionDetail detail;
};

/// An order that was not terminal when the last run ended.
struct OrderAdopted {
  Order order;
};

/// Cooldown that outlives a restart.
struct CooldownRestored {
  DeskId desk{};
  InstrumentId instrument{};
  Time pair_until;
  Time strategy_until;
  StrategyId strategy{};
  Direction direction{Direction::neutral};
};

/// Closed trades of earlier runs, oldest first: what the desk knows of its edge.
struct TradesRestored {
  DeskId desk{};
  std::vector<TradeResult> results;
};

/// The test of a model as it stood when the last run ended.
struct GateRestored {
  DeskId desk{};
  GateState state;
};

// ---- operator -------------------------------------------------------------------------------

enum class OperatorAction : std::uint8_t {
  pause,
  resume,
  close_all,
  halt,        // nothing is entered any more, over restarts, until a person clears it
  clear_halt,  // to paused; a resume may follow
  close_position,   // of one instrument, at the market
};

struct OperatorCommand {
  OperatorAction action{OperatorAction::pause};
  std::string actor;    // "cli:UID", "session:...", "system"
  std::string reason;
  InstrumentId instrument{};   // of close_position
};

/// One number of the rules, by its name in core/trading/live_rules.cpp.
struct RuleValue {
  std::string name, value;
};

/// Somebody changed the settings: from here on the engine goes by these.
struct RulesChanged {
  std::vector<RuleValue> values;
  std::string actor;
  std::string what;     // keys and values as people know them
};

// ---- from outside -----------------------------------------------------------------------------

/// Somebody outside of this program, known by a signature, wants to enter, or to leave for the other side. What is
/// not told stands at zero and is filled in from the rules (core/trading/desk_signals.cpp).
struct ExternalSignal {
  InstrumentId instrument{};
  Direction direction{Direction::neutral};   // never neutral
  Price stop, target;            // 0: at `stop_share` of the price, and `reward_to_risk` times as far
  double stop_share{0};          // of the price; 0: 1 %
  double reward_to_risk{0};      // 0: what the rules ask for, at least 1.2
  double strength{0};            // (0, 1]; 0: not told
  double confidence{0};          // (0, 1]; 0: not told
  std::int32_t families{0};      // that agree over there; 0: not told
  std::string source;            // who says so
  std::string id;                // of the signal; happens once
  std::string body_hash;         // SHA-256 of what was sent
};

/// Another model judges candidates from here on; what it is lies with the gate.
struct ModelActivated {
  std::string model;       // its id; "-": none, "unusable": one that cannot be read, so the rules decide alone
  bool is_shadow{false};   // it answers and decides nothing
  std::string actor;
};

/// From here on nothing is entered for a reason outside of trading, such as a tenant that does not pay. It ends by
/// itself with the reason, so it is neither a pause nor a halt, and leaves both as they are.
struct EntriesHeld {
  std::string why;   // as people read it; empty: they are permitted again
};

using EventBody =
    std::variant<CandleClosed, HistoryLoaded, BookSummary, FeedUp, FeedDown, SeriesBroken, Tick,
                 OrderAccepted, OrderRejected, OrderFilled, OrderCanceled, OrderExpired,
                 OrderReplaced, AccountRestored, PositionAdopted, OrderAdopted, CooldownRestored,
                 OperatorCommand, TradesRestored, InstantClosed, OrderNews, BalanceMoved,
                 RulesChanged, GateRestored, ExternalSignal, ModelActivated, EntriesHeld>;

struct Event {
  EventSeq seq{};   // set by the session
  Time at;          // receipt, never runs backwards
  Time when;        // the event's own time
  EventBody body;
};

}  // namespace aitrade
