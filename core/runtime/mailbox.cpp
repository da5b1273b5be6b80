#include "core/runtime/mailbox.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace aitrade {
namespace {

std::int64_t monotonic_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

/// Market data waits for room; everything else is bounded at its source and never waits.
bool may_wait(const Event& event) {
  return std::holds_alternative<CandleClosed>(event.body) ||
         std::holds_alternative<HistoryLoaded>(event.body) ||
         std::holds_alternative<InstantClosed>(event.body) || std::holds_alternative<Tick>(event.body);
}

}  // namespace

/// Whether an event takes the place of an older summary of its instrument: then what `event` holds is in the queue.
/// Call with the mutex held.
bool Mailbox::take_place(Event& event) {
  const auto* summary = std::get_if<BookSummary>(&event.body);
  if (summary == nullptr) return false;
  // Only the tail is looked at: a summary must not overtake a candle.
  for (auto it = letters_.rbegin(); it != letters_.rend(); ++it) {
    const auto* waiting = std::get_if<BookSummary>(&it->event.body);
    if (waiting == nullptr) return false;
    if (waiting->instrument != summary->instrument) continue;
    it->event = std::move(event);
    return true;
  }
  return false;
}

bool Mailbox::push(Event&& event, CommandDone done) {
  std::unique_lock lock(mutex_);
  if (take_place(event)) return !closed_;
  if (may_wait(event)) {
    room_.wait(lock, [&] { return closed_ || letters_.size() < capacity; });
  }
  if (closed_) return false;
  letters_.push_back(Letter{std::move(event), std::move(done), monotonic_ns()});
  arrived_.notify_one();
  return true;
}

Mailbox::Offered Mailbox::offer(Event&& event) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Offered::closed;
  if (take_place(event)) return Offered::taken;
  if (may_wait(event) && letters_.size() >= offered_max) return Offered::full;
  letters_.push_back(Letter{std::move(event), {}, monotonic_ns()});
  arrived_.notify_one();
  return Offered::taken;
}

bool Mailbox::pop(std::vector<Letter>& out, std::size_t limit, Duration wait) {
  out.clear();
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, wait, [&] { return closed_ || !letters_.empty(); });
  const std::size_t count = std::min(limit, letters_.size());
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(std::move(letters_.front()));
    letters_.pop_front();
  }
  if (count > 0) room_.notify_all();
  return !(closed_ && out.empty() && letters_.empty());
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  arrived_.notify_all();
  room_.notify_all();
}

std::vector<Letter> Mailbox::drain() {
  const std::lock_guard lock(mutex_);
  std::vector<Letter> out(std::make_move_iterator(letters_.begin()),
                          std::make_move_iterator(letters_.end()));
  letters_.clear();
  room_.notify_all();
  return out;
}

std::size_t Mailbox::size() const {
  const std::lock_guard lock(mutex_);
  return letters_.size();
}

}  // namespace aitrade
