// The engine thread of the daemon: letters in, turns through the session, views out.
//
// Candles pass the same door as in a backtest. A turn holds what had arrived, up to a bound; after each
// the exchange of a tape is told how far we are, and at most ten times a second a view is published.
// When the ledger cannot be written entries stop at once and the turn is tried again; exits go on as
// long as the journal can hold them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/clock.h"
#include "core/ports/journal.h"
#include "core/ports/notifier.h"
#include "core/ports/venue.h"
#include "core/runtime/candle_door.h"
#include "core/runtime/mailbox.h"
#include "core/runtime/session.h"
#include "core/runtime/view_builder.h"

namespace aitrade {

/// What the runner works with. All references are borrowed and must outlive it.
struct LiveParts {
  Engine& engine;
  ExecutionVenue& venue;
  Journal& journal;
  const Clock& clock;         // the exchange's on a tape, else the system's
  ViewBoard& board;
  Notifier& notifier;
};

struct LiveOptions {
  GapRule gaps{GapRule::flat};
  std::vector<OutlierSettings> outliers;              // by instrument
  std::function<void(Time)> acknowledge;              // close time up to which candles were decided; may be empty
  ViewLabels labels;
};

class LiveRunner {
 public:
  LiveRunner(const LiveParts& parts, LiveOptions options);

  Mailbox& mailbox() { return mailbox_; }

  /// Feeds the events that open a run (recovery, warm-up) as one turn. Before run(); same thread.
  Status open(std::vector<Event>&& events);

  /// Runs until the mailbox is closed and empty, or something fails that cannot go on.
  ///
  /// Errors: full (the journal can hold no more), corrupt, invalid (a bug in the ledger), io
  Status run();

  /// Turns of the loop so far; rises while the engine is alive, also when nothing happens. Any thread.
  [[nodiscard]] std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }

  /// Sets the state that views show: "warming", "running", "stopping". Any thread.
  void show_state(const char* state) { state_.store(state, std::memory_order_relaxed); }

  /// Says in views why the venue gets no entries; empty: it would. Any thread.
  void show_held(std::string why) {
    const std::lock_guard lock(shown_mutex_);
    held_ = std::move(why);
  }

  /// Says in views how soon orders leave, and how long flushes take of it. Any thread.
  void show_latency(const LatencySummary& orders, const LatencySummary& flushes) {
    const std::lock_guard lock(shown_mutex_);
    order_latency_ = orders;
    flush_latency_ = flushes;
  }

  [[nodiscard]] std::uint64_t entries() const { return builder_.entries(); }

  [[nodiscard]] std::uint64_t trades() const { return builder_.trades(); }

 private:
  Status turn();
  Status take(Letter& letter);
  Status after_failure(Error error);
  void note_latency();
  void publish(bool now);

  LiveParts parts_;
  LiveOptions options_;
  ViewBuilder builder_;
  Session session_;
  Mailbox mailbox_;
  std::vector<CandleDoor> doors_;
  std::vector<Letter> letters_;
  std::vector<Event> events_;
  std::vector<CommandDone> waiting_;
  std::atomic<std::uint64_t> progress_{0};
  std::atomic<const char*> state_{"initializing"};
  std::mutex shown_mutex_;
  std::string held_;               // guarded, as the next two
  LatencySummary order_latency_, flush_latency_;
  LatencyHistogram loop_latency_;
  FlushSpans flushes_;
  std::int64_t published_ns_{0};   // monotonic
  std::int64_t failing_since_ns_{0};   // monotonic, while not ledger_ok_
  bool ledger_ok_{true};
};

}  // namespace aitrade
