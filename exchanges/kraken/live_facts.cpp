// The part of LiveAccount that takes what the venue shows: fills, states, ends; from the stream and from readings.
//
// Sources come in any order and repeat themselves. Fills count once by their id, quantities only grow, what is over
// stays over (reliability.md 3.4).
#include <algorithm>
#include <utility>

#include "exchanges/kraken/live_account.h"

namespace aitrade::kraken {
namespace {

constexpr std::size_t ended_kept = 4096;   // orders that are over, for fills that come late

Quantity quantity_of(const Decimal& value) { return to_fixed<Quantity>(value).value_or(Quantity{}); }

Price price_of(const std::optional<Amount>& amount) {
  return amount ? to_fixed<Price>(amount->value).value_or(Price{}) : Price{};
}

}  // namespace

/// Applies a trigger, and tells the engine in its own words. False when the state does not know it.
bool LiveAccount::tell(Line& line, OrderTrigger trigger, const std::string& why) {
  const auto next = next_state(line.state, trigger);
  if (!next) {
    note(Notify::Level::warning, "order " + line.id + " is " + std::string(to_string(line.state)) +
                                     " and was told to " + std::string(to_string(trigger)));
    return false;
  }
  line.state = *next;
  const ClientOrderId& id = line.order.client_id;
  switch (trigger) {
    case OrderTrigger::send:
    case OrderTrigger::not_sent:
      return true;   // in memory only: after a crash "journaled" says as much (reliability.md 2.2)
    case OrderTrigger::accept:
      out_.events.emplace_back(OrderAccepted{id, line.order.venue_id});
      return true;
    case OrderTrigger::reject:
      out_.events.emplace_back(OrderRejected{id, why});
      return true;
    case OrderTrigger::cancel:
      out_.events.emplace_back(OrderCanceled{id, why});
      return true;
    case OrderTrigger::expire:
      out_.events.emplace_back(OrderExpired{id});
      return true;
    default:
      out_.events.emplace_back(OrderNews{id, trigger, line.order.venue_id, why});
      return true;
  }
}

void LiveAccount::on_executions(const ExecutionsMessage& message, Time now) {
  for (const ExecutionRow& row : message.rows) {
    if (row.rate_count && !row.symbol.empty()) counter_.observe(now, row.symbol, *row.rate_count);
    Line* line = row.client_id.empty() ? find_by_venue(row.order_id) : find(row.client_id);
    if (line == nullptr || row.is_final()) continue;
    line->shown_at = now;
    line->doubted_at = line->look_at = Time{};
    line->looks = 0;
  }
  const auto changes = book_.apply(message);
  if (!changes) {
    note(Notify::Level::critical, "executions that do not add up: " + changes.error().what);
    out_.drop = true;
    return;
  }
  // Fills before states, over the whole message: a snapshot tells an order's end with the first of its fills.
  std::map<Line*, const OrderView*> views;
  for (const ExecutionChange& change : *changes) {
    const OrderView& view = change.order;
    Line* line = view.client_id.empty() ? find_by_venue(view.order_id) : find(view.client_id);
    if (line == nullptr) {
      if (!view.is_over && !view.client_id.empty()) on_stray(view.client_id, view.order_id, now);
      continue;
    }
    if (change.fill) on_stream_fill(*line, *change.fill, now);
    views[line] = &view;
  }
  for (const ExecutionChange& change : *changes) {
    Line* line = change.order.client_id.empty() ? find_by_venue(change.order.order_id) : find(change.order.client_id);
    if (line != nullptr && views[line] == &change.order) on_facts(*line, facts_of(change.order), now);
  }
}

void LiveAccount::on_stream_fill(Line& line, const ExecutionFill& fill, Time now) {
  FillTexts texts{fill.exec_id, fill.price.text, fill.quantity.text, fill.cost ? fill.cost->text : "", "0", "",
                  fill.is_maker.value_or(false), fill.time.value_or(now)};
  if (!fill.fees.empty()) {
    texts.fee = fill.fees.front().quantity.text;
    texts.fee_asset = fill.fees.front().asset;
  }
  if (line.order.venue_id.empty()) {
    line.order.venue_id = fill.order_id;
    by_venue_[fill.order_id] = line.id;
  }
  add_fill(line, texts, now);
}

LiveAccount::Facts LiveAccount::facts_of(const OrderView& view) {
  Facts facts;
  facts.is_fresh = true;
  facts.venue_id = view.order_id;
  facts.cumulative = quantity_of(view.cumulative);
  facts.limit = price_of(view.limit);
  facts.trigger = price_of(view.trigger);
  facts.quantity = view.quantity ? quantity_of(*view.quantity) : Quantity{};
  facts.reason = view.reason;
  facts.is_fired = view.status == ExecStatus::triggered;
  if (!view.is_over) {
    facts.is_live = view.status != ExecStatus::pending_new && view.status != ExecStatus::other;
    return facts;
  }
  facts.ending = view.status == ExecStatus::filled    ? Ending::filled
                 : view.status == ExecStatus::expired ? Ending::expired
                                                      : Ending::canceled;
  // "Filled" is whole: what is missing here is on its way or must be read.
  if (facts.ending == Ending::filled) facts.cumulative = std::max(facts.cumulative, facts.quantity);
  return facts;
}

/// Books one fill, once for ever.
void LiveAccount::add_fill(Line& line, const FillTexts& texts, Time now) {
  if (!fills_.insert(texts.id).second) return;
  const LivePair& pair = pair_of(line.order.instrument);
  const auto price = Price::parse(texts.price);
  const auto quantity = Quantity::parse(texts.quantity);
  const auto cost = texts.cost.empty() ? Result<Money>(Money{}) : Money::parse(texts.cost);
  const bool is_base_fee = texts.fee_asset == pair.symbol.base;
  const auto fee = is_base_fee ? Result<Money>(Money{}) : Money::parse(texts.fee);
  const auto base_fee = is_base_fee ? Quantity::parse(texts.fee) : Result<Quantity>(Quantity{});
  if (!price || !quantity || !cost || !fee || !base_fee) {
    note(Notify::Level::critical, "fill " + texts.id + " has a number that we cannot hold exactly: " + texts.price +
                                      " " + texts.quantity + " " + texts.cost + " " + texts.fee);
    return;
  }
  Fill fill;
  fill.venue_fill_id = texts.id;
  fill.client_id = line.order.client_id;
  fill.instrument = line.order.instrument;
  fill.side = line.order.side;
  fill.price = *price;
  fill.quantity = *quantity;
  fill.cost = *cost;
  fill.fee = *fee;
  fill.base_fee = *base_fee;
  fill.is_maker = texts.is_maker;
  fill.venue_time = texts.time;
  fill.words = texts.price + " " + texts.quantity + " " + (texts.cost.empty() ? "-" : texts.cost) + " " + texts.fee +
               " " + (texts.fee_asset.empty() ? pair.symbol.quote : texts.fee_asset);
  expect_fill(line, texts);
  newest_change_ = now;
  if (line.state == OrderState::not_placed) {
    note(Notify::Level::critical, "order " + line.id + " was held for never placed, and filled: the fence was broken");
  }
  line.told += fill.quantity;
  line.cumulative = std::max(line.cumulative, line.told);
  line.touched = now;
  const OrderTrigger trigger = line.told > line.order.quantity    ? OrderTrigger::fill_over
                               : line.told == line.order.quantity ? OrderTrigger::fill_last
                                                                  : OrderTrigger::fill_part;
  if (const auto next = next_state(line.state, trigger)) line.state = *next;
  if (trigger == OrderTrigger::fill_over) {
    note(Notify::Level::critical, "order " + line.id + " was filled beyond what was ordered");
  }
  const bool is_last = trigger == OrderTrigger::fill_last;
  out_.events.emplace_back(OrderFilled{std::move(fill), is_last});
  if (line.ending != Ending::none) finish(line, now);
}

/// Merges what one source says of an order that is ours.
void LiveAccount::on_facts(Line& line, const Facts& facts, Time now) {
  line.touched = now;
  line.absent = 0;
  if (line.order.venue_id.empty() && !facts.venue_id.empty()) {
    line.order.venue_id = facts.venue_id;
    by_venue_[facts.venue_id] = line.id;
  }
  line.cumulative = std::max(line.cumulative, facts.cumulative);
  if (facts.ending != Ending::none && line.ending == Ending::none) {
    line.ending = facts.ending;
    line.reason = facts.reason;
  }
  if (line.ending != Ending::none) return finish(line, now);
  if (is_terminal(line.state) && line.state != OrderState::not_placed) return;   // old news
  if (facts.is_live) {
    if (line.state == OrderState::not_placed) {
      note(Notify::Level::critical, "order " + line.id + " was held for never placed, and lives: the fence was broken");
    }
    const bool is_news = line.state == OrderState::in_flight || line.state == OrderState::unknown ||
                         line.state == OrderState::acked || line.state == OrderState::journaled ||
                         line.state == OrderState::not_placed;
    if (is_news) static_cast<void>(tell(line, OrderTrigger::accept, ""));
    if (facts.is_fired && line.state == OrderState::open) static_cast<void>(tell(line, OrderTrigger::fire, ""));
    confirm_terms(line, facts);
  }
  if (line.cumulative > line.told) history_due_ = std::min(history_due_, now + seconds{1});
  if (line.wants_cancel) {
    if (line.pending == PendingState::none && line.cancel_again.ns == 0) try_cancel(line, now);
  } else if (line.wanted) {
    try_amend(line, now);
  }
}

/// Whether a change on its way has arrived shows in the order's own terms.
void LiveAccount::confirm_terms(Line& line, const Facts& facts) {
  if (line.pending != PendingState::amend_unknown && line.pending != PendingState::amend_sent) {
    return take_terms(line, facts);
  }
  Order& order = line.order;
  const bool has_new = (line.asked.quantity == order.quantity || facts.quantity == line.asked.quantity) &&
                       (!line.asked.limit.is_positive() || line.asked.limit == order.limit ||
                        facts.limit == line.asked.limit) &&
                       (!line.asked.trigger.is_positive() || line.asked.trigger == order.trigger ||
                        facts.trigger == line.asked.trigger);
  if (has_new) {
    apply(line, PendingTrigger::done);
    order.quantity = line.asked.quantity;
    if (line.asked.limit.is_positive()) order.limit = line.asked.limit;
    if (line.asked.trigger.is_positive()) order.trigger = line.asked.trigger;
  } else if (line.pending == PendingState::amend_unknown &&
             now_ >= (facts.is_fresh ? line.amend_fence - options_.read_lag_max : line.amend_fence)) {
    apply(line, PendingTrigger::refuse);   // it can not arrive any more
  } else {
    return;
  }
  if (line.wanted) return;   // the newest wish is what gets an answer
  out_.events.emplace_back(OrderReplaced{order.client_id, order.limit, order.trigger, order.quantity});
}

/// Terms that nobody waits for: of a change that the run before asked for, or that was held for lost.
void LiveAccount::take_terms(Line& line, const Facts& facts) {
  if (!facts.is_fresh) return;
  Order& order = line.order;
  const Order before = order;
  if (facts.quantity.is_positive()) order.quantity = facts.quantity;
  if (facts.limit.is_positive() && order.limit.is_positive()) order.limit = facts.limit;
  if (facts.trigger.is_positive() && order.trigger.is_positive()) order.trigger = facts.trigger;
  if (order.quantity == before.quantity && order.limit == before.limit && order.trigger == before.trigger) return;
  note(Notify::Level::warning, "order " + line.id + " has other terms at the venue than we knew: taken over");
  if (!line.wanted) out_.events.emplace_back(OrderReplaced{order.client_id, order.limit, order.trigger, order.quantity});
}

/// The venue says that the order is over: it is for us when every fill of it is here.
void LiveAccount::finish(Line& line, Time now) {
  apply(line, PendingTrigger::order_ended);
  line.wanted.reset();
  if (is_terminal(line.state) && line.state != OrderState::not_placed) return;
  if (line.told < line.cumulative) {
    if (line.state != OrderState::settling) {
      line.since = now;
      static_cast<void>(tell(line, OrderTrigger::end_short, "over at the venue, fills are missing here"));
    }
    history_due_ = std::min(history_due_, now + seconds{1});
    return;
  }
  if (line.state == OrderState::quarantined) return;
  const bool is_expired = line.ending == Ending::expired;
  static_cast<void>(tell(line, is_expired ? OrderTrigger::expire : OrderTrigger::cancel, line.reason));
  if (lines_.size() <= ended_kept) return;
  for (auto at = lines_.begin(); at != lines_.end() && lines_.size() > ended_kept / 2;) {
    const bool is_old = is_terminal(at->second.state) && now - at->second.touched > hours{1};
    at = is_old ? lines_.erase(at) : std::next(at);
  }
}

/// An order with an id of ours that we did not make: of a lost ledger, or of a second instance with our keys.
void LiveAccount::on_stray(const std::string& id_text, const std::string& venue_id, Time) {
  const auto id = options_.read_id(id_text);
  if (!id || !strays_.insert(venue_id).second) return;
  const bool is_older = id->epoch < options_.epoch || (id->epoch == options_.epoch && id->sequence < next_sequence_);
  if (!is_older) {
    is_second_user_ = true;
    note(Notify::Level::critical, "order " + venue_id + " carries an id of ours that we never gave: a second instance "
                                  "trades with our keys; entries are stopped");
    return;
  }
  note(Notify::Level::warning, "order " + venue_id + " is ours and of no intent that is known: taken off");
  OrderName name;
  name.venue_id = venue_id;
  call(cancel_order_call(name), Subject::cancel, "", Purpose::exit);
}

}  // namespace aitrade::kraken
