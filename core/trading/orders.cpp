#include "core/trading/orders.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace aitrade {
namespace {

constexpr std::uint32_t sequence_max = (1U << 30) - 1;  // 30 bits of the client id
constexpr std::size_t ended_kept = 512;              // some hundred and fifty trades: a late fill finds its order

bool is_pending_entry(const TrackedOrder& t) {
  return t.order.client_id.role == OrderRole::entry && !is_terminal(t.order.state);
}

}  // namespace

void Orders::adopt(const Order& order, Price mark) {
  TrackedOrder tracked;
  tracked.order = order;
  tracked.at_venue = order.quantity;
  tracked.reference = order.trigger.is_positive() ? order.trigger : order.limit;
  if (!tracked.reference.is_positive()) tracked.reference = mark;
  if (is_terminal(order.state)) {   // of the run before: a fill of it may still be told
    ended_.push_back(std::move(tracked));
    return;
  }
  live_.push_back(std::move(tracked));
}

TrackedOrder& Orders::create(InstrumentId instrument, OrderRole role, Side side, OrderType type,
                             Quantity quantity, Time now) {
  AITRADE_CHECK(next_sequence_ <= sequence_max);
  AITRADE_CHECK(quantity.is_positive());
  TrackedOrder tracked;
  tracked.order.client_id = ClientOrderId{next_sequence_++, epoch_, role, 0};
  tracked.order.desk = desk_;
  tracked.order.instrument = instrument;
  tracked.order.side = side;
  tracked.order.type = type;
  tracked.order.quantity = tracked.at_venue = quantity;
  tracked.wanted = quantity;
  tracked.order.reduce_only = role != OrderRole::entry;
  tracked.order.created_at = now;
  live_.push_back(std::move(tracked));
  return live_.back();
}

TrackedOrder& Orders::create_next(const TrackedOrder& ended, Quantity quantity, Time now) {
  AITRADE_CHECK(quantity.is_positive());
  AITRADE_CHECK(ended.order.client_id.attempt < std::numeric_limits<std::uint8_t>::max());
  TrackedOrder next = ended;
  ++next.order.client_id.attempt;
  ++next.step;
  next.done_before += ended.order.filled;
  next.order.venue_id.clear();
  next.order.quantity = next.at_venue = quantity;
  next.order.filled = Quantity{};
  next.order.state = OrderState::journaled;
  next.order.created_at = now;
  next.fill_ids.clear();
  live_.push_back(std::move(next));
  return live_.back();
}

TrackedOrder* Orders::find(const ClientOrderId& id) {
  for (TrackedOrder& t : live_) {
    if (t.order.client_id == id) return &t;
  }
  return nullptr;
}

TrackedOrder* Orders::find_ended(const ClientOrderId& id) {
  for (std::deque<TrackedOrder>* kept : {&ended_, &refused_}) {
    for (TrackedOrder& t : *kept) {
      if (t.order.client_id == id) return &t;
    }
  }
  return nullptr;
}

const TrackedOrder* Orders::find(InstrumentId instrument, OrderRole role) const {
  for (const TrackedOrder& t : live_) {
    if (t.order.instrument == instrument && t.order.client_id.role == role &&
        !is_terminal(t.order.state)) {
      return &t;
    }
  }
  return nullptr;
}

TrackedOrder* Orders::find(InstrumentId instrument, OrderRole role) {
  for (TrackedOrder& t : live_) {
    if (t.order.instrument == instrument && t.order.client_id.role == role &&
        !is_terminal(t.order.state)) {
      return &t;
    }
  }
  return nullptr;
}

bool Orders::apply(TrackedOrder& t, OrderTrigger trigger, std::string_view why, ActionList& out) {
  const auto next = next_state(t.order.state, trigger);
  if (!next) {
    out.add(Incident{t.order.client_id,
                     "an answer that fits no transition from " + std::string(to_string(t.order.state)) +
                         (why.empty() ? "" : ": " + std::string(why))});
    return false;
  }
  t.order.state = *next;
  OrderChanged changed;
  changed.client_id = t.order.client_id;
  changed.state = t.order.state;
  changed.filled = t.order.filled;
  changed.limit = t.order.limit;
  changed.trigger = t.order.trigger;
  changed.venue_id = t.order.venue_id;
  changed.why = std::string(why);
  out.add(std::move(changed));
  return true;
}

bool Orders::count_fill(TrackedOrder& t, const Fill& fill) {
  if (std::find(t.fill_ids.begin(), t.fill_ids.end(), fill.venue_fill_id) != t.fill_ids.end()) {
    return false;
  }
  t.fill_ids.push_back(fill.venue_fill_id);
  return true;
}

void Orders::sweep() {
  for (TrackedOrder& t : live_) {
    if (!is_terminal(t.order.state)) continue;
    // What the venue refused can hardly fill, and comes by the hundred while it takes nothing: it has a place of its
    // own, and does not push out what lived.
    const bool is_refused = t.order.state == OrderState::rejected && t.order.filled.is_zero();
    std::deque<TrackedOrder>& kept = is_refused ? refused_ : ended_;
    kept.push_back(std::move(t));
    if (kept.size() > ended_kept) kept.pop_front();
  }
  std::erase_if(live_, [](const TrackedOrder& t) { return is_terminal(t.order.state); });
}

Money Orders::pending_exposure() const {
  Money total;
  for (const TrackedOrder& t : live_) {
    if (!is_pending_entry(t)) continue;
    total += notional(t.reference, t.order.leaves(), Rounding::up);
  }
  return total;
}

int Orders::pending_entries() const {
  int count = 0;
  for (const TrackedOrder& t : live_) count += is_pending_entry(t) ? 1 : 0;
  return count;
}

int Orders::unfilled_entries() const {
  int count = 0;
  for (const TrackedOrder& t : live_) {
    count += is_pending_entry(t) && t.order.filled.is_zero() && t.done_before.is_zero() ? 1 : 0;
  }
  return count;
}

}  // namespace aitrade
