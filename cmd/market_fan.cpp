#include "cmd/market_fan.h"

#include <algorithm>
#include <variant>

namespace aitrade::cli {
namespace {

/// The pair that a market event is about; null for what concerns all.
InstrumentId* pair_of(EventBody& body) {
  if (auto* closed = std::get_if<CandleClosed>(&body)) return &closed->instrument;
  if (auto* summary = std::get_if<BookSummary>(&body)) return &summary->instrument;
  if (auto* broken = std::get_if<SeriesBroken>(&body)) return &broken->instrument;
  return nullptr;
}

/// Whether an engine numbers the pairs as the market does.
bool trades_all(const MarketReader& reader) {
  for (std::size_t i = 0; i < reader.ids.size(); ++i) {
    if (reader.ids[i] != InstrumentId{static_cast<std::uint32_t>(i)}) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<Candle>> MarketFan::history(const Symbol& symbol, Duration interval) {
  const std::pair key(to_string(symbol), interval);
  if (const auto found = history_.find(key); found != history_.end()) return found->second;
  AITRADE_TRY(std::vector<Candle> candles, market_.feed().history(symbol, interval));
  return history_.emplace(key, std::move(candles)).first->second;
}

std::size_t MarketFan::join(MarketReader reader) {
  Seat seat;
  for (const auto& [id, candle] : reader.known) seat.known_until = std::max(seat.known_until, candle.close_time());
  seat.reader = std::move(reader);
  seats_.push_back(std::move(seat));
  return seats_.size() - 1;
}

void MarketFan::start() {
  std::map<InstrumentId, Candle> oldest;
  for (const Seat& seat : seats_) {
    for (const auto& [id, candle] : seat.reader.known) {
      const auto [entry, is_first] = oldest.emplace(id, candle);
      if (!is_first && candle.close_time() < entry->second.close_time()) entry->second = candle;
    }
  }
  for (const auto& [id, candle] : oldest) market_.feed().resume_after(id, candle);
  history_.clear();
  if (seats_.size() == 1 && trades_all(seats_.front().reader)) {   // nobody to protect from it: the feed waits for room
    market_.feed().start([mailbox = seats_.front().reader.mailbox](Event&& event) { mailbox->push(std::move(event)); });
    return;
  }
  market_.feed().start([this](Event&& event) { hand_out(std::move(event)); });
}

void MarketFan::hand_out(Event&& event) {
  for (std::size_t i = 0; i < seats_.size(); ++i) offer(i, event);
}

void MarketFan::offer(std::size_t engine, const Event& event) {
  Event copy = event;
  Seat& seat = seats_[engine];
  {
    const std::lock_guard lock(mutex_);
    if (seat.is_out) return;
  }
  if (InstrumentId* pair = pair_of(copy.body)) {
    const auto known = seat.reader.known.find(*pair);
    const auto& own = seat.reader.ids[number(*pair)];
    if (!own) return;
    *pair = *own;
    const auto* closed = std::get_if<CandleClosed>(&copy.body);
    if (closed != nullptr && known != seat.reader.known.end() &&
        closed->candle.close_time() <= known->second.close_time()) {
      return decided(engine, closed->candle.close_time());   // another engine had missed it
    }
  }
  if (std::holds_alternative<InstantClosed>(copy.body) && copy.when <= seat.known_until) {
    return decided(engine, copy.when);
  }
  if (seat.reader.mailbox->offer(std::move(copy)) != Mailbox::Offered::full) return;
  leave(engine);
  seat.reader.too_slow();
}

void MarketFan::leave(std::size_t engine) {
  const std::lock_guard lock(mutex_);
  seats_[engine].is_out = true;
  tell_market();
}

void MarketFan::decided(std::size_t engine, Time close) {
  if (market_.speed() != 0) return;   // it does not wait
  const std::lock_guard lock(mutex_);
  seats_[engine].decided = std::max(seats_[engine].decided, close);
  tell_market();
}

/// Call with the mutex held.
void MarketFan::tell_market() {
  Time slowest{INT64_MAX};
  for (const Seat& seat : seats_) {
    if (!seat.is_out) slowest = std::min(slowest, seat.decided);
  }
  if (slowest.ns == INT64_MAX || (seats_.size() > 1 && slowest <= told_)) return;
  told_ = slowest;
  market_.acknowledge(slowest);
}

}  // namespace aitrade::cli
