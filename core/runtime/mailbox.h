// The bounded hand-over of events to the engine thread.
//
// Everybody pushes, one thread pops. Order and operator events are always accepted: each is bounded
// where it arises. A book summary replaces the one before it of the same instrument, so a burst of
// quotes never grows the queue. When candles fill the queue their feed waits: a candle is never dropped.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "core/base/result.h"
#include "core/domain/event.h"

namespace aitrade {

/// Answers whoever waits for the effect of a command; called once, on the engine thread.
using CommandDone = std::function<void(Status)>;

struct Letter {
  Event event;
  CommandDone done;   // empty for most
  std::int64_t arrived_ns{0};   // monotonic: when it was pushed
};

class Mailbox {
 public:
  static constexpr std::size_t capacity = 8192;   // minutes of eight busy pairs

  /// Queues an event. Blocks the caller while candles fill the queue, never for orders and commands.
  /// Returns false when the mailbox is closed: the event is gone, `done` is not called.
  bool push(Event&& event, CommandDone done = {});

  enum class Offered : std::uint8_t { taken, closed, full };

  /// Most letters that offer() lets wait: what a market sends whose engine was away for hours.
  static constexpr std::size_t offered_max = 32 * capacity;

  /// Queues an event as push() does, without ever waiting: for a sender that has others to serve.
  Offered offer(Event&& event);

  /// Takes up to `limit` letters, oldest first, into `out` (cleared). Waits up to `wait` for the first.
  /// Returns false when the mailbox is closed and empty.
  bool pop(std::vector<Letter>& out, std::size_t limit, Duration wait);

  /// No more letters come in; those inside are still delivered.
  void close();

  /// Takes out all that waits, unanswered.
  std::vector<Letter> drain();

  [[nodiscard]] std::size_t size() const;

 private:
  bool take_place(Event& event);

  mutable std::mutex mutex_;
  std::condition_variable arrived_, room_;
  std::deque<Letter> letters_;
  bool closed_{false};
};

}  // namespace aitrade
