// The part of Desk for venues that hold what a stop would sell (spot): targets are watched instead of resting, an
// exit takes the stop off first and waits for the proof, and what a venue tells besides fills and ends.
//
// Source: reliability.md 3.6. Nothing here is remembered beside the orders and the position's closing reason, so a
// restart goes on with what the ledger holds.
#include <algorithm>

#include "core/trading/desk.h"

namespace aitrade {
namespace {

/// The venue shows it, and it does its work.
bool is_resting(OrderState state) {
  return state == OrderState::open || state == OrderState::partial || state == OrderState::triggered;
}

/// The same, or the venue has said yes to it.
bool is_working(OrderState state) { return state == OrderState::acked || is_resting(state); }

}  // namespace

/// Returns whether an exit must wait: the stop is still there, and asked to go.
bool Desk::wait_for_stop(InstrumentId instrument, ActionList& out) {
  if (orders_.find(instrument, OrderRole::take_profit) != nullptr) return true;   // an IOC order: it ends at once
  TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  if (stop == nullptr) return false;
  if (stop->is_given_up) return true;
  stop->is_given_up = true;
  out.add(CancelOrder{stop->order.client_id, instrument});
  out.add(to_change(id_, instrument, portfolio_.at(instrument)));   // that it is closing survives a restart
  return true;
}

/// Acts on a price that can be had: the bid for a long. A target that is reached is taken, and a stop that should
/// have worked and is not there is done by us.
void Desk::watch_levels(InstrumentId instrument, Touch executable, Time now, ActionList& out) {
  const Position& p = portfolio_.at(instrument);
  if (!p.is_open() || p.closing != ExitReason::none || is_leaving(instrument)) return;
  const bool is_long = p.direction == Direction::long_;
  const Price price = is_long ? executable.bid : executable.ask;
  if (!price.is_positive()) return;
  const TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  const bool beyond_stop = p.stop.is_positive() && (is_long ? price <= p.stop : price >= p.stop);
  if (beyond_stop && (stop == nullptr || !is_working(stop->order.state))) {
    out.add(Notify{Notify::Level::critical, "the stop of " + to_string(instruments_[number(instrument)].symbol) +
                                                " is not at the venue and was reached: leaving"});
    leave(instrument, OrderRole::exit, ExitReason::stop, now, out);
    return;
  }
  const TargetPart part = next_target(p, rules_.exits, instruments_[number(instrument)]);
  const bool at_target = part.price.is_positive() && (is_long ? price >= part.price : price <= part.price);
  if (!at_target) return;
  if (part.quantity >= p.quantity) {
    leave(instrument, OrderRole::exit, ExitReason::target, now, out);
  } else {
    free_part(instrument, out);
  }
}

/// First half of selling a part: the stop gives it free. The second is sell_part(), when the venue has confirmed.
void Desk::free_part(InstrumentId instrument, ActionList& out) {
  TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  const bool is_busy = stop == nullptr || !is_working(stop->order.state) || stop->freed.is_positive() ||
                       stop->is_given_up || orders_.find(instrument, OrderRole::take_profit) != nullptr;
  if (is_busy) return;
  stop->freed = next_target(portfolio_.at(instrument), rules_.exits, instruments_[number(instrument)]).quantity;
  align_protection(instrument, out);
}

void Desk::sell_part(InstrumentId instrument, Time now, ActionList& out) {
  const Position& p = portfolio_.at(instrument);
  TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  if (!p.is_open() || stop == nullptr || !stop->freed.is_positive()) return;
  if (orders_.find(instrument, OrderRole::take_profit) != nullptr) return;   // the stop moved meanwhile: sold once
  if (stop->order.quantity != stop->order.filled + p.quantity - stop->freed) {   // refused: another time
    stop->freed = Quantity{};
    return;
  }
  const Quantity quantity = stop->freed;
  const Side side = opposite(entry_side(p.direction));
  const Instrument& rules = instruments_[number(instrument)];
  TrackedOrder& t = orders_.create(instrument, OrderRole::take_profit, side, OrderType::limit, quantity, now);
  shape(t.order, exit_step(ExitStyle::ioc_limit, side, touch(instrument), 0, rules_.execution.chase_wait, rules), now);
  t.reference = p.target;
  out.add(SubmitOrder{t.order});
}

/// What an order for a part may sell yet, or has sold already out of our sight: a stop for it would sell it twice.
Quantity Desk::part_on_its_way(InstrumentId instrument) {
  if (!rules_.execution.stop_locks) return {};
  const TrackedOrder* part = orders_.find(instrument, OrderRole::take_profit);
  return part == nullptr ? Quantity{} : part->order.leaves();
}

Quantity Desk::resting_protection(InstrumentId instrument) const {
  const TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  if (stop == nullptr || !is_resting(stop->order.state)) return {};
  return std::max(Quantity{}, stop->at_venue - stop->order.filled);
}

/// Less than the venue takes an order for: it can neither be protected nor sold by itself.
bool Desk::is_dust(InstrumentId instrument, Quantity quantity) const {
  const Instrument& rules = instruments_[number(instrument)];
  const Price price = portfolio_.mark(instrument);
  return quantity < rules.minimum || notional(price, quantity, Rounding::down) < rules.minimum_notional;
}

/// A stop of another size than what is held, with no change under way, was refused its change or is not what we
/// asked for: asked again, at most once a tick.
void Desk::align_size(InstrumentId instrument, ActionList& out) {
  TrackedOrder* stop = orders_.find(instrument, OrderRole::protect);
  if (stop == nullptr || !is_working(stop->order.state) || stop->is_given_up || stop->freed.is_positive()) return;
  if (is_dust(instrument, portfolio_.at(instrument).quantity)) {   // no size of it would be taken
    stop->is_given_up = true;
    out.add(CancelOrder{stop->order.client_id, instrument});
    return;
  }
  if (stop->order.quantity != stop->order.filled + portfolio_.at(instrument).quantity) align_protection(instrument, out);
}

/// An order that held a part of the position is over: an exit that waited for it goes on, and what was not sold is
/// covered again.
void Desk::go_on_after(const TrackedOrder& ended, Time now, ActionList& out) {
  const InstrumentId instrument = ended.order.instrument;
  Position& p = portfolio_.at(instrument);
  const OrderRole role = ended.order.client_id.role;
  const bool held = role == OrderRole::protect || role == OrderRole::take_profit;
  if (!rules_.execution.stop_locks || !held || !is_terminal(ended.order.state) || !p.is_open()) return;
  if (p.closing != ExitReason::none && !is_leaving(instrument) && now >= p.exit_again) {
    send_exit(instrument, nullptr, p.exit_failures, now, out);
    return;
  }
  const bool is_part_over = role == OrderRole::take_profit;
  if (is_part_over || ended.order.state == OrderState::not_placed) ensure_protected(instrument, now, out);
  if (!is_part_over) return;
  if (TrackedOrder* stop = orders_.find(instrument, OrderRole::protect); stop != nullptr) stop->freed = Quantity{};
  const bool is_part = ended.order.filled.is_positive() && ended.order.state != OrderState::filled;
  if (is_part) tier_done(p);
  align_protection(instrument, out);
}

void Desk::on_news(const OrderNews& event, Time now, ActionList& out) {
  TrackedOrder* t = orders_.find(event.client_id);
  if (t == nullptr) {
    const bool is_late = orders_.find_ended(event.client_id) != nullptr;
    if (!is_late) out.add(Incident{event.client_id, "news of an order we do not know: " + event.why});
    return;
  }
  if (!event.venue_id.empty()) t->order.venue_id = event.venue_id;
  const std::string name = to_string(instruments_[number(t->order.instrument)].symbol) + " " +
                           std::string(to_string(event.client_id.role));
  if (event.trigger == OrderTrigger::lose) {
    out.add(Notify{Notify::Level::warning, "an order is out of sight (" + name + "): " + event.why});
  } else if (event.trigger == OrderTrigger::give_up) {
    out.add(Notify{Notify::Level::critical, "an order stays undecided and needs a person (" + name + "): " + event.why});
  }
  on_ended(event.client_id, event.trigger, event.why, now, out);
}

}  // namespace aitrade
