// One account at a simulated venue: the matching engine of backtest and paper trading.
//
// Orders arrive after a latency and match against the path of each candle. A stop triggers on touch
// and fills as a taker, at the open when the market gapped through it; a resting limit fills only when
// the price traded through it by a tick; quantities are limited by a share of the candle's volume.
// What is short pays interest in the base asset, settled as part of the fee when it is bought back.
// Prices off the tick, sizes off the lot or below the minimum, and orders that the balance cannot pay
// are rejected, as a real venue does. What an order has left at its good_till is taken off at that moment.
//
// Invariants:
//   1. Cash and holdings change only by fills, each by cash_effect().
//   2. A reduce-only order never opens or flips a position.
//   3. The same calls give the same outcomes.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/instrument.h"
#include "core/sim/candle_path.h"
#include "core/sim/detail.h"
#include "core/sim/models.h"

namespace aitrade {

class SimVenue {
 public:
  /// `instruments` are indexed by their id (0..n-1) and share one quote currency.
  SimVenue(std::vector<Instrument> instruments, const VenueModels& models, Money cash);

  /// Puts the account where a ledger says it was: cash, one holding (signed), one resting order.
  void restore_cash(Money cash) { cash_ = cash; }
  void restore_holding(InstrumentId instrument, Quantity quantity);
  void restore_order(const Order& order);

  void submit(const Order& order, Time now);
  void cancel(const CancelOrder& cancel, Time now);
  void replace(const ReplaceOrder& replace, Time now);

  /// Begins the walk of a closed candle. The one before must have been walked to its end.
  /// Returns whether an outcome is possible: a candle that cannot touch any order needs no walk.
  bool begin(InstrumentId instrument, const Candle& candle);

  /// The same, along the finer candles that `detail` has inside this one; what it returns must stay until
  /// the walk is over.
  bool begin(InstrumentId instrument, const Candle& candle, DetailSource& detail);

  /// Whether next_outcome() may have something to say.
  [[nodiscard]] bool has_outcomes() const { return walk_.has_value() || !outcomes_.empty(); }

  /// Walks on to the next outcome; false when the candle is done. Outcomes are stamped with the time
  /// on the path, and the caller may submit in between: what it sends arrives after the latency.
  bool next_outcome(Event& outcome);

  [[nodiscard]] Money cash() const { return cash_; }

  /// Signed: negative is short.
  [[nodiscard]] Quantity holding(InstrumentId instrument) const;

  /// Interest due on what is short, if it were bought back at `now` and the newest close.
  [[nodiscard]] Money borrow_owed(InstrumentId instrument, Time now) const;

  [[nodiscard]] const VenueTotals& totals() const { return totals_; }

  [[nodiscard]] std::size_t working_orders() const;

  /// Nothing works, nothing is on its way, nothing is left to say: a candle would change nothing.
  [[nodiscard]] bool is_idle() const;

 private:
  struct Working {
    Order order;
    Time active_from;       // when the venue has it
    bool accepted{false};
    bool triggered{false};  // a stop that became a market order
  };

  struct Request {          // a cancel or replace on its way
    Time at;
    ClientOrderId client_id;
    bool is_cancel{false};
    Price limit, trigger;
    Quantity quantity;
  };

  struct Market {
    Instrument rules;
    Quantity holding;
    std::vector<Working> orders;    // in order of arrival
    std::vector<Request> requests;
    Price last;                     // close of the newest candle
    Rate taking;                    // half the spread and slippage
    Quantity interest;              // owed on what is short, up to interest_at
    Time interest_at;
  };

  struct Walk {
    std::size_t market{0};
    Candle candle;
    CandlePath path;
    std::size_t segment{0};   // being walked, 0..2; 3 = at the close
    Time at;                  // how far
    Price price;
    Quantity volume_left;
    bool opened{false};       // resting orders were checked against the open
    bool ambiguous{false};
    std::span<const Candle> rest{};   // finer candles to come
  };

  [[nodiscard]] static bool is_quiet(const Market& market, const Candle& candle);
  void start(std::size_t market, const Candle& candle);
  bool next_part();
  void advance();
  void handle_open();
  bool handle_due(Time upto);
  bool expire_by(Time upto);
  bool handle_crossing();
  void arrive(Working& working);
  const char* refuse(const Order& order, const Market& market, Price price) const;
  void serve(const Request& request);
  void take(Working& working, Price path_price);
  void fill(Working& working, Price price, bool is_maker);
  void finish(Working& working, bool expired, const char* why);
  void sweep_ended(Market& market);
  [[nodiscard]] std::optional<Price> crossing_price(const Working& working, Price from, Price to) const;
  [[nodiscard]] Working* stop_inside_candle(const Working& target);
  [[nodiscard]] Market& market_of(InstrumentId id);
  [[nodiscard]] Price taking_cost(const Working& working, Price price) const;
  [[nodiscard]] Quantity interest_due(const Market& market, Time now) const;
  Money settle_interest(Market& market, Quantity bought, Price price);
  void emit(EventBody body);

  std::vector<Market> markets_;
  VenueModels models_;
  Money cash_;
  VenueTotals totals_;
  std::optional<Walk> walk_;
  std::deque<Event> outcomes_;
};

}  // namespace aitrade
