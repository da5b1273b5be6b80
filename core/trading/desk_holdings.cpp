// Coins of a position that are no longer in the account because somebody else moved them: sold by hand, withdrawn, or
// missing and adopted. The account's other coins go first; only what the position lacks then is taken from it.
//
// A sale in a pair of ours is an exit at its price, and its money is ours. Anything else leaves at the mark and brings
// nothing: the profit up to then stays true, and what went is missing from the equity, where the limits see it.
#include <algorithm>

#include "core/base/fixed.h"
#include "core/domain/order.h"
#include "core/trading/desk.h"

namespace aitrade {
namespace {

/// The trade's fee for `part` of what it moved.
Money fee_of(const BalanceMoved& event, Quantity part) {
  const auto moved = Quantity::parse(event.amount);
  if (!moved || part >= moved->abs()) return event.fee;
  return Money::from_raw(fixed_detail::divide(static_cast<Int128>(event.fee.raw()) * part.raw(), moved->abs().raw(),
                                              Rounding::half_even));
}

}  // namespace

void Desk::on_moved(const BalanceMoved& event, ActionList& out) {
  const auto found = std::find_if(instruments_.begin(), instruments_.end(), [&](const Instrument& i) {
    return i.symbol.base == event.asset && i.venue == event.venue;
  });
  if (found == instruments_.end()) return;
  const InstrumentId instrument = found->id;
  const Position& before = portfolio_.at(instrument);
  if (before.direction != Direction::long_ || event.held >= before.quantity) return;

  const bool is_paid = event.price.is_positive();
  const Price mark = portfolio_.mark(instrument).is_positive() ? portfolio_.mark(instrument) : before.entry;
  Fill sold;
  sold.venue_fill_id = event.reference;
  sold.instrument = instrument;
  sold.side = Side::sell;
  sold.price = is_paid ? event.price : mark;
  sold.quantity = before.quantity - event.held;
  sold.fee = is_paid ? fee_of(event, sold.quantity) : Money{};
  sold.venue_time = event.venue_time;
  Position& p = portfolio_.take(sold, is_paid);
  if (p.quantity.is_zero()) p.exit_reason = ExitReason::taken;
  out.add(HoldingTaken{id_, instrument, sold.quantity, sold.price, sold.fee, is_paid ? cash_effect(sold) : Money{},
                       event.reference, event.venue_time});
  out.add(Notify{Notify::Level::critical, to_string(sold.quantity) + " " + event.asset + " of the position in " +
                                              to_string(found->symbol) + " left the account (" + event.kind +
                                              "): it counts as closed at " + to_string(sold.price)});
  out.add(to_change(id_, instrument, p));
  if (p.quantity.is_zero()) {
    close_trade(instrument, event.venue_time, out);
  } else {
    align_protection(instrument, out);
    shrink_exit(instrument, out);
  }
  orders_.sweep();
  report_to_house();
  save_account(portfolio_.equity(), out);
}

}  // namespace aitrade
