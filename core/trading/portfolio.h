// What the desk owns: cash, positions, equity and profit, exact to the unit.
//
// Cash changes only by cash_effect() of a fill; profit of a trade is the sum of what its fills did to
// cash, so that the sum of all profits is the change in cash. Equity is cash plus holdings at the
// newest closes.
#pragma once

#include <vector>

#include "core/domain/action.h"
#include "core/domain/event.h"
#include "core/domain/instrument.h"

namespace aitrade {

/// One open position with the state its exits need.
struct Position {
  Direction direction{Direction::neutral};   // neutral: none
  Quantity quantity, quantity_initial;
  Money entry_cost;          // notional of the part still held, at entry prices
  Money entry_fees;          // of the part still held
  Price entry;               // average
  Price stop, target, initial_stop;
  Price best;                // best price since entry
  Price worst;
  Money realized;            // of the parts closed so far, after fees
  Money fees;                // entry and exit, so far
  Money slippage;            // against the prices asked for, positive is adverse
  Price exit;                // average, of the parts closed
  Quantity exited;
  Time opened_at;
  StrategyId lead{};
  double confidence{0};
  double atr_at_entry{0};
  std::uint32_t bars{0};
  std::uint32_t trade_number{0};
  Price initial_target;
  Regime regime;             // at the decision
  Voters voters;
  std::uint8_t stages{0};    // exit stages already applied, a bit each
  bool breakeven_done{false};
  bool trailing_on{false};
  ExitReason exit_reason{ExitReason::none};
  ExitReason closing{ExitReason::none};   // on its way out; never taken back
  int exit_failures{0};                   // exits refused or ended without effect, since it began
  Time exit_again;                        // no new exit before

  [[nodiscard]] bool is_open() const { return direction != Direction::neutral; }
};

/// A fill cut in two: what takes away from a position of `held`, and what is beyond it. Their money is the fill's.
struct SplitFill {
  Fill own, rest;
};
SplitFill split_fill(const Fill& fill, Quantity held);

class Portfolio {
 public:
  explicit Portfolio(std::size_t instruments);

  void restore_cash(Money cash) { cash_ = cash; }

  /// Books a fill that opens or adds to a position in `direction`. Returns the position.
  Position& open(const Fill& fill, Direction direction);

  /// Books a fill that reduces a position; it must not exceed it. Returns the position, which is
  /// still readable with quantity zero until forget().
  Position& reduce(const Fill& fill);

  /// Books what somebody else took away as if `sold` had done it; `is_paid`: its money came into the account.
  Position& take(const Fill& sold, bool is_paid) {
    Position& p = reduce(sold);
    if (!is_paid) cash_ -= cash_effect(sold);
    return p;
  }

  /// Books a fill that has nothing to do with a position: its money alone.
  void book_money(const Fill& fill) { cash_ += cash_effect(fill); }

  /// Clears a position that was closed.
  void forget(InstrumentId instrument);

  Position& at(InstrumentId instrument) { return positions_[number(instrument)]; }

  [[nodiscard]] const Position& at(InstrumentId instrument) const { return positions_[number(instrument)]; }

  [[nodiscard]] std::size_t size() const { return positions_.size(); }

  /// Values holdings of an instrument at `price` from here on.
  void mark(InstrumentId instrument, Price price) { marks_[number(instrument)] = price; }

  [[nodiscard]] Price mark(InstrumentId instrument) const { return marks_[number(instrument)]; }

  [[nodiscard]] Money cash() const { return cash_; }

  /// Cash plus longs less shorts at the marks.
  [[nodiscard]] Money equity() const;

  /// Sum of absolute notional at the marks.
  [[nodiscard]] Money gross_exposure() const;

  [[nodiscard]] int open_count() const { return open_count_; }

  /// Profit of the open part at its mark, before the closing fee.
  [[nodiscard]] Money unrealized(InstrumentId instrument) const;

  void adopt(const PositionAdopted& adopted);

 private:
  Money cash_;
  std::vector<Position> positions_;
  std::vector<Price> marks_;
  int open_count_{0};
};

/// Returns the change record of a position, for journal and projections.
PositionChanged to_change(DeskId desk, InstrumentId instrument, const Position& position);

}  // namespace aitrade
