// The part of LiveAccount that sends: places, cancels and amends, and what their answers prove.
#include <algorithm>
#include <utility>

#include "exchanges/kraken/live_account.h"

namespace aitrade::kraken {
namespace {

constexpr Duration try_again{seconds{1}};
constexpr Duration mode_pause{seconds{5}};   // while the venue takes no changes; its word of being back ends it
constexpr Duration cancel_proof{seconds{3}};     // then the order is looked up, and the cancel repeated
constexpr Duration cancel_max{seconds{10}};      // between cancels that are refused
constexpr Duration look_soon{seconds{2}};
constexpr int denials_needed = 2;
constexpr Duration ask_twice{milliseconds{500}};

/// A no to this moment, not to what was asked.
bool is_passing(const OrderFate& fate) {
  return fate.fate == Fate::not_sent || fate.remedy == Remedy::wait || fate.remedy == Remedy::wait_for_status ||
         fate.remedy == Remedy::new_token || fate.remedy == Remedy::new_nonce_once;
}

/// Whether the venue is known to have it: by its answer, or by what it told of it since.
bool is_at_venue(OrderState state) {
  return state == OrderState::acked || state == OrderState::open || state == OrderState::partial ||
         state == OrderState::triggered;
}

}  // namespace

bool LiveAccount::is_exit(const Line& line) { return line.order.client_id.role != OrderRole::entry; }

bool LiveAccount::apply(Line& line, PendingTrigger trigger) {
  const auto next = next_state(line.pending, trigger);
  if (next) line.pending = *next;
  return next.has_value();
}

void LiveAccount::submit(const Order& order, Time now) {
  now_ = std::max(now_, now);
  const std::string id = options_.id_text(order.client_id);
  next_sequence_ = std::max(next_sequence_, order.client_id.sequence + 1);
  Line line;
  line.order = order;
  line.order.state = line.state = OrderState::journaled;
  line.id = id;
  const auto [at, is_new] = lines_.emplace(id, std::move(line));
  AITRADE_CHECK(is_new && "a client id was used twice");
  place(at->second, now_);
}

/// Sends an order that was never sent, or of which it is proved that no byte left.
void LiveAccount::place(Line& line, Time now) {
  const LivePair& pair = pair_of(line.order.instrument);
  line.send_again = Time{};
  if (!is_exit(line)) {
    if (const std::string why = entries_blocked(line.order.instrument, now); !why.empty()) {
      return hold_back(line, why, now);
    }
  }
  const std::string symbol = to_string(pair.symbol);
  const Purpose purpose = is_exit(line) ? Purpose::exit : Purpose::ordinary;
  if (!counter_.take(now, symbol, OrderAction::add, {}, purpose)) return hold_back(line, "no room in the rate counter", now);
  const Time deadline = now + options_.order_deadline;
  OrderRequest request = spot_request(line.order, pair.altname, symbol, line.id, deadline);
  request.fee_asset = FeeAsset::quote;
  line.sent_at = line.touched = now;
  line.fence = deadline + options_.skew_max + options_.read_lag_max;
  ++line.copies;
  static_cast<void>(tell(line, OrderTrigger::send, ""));
  if (const auto number = stream_.request("add_order", "P" + line.id, options_.answer_patience, now)) {
    out_.frames.push_back(add_order_frame(request, stream_.token(), *number));
    return;
  }
  call(add_order_call(request), Subject::place, line.id, purpose);
}

/// An entry that cannot leave now is not wanted later; an exit is tried again.
void LiveAccount::hold_back(Line& line, const std::string& why, Time now) {
  if (!is_exit(line)) {
    static_cast<void>(tell(line, OrderTrigger::withdraw, "not sent: " + why));
    return;
  }
  line.send_again = now + try_again;
}

void LiveAccount::cancel(const CancelOrder& cancel, Time now) {
  now_ = std::max(now_, now);
  Line* line = find(options_.id_text(cancel.client_id));
  if (line == nullptr || is_terminal(line->state)) return;
  if (line->state == OrderState::journaled) {   // it has not left
    static_cast<void>(tell(*line, OrderTrigger::withdraw, "not sent: taken back"));
    return;
  }
  line->wants_cancel = true;
  line->wanted.reset();
  try_cancel(*line, now_);
}

/// While the venue takes no orders no exit could follow: a stop that would go for one stays where it is.
bool LiveAccount::must_stay(const Line& line) const {
  return line.order.client_id.role == OrderRole::protect && system_ != "online" && line.pending == PendingState::none;
}

void LiveAccount::try_cancel(Line& line, Time now) {
  line.cancel_again = Time{};
  if (must_stay(line)) {
    line.cancel_again = now + mode_pause;
    return;
  }
  if (line.pending == PendingState::cancel_sent) return;
  if (line.pending != PendingState::cancel_unknown && !apply(line, PendingTrigger::ask_cancel)) return;
  const LivePair& pair = pair_of(line.order.instrument);
  static_cast<void>(counter_.take(now, to_string(pair.symbol), OrderAction::cancel, now - line.sent_at, Purpose::exit));
  OrderName name;
  if (line.order.venue_id.empty()) {
    name.client_id = line.id;
  } else {
    name.venue_id = line.order.venue_id;
  }
  apply(line, PendingTrigger::send);
  line.cancel_again = now + cancel_proof + options_.answer_patience;
  if (const auto number = stream_.request("cancel_order", "C" + line.id, options_.answer_patience, now)) {
    const auto frame = cancel_order_frame({name}, stream_.token(), *number);
    AITRADE_CHECK(frame.has_value());
    out_.frames.push_back(*frame);
    return;
  }
  call(cancel_order_call(name), Subject::cancel, line.id, Purpose::exit);
}

void LiveAccount::replace(const ReplaceOrder& replace, Time now) {
  now_ = std::max(now_, now);
  Line* line = find(options_.id_text(replace.client_id));
  if (line == nullptr || is_terminal(line->state) || line->wants_cancel) return;
  line->wanted = replace;
  try_amend(*line, now_);
}

/// Moves an order, one change at a time and only where the venue is known to have it: the newest wish wins.
void LiveAccount::try_amend(Line& line, Time now) {
  // A change out of sight keeps its term: a newer wish must not make it wait for ever.
  if (line.pending != PendingState::amend_unknown) line.amend_again = Time{};
  if (!line.wanted || line.pending != PendingState::none || !is_at_venue(line.state)) return;
  const ReplaceOrder wanted = *line.wanted;
  Order& order = line.order;
  if (wanted.quantity == order.quantity && wanted.limit == order.limit && wanted.trigger == order.trigger) {
    line.wanted.reset();
    out_.events.emplace_back(OrderReplaced{order.client_id, order.limit, order.trigger, order.quantity});
    return;
  }
  const LivePair& pair = pair_of(order.instrument);
  const std::string symbol = to_string(pair.symbol);
  if (!counter_.take(now, symbol, OrderAction::amend, now - line.sent_at, Purpose::exit)) {
    line.amend_again = now + try_again;
    return;
  }
  AmendRequest request;
  request.venue_id = order.venue_id;
  if (order.venue_id.empty()) request.client_id = line.id;
  if (wanted.quantity != order.quantity) request.quantity = wanted.quantity;
  if (wanted.limit != order.limit && wanted.limit.is_positive()) request.limit = WirePrice::at(wanted.limit);
  if (wanted.trigger != order.trigger && wanted.trigger.is_positive()) request.trigger = WirePrice::at(wanted.trigger);
  request.deadline = now + options_.order_deadline;
  line.wanted.reset();
  line.asked = wanted;
  line.touched = now;
  line.amend_fence = *request.deadline + options_.skew_max + options_.read_lag_max;
  apply(line, PendingTrigger::ask_amend);
  apply(line, PendingTrigger::send);
  if (const auto number = stream_.request("amend_order", "A" + line.id, options_.answer_patience, now)) {
    out_.frames.push_back(amend_order_frame(request, stream_.token(), *number));
    return;
  }
  call(amend_order_call(request), Subject::amend, line.id, Purpose::exit);
}

/// A stop or exit out of sight must not wait for the lag of readings: behind its deadline the matching engine itself is
/// asked. A stop is amended to the terms it has, which leaves it where it is; anything else is asked to go. Twice
/// without such an order, and another may take its place.
void LiveAccount::probe(Line& line, Time now) {
  line.probe_at = Time{};
  if (line.state != OrderState::unknown || line.wants_cancel) return;
  if (!stream_.is_synced()) {   // its snapshot may show the order yet
    line.probe_at = now + try_again;
    return;
  }
  if (!line.order.trigger.is_positive()) {
    line.wants_cancel = true;
    return try_cancel(line, now);
  }
  const LivePair& pair = pair_of(line.order.instrument);
  static_cast<void>(counter_.take(now, to_string(pair.symbol), OrderAction::amend, now - line.sent_at, Purpose::exit));
  AmendRequest request;
  request.client_id = line.id;
  request.trigger = WirePrice::at(line.order.trigger);
  request.deadline = now + options_.order_deadline;
  const auto number = stream_.request("amend_order", "Q" + line.id, options_.answer_patience, now);
  if (number) out_.frames.push_back(amend_order_frame(request, stream_.token(), *number));
  line.probe_at = number ? Time{} : now + try_again;
}

void LiveAccount::on_probe_fate(Line& line, const OrderFate& fate, Time now) {
  if (line.state != OrderState::unknown) return;
  if (fate.fate == Fate::accepted) {
    static_cast<void>(tell(line, OrderTrigger::accept, ""));
    history_due_ = std::min(history_due_, now + look_soon);   // for its name
    return;
  }
  line.probe_at = now + (is_denied(line, fate, now) ? ask_twice : Duration{try_again});
  if (!is_denied(line, fate, now) || ++line.denied < denials_needed) return;
  static_cast<void>(tell(line, OrderTrigger::find_absent, "the engine knows no such order behind its deadline"));
}

/// What is due for an order that is not over.
void LiveAccount::work(Line& line, Time now) {
  if (line.send_again.ns != 0 && now >= line.send_again && line.state == OrderState::journaled) place(line, now);
  if (is_terminal(line.state)) return;
  if (line.probe_at.ns != 0 && now >= line.probe_at) probe(line, now);
  if (line.look_at.ns != 0 && now >= line.look_at) look_up(line, now);
  if (line.wants_cancel && line.cancel_again.ns != 0 && now >= line.cancel_again) {
    // Sent, and the order still lives: idempotent, so it is asked again; the order itself tells what became of it.
    if (line.pending == PendingState::cancel_sent) apply(line, PendingTrigger::lose);
    if (line.state != OrderState::unknown && !must_stay(line)) look_up(line, now);
    try_cancel(line, now);
  }
  if (line.amend_again.ns != 0 && now >= line.amend_again) {
    if (line.pending == PendingState::amend_unknown) {
      amend_anew(line, now);
    } else {
      try_amend(line, now);
    }
  }
}

/// A change without an answer cannot arrive any more behind its deadline, and had it arrived, the stream would have
/// shown it: it is asked for again, or what is wanted by now.
void LiveAccount::amend_anew(Line& line, Time now) {
  if (!stream_.is_synced()) {   // its snapshot may show the change yet
    line.amend_again = now + try_again;
    return;
  }
  apply(line, PendingTrigger::refuse);
  if (!line.wanted) line.wanted = line.asked;
  try_amend(line, now);
}

void LiveAccount::on_answer(const std::string& tag, const OrderFate& fate, Time now) {
  Line* line = find(std::string_view(tag).substr(1));
  if (line == nullptr) return;
  // Only a word on the order itself calms it: a cancel that is refused again and again would keep it from being judged.
  if (fate.fate == Fate::accepted) {
    line->touched = now;
    line->doubted_at = Time{};
    line->looks = 0;
  }
  if (fate.remedy == Remedy::alarm) on_refusal(fate.why, true);
  switch (tag[0]) {
    case 'P':
      return on_place_fate(*line, fate, now);
    case 'C':
      return on_cancel_fate(*line, fate, now);
    case 'Q':
      return on_probe_fate(*line, fate, now);
    default:
      return on_amend_fate(*line, fate, now);
  }
}

void LiveAccount::on_place_fate(Line& line, const OrderFate& fate, Time now) {
  switch (fate.fate) {
    case Fate::accepted:
      if (!fate.venue_ids.empty() && line.order.venue_id.empty()) {
        line.order.venue_id = fate.venue_ids.front();
        by_venue_[line.order.venue_id] = line.id;
      }
      if (!is_terminal(line.state)) static_cast<void>(tell(line, OrderTrigger::acknowledge, ""));
      if (line.wants_cancel) try_cancel(line, now);
      return;
    case Fate::refused:
      if (!is_terminal(line.state)) static_cast<void>(tell(line, OrderTrigger::reject, fate.why));
      if (line.order.reduce_only) money_due_ = std::min(money_due_, now);   // its coins may be gone
      return;
    case Fate::not_sent:
      --line.copies;
      if (line.state != OrderState::in_flight) return;
      static_cast<void>(tell(line, OrderTrigger::not_sent, ""));
      if (line.wants_cancel) {
        static_cast<void>(tell(line, OrderTrigger::withdraw, "not sent: taken back"));
        return;
      }
      hold_back(line, fate.why, now);
      return;
    case Fate::unknown:
      // The stream may have shown it already: then nothing is in doubt.
      if (line.state != OrderState::in_flight) return;
      line.since = now;
      if (is_exit(line)) line.probe_at = std::max(now + try_again, line.fence - options_.read_lag_max);
      static_cast<void>(tell(line, OrderTrigger::lose, fate.why));
      history_due_ = std::min(history_due_, now + look_soon);
      return;
  }
}

/// The engine knows no such order, and one that this process sent could not arrive any more; had it been filled, the
/// stream would have shown it. Of stops and exits only: an entry can wait for the readings.
bool LiveAccount::is_denied(const Line& line, const OrderFate& fate, Time now) const {
  return fate.fate == Fate::refused && line.state == OrderState::unknown && is_exit(line) && line.sent_at.ns != 0 && stream_.is_synced() &&
         fate.remedy == Remedy::look_up && now >= line.fence - options_.read_lag_max;
}

/// A yes is not yet an end, and "unknown order" is no proof of one: only the order itself tells.
void LiveAccount::on_cancel_fate(Line& line, const OrderFate& fate, Time now) {
  if (is_terminal(line.state)) return;
  switch (fate.fate) {
    case Fate::accepted:
      apply(line, PendingTrigger::done);
      line.cancel_again = now + cancel_proof;
      return;
    case Fate::refused:
      apply(line, PendingTrigger::refuse);
      if (is_denied(line, fate, now)) {
        line.cancel_again = now + ask_twice;
        if (++line.denied < denials_needed) return;
        static_cast<void>(tell(line, OrderTrigger::find_absent, "the engine knows no such order behind its deadline"));
        return;
      }
      // One that is out of sight is read anyway, and often: more would only use up the counter of reads.
      line.cancel_again = now + (line.state == OrderState::unknown ? Duration{cancel_max}
                                                                   : std::min(cancel_proof + seconds{line.looks}, cancel_max));
      if (line.state == OrderState::unknown) return;
      if (fate.remedy == Remedy::look_up && line.doubted_at.ns == 0) line.doubted_at = now;
      look_up(line, now);
      return;
    case Fate::not_sent:
    case Fate::unknown:
      apply(line, PendingTrigger::lose);
      line.cancel_again = now + try_again;
      return;
  }
}

void LiveAccount::on_amend_fate(Line& line, const OrderFate& fate, Time now) {
  if (line.pending != PendingState::amend_sent && line.pending != PendingState::amend_unknown) return;
  Order& order = line.order;
  switch (fate.fate) {
    case Fate::accepted:
      apply(line, PendingTrigger::done);
      order.quantity = line.asked.quantity;
      if (line.asked.limit.is_positive()) order.limit = line.asked.limit;
      if (line.asked.trigger.is_positive()) order.trigger = line.asked.trigger;
      break;
    case Fate::refused:
    case Fate::not_sent:
      apply(line, PendingTrigger::refuse);
      if (fate.remedy == Remedy::look_up) {
        if (line.doubted_at.ns == 0) line.doubted_at = now;
        look_up(line, now);
      }
      if (!is_passing(fate)) break;
      if (!line.wanted) line.wanted = line.asked;
      line.amend_again = fate.remedy == Remedy::wait_for_status ? now + mode_pause
                                                                : std::max(fate.retry_at.value_or(now), now + try_again);
      return;
    case Fate::unknown:
      apply(line, PendingTrigger::lose);
      line.amend_again = std::max(now + try_again, line.amend_fence - options_.read_lag_max);
      history_due_ = std::min(history_due_, now + look_soon);
      return;
  }
  if (!is_terminal(line.state) && !line.wanted) {   // else the newest wish is what gets an answer
    out_.events.emplace_back(OrderReplaced{order.client_id, order.limit, order.trigger, order.quantity});
  }
  try_amend(line, now);
}

}  // namespace aitrade::kraken
